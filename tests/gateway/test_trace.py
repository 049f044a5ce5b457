import email
import uuid
from datetime import UTC, datetime

import pytest

from mailhold.gateway.exceptions import RefusedError
from mailhold.gateway.trace import Way, clean_helo, protocol_name, refuse_loop, trace_header

ID = uuid.UUID("0190b5a0-0000-7000-8000-000000000001")
NOW = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)


def header(**way):
    given = {
        "helo_name": "pc.test",
        "peer_address": "192.0.2.7",
        "hostname": "mx.test",
        "protocol": "ESMTPSA",
    }
    return trace_header(Way(**given | way), ID, NOW, "i1")


def test_received_has_the_form_of_rfc_5321():
    assert header() == (
        "Received: from pc.test ([192.0.2.7])\r\n"
        f"\tby mx.test with ESMTPSA id {ID};\r\n"
        "\tTue, 24 Nov 2026 03:04:05 +0000\r\n"
        "X-Mailhold-Trace: i1\r\n"
    )


def test_ipv6_literal_has_its_tag():
    assert "([IPv6:2001:db8::1])" in header(peer_address="2001:db8::1")


@pytest.mark.parametrize(
    "name", ["x\r\nBcc: victim@x.test", "x (comment", 'x"', "x;", "x\0", "日本", "x\udcff", "", "a" * 5000]
)
def test_name_of_the_client_cannot_open_or_end_anything(name):
    made = header(helo_name=name)
    assert made.isascii()
    assert made.count("\r\n") == 4
    assert len(max(made.split("\r\n"), key=len)) < 998
    parsed = email.message_from_string(made + "\r\n")
    assert parsed.keys() == ["Received", "X-Mailhold-Trace"]


def test_address_literal_stays_readable_in_hello():
    assert clean_helo("[IPv6:2001:db8::1]") == "[IPv6:2001:db8::1]"


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"extended": False}, "SMTP"),
        ({}, "ESMTP"),
        ({"tls": True}, "ESMTPS"),
        ({"signed_in": True}, "ESMTPA"),
        ({"tls": True, "signed_in": True}, "ESMTPSA"),
        ({"smtputf8": True}, "UTF8SMTP"),
        ({"smtputf8": True, "tls": True, "signed_in": True}, "UTF8SMTPSA"),
    ],
)
def test_protocol_has_its_registered_name(facts, name):
    assert (
        protocol_name(**{"extended": True, "tls": False, "signed_in": False, "smtputf8": False} | facts)
        == name
    )


@pytest.mark.parametrize(
    "content",
    [
        b"X-Mailhold-Trace: i1\r\n\r\n",
        b"Subject: x\r\nx-mailhold-trace: I1\r\nTo: y\r\n\r\nbody",
        b"Subject: x\r\nX-Mailhold-Trace: i1\r\n",
        b"RECEIVED: x\r\n" * 51 + b"\r\n",
    ],
)
def test_loop_is_refused(content):
    with pytest.raises(RefusedError, match=r"554 5\.4\.6"):
        refuse_loop(content, "i1")


@pytest.mark.parametrize(
    "content",
    [
        b"\r\n",
        b"\r\nX-Mailhold-Trace: i1\r\n",
        b"Subject: a bounce\r\n\r\n" + b"Received: x\r\n" * 51,
        b"X-Mailhold-Trace: i11\r\n\r\n",
        b"Subject: X-Mailhold-Trace: i1\r\n\r\n",
        b"Received: x\r\n" * 50 + b"\r\n",
    ],
)
def test_what_is_no_loop_passes(content):
    refuse_loop(content, "i1")
