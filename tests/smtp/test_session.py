import asyncio
import random
import socket
import time

import pytest


def test_ehlo_names_the_extensions(gateway):
    reply = gateway.connect().say("EHLO client.test")

    assert reply.split("\n") == [
        "250-mx.test",
        "250-SIZE 52428800",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-PIPELINING",
        "250-ENHANCEDSTATUSCODES",
        "250 DSN",
    ]


def test_helo_is_answered_in_one_line(gateway):
    assert gateway.connect().say("HELO client.test") == "250 mx.test"


@pytest.mark.parametrize("command", ["HELO", "EHLO"])
def test_hello_without_a_name_is_refused(gateway, command):
    assert gateway.connect().say(command) == "501 5.5.4 Wrong argument"


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("NOOP", "250 2.0.0"),
        ("noop something", "250 2.0.0"),
        ("RSET", "250 2.0.0"),
        ("HELP", "214 2.0.0"),
        ("VRFY alice@example.test", "252 2.1.5"),
        ("VRFY nobody@example.test", "252 2.1.5"),
        ("EXPN staff", "502 5.5.1"),
        ("FROB x", "500 5.5.1"),
        ("BDAT 3 LAST", "500 5.5.1"),
        ("", "500 5.5.2"),
        ("Subject: x", "500 5.5.2"),
        (b"\xff\xfe\x00", "500 5.5.2"),
        ("MAIL", "501 5.5.4"),
        ("MAIL TO:<a@b.test>", "501 5.5.4"),
        ("RCPT TO:<a@b.test>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("STARTTLS", "502 5.5.1"),
        ("AUTH PLAIN AGEAYg==", "538 5.7.11"),
        ("QUIT", "221 2.0.0"),
    ],
)
def test_command_outside_a_transaction_has_its_reply(gateway, command, reply):
    assert gateway.session().say(command).startswith(reply)


def test_session_goes_on_after_an_unknown_command(gateway):
    client = gateway.session()
    client.say("FROB")
    client.expect("250", "NOOP")


def test_mail_needs_hello(gateway):
    assert gateway.connect().say("MAIL FROM:<a@b.test>").startswith("503 5.5.1")


def test_second_mail_is_refused(gateway):
    client = gateway.session().begin()
    assert client.say("MAIL FROM:<a@b.test>").startswith("503 5.5.1")


def test_data_without_recipients_is_refused(gateway):
    client = gateway.session()
    client.expect("250", "MAIL FROM:<a@b.test>")
    assert client.say("DATA").startswith("554 5.5.1")


@pytest.mark.parametrize("command", ["RSET", "EHLO again.test", "HELO again.test"])
def test_transaction_is_forgotten(gateway, command):
    client = gateway.session().begin()
    client.expect("250", command)
    assert client.say("DATA").startswith("503 5.5.1")


def test_quit_closes(gateway):
    client = gateway.session()
    client.expect("221", "QUIT")
    assert client.is_closed()


def test_pipelined_commands_are_answered_in_order(gateway):
    client = gateway.session()
    client.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nRCPT XX:<bad>\r\nDATA\r\n")
    assert [client.reply()[:3] for _ in range(4)] == ["250", "250", "501", "354"]
    client.send("Subject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<e@f.test>\r\nQUIT\r\n")
    assert [client.reply()[:3] for _ in range(3)] == ["250", "250", "221"]
    assert [path.address for path in gateway.message.forward_paths] == ["c@d.test"]


def test_replies_to_pipelined_commands_leave_together(gateway):
    client = gateway.session()
    client.send("NOOP\r\n" * 50)
    while client.buffer.count(b"\n") < 50:
        received = client.socket.recv(65536)
        assert received.endswith(b"\r\n")
        client.buffer += received
    assert client.buffer == b"250 2.0.0 OK\r\n" * 50


def test_client_that_closes_its_side_is_still_answered(gateway):
    client = gateway.connect()
    client.send("EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n\r\nx\r\n.\r\n")
    client.socket.shutdown(socket.SHUT_WR)
    assert [client.reply()[:3] for _ in range(5)] == ["250", "250", "250", "354", "250"]
    assert client.is_closed()
    assert gateway.message.content == b"\r\nx\r\n"


