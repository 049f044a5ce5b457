"""The pages about policies ask for the right to see policies, as the administration does."""

import pytest

from approvals.replay import running
from approvals.replay.drafts import as_they_stand
from approvals.replay.models import Replay
from audit.record import Actor
from policies.models import Policy

PAGES = ("/policies/try/", "/policies/replay/", "/policies/figures/", "/policies/figures/{policy}/")
MAIL = "From: alice@example.test\r\nTo: x@client.example\r\nSubject: Offer\r\n\r\nHello\r\n"


@pytest.fixture
def pages(policies):
    return [page.format(policy=Policy.objects.first().pk) for page in PAGES]


def test_an_administrator_without_the_right_is_told_which_is_missing(client, pages, staff):
    client.force_login(staff())
    for page in pages:
        response = client.get(page)
        assert response.status_code == 403, page
        assert "the right to see policies" in response.content.decode()


def test_it_is_said_in_japanese(client, pages, staff):
    person = staff()
    type(person).objects.filter(pk=person.pk).update(language="ja")
    client.force_login(person)
    assert "ポリシーを表示する権限" in client.get(pages[0]).content.decode()


@pytest.mark.parametrize("right", ["view", "change"])
def test_with_the_right_to_see_policies_the_pages_open(right, client, pages, staff):
    client.force_login(staff(right))
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_rights_without_being_administrator_open_no_page(client, pages, staff):
    person = staff("view", "change")
    type(person).objects.filter(pk=person.pk).update(is_staff=False)
    client.force_login(person)
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)


def test_without_the_right_nothing_is_tried_replayed_or_canceled(client, policies, staff):
    asked = running.begin(as_they_stand(), {}, 7, Actor(), running.database_now())
    client.force_login(staff())
    posts = {
        "/policies/try/": {"text": MAIL},
        "/policies/replay/": {"days": 7},
        f"/policies/replay/{asked.pk}/cancel": {},
    }
    assert [client.post(page, values).status_code for page, values in posts.items()] == [403] * 3
    assert client.get(f"/policies/replay/{asked.pk}/").status_code == 403
    asked.refresh_from_db()
    assert (asked.state, Replay.objects.count()) == ("waiting", 1)


def test_the_start_page_names_only_pages_that_open(client, policies, staff):
    client.force_login(staff())
    shown = client.get("/").content.decode()
    assert "/policies/" not in shown
    assert "/admin/" in shown
    client.force_login(staff("view"))
    assert "/policies/figures/" in client.get("/").content.decode()
