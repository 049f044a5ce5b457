import os
import re

import pytest

HEADER = b"Subject: x\r\n\r\n"
INJECTED = b"MAIL FROM:<a@x.test>\r\nRCPT TO:<victim@x.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled"


def sent(gateway, body):
    """Send `body` as it is on the wire, and return what was accepted of it."""
    reply = gateway.session().begin().data(HEADER + body + b"\r\n.\r\n")
    assert reply.startswith("250"), reply
    assert gateway.message.content.startswith(HEADER)
    return gateway.message.content.removeprefix(HEADER)


def test_reply_names_the_message(gateway):
    reply = gateway.session().begin().data(HEADER + b"x\r\n.\r\n")
    assert reply == f"250 2.0.0 accepted as {gateway.message.id}"


def test_dots_are_unstuffed(gateway):
    body = b".\r\n..\r\n...x\r\n.end\r\n \r\n. \r\nx."
    assert sent(gateway, re.sub(rb"(?m)^\.", b"..", body)) == body + b"\r\n"


def test_dot_at_the_very_beginning_is_unstuffed(gateway):
    gateway.session().begin().data(b"..x: y\r\n\r\n.\r\n")
    assert gateway.message.content == b".x: y\r\n\r\n"


def test_empty_message_is_an_empty_header_block(gateway):
    assert gateway.session().begin().data(b".\r\n").startswith("250")
    assert gateway.message.content == b"\r\n"


def test_body_that_is_only_an_empty_line_is_kept(gateway):
    assert gateway.session().begin().data(b"\r\n.\r\n").startswith("250")
    assert gateway.message.content == b"\r\n"


@pytest.mark.parametrize(
    "fake",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r\n",
        b"\r.\r",
        b"\r.\n",
        b"\r\n.\r",
        b"\r\n.\n",
        b"\n\n.\r\n",
        b"\r\r.\r\n",
        b"\n\r.\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\n.\r\r\n",
        b"\r\n .\r\n",
        b"\r\n. \r\n",
        b"\r\n..\r\n",
        b"\0\r\n.\n\r\n",
    ],
)
def test_fake_end_of_data_ends_nothing(gateway, fake):
    client = gateway.session().begin()
    reply = client.data(HEADER + b"body" + fake + INJECTED + b"\r\n.\r\n")

    assert reply.startswith("250")
    assert client.is_silent()
    content = gateway.message.content
    assert b"smuggled" in content
    assert len(gateway.message.forward_paths) == 1
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"a\nb\nc", b"a\r\nb\r\nc\r\n"),
        (b"a\rb", b"a\r\nb\r\n"),
        (b"a\r\r\nb", b"a\r\n\r\nb\r\n"),
        (b"a\n.\nb", b"a\r\n.\r\nb\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n"),
    ],
)
def test_bare_line_ends_become_crlf(gateway, body, kept):
    assert sent(gateway, body) == kept


def test_bytes_are_kept_as_they_are(gateway):
    body = bytes(set(range(256)) - {10, 13}) + b"\r\n" + "日本語".encode("iso2022_jp")
    assert sent(gateway, body) == body + b"\r\n"
    assert gateway.message.eightbit


def test_seven_bit_message_is_not_called_eightbit(gateway):
    sent(gateway, b"ascii")
    assert not gateway.message.eightbit


@pytest.mark.parametrize("length", [998, 5000, 700_000, 1_500_000])
def test_long_line_is_kept_as_it_is(gateway, length):
    assert sent(gateway, b"q" * length) == b"q" * length + b"\r\n"


