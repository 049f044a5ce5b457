import os
import threading
import time

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from mailhold.delivery import connection, smarthost
from mailhold.delivery.connection import Connection
from mailhold.delivery.exceptions import BareLineEnd
from mailhold.delivery.outcome import OutgoingRecipient, Result
from mailhold.delivery.route import parse_route
from mailhold.delivery.smarthost import deliver, deliver_by
from mailhold.delivery.transaction import stuffed
from tests.delivery.fake_server import DROP, EXTENSIONS, STALL, FakeServer

KEN, MEI, RAJ = "ken@customer.example", "mei@customer.example", "raj@customer.example"
STEPWISE = tuple(word for word in EXTENSIONS if word != "PIPELINING")


@pytest.fixture(params=[EXTENSIONS, STEPWISE], ids=["pipelined", "stepwise"])
def extensions(request):
    return request.param


def test_a_delivered_message_arrives_as_it_was_with_the_reply_kept(server, outgoing, extensions):
    fake = server(extensions=extensions)

    outcomes = deliver(outgoing(KEN))

    assert outcomes[KEN].result is Result.DELIVERED
    assert (outcomes[KEN].reply_code, outcomes[KEN].enhanced_status) == (250, "2.0.0")
    assert outcomes[KEN].reply_text == "stored"
    assert outcomes[KEN].next_hop == f"localhost:{fake.port}"
    assert fake.received[0].content == outgoing(KEN).content
    assert fake.received[0].mail.startswith("MAIL FROM:<alice@example.test>")
    assert fake.received[0].rcpts == [f"RCPT TO:<{KEN}>"]


def test_mail_rcpt_and_data_go_out_in_one_write_where_pipelining_is_offered(server, outgoing):
    fake = server()
    deliver(outgoing(KEN, MEI))
    assert 4 in fake.writes


def test_commands_go_one_by_one_where_pipelining_is_not_offered(server, outgoing):
    fake = server(extensions=STEPWISE)
    deliver(outgoing(KEN, MEI, content=b"one line\r\n"))
    # EHLO, MAIL, two RCPT and DATA wait for their replies; the content and its dot may arrive in one piece.
    assert fake.writes[:5] == [1] * 5


