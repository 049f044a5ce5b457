import re

import pytest
from django.test import Client

from approvals import links
from approvals.flows import cancel, decide
from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.models import Decision, Hold, Link, Notice
from approvals.states import HoldState


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    """Pages live in the time of these tests."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def link_for(now, later):
    def link_for(hold, person, purpose=Link.Purpose.DECIDE, seconds=3600):
        return "/a/" + links.issue(
            hold, purpose, person=person, address=person.email, now=now, expires_at=later(seconds)
        )

    return link_for


@pytest.fixture
def browser():
    """A browser that nobody signed in with; CSRF is checked as in earnest."""
    return Client(enforce_csrf_checks=True, headers={"accept-language": "en"})


STAGES = """
format: 1
policies:
  - key: stages
    name: {ja: 二段階, en: Stages}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions:
      - {kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test], deadline: 2h}
      - {kind: approval, approvers: persons, persons: [mallory@example.test], deadline: 2h}
"""


def press(browser, url, action, /, **values):
    """Open the page behind `url` and press a button of its form."""
    page = browser.get(url).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return browser.post(f"{url}/{action}", {**fields, **values})


def state(hold):
    hold.refresh_from_db()
    return hold.state, hold.stage


def test_two_taps_approve_without_signing_in(browser, needs_manager, bob, link_for):
    response = press(browser, link_for(needs_manager, bob), "decide", decision="approve")

    assert response.status_code == 200
    assert "Approved" in response.content.decode()
    assert state(needs_manager) == (HoldState.HELD, 0)
    assert Decision.objects.get().person == bob


def test_looking_changes_nothing_however_often(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)
    before = Hold.objects.values().get(pk=needs_manager.pk)

    for _ in range(100):
        assert browser.get(url).status_code == 200
    assert browser.head(url).status_code == 200
    assert browser.options(url).status_code in {200, 405}

    assert Hold.objects.values().get(pk=needs_manager.pk) == before
    assert not Decision.objects.exists()
    assert Notice.objects.filter(kind="approval_receipt").count() == 0


@pytest.mark.parametrize("action", ["decide", "act", "undo", "new"])
def test_acting_by_get_is_not_possible(action, browser, needs_manager, bob, link_for):
    assert browser.get(f"{link_for(needs_manager, bob)}/{action}").status_code == 405


def test_a_post_without_the_page_is_refused(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)

    assert browser.post(f"{url}/decide", {"decision": "approve"}).status_code == 403
    assert state(needs_manager) == (HoldState.HELD, 1)


def test_a_post_with_an_old_nonce_shows_the_page_again(needs_manager, bob, link_for):
    client = Client(headers={"accept-language": "en"})  # without CSRF checks: the nonce alone must hold
    response = client.post(
        f"{link_for(needs_manager, bob)}/decide",
        {"decision": "approve", "revision": str(needs_manager.revision_id), "nonce": "forged"},
    )

    assert response.status_code == 403
    assert "press again" in response.content.decode()
    assert state(needs_manager) == (HoldState.HELD, 1)


def test_rejecting_asks_for_a_reason_and_tells_the_sender(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)
    response = press(browser, url, "decide", decision="reject", reason="content", comment="No.")

    assert response.status_code == 200
    assert state(needs_manager)[0] == HoldState.REJECTED


def test_the_second_approver_gets_a_friendly_answer(browser, needs_manager, bob, carol, link_for):
    needs_manager.gates.get().approvers.create(person=carol)
    first, second = link_for(needs_manager, bob), link_for(needs_manager, carol)
    press(browser, first, "decide", decision="approve")
    fields = {"decision": "approve"}

    response = press(browser, second, "decide", **fields)

    assert response.status_code in {200, 409}
    assert "Bob Baker" in response.content.decode()
    assert Decision.objects.count() == 1


def test_a_decided_link_says_who_decided_and_shows_no_content(
    browser, needs_manager, bob, actor, now, link_for
):
    url = link_for(needs_manager, bob)
    decide.reject(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now, reason="", comment="")

    page = browser.get(url).content.decode()

    assert "Bob Baker" in page
    assert "Hello." not in page


def test_a_forwarded_link_is_dead_after_an_edit(
    browser, needs_manager, alice, bob, actor, now, later, link_for
):
    url = link_for(needs_manager, bob)
    edit(needs_manager.pk, needs_manager.revision_id, Change(subject="New"), alice, actor(alice), now)
    rescreen(needs_manager.pk, later(1))

    response = browser.get(url)

    assert response.status_code == 410
    assert "Hello." not in response.content.decode()


def test_an_expired_link_offers_a_new_one(browser, needs_manager, bob, link_for, later, monkeypatch):
    url = link_for(needs_manager, bob, seconds=-1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later(301))
    before = Notice.objects.filter(kind="approval_request").count()
    page = browser.get(url)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode()).group(1)

    assert page.status_code == 410
    assert browser.post(f"{url}/new", {"csrfmiddlewaretoken": token}).status_code == 200
    assert Notice.objects.filter(kind="approval_request").count() == before + 1


def test_an_old_link_cannot_flood_a_mailbox(needs_manager, bob, link_for, later, monkeypatch):
    url = link_for(needs_manager, bob, seconds=-1)
    requests = Notice.objects.filter(kind="approval_request")
    client = Client()

    assert {client.post(f"{url}/new").status_code for _ in range(10)} == {200}
    assert requests.count() == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: later(301))
    assert {client.post(f"{url}/new").status_code for _ in range(10)} == {200}
    assert requests.count() == 2


def test_who_was_taken_off_the_list_sees_nothing_and_gets_no_new_link(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)
    needs_manager.gates.get().approvers.all().delete()

    response = browser.get(url)

    assert response.status_code == 410
    assert "Hello." not in response.content.decode()
    assert Client().post(f"{url}/new").status_code == 200
    assert Notice.objects.filter(kind="approval_request").count() == 1


def test_who_was_asked_at_a_stage_that_is_over_is_told_who_answered(
    policies, browser, one_hold, alice, bob, carol, mallory, actor, now, link_for
):
    policies(STAGES)
    hold = one_hold(person=alice)
    url = link_for(hold, bob)
    decide.approve(hold.pk, hold.revision_id, carol, actor(carol), now)

    page = browser.get(url).content.decode()

    assert "Carol Carter" in page
    assert "Hello." not in page


def test_an_approval_of_a_new_revision_is_not_taken_back_by_an_old_link(
    needs_manager, alice, bob, actor, now, link_for
):
    url = link_for(needs_manager, bob, Link.Purpose.UNDO)
    old = link_for(needs_manager, bob)
    hold = edit(needs_manager.pk, needs_manager.revision_id, Change(subject="New"), alice, actor(alice), now)
    rescreen(hold.pk, now)
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), now)

    assert Client().post(f"{old}/undo").status_code == 410
    assert Client().post(f"{url}/undo").status_code == 404
    assert state(hold) == (HoldState.HELD, 0)


def test_a_link_that_never_was_is_a_friendly_404(browser, db):
    response = browser.get("/a/" + "x" * 43)

    assert response.status_code == 404
    assert "not known" in response.content.decode()


def test_somebody_who_left_cannot_use_the_link(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    assert browser.get(url).status_code == 410


def test_the_sender_cancels_by_link(browser, one_hold, alice, link_for):
    hold = one_hold(person=alice)

    response = press(browser, link_for(hold, alice, Link.Purpose.SENDER), "act", action="cancel")

    assert response.status_code == 200
    assert state(hold)[0] == HoldState.CANCELED


def test_sending_now_needs_every_external_recipient_ticked(browser, one_hold, alice, link_for):
    hold = one_hold(person=alice)
    url = link_for(hold, alice, Link.Purpose.SENDER)

    assert press(browser, url, "act", action="send_now").status_code == 422
    assert press(browser, url, "act", action="send_now", checked="customer@client.example").status_code == 200
    hold.refresh_from_db()
    assert hold.not_before is None


def test_a_senders_link_approves_nothing(needs_manager, alice, link_for):
    client = Client()
    url = link_for(needs_manager, alice, Link.Purpose.SENDER)

    assert client.post(f"{url}/decide", {"decision": "approve"}).status_code == 410
    assert state(needs_manager) == (HoldState.HELD, 1)


def test_an_approvers_link_cancels_nothing(needs_manager, bob, link_for):
    assert Client().post(f"{link_for(needs_manager, bob)}/act", {"action": "cancel"}).status_code == 410
    assert state(needs_manager)[0] == HoldState.HELD


def test_own_mail_shows_why_it_cannot_be_approved(browser, one_hold, admin, link_for):
    hold = one_hold(sender="admin@example.test", attach="x.pdf")
    hold.gates.get().approvers.create(person=admin)

    page = browser.get(link_for(hold, admin)).content.decode()

    assert "cannot approve your own mail" in page
    assert 'value="approve"' not in page


def test_the_approver_takes_the_approval_back(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)
    page = press(browser, url, "decide", decision="approve").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)

    response = browser.post(f"{url}/undo", {"csrfmiddlewaretoken": token})

    assert response.status_code == 200
    assert state(needs_manager) == (HoldState.HELD, 1)


def test_a_program_that_follows_the_hidden_link_cannot_approve_for_a_while(
    browser, needs_manager, bob, link_for
):
    url = link_for(needs_manager, bob)
    page = browser.get(url).content.decode()
    decoy = re.search(r'href="(/a/[^"]+/more)"', page).group(1)
    assert browser.get(decoy).status_code == 204

    response = press(browser, url, "decide", decision="approve")

    assert response.status_code == 403
    assert state(needs_manager) == (HoldState.HELD, 1)
    browser.force_login(bob)
    assert press(browser, url, "decide", decision="approve").status_code == 200


def test_too_many_posts_are_slowed_down(browser, needs_manager, bob, link_for):
    url = link_for(needs_manager, bob)
    client = Client()

    codes = {client.post(f"{url}/decide", {"decision": "approve"}).status_code for _ in range(31)}

    assert codes == {403, 429}


STRICT = """
format: 1
policies:
  - key: strict
    name: {ja: 厳格, en: Strict}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 2h, link: L2}]