@pytest.mark.parametrize("size", [262_120, 262_144, 262_145, 524_288, 3_000_000])
def test_message_in_several_pieces_is_whole(gateway, size):
    body = os.urandom(size // 2).hex().encode()
    assert sent(gateway, body) == body + b"\r\n"


@pytest.mark.parametrize("filler", range(262_144 - 22, 262_144 + 8))
def test_end_across_two_pieces_is_found(start, filler):
    client = start(max_bytes=400_000).session().begin()
    client.expect("354", "DATA")
    client.send(b"x" * filler + b"\r\n.")
    client.send(b"\r\nNOOP\r\n")
    assert client.reply().startswith("250 2.0.0 accepted")
    client.reply()


def test_message_that_comes_byte_by_byte_is_whole(gateway):
    client = gateway.session().begin()
    client.expect("354", "DATA")
    for byte in HEADER + b"..x\r\n.\r\n":
        client.send(bytes([byte]))
    assert client.reply().startswith("250")
    assert gateway.message.content == HEADER + b".x\r\n"


def test_declared_size_that_is_too_big_is_refused_at_mail(start):
    client = start(max_bytes=2000).session()
    assert client.say("MAIL FROM:<a@x.test> SIZE=2001").startswith("552 5.3.4")
    client.expect("250", "MAIL FROM:<a@x.test> SIZE=2000")


def test_message_of_exactly_the_limit_is_accepted(start):
    gateway = start(max_bytes=2000)
    content = HEADER + b"." * (2000 - len(HEADER) - 2) + b"\r\n"
    assert gateway.session().begin().data(HEADER + b"." + content[len(HEADER) :] + b".\r\n").startswith("250")
    assert gateway.message.content == content


@pytest.mark.parametrize("size", [2001, 300_000, 5_000_000])
def test_message_that_is_too_big_is_refused_at_its_end_and_the_session_lives(start, size):
    gateway = start(max_bytes=2000)
    client = gateway.session().begin()
    reply = client.data(b"x" * (size - 2) + b"\r\n.\r\n")

    assert reply.startswith("552 5.3.4")
    assert gateway.accepted == []
    assert client.begin().data(b"\r\nx\r\n.\r\n").startswith("250")


def test_mail_beyond_the_memory_of_the_process_is_refused_for_now(start):
    gateway = start(max_memory=1000)
    client = gateway.session().begin()

    assert client.data(b"x" * 2000 + b"\r\n.\r\n").startswith("452 4.3.1")
    assert client.begin().data(b"\r\nx\r\n.\r\n").startswith("250")
    assert gateway.listener._gateway.memory.used == 0


def test_connection_that_breaks_in_mid_data_leaves_nothing(gateway):
    client = gateway.session().begin()
    client.expect("354", "DATA")
    client.send(HEADER + b"half a mess")
    client.close()

    assert gateway.has_no_session()
    assert gateway.accepted == []
    assert gateway.listener._gateway.memory.used == 0


def test_trace_header_names_client_server_and_message(gateway):
    client = gateway.connect()
    client.expect("250", "EHLO host.client.test")
    client.begin().data(HEADER + b"x\r\n.\r\n")

    message = gateway.message
    assert message.trace_header.startswith(
        f"Received: from host.client.test ([127.0.0.1])\r\n\tby mx.test with ESMTP id {message.id};\r\n\t"
    )
    assert message.trace_header.endswith(" +0000\r\nX-Mailhold-Trace: i1\r\n")
    assert (message.peer_address, message.helo_name) == ("127.0.0.1", "host.client.test")
    assert message.submitter_id is None


def test_name_in_hello_cannot_inject_a_field(gateway):
    client = gateway.connect()
    client.expect("250", b"EHLO x)\rBcc: victim@x.test\0 \xe3\x81\x82;")
    client.begin().data(HEADER + b"x\r\n.\r\n")
    assert gateway.message.helo_name == "x??Bcc:?victim?x.test????"


def test_mail_that_came_through_here_before_is_refused(gateway):
    client = gateway.session().begin()
    assert client.data(b"X-Mailhold-Trace: i1\r\n" + HEADER + b"x\r\n.\r\n").startswith("554 5.4.6")
    assert gateway.accepted == []


def test_mail_that_came_through_another_installation_is_accepted(gateway):
    assert gateway.session().begin().data(b"X-Mailhold-Trace: i2\r\n" + HEADER + b".\r\n").startswith("250")


def test_mail_that_came_through_too_many_servers_is_refused(gateway):
    client = gateway.session().begin()
    assert client.data(b"Received: x\r\n" * 51 + HEADER + b"x\r\n.\r\n").startswith("554 5.4.6")
    assert client.begin().data(b"Received: x\r\n" * 50 + HEADER + b"x\r\n.\r\n").startswith("250")