# --- every refusal and what it means ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "reply", "result", "code", "status"),
    [
        ("connect", "421 4.3.2 not now", Result.DEFERRED, 421, "4.3.2"),
        ("connect", "554 5.7.1 not you", Result.DEFERRED, 554, "5.7.1"),
        ("connect", DROP, Result.DEFERRED, 0, ""),
        ("connect", b"SSH-2.0-OpenSSH_9.2\r\n", Result.DEFERRED, 0, ""),
        ("ehlo", "421 4.3.2 not now", Result.DEFERRED, 421, "4.3.2"),
        ("ehlo", "451 4.3.0 later", Result.DEFERRED, 451, "4.3.0"),
        ("mail", "451 4.3.0 later", Result.DEFERRED, 451, "4.3.0"),
        ("mail", "550 5.7.1 not from you", Result.FAILED, 550, "5.7.1"),
        ("mail", "552 5.3.4 too big", Result.FAILED, 552, "5.3.4"),
        ("mail", "421 4.3.2 going down", Result.DEFERRED, 421, "4.3.2"),
        ("mail", DROP, Result.DEFERRED, 0, ""),
        ("mail", b"!!\r\n", Result.DEFERRED, 0, ""),
        ("rcpt", "450 4.2.1 busy", Result.DEFERRED, 450, "4.2.1"),
        ("rcpt", "550 5.1.1 nobody", Result.FAILED, 550, "5.1.1"),
        ("rcpt", "552 5.2.2 mailbox full", Result.FAILED, 552, "5.2.2"),
        ("rcpt", "421 4.3.2 going down", Result.DEFERRED, 421, "4.3.2"),
        ("rcpt", DROP, Result.DEFERRED, 0, ""),
        ("data", "451 4.3.0 later", Result.DEFERRED, 451, "4.3.0"),
        ("data", "554 5.6.0 no", Result.FAILED, 554, "5.6.0"),
        ("data", "250 2.0.0 what", Result.DEFERRED, 250, "2.0.0"),
        ("data", DROP, Result.DEFERRED, 0, ""),
        ("dot", "250 ok", Result.DELIVERED, 250, ""),
        ("dot", "451 4.3.0 later", Result.DEFERRED, 451, "4.3.0"),
        ("dot", "554 5.7.1 spam", Result.FAILED, 554, "5.7.1"),
        ("dot", "550 4.7.1 codes of two classes", Result.FAILED, 550, ""),
        ("dot", "421 4.3.2 going down", Result.DEFERRED, 421, "4.3.2"),
        ("dot", "354 what", Result.UNKNOWN, 354, ""),
        ("dot", DROP, Result.UNKNOWN, 0, ""),
        ("dot", b"250", Result.UNKNOWN, 0, ""),  # then nothing: the line never ends
        ("dot", b"250-half a reply\r\n", Result.UNKNOWN, 0, ""),
        ("dot", b"hello there\r\n", Result.UNKNOWN, 0, ""),
        ("dot", b"250-one\r\n550 other\r\n", Result.UNKNOWN, 0, ""),
        ("dot", b"x" * 9000, Result.UNKNOWN, 0, ""),
        ("dot", b"250-more\r\n" * 300 + b"250 end\r\n", Result.UNKNOWN, 0, ""),
    ],
)
def test_each_reply_at_each_step_has_its_outcome(
    server, outgoing, extensions, settings, step, reply, result, code, status
):
    settings.DOT_TIMEOUT = 0.3
    server(extensions=extensions, replies={step: [reply]})

    outcome = deliver(outgoing(KEN))[KEN]

    assert (outcome.result, outcome.reply_code, outcome.enhanced_status) == (result, code, status)
    assert code or outcome.reply_text


def test_a_refused_connection_is_deferred_with_a_sentence(settings, outgoing):
    with FakeServer() as fake:
        settings.SMARTHOST = fake.url()
    outcome = deliver(outgoing(KEN))[KEN]
    assert (outcome.result, outcome.reply_code) == (Result.DEFERRED, 0)
    assert "cannot be reached (Connection refused)" in outcome.reply_text


@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data"])
def test_silence_before_the_dot_is_deferred(server, outgoing, settings, step):
    settings.SMARTHOST_TIMEOUT = 0.2
    server(replies={step: [STALL]})
    outcome = deliver(outgoing(KEN))[KEN]
    assert (outcome.result, outcome.reply_code) == (Result.DEFERRED, 0)
    assert "no reply in time" in outcome.reply_text


def test_silence_after_the_dot_leaves_the_outcome_unknown(server, outgoing, settings):
    settings.DOT_TIMEOUT = 0.2
    fake = server(replies={"dot": [STALL]})
    outcome = deliver(outgoing(KEN))[KEN]
    assert (outcome.result, outcome.reply_code) == (Result.UNKNOWN, 0)
    assert "no reply in time" in outcome.reply_text
    assert len(fake.received) == 1


def test_a_reply_that_drips_octet_by_octet_has_one_deadline(settings, outgoing):
    settings.SMARTHOST_TIMEOUT = 0.4
    stop = threading.Event()

    class Dripping(FakeServer):
        def _serve(self, sock, number):
            try:
                while not stop.wait(0.05):
                    sock.sendall(b"2")
            except OSError:
                pass
            sock.close()

    with Dripping() as fake:
        settings.SMARTHOST = fake.url()
        begun = time.monotonic()
        outcome = deliver(outgoing(KEN))[KEN]
        took = time.monotonic() - begun
        stop.set()
    assert outcome.result is Result.DEFERRED
    assert took < 3


