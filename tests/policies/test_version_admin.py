"""Versions in the administration: what each changed, and the way back, by real requests."""

import pytest
import yaml
from django.urls import reverse

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.directory.models import Person
from mailhold.mime.diff import Kind, diff_text
from policies import files
from policies.loading import current_version
from policies.models import PolicyVersion
from policies.version_lines import Gap, shortened

ROOT = Actor(address="root@example.test", channel="admin")


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def wait(duration, **more):
    policy = {
        "key": "wait",
        "name": {"ja": "待つ", "en": "Wait"},
        "actions": [{"kind": "hold", "for": duration}],
        **more,
    }
    return yaml.safe_dump({"format": 1, "policies": [policy]}, allow_unicode=True)


@pytest.fixture
def two(db):
    files.apply(wait("5m"), ROOT)
    files.apply(wait("7m"), ROOT)


def change_of(number):
    version = PolicyVersion.objects.get(number=number)
    return reverse("admin:policies_policyversion_change", args=(version.pk,))


def roll_back_of(number):
    version = PolicyVersion.objects.get(number=number)
    return reverse("admin:policies_policyversion_roll_back", args=(version.pk,))


def test_a_version_shows_what_it_changed(page, two):
    shown = page.get(change_of(2)).content.decode()
    assert "What changed since version 1" in shown
    removed, added = shown.index("<del>"), shown.index("<ins>")
    assert "for: 5m" in shown[removed:added]
    assert "for: 7m" in shown[added:]


def test_only_an_earlier_version_offers_the_way_back(page, two):
    assert roll_back_of(1) in page.get(change_of(1)).content.decode()
    assert roll_back_of(2) not in page.get(change_of(2)).content.decode()


def test_going_back_asks_first(page, two):
    shown = page.get(roll_back_of(1)).content.decode()
    assert [part in shown for part in ("for: 5m", "for: 7m", "<form")] == [True] * 3
    assert current_version() == 2


def test_going_back_makes_a_version_with_its_event(page, two, admin):
    response = page.post(roll_back_of(1), follow=True)
    assert "version 3" in response.content.decode()
    assert "for: 5m" in files.export()
    newest = PolicyVersion.objects.get(number=3)
    assert newest.made_by == admin.email
    event = Event.objects.filter(tag=Tag.POLICY_CHANGED).latest("pk")
    assert (event.channel, event.details["rolled_back_to"]) == ("admin", 1)


def test_a_version_that_names_somebody_who_is_gone_says_who(page, carol):
    files.apply(wait("5m", scope={"people": [carol.email]}), ROOT)
    files.apply(wait("7m"), ROOT)
    address = carol.email
    Person.objects.filter(pk=carol.pk).delete()
    assert address in page.post(roll_back_of(1), follow=True).content.decode()
    assert current_version() == 2


def test_a_person_without_the_right_goes_nowhere(client, two, mallory):
    client.force_login(mallory)
    assert client.post(roll_back_of(1)).status_code in {302, 403}
    Person.objects.filter(pk=mallory.pk).update(is_staff=True)
    assert client.post(roll_back_of(1)).status_code == 403
    assert current_version() == 2


def test_long_equal_stretches_are_counted_instead_of_shown():
    old = "\n".join(map(str, range(40)))
    rows = shortened(diff_text(old, old.replace("\n20\n", "\nchanged\n")))
    assert [row.count for row in rows if isinstance(row, Gap)] == [17, 16]
    assert [row.kind for row in rows if not isinstance(row, Gap)].count(Kind.SAME) == 6
