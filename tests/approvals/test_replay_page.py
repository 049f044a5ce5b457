"""The pages on which administrators replay policies, by real requests."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals.replay import running
from approvals.replay.drafts import as_they_stand
from approvals.replay.models import Replay
from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.mailstore.models import Message, SealedContent
from policies.models import Policy

PAGE = "/policies/replay/"
EXTERNAL = {"kind": "recipient_is", "choice": "external"}


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def recent(hold_mail, alice):
    """Mail that came a moment ago, whatever the clock of the tests says."""

    def recent(**kind):
        holds = hold_mail(person=alice, **kind)
        moment = running.database_now() - timedelta(minutes=5)
        Message.objects.filter(pk=holds[0].message_id).update(received_at=moment)
        return holds

    return recent


def draft(*conditions, key="inside", **more):
    policy = {
        "key": key,
        "name": {"ja": "社内も待つ", "en": "Internal mail waits"},
        "conditions": list(conditions),
        "actions": [{"kind": "hold", "for": "5m"}],
        **more,
    }
    return json.dumps({"format": 1, "policies": [policy]})


def upload(text, name="draft.yaml"):
    return SimpleUploadedFile(name, text.encode(), "application/yaml")


def begin(page, **fields):
    response = page.post(PAGE, {"days": 7, **fields})
    assert response.status_code == 302, response.context["form"].errors
    return Replay.objects.get(pk=response["Location"].rstrip("/").rpartition("/")[2])


def finish(replay):
    while replay.is_open:
        assert running.work(replay.pk, rings=False)
        replay.refresh_from_db()
    return f"{PAGE}{replay.pk}/"


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_replay_of_the_policies_as_they_stand_is_asked_for_watched_and_read(page, recent, admin):
    recent(attach="offer.pdf", subject="Offer for you")
    replay = begin(page)
    assert (replay.made_by, replay.total, replay.about) == (admin.email, 1, {})
    assert Event.objects.get(tag=Tag.POLICY_REPLAYED).channel == "page"
    waiting = text(page.get(f"{PAGE}{replay.pk}/"))
    assert [part in waiting for part in ("0 of 1 messages", '<progress value="0" max="1"', "refresh")] == [
        True
    ] * 3
    shown = text(page.get(finish(replay)))
    for part in (
        "the policies as they stood, version 1",
        "Held as in fact (1)",
        "Offer for you",
        "it waits 5 minutes; the manager must approve",
        "it waits 5 minutes; Bob Baker must approve; on hold",
        "External mail with an attachment needs the manager",
        "refresh",
    ):
        assert (part in shown) is (part != "refresh"), part


def test_chosen_policies_are_switched_for_the_draft_alone(page, recent):
    recent()
    Policy.objects.filter(key="external-attachment").update(enabled=False)
    form = page.get(PAGE).context["form"]
    assert form.fields["switch"].choices[0] == (
        "external-wait",
        "External mail waits 5 minutes: off instead of on",
    )
    replay = begin(page, switch=["external-wait"])
    assert replay.about == {"switched": {"external-wait": False}}
    shown = text(page.get(finish(replay)))
    assert "No longer held (1)" in shown
    assert "External mail waits 5 minutes off" in shown
    assert Policy.objects.get(key="external-wait").enabled


def test_a_file_is_the_draft(page, recent):
    recent(to=("bob@example.test",), subject="Lunch")
    replay = begin(page, file=upload(draft()))
    assert (replay.about, "Internal mail waits" in replay.draft) == ({"file": "draft.yaml"}, True)
    shown = text(page.get(finish(replay)))
    assert [part in shown for part in ("the file draft.yaml", "Newly held (1)", "Lunch")] == [True] * 3


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"days": 0}, "days", "greater than or equal to 1"),
        ({"days": 91}, "days", "less than or equal to 90"),
        ({"file": "format: 1\npolicies:\n- key: x"}, "file", "Line 3"),
        ({"file": "\udcff"}, "file", "UTF-8"),
        ({"file": "#" * 600_000}, "file", "at most 512 KB"),
        ({"file": draft(), "switch": ["external-wait"]}, "__all__", "Choose one draft"),
        ({"switch": ["no-such-policy"]}, "switch", "not one of the available choices"),
    ],
)
def test_what_cannot_be_replayed_is_a_sentence_and_begins_nothing(page, policies, fields, field, words):
    if "file" in fields:
        content = fields["file"].encode("utf-8", "surrogateescape")
        fields = {**fields, "file": SimpleUploadedFile("draft.yaml", content, "application/yaml")}
    response = page.post(PAGE, {"days": 7, **fields})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert words in response.content.decode()
    assert not Replay.objects.exists()


def test_a_replay_can_be_canceled_by_a_button_and_keeps_its_figures(page, recent):
    for _ in range(3):
        recent()
    replay = begin(page)
    running.work(replay.pk, rings=False, seconds=0)
    assert page.get(f"{PAGE}{replay.pk}/cancel").status_code == 405
    response = page.post(f"{PAGE}{replay.pk}/cancel", follow=True)
    shown = text(response)
    assert "It was canceled after 1 of 3 messages" in shown
    assert "Held as in fact (1)" in shown
    assert "had ended already" in text(page.post(f"{PAGE}{replay.pk}/cancel", follow=True))
    assert page.get(PAGE).context["rows"][0]["replay"].state == "canceled"


def test_what_was_left_out_and_what_failed_is_said(page, recent):
    SealedContent.objects.filter(revision=recent()[0].revision).delete()
    replay = begin(page)
    assert "1 message was left out: its content has been deleted." in text(page.get(finish(replay)))
    broken = begin(page)
    Replay.objects.filter(pk=broken.pk).update(attempts=running.FAILED_AFTER)
    running.work(broken.pk)
    assert "It was given up" in text(page.get(f"{PAGE}{broken.pk}/"))


def test_no_more_than_a_few_wait_at_a_time(page, policies):
    for _ in range(3):
        begin(page)
    response = page.post(PAGE, {"days": 7})
    assert (response.status_code, Replay.objects.count()) == (422, 3)


def test_the_change_that_waits_for_a_second_administrator_can_be_tried(page, recent, settings, policies):
    recent(to=("bob@example.test",))
    assert "waiting" not in page.get(PAGE).context["form"].fields
    settings.POLICY_SECOND_ADMINISTRATOR = True
    policies(draft())
    replay = begin(page, waiting="on")
    finish(replay)
    assert replay.counters["groups"] == {"newly": 1}
    plain = begin(page)
    finish(plain)
    assert plain.counters["groups"] == {"free": 1}


def test_the_pages_speak_japanese(page, recent, admin):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")
    recent()
    assert "過去のメールで試す" in text(page.get(PAGE))
    replay = begin(page, switch=["external-wait"])
    assert "件中" in text(page.get(f"{PAGE}{replay.pk}/"))
    shown = text(page.get(finish(replay)))
    assert [part in shown for part in ("保留されなくなる", "5分待つ", "社外へのメールは5分待つ")] == [
        True
    ] * 3


def test_only_administrators_replay(client, policies, alice, admin):
    asked = running.begin(as_they_stand(), {}, 7, Actor(address=admin.email), running.database_now())
    places = (PAGE, f"{PAGE}{asked.pk}/")
    assert [client.get(place).status_code for place in places] == [302, 302]
    client.force_login(alice)
    assert [client.get(place).status_code for place in places] == [404, 404]
    assert [client.post(place).status_code for place in (PAGE, f"{PAGE}{asked.pk}/cancel")] == [404, 404]
    asked.refresh_from_db()
    assert (asked.state, Replay.objects.count()) == ("waiting", 1)


def test_the_pages_lead_to_it(page, policies):
    assert reverse("approvals:replays") == PAGE
    for place in (reverse("admin:policies_policy_changelist"), "/policies/try/", "/"):
        assert f'href="{PAGE}"' in text(page.get(place)), place


def test_the_start_page_of_others_does_not_name_it(client, policies, alice):
    client.force_login(alice)
    assert PAGE not in text(client.get("/"))


def test_a_sample_whose_mail_was_deleted_is_gone_and_nothing_else(page, recent):
    hold = recent()[0]
    replay = begin(page)
    place = finish(replay)
    assert replay.samples.count() == 1
    from audit.models import Event as Record

    events = Record.objects.count()
    replay.samples.all().delete()
    assert "Held as in fact" in text(page.get(place))
    assert (Record.objects.count(), Message.objects.filter(pk=hold.message_id).count()) == (events, 1)
