"""What administrators see and do: the queue in Django admin, and the buttons on a mail's page."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from approvals.flows import deliver as delivering
from approvals.flows.edit import Change, edit
from approvals.flows.release import claim_due
from approvals.flows.rescreen import rescreen
from approvals.models import Decision, Notice
from approvals.states import HoldState
from mailhold.delivery.outcome import Outcome, Result


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def page(admin):
    """What an administrator's browser shows."""
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(admin)
    return client


def press(client, hold, action, **values):
    """Press a button of the first form that goes to the administrator's address."""
    shown = client.get(f"/m/{hold.pk}/").content.decode()
    form = re.search(rf'<form[^>]*action="/m/{hold.pk}/administer">(.*?)</form>', shown, re.DOTALL)
    assert form, "there is no such form"
    assert f'name="action" value="{action}"' in form[1]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[1]))
    return client.post(f"/m/{hold.pk}/administer", {**fields, "action": action, **values}, follow=True)


# --- the buttons on a mail's page -----------------------------------------------------------------------------------


def test_an_administrator_releases(page, needs_manager, now, tags):
    response = press(page, needs_manager, "release")

    assert "The mail is being sent now." in response.content.decode()
    needs_manager.refresh_from_db()
    assert (needs_manager.stage, needs_manager.release_at) == (0, now)
    assert "hold:administrator:released" in tags(needs_manager)


def test_an_administrator_discards_and_says_why(page, needs_manager, admin, notices):
    before = notices(needs_manager)

    response = press(page, needs_manager, "discard", comment="A te\0st.")

    assert "The mail was discarded." in response.content.decode()
    needs_manager.refresh_from_db()
    assert (needs_manager.state, needs_manager.ended_by) == (HoldState.DISCARDED, admin)
    assert needs_manager.end_comment == "A test."
    assert notices(needs_manager) == before


def test_a_version_that_was_not_looked_at_is_not_released(page, needs_manager, alice, actor, now, later):
    token = re.search(
        r'csrfmiddlewaretoken" value="(\w+)"', page.get(f"/m/{needs_manager.pk}/").content.decode()
    )
    old = str(needs_manager.revision_id)
    edit(needs_manager.pk, needs_manager.revision_id, Change(subject="New"), alice, actor(alice), now)
    rescreen(needs_manager.pk, later(1))
    form = {"csrfmiddlewaretoken": token[1], "action": "release", "revision": old}

    response = page.post(f"/m/{needs_manager.pk}/administer", form, follow=True)

    assert "The mail has been changed since." in response.content.decode()
    needs_manager.refresh_from_db()
    assert (needs_manager.state, needs_manager.stage) == (HoldState.HELD, 1)


def test_an_administrator_does_not_release_own_mail(one_hold, admin):
    hold = one_hold(sender="admin@example.test", person=admin, attach="x.pdf")
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin)

    response = press(client, hold, "release")

    assert "You cannot approve your own mail." in response.content.decode()
    hold.refresh_from_db()
    assert hold.release_at is None


def test_a_strict_mail_is_not_released_without_a_second_factor(policies, one_hold, alice, admin):
    policies(
        """
format: 1
policies:
  - key: strict
    name: {ja: 厳格, en: Strict}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 2h, link: L2}]
"""
    )
    hold = one_hold(person=alice)
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin)

    form = {"action": "release", "revision": str(hold.revision_id)}
    response = client.post(f"/m/{hold.pk}/administer", form, follow=True)
    assert "may only be decided after signing in with a second factor" in response.content.decode()
    hold.refresh_from_db()
    assert hold.stage == 1
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 1}]
    session["account_authentication_methods_user"] = str(admin.pk)
    session.save()
    press(client, hold, "release")
    hold.refresh_from_db()
    assert hold.stage == 0


@pytest.mark.parametrize("action", ["release", "discard", "everything", ""])
@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory"])
def test_nobody_else_does_it(who, action, needs_manager, request):
    client = Client()
    client.force_login(request.getfixturevalue(who))
    form = {"action": action, "revision": str(needs_manager.revision_id)}

    assert "administer" not in client.get(f"/m/{needs_manager.pk}/").content.decode()
    assert client.post(f"/m/{needs_manager.pk}/administer", form).status_code == 404
    needs_manager.refresh_from_db()
    assert (needs_manager.state, needs_manager.stage) == (HoldState.HELD, 1)


def test_an_action_that_is_none_does_nothing(admin, needs_manager):
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin)

    response = client.post(f"/m/{needs_manager.pk}/administer", {"action": "burn"}, follow=True)

    assert "This cannot be done." in response.content.decode()


def test_what_is_over_has_no_such_buttons(page, needs_manager):
    press(page, needs_manager, "discard")

    assert "/administer" not in page.get(f"/m/{needs_manager.pk}/").content.decode()


# --- sending again -----------------------------------------------------------------------------------------------