def test_messages_on_one_connection_have_separate_envelopes(gateway):
    client = gateway.session()
    client.begin("b@x.test", sender="a@x.test").data(b"\r\n1\r\n.\r\n")
    client.begin("d@x.test", sender="c@x.test").data(b"\r\n2\r\n.\r\n")

    first, second = gateway.accepted
    assert (first.reverse_path, first.forward_paths[0].address) == ("a@x.test", "b@x.test")
    assert (second.reverse_path, second.forward_paths[0].address) == ("c@x.test", "d@x.test")


def test_too_many_errors_end_the_session(start):
    client = start(max_errors=5).session()
    for _ in range(5):
        client.expect("500", "FROB")
    assert client.reply().startswith("421 4.7.0")
    assert client.is_closed()


def test_accepted_message_forgives_earlier_errors(start):
    client = start(max_errors=3).session()
    for _ in range(3):
        client.expect("500", "FROB")
        client.expect("500", "FROB")
        assert client.begin().data(b"\r\nx\r\n.\r\n").startswith("250")


def test_browser_is_turned_away(gateway):
    client = gateway.connect()
    client.send("POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\n")
    assert client.reply().startswith("421 4.7.0")


def test_command_line_that_is_too_long_is_refused(gateway):
    client = gateway.session()
    assert client.say("NOOP " + "x" * 3000).startswith("500 5.5.2")
    client.expect("250", "NOOP")


def test_endless_command_line_is_refused_and_skipped(gateway):
    client = gateway.session()
    assert client.say(b"NOOP " + b"x" * 3_000_000).startswith("500 5.5.2")
    client.expect("250", "NOOP")


def test_idle_client_is_told_goodbye(start):
    client = start(timeout_seconds=0.3).session()
    assert client.reply().startswith("421 4.4.2")
    assert client.is_closed()


def test_client_that_sends_slowly_is_not_idle(start):
    client = start(timeout_seconds=1).session().begin()
    client.expect("354", "DATA")
    for _ in range(8):
        client.send("slow\r\n")
        assert client.is_silent(0.25)
    client.send(".\r\n")
    assert client.reply().startswith("250")


def test_connections_from_one_address_are_limited(start):
    gateway = start(max_connections_per_address=2)
    first, _second = gateway.session(), gateway.session()
    refused = gateway.connect(greeting="421 4.7.0")
    assert refused.is_closed()

    first.expect("221", "QUIT")
    assert first.is_closed()
    _eventually(lambda: gateway.listener._gateway.connections.total() == 1)
    gateway.session()


def test_all_connections_together_are_limited(start):
    gateway = start(max_connections=1)
    gateway.session()
    assert gateway.connect(greeting="421 4.3.2").is_closed()


def test_client_that_vanishes_leaves_nothing(gateway):
    client = gateway.session().begin()
    client.close()
    assert gateway.has_no_session()
    assert gateway.listener._gateway.connections.total() == 0


def test_loop_of_the_standard_library_serves_too(start):
    gateway = start(new_event_loop=asyncio.new_event_loop)
    assert gateway.session().begin().data(b"\r\nx\r\n.\r\n").startswith("250 2.0.0 accepted as ")


@pytest.mark.parametrize("seed", range(5))
def test_no_line_of_any_bytes_is_an_inner_error(start, seed):
    chance = random.Random(seed)
    words = [
        b"MAIL FROM:",
        b"RCPT TO:",
        b"AUTH PLAIN",
        b"AUTH LOGIN ",
        b"EHLO ",
        b"RSET",
        b"VRFY ",
        b"<",
        b">",
        b"@",
    ]
    words += [
        b"a@x.test",
        b" SIZE=",
        b" ORCPT=",
        b"=",
        b"\xff\xfe",
        b"\0",
        b"\r",
        b"\t",
        b'"',
        b"\\",
        b"[",
        b"*",
        b"\xe3\x81\x82",
    ]
    client = start(auth_without_tls=True, max_errors=10**6).session()
    for _ in range(300):
        line = b"".join(chance.choices(words, k=chance.randrange(1, 8)))
        reply = client.say(line)
        assert reply[:3].isdigit(), (line, reply)
        assert not reply.startswith(("451", "421")), (line, reply)


def _eventually(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("It did not become so.")