"""


def test_a_count_that_the_cache_lost_is_no_failure(browser, needs_manager, bob, link_for, monkeypatch):
    def lost(key):
        raise ValueError(key)

    monkeypatch.setattr("approvals.views.trust.cache.incr", lost)

    assert press(browser, link_for(needs_manager, bob), "decide", decision="approve").status_code == 200


def test_a_strict_link_shows_and_does_nothing_without_a_second_factor(
    policies, browser, one_hold, alice, bob, link_for
):
    policies(STRICT)
    hold = one_hold(person=alice)
    url = link_for(hold, bob)

    page = browser.get(url).content.decode()
    assert "Hello." not in page
    browser.force_login(bob)
    assert "second factor" in browser.get(url).content.decode()
    client = Client()
    client.force_login(bob)
    nonce = links.find(url.removeprefix("/a/"))
    from approvals.views.trust import make_nonce

    response = client.post(
        f"{url}/decide",
        {"decision": "approve", "revision": str(hold.revision_id), "nonce": make_nonce(nonce)},
    )
    assert response.status_code == 403
    assert state(hold) == (HoldState.HELD, 1)


def test_a_strict_link_works_with_a_second_factor(policies, browser, one_hold, alice, bob, link_for):
    policies(STRICT)
    hold = one_hold(person=alice)
    url = link_for(hold, bob)
    assert "This link has ended" not in browser.get(url).content.decode()
    browser.force_login(bob)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 1}]
    session["account_authentication_methods_user"] = str(bob.pk)
    session.save()

    assert "Hello." in browser.get(url).content.decode()
    assert press(browser, url, "decide", decision="approve").status_code == 200
    assert state(hold) == (HoldState.HELD, 0)


def test_where_a_link_is_not_enough_to_decide_it_is_not_enough_to_send(
    policies, browser, one_hold, alice, link_for
):
    policies(
        STRICT.replace(
            "{kind: approval, approvers: manager, deadline: 2h, link: L2}",
            "{kind: hold, for: 5m, sender_may_send_now: true}",
        )
    )
    hold = one_hold(person=alice)
    Hold.objects.filter(pk=hold.pk).update(link_level="L2")
    url = link_for(hold, alice, Link.Purpose.SENDER)

    response = press(browser, url, "act", action="send_now", checked="customer@client.example")

    assert response.status_code == 403
    hold.refresh_from_db()
    assert hold.not_before is not None
    assert press(browser, url, "act", action="cancel").status_code == 200


def test_a_strict_page_of_a_decision_names_no_subject(policies, one_hold, alice, bob, actor, now, link_for):
    policies(STRICT)
    hold = one_hold(person=alice, subject="Takeover")
    url = link_for(hold, bob)
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), now)

    assert "Takeover" not in Client().get(url).content.decode()
    assert "Takeover" not in Client().post(f"{url}/undo").content.decode()


def test_only_the_hash_of_a_token_is_stored(needs_manager, bob, link_for):
    token = link_for(needs_manager, bob).removeprefix("/a/")

    assert len(token) == 43
    assert all(token.encode() not in bytes(link.token_hash) for link in Link.objects.all())


def test_pages_of_links_are_neither_kept_nor_found(browser, needs_manager, bob, link_for):
    response = browser.get(link_for(needs_manager, bob))

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "form-action 'self'" in response["Content-Security-Policy"]


def test_the_clock_cancels_no_link_of_the_sender(browser, one_hold, alice, actor, now, link_for):
    hold = one_hold(person=alice)
    url = link_for(hold, alice, Link.Purpose.SENDER)
    cancel.pause(hold.pk, actor(alice), now)

    assert press(browser, url, "act", action="cancel").status_code == 200