def test_a_multi_line_reply_is_kept_as_one_printable_line(server, outgoing):
    server(replies={"dot": [b"554-5.7.1 looks\x00like\r\n554-5.7.1 spam\r\n554 5.7.1 \xff\r\n"]})
    outcome = deliver(outgoing(KEN))[KEN]
    assert outcome.enhanced_status == "5.7.1"
    assert outcome.reply_text.startswith("looks like spam")
    assert outcome.reply_text.isprintable()


def test_a_long_reply_text_is_cut_to_what_is_stored(server, outgoing):
    server(replies={"dot": ["554-5.7.1 " + "x" * 900 + "\r\n554 5.7.1 end"]})
    assert len(deliver(outgoing(KEN))[KEN].reply_text) == 500


# --- several recipients ---------------------------------------------------------------------------------------


def test_a_refused_recipient_keeps_its_own_reply_while_the_others_are_delivered(server, outgoing, extensions):
    fake = server(extensions=extensions, replies={"rcpt": ["250 ok", "550 5.1.1 nobody", "450 4.2.1 busy"]})

    outcomes = deliver(outgoing(KEN, MEI, RAJ))

    assert [outcomes[one].result for one in (KEN, MEI, RAJ)] == [
        Result.DELIVERED,
        Result.FAILED,
        Result.DEFERRED,
    ]
    assert outcomes[MEI].reply_text == "nobody"
    assert fake.received[0].rcpts == [f"RCPT TO:<{KEN}>"]


def test_what_comes_after_the_dot_is_for_the_accepted_ones_only(server, outgoing, extensions):
    server(extensions=extensions, replies={"rcpt": ["550 5.1.1 nobody"], "dot": [DROP]})
    outcomes = deliver(outgoing(KEN, MEI))
    assert outcomes[KEN].result is Result.FAILED
    assert outcomes[MEI].result is Result.UNKNOWN


def test_a_session_that_closes_at_a_recipient_keeps_what_was_refused_for_good(server, outgoing, extensions):
    server(extensions=extensions, replies={"rcpt": ["550 5.1.1 nobody", "250 ok", "421 4.3.2 bye"]})
    outcomes = deliver(outgoing(KEN, MEI, RAJ))
    assert outcomes[KEN].result is Result.FAILED
    assert outcomes[MEI].result is outcomes[RAJ].result is Result.DEFERRED
    assert outcomes[MEI].reply_code == 421


def test_recipients_beyond_the_limit_of_the_next_hop_are_deferred(server, outgoing, extensions):
    fake = server(extensions=extensions, rcpt_limit=2)
    outcomes = deliver(outgoing(KEN, MEI, RAJ))
    assert outcomes[RAJ].result is Result.DEFERRED
    assert outcomes[RAJ].enhanced_status == "4.5.3"
    assert len(fake.received[0].rcpts) == 2


@pytest.mark.parametrize("reply", ["552 too many recipients", "552 5.5.3 too many recipients"])
def test_a_552_for_too_many_recipients_means_later(server, outgoing, reply):
    server(replies={"rcpt": ["250 ok", reply]})
    outcomes = deliver(outgoing(KEN, MEI))
    assert outcomes[KEN].result is Result.DELIVERED
    assert outcomes[MEI].result is Result.DEFERRED


def test_more_recipients_than_one_write_takes_are_all_delivered(server, outgoing):
    fake = server()
    everyone = [f"person{number}@customer.example" for number in range(350)]
    outcomes = deliver(outgoing(*everyone))
    assert {outcome.result for outcome in outcomes.values()} == {Result.DELIVERED}
    assert len(outcomes) == len(fake.received[0].rcpts) == 350


