"""Malware, by a real clamd: mail is accepted and screened as always, and the scanner knows one signature of ours."""

from base64 import encodebytes

import pytest
from own_clamd import MARKER, NAME, STREAM_BYTES, Clamd

from approvals.states import HoldState
from mailhold import clamd

POLICIES = """
format: 1
policies:
  - key: malware
    name: {{ja: マルウェア, en: Malware}}
    conditions: [{{kind: malware, choice: {choice}}}]
    actions: [{{kind: approval, approvers: administrators, deadline: 24h}}]
"""
# So clamd marks what is in no database of its makers.
FOUND = f"malware ({NAME}.UNOFFICIAL)"
NOT_CHECKED = "it was not checked for malware"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with Clamd(tmp_path_factory.mktemp("clamd")) as running:
        yield running


@pytest.fixture(params=["tcp", "unix"])
def scanner(request, daemon, settings):
    """A clamd that is configured, by its port or by its socket."""
    settings.CLAMD = getattr(daemon, request.param)
    return daemon


@pytest.fixture
def asking(policies):
    return lambda choice: policies(POLICIES.format(choice=choice))


def mail(attachment):
    """A message whose attachment is in base64, so that the scanner has to read the mail to see it."""
    encoded = encodebytes(attachment).replace(b"\n", b"\r\n")
    return (
        b"From: Alice <alice@example.test>\r\nTo: customer@client.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n"
        b"--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=a.bin\r\n\r\n" + encoded + b"--b--\r\n"
    )


def reasons(hold):
    return [reason["text"]["en"] for reason in hold.reasons]


def test_what_is_found_is_held_with_the_name_of_the_signature(asking, one_hold, alice, scanner):
    asking("found")
    hold = one_hold(person=alice, content=mail(b"x" * 1000 + MARKER))
    assert (hold.state, reasons(hold)) == (HoldState.HELD, [FOUND])


def test_a_clean_mail_matches_nothing(asking, one_hold, alice, scanner):
    asking("found_or_not_checked")
    hold = one_hold(person=alice, content=mail(b"harmless" * 1000))
    assert (hold.state, reasons(hold)) == (HoldState.QUEUED, [])


@pytest.mark.parametrize("choice", ["found_or_not_checked", "not_checked"])
def test_a_mail_longer_than_clamd_takes_is_not_checked(asking, one_hold, alice, scanner, choice):
    asking(choice)
    hold = one_hold(person=alice, content=mail(b"x" * STREAM_BYTES + MARKER))
    assert (hold.state, reasons(hold)) == (HoldState.HELD, [NOT_CHECKED])


def test_a_policy_for_what_is_found_does_not_let_the_unchecked_pass(asking, one_hold, alice, scanner):
    asking("found")
    hold = one_hold(person=alice, content=mail(b"x" * STREAM_BYTES))
    assert hold.state == HoldState.HELD
    assert reasons(hold) == ["could not be inspected (malware_not_checked)"]


@pytest.mark.parametrize("by", ["tcp", "unix"])
def test_where_clamd_was_killed_nothing_is_checked(asking, one_hold, alice, settings, tmp_path, by):
    asking("found_or_not_checked")
    with Clamd(tmp_path) as running:
        settings.CLAMD = getattr(running, by)
        assert one_hold(person=alice, content=mail(b"harmless")).state == HoldState.QUEUED
        running.stop()
        hold = one_hold(person=alice, content=mail(b"harmless"))
    assert (hold.state, reasons(hold)) == (HoldState.HELD, [NOT_CHECKED])


def test_where_no_clamd_is_configured_nothing_is_checked(asking, one_hold, alice, settings):
    settings.CLAMD = ""
    asking("found_or_not_checked")
    assert reasons(one_hold(person=alice, content=mail(b"harmless"))) == [NOT_CHECKED]


def test_what_clamd_passes_over_for_its_own_bounds_is_not_checked(tmp_path):
    with Clamd(tmp_path, "MaxFileSize 50000", "AlertExceedsMax yes") as running:
        assert clamd.scan(mail(b"harmless"), running.tcp, 10.0) == ""
        with pytest.raises(clamd.NotChecked, match=r"Heuristics\.Limits\.Exceeded"):
            clamd.scan(mail(b"x" * 60_000 + MARKER), running.tcp, 10.0)