@pytest.fixture
def lost(one_hold, alice, later, monkeypatch):
    """A mail of Alice's to two recipients of which nobody knows whether it arrived."""
    hold = one_hold(person=alice, to=("a@client.example", "b@client.example"))
    claim_due(later(300))

    def silent(outgoing, before_dot):
        before_dot()
        return {r.address: Outcome(result=Result.UNKNOWN, reply_text="no reply") for r in outgoing.recipients}

    with monkeypatch.context() as patched:
        patched.setattr(delivering, "hand_over", silent)
        patched.setattr(delivering, "database_now", lambda: later(301))
        delivering.deliver([hold.pk])
    hold.refresh_from_db()
    assert hold.state == HoldState.DONE
    return hold


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_the_sender_and_administrators_send_again_after_a_warning(who, lost, request, statuses):
    client = Client(headers={"accept-language": "en"})
    client.force_login(request.getfixturevalue(who))
    shown = client.get(f"/m/{lost.pk}/").content.decode()
    assert shown.count("it could arrive twice") == 1

    response = press(client, lost, "send_again")

    assert "The mail is being sent again." in response.content.decode()
    lost.refresh_from_db()
    assert lost.state == HoldState.QUEUED
    assert statuses(lost) == {"a@client.example": "queued", "b@client.example": "queued"}


def test_the_warning_is_said_in_japanese(lost, alice):
    alice.language = "ja"
    alice.save(update_fields=["language"])
    client = Client()
    client.force_login(alice)

    shown = client.get(f"/m/{lost.pk}/").content.decode()

    assert "二重に届く" in shown or "2 通届く" in shown or "二度届く" in shown


@pytest.mark.parametrize("who", ["bob", "mallory"])
def test_others_send_nothing_again(who, lost, request):
    client = Client()
    client.force_login(request.getfixturevalue(who))

    assert client.post(f"/m/{lost.pk}/administer", {"action": "send_again"}).status_code == 404
    lost.refresh_from_db()
    assert lost.state == HoldState.DONE


def test_an_approver_sees_no_button_to_send_again(needs_manager, bob, later, monkeypatch, actor, now):
    from approvals.flows import decide

    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)
    claim_due(later(600))

    def silent(outgoing, before_dot):
        before_dot()
        return {r.address: Outcome(result=Result.UNKNOWN, reply_text="no reply") for r in outgoing.recipients}

    monkeypatch.setattr(delivering, "hand_over", silent)
    monkeypatch.setattr(delivering, "database_now", lambda: later(601))
    delivering.deliver([needs_manager.pk])
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob)

    assert "send_again" not in client.get(f"/m/{needs_manager.pk}/").content.decode()
    response = client.post(f"/m/{needs_manager.pk}/administer", {"action": "send_again"}, follow=True)
    assert "does not allow this" in response.content.decode()
    needs_manager.refresh_from_db()
    assert needs_manager.state == HoldState.DONE


# --- Django admin --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("model", ["hold", "notice"])
def test_lists_and_their_rows_open(model, language, needs_manager, bob, admin, actor, now):
    from approvals.flows import decide

    decide.approve(needs_manager.pk, needs_manager.revision_id, bob, actor(bob), now)
    admin.language = language
    admin.save(update_fields=["language"])
    client = Client()
    client.force_login(admin)
    row = needs_manager.pk if model == "hold" else Notice.objects.first().pk

    listed = client.get(f"/admin/approvals/{model}/").content.decode()
    assert f"/admin/approvals/{model}/{row}/change/" in listed
    shown = client.get(f"/admin/approvals/{model}/{row}/change/")
    assert shown.status_code == 200
    assert "_save" not in shown.content.decode()


def test_a_hold_is_found_by_its_subject_and_by_either_identifier(page, needs_manager):
    for words in ("Offer", str(needs_manager.pk), str(needs_manager.message_id)):
        listed = page.get("/admin/approvals/hold/", {"q": words}).content.decode()
        assert f"/admin/approvals/hold/{needs_manager.pk}/change/" in listed
    assert "/change/" not in page.get("/admin/approvals/hold/", {"q": str(uuid4())}).content.decode()


def test_the_row_of_a_hold_leads_to_its_page(page, needs_manager):
    assert f'href="/m/{needs_manager.pk}/"' in page.get("/admin/approvals/hold/").content.decode()


@pytest.mark.parametrize("model", ["hold", "notice"])
def test_nobody_writes_rows_by_hand(model, admin, needs_manager):
    client = Client()
    client.force_login(admin)
    row = needs_manager.pk if model == "hold" else Notice.objects.first().pk

    assert client.get(f"/admin/approvals/{model}/add/").status_code == 403
    assert client.post(f"/admin/approvals/{model}/{row}/change/", {"state": "done"}).status_code == 403
    assert client.post(f"/admin/approvals/{model}/{row}/delete/", {"post": "yes"}).status_code == 403
    needs_manager.refresh_from_db()
    assert needs_manager.state == HoldState.HELD


@pytest.mark.parametrize("who", ["alice", "mallory"])
def test_admin_is_for_administrators(who, needs_manager, request):
    client = Client()
    client.force_login(request.getfixturevalue(who))

    assert client.get("/admin/approvals/hold/").status_code == 302
    assert not Decision.objects.exists()