@pytest.mark.parametrize("lenient", [False, True], ids=["503", "354"])
def test_a_message_nobody_may_receive_sends_no_content_and_keeps_the_connection(server, outgoing, lenient):
    fake = server(replies={"rcpt": ["550 5.1.1 nobody"]}, lenient_data=lenient)
    asked = []

    refused = deliver(outgoing(KEN), lambda: asked.append(1))
    delivered = deliver(outgoing(MEI))

    assert refused[KEN].result is Result.FAILED
    assert refused[KEN].reply_text == "nobody"
    assert not asked
    assert delivered[MEI].result is Result.DELIVERED
    assert len(fake.received) == 1
    assert fake.sessions == 1


def test_a_refused_sender_is_the_reply_for_everyone(server, outgoing, extensions):
    server(extensions=extensions, replies={"mail": ["550 5.7.1 not from you"]})
    outcomes = deliver(outgoing(KEN, MEI))
    assert {outcome.reply_text for outcome in outcomes.values()} == {"not from you"}


def test_after_a_refused_sender_the_connection_takes_the_next_message(server, outgoing, extensions):
    fake = server(extensions=extensions, replies={"mail": ["550 5.7.1 not from you"]})
    deliver(outgoing(KEN))
    assert deliver(outgoing(KEN))[KEN].result is Result.DELIVERED
    assert fake.sessions == 1


# --- the moment before the dot --------------------------------------------------------------------------------


def test_before_the_dot_all_content_has_been_sent_and_nothing_is_accepted_yet(server, outgoing):
    fake = server()
    seen = []
    deliver(outgoing(KEN), lambda: seen.append(len(fake.received)))
    assert seen == [0]
    assert len(fake.received) == 1


class Stopped(Exception):
    pass


def test_when_before_dot_raises_nothing_is_delivered_and_the_exception_comes_through(server, outgoing):
    fake = server()

    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        deliver(outgoing(KEN), stop)

    for thread in fake.threads:
        thread.join(5)
    assert fake.received == []
    assert fake.unfinished == [outgoing(KEN).content]


def test_after_before_dot_raised_the_next_message_goes_over_a_fresh_connection(server, outgoing):
    fake = server()

    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        deliver(outgoing(KEN), stop)
    assert deliver(outgoing(MEI))[MEI].result is Result.DELIVERED
    assert fake.sessions == 2
    assert [one.rcpts for one in fake.received] == [[f"RCPT TO:<{MEI}>"]]


def test_a_connection_that_dies_while_before_dot_runs_is_deferred_and_not_in_doubt(server, outgoing):
    fake = server()
    outcome = deliver(outgoing(KEN), fake.drop_all)[KEN]
    assert (outcome.result, outcome.reply_code) == (Result.DEFERRED, 0)
    assert fake.received == []


def test_a_next_hop_that_refuses_in_the_middle_of_content_is_taken_at_its_word(server, outgoing):
    fake = server(replies={"data": [b"354 go\r\n552 5.3.4 too big\r\n"]})
    outcome = deliver(outgoing(KEN, content=b"x" * 70 + b"\r\n"))[KEN]
    assert (outcome.result, outcome.reply_code, outcome.enhanced_status) == (Result.FAILED, 552, "5.3.4")
    assert fake.received == []


def test_a_next_hop_that_stops_reading_is_left_and_the_mail_deferred(server, outgoing, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK_SECONDS", 0.3)
    fake = server(reads_content=False)
    outcome = deliver(outgoing(KEN, content=b"a line\r\n" * 4_000_000))[KEN]
    fake.stopped.set()
    assert (outcome.result, outcome.reply_code) == (Result.DEFERRED, 0)
    assert "lost the connection" in outcome.reply_text


# --- what is sent ----------------------------------------------------------------------------------------------


def test_parameters_go_only_to_a_next_hop_that_offers_them(server, outgoing):
    fake = server(extensions=("PIPELINING",))
    recipient = OutgoingRecipient(address=KEN, dsn_notify="FAILURE", dsn_orcpt="rfc822;ken@customer.example")
    deliver(outgoing(recipient, eightbit=True, dsn_ret="HDRS", dsn_envid="abc"))
    assert fake.commands("MAIL") == ["MAIL FROM:<alice@example.test>"]
    assert fake.commands("RCPT") == [f"RCPT TO:<{KEN}>"]


def test_parameters_are_passed_on_where_offered(server, outgoing):
    fake = server()
    recipient = OutgoingRecipient(
        address=KEN, dsn_notify="FAILURE,DELAY", dsn_orcpt="rfc822;ken+2Bx@c.example"
    )
    message = outgoing(recipient, eightbit=True, dsn_ret="HDRS", dsn_envid="abc")
    deliver(message)
    size = len(message.content)
    assert fake.commands("MAIL") == [
        f"MAIL FROM:<alice@example.test> SIZE={size} BODY=8BITMIME RET=HDRS ENVID=abc"
    ]
    assert fake.commands("RCPT") == [f"RCPT TO:<{KEN}> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ken+2Bx@c.example"]


def test_a_parameter_that_would_add_another_is_left_out(server, outgoing):
    fake = server()
    deliver(outgoing(KEN, dsn_envid="abc SIZE=1"))
    assert "ENVID" not in fake.commands("MAIL")[0]


@pytest.mark.parametrize(
    "bad", ["ken@c.example>\r\nRCPT TO:<eve@c.example", "ken@c.example> NOTIFY=NEVER", ""]
)
def test_an_address_that_would_break_out_of_its_command_is_refused_alone(server, outgoing, bad):
    fake = server()
    outcomes = deliver(outgoing(bad, MEI))
    assert (outcomes[bad].result, outcomes[bad].enhanced_status) == (Result.FAILED, "5.1.3")
    assert outcomes[MEI].result is Result.DELIVERED
    assert fake.commands("RCPT") == [f"RCPT TO:<{MEI}>"]


def test_a_sender_that_would_break_out_of_its_command_fails_everyone(server, outgoing):
    fake = server()
    outcomes = deliver(outgoing(KEN, reverse_path="a@b.example>\r\nRSET\r\n"))
    assert (outcomes[KEN].result, outcomes[KEN].enhanced_status) == (Result.FAILED, "5.1.7")
    assert fake.commands("MAIL") == []


def test_a_quoted_local_part_may_hold_what_an_address_cannot(server, outgoing):
    fake = server()
    assert deliver(outgoing('"a>b c"@customer.example')).popitem()[1].result is Result.DELIVERED
    assert fake.commands("RCPT") == ['RCPT TO:<"a>b c"@customer.example>']


def test_the_null_reverse_path_is_sent_as_such(server, outgoing):
    fake = server()
    deliver(outgoing(KEN, reverse_path=""))
    assert fake.commands("MAIL")[0].startswith("MAIL FROM:<>")


# --- internationalised mail --------------------------------------------------------------------------------------

NO_SMTPUTF8 = tuple(word for word in EXTENSIONS if word != "SMTPUTF8")


def test_internationalised_mail_goes_with_smtputf8_where_offered(server, outgoing):
    fake = server()
    outcomes = deliver(outgoing("健@customer.example", smtputf8=True))
    assert outcomes["健@customer.example"].result is Result.DELIVERED
    assert fake.commands("MAIL")[0].endswith(" SMTPUTF8")


def test_without_smtputf8_only_the_recipients_that_need_it_fail(server, outgoing):
    server(extensions=NO_SMTPUTF8)
    outcomes = deliver(outgoing("健@customer.example", MEI, smtputf8=True))
    assert outcomes["健@customer.example"].result is Result.FAILED
    assert outcomes["健@customer.example"].enhanced_status == "5.6.7"
    assert outcomes[MEI].result is Result.DELIVERED


@pytest.mark.parametrize(
    "fields", [{"reverse_path": "アリス@example.test"}, {"content": "Subject: 見積\r\n\r\n".encode()}]
)
def test_without_smtputf8_a_message_that_needs_it_fails_for_everyone(server, outgoing, fields):
    fake = server(extensions=NO_SMTPUTF8)
    outcomes = deliver(outgoing(KEN, smtputf8=True, **fields))
    assert outcomes[KEN].enhanced_status == "5.6.7"
    assert fake.commands("MAIL") == []


def test_eight_bit_content_goes_as_it_is_where_8bitmime_is_not_offered(server, outgoing):
    fake = server(extensions=("PIPELINING",))
    content = "Subject: raw \r\n\r\n本文\r\n".encode("shift_jis")
    assert deliver(outgoing(KEN, content=content, eightbit=True))[KEN].result is Result.DELIVERED
    assert fake.received[0].content == content


# --- octets -------------------------------------------------------------------------------------------------------


def unstuffed(wire):
    """What a receiver makes of the octets before the final dot, by the letter of RFC 5321 4.5.2."""
    return b"\r\n".join(line[1:] if line[:1] == b"." else line for line in wire.split(b"\r\n"))


@given(st.lists(st.sampled_from([b"\r\n", b".", b"a", b"..", b"\x00", b"\xff", b" "])).map(b"".join))
@hypothesis_settings(deadline=None)
def test_dots_are_doubled_so_that_the_receiver_gets_the_very_content(content):
    wire = stuffed(content)
    ending = b"" if not content or content.endswith(b"\r\n") else b"\r\n"
    assert unstuffed(wire) == content + ending
    assert b"\r\n.\r\n" not in wire
    assert not wire.startswith(b".\r\n")
    assert not wire or wire.endswith(b"\r\n")


@given(
    st.lists(
        st.binary(max_size=60).map(lambda line: line.translate(None, b"\r\n") + b"\r\n"), max_size=20
    ).map(b"".join)
)
@hypothesis_settings(deadline=None, max_examples=40)
def test_any_content_arrives_byte_for_byte(content):
    from mailhold.delivery.outcome import Outgoing

    with FakeServer() as fake:
        message = Outgoing(
            reverse_path="a@example.test", recipients=(OutgoingRecipient(address=KEN),), content=content
        )
        outcomes = deliver_by(parse_route(fake.url()), message)
        smarthost.close_kept()
    assert outcomes[KEN].result is Result.DELIVERED
    assert fake.received[0].content == content


def test_large_content_arrives_byte_for_byte(server, outgoing):
    fake = server()
    content = b".dot and more\r\n" * 200_000
    assert deliver(outgoing(KEN, content=content))[KEN].result is Result.DELIVERED
    assert fake.received[0].content == content


@pytest.mark.parametrize(
    "content", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n.\n\r\n", b"\n", b"\r", b"a\r\r\n", b"a\r\n\n", b"a\n\r"]
)
def test_a_bare_cr_or_lf_is_never_sent(server, outgoing, content):
    fake = server()
    with pytest.raises(BareLineEnd, match="bare CR or LF"):
        deliver(outgoing(KEN, content=content))
    assert fake.sessions == 0


# --- the kept connection -----------------------------------------------------------------------------------------


def test_messages_share_one_connection(server, outgoing):
    fake = server()
    for _ in range(5):
        deliver(outgoing(KEN))
    assert fake.sessions == 1
    assert len(fake.received) == 5


def test_a_connection_is_renewed_after_its_share_of_messages(server, outgoing, monkeypatch):
    monkeypatch.setattr(smarthost, "KEEP_MESSAGES", 3)
    fake = server()
    for _ in range(7):
        deliver(outgoing(KEN))
    assert [one.session for one in fake.received] == [1, 1, 1, 2, 2, 2, 3]


def test_a_connection_that_idled_too_long_is_not_used_again(server, outgoing, settings):
    fake = server()
    deliver(outgoing(KEN))
    route = parse_route(settings.SMARTHOST)
    assert smarthost.take_kept(route, time.monotonic() + 59) is not None
    deliver(outgoing(KEN))
    assert smarthost.take_kept(route, time.monotonic() + 61) is None
    assert fake.commands("QUIT") == ["QUIT"]


def test_a_kept_connection_that_died_is_replaced_and_the_message_sent_once(server, outgoing):
    fake = server()
    deliver(outgoing(KEN))
    fake.drop_all()
    asked = []
    assert deliver(outgoing(MEI), lambda: asked.append(1))[MEI].result is Result.DELIVERED
    assert len(fake.received) == fake.sessions == 2
    assert len(asked) == 1


def test_a_kept_connection_that_says_421_is_replaced(server, outgoing):
    fake = server(replies={"mail": ["250 ok", "421 4.4.2 idle too long"]})
    deliver(outgoing(KEN))
    assert deliver(outgoing(MEI))[MEI].result is Result.DELIVERED
    assert fake.sessions == 2


def test_a_kept_connection_that_dies_at_the_dot_is_not_tried_again(server, outgoing):
    fake = server(replies={"dot": ["250 ok", DROP]})
    deliver(outgoing(KEN))
    assert deliver(outgoing(MEI))[MEI].result is Result.UNKNOWN
    assert fake.sessions == 1


def test_a_fresh_connection_that_dies_is_not_tried_again(server, outgoing):
    fake = server(replies={"mail": [DROP, DROP]})
    assert deliver(outgoing(KEN))[KEN].result is Result.DEFERRED
    assert fake.sessions == 1


def test_a_refusal_at_the_dot_keeps_the_connection(server, outgoing):
    fake = server(replies={"dot": ["554 5.7.1 spam"]})
    deliver(outgoing(KEN))
    assert deliver(outgoing(MEI))[MEI].result is Result.DELIVERED
    assert fake.sessions == 1


def test_a_connection_that_fell_out_of_step_is_not_used_again(server, outgoing):
    fake = server(replies={"dot": [b"250 2.0.0 ok\r\n250 and more\r\n"]})
    deliver(outgoing(KEN))
    assert deliver(outgoing(MEI))[MEI].result is Result.DELIVERED
    assert fake.sessions == 2


def test_another_smarthost_gets_a_connection_of_its_own(server, outgoing):
    first, second = server(), server()
    deliver(outgoing(KEN))
    assert (len(first.received), len(second.received)) == (0, 1)


def test_each_thread_keeps_its_own_connection(server, outgoing):
    fake = server()
    deliver(outgoing(KEN))

    def other():
        deliver(outgoing(MEI))
        smarthost.close_kept()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(10)
    assert sorted(one.session for one in fake.received) == [1, 2]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_leaves_the_connection_of_its_parent_alone(server, outgoing):
    fake = server()
    deliver(outgoing(KEN))
    child = os.fork()
    if not child:
        status = 1
        try:
            delivered = deliver(outgoing(MEI))[MEI].result is Result.DELIVERED
            smarthost.close_kept()
            status = 0 if delivered else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert deliver(outgoing(RAJ))[RAJ].result is Result.DELIVERED
    assert [one.session for one in fake.received] == [1, 2, 1]


def test_a_connection_that_nobody_kept_is_closed_with_its_thread(server, outgoing, settings):
    fake = server()
    route = parse_route(settings.SMARTHOST)
    made = Connection(route, helo="x.example", timeout=5, dot_timeout=5)
    del made
    for thread in fake.threads:
        thread.join(5)
        assert not thread.is_alive()


# --- greeting ----------------------------------------------------------------------------------------------------


def test_a_server_without_ehlo_is_greeted_by_helo(server, outgoing):
    fake = server(replies={"ehlo": ["502 5.5.1 what"]})
    assert deliver(outgoing(KEN))[KEN].result is Result.DELIVERED
    assert fake.commands("MAIL") == ["MAIL FROM:<alice@example.test>"]
