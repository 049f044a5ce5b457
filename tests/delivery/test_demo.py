import threading

import pytest

from mailhold.delivery import demo
from mailhold.delivery.exceptions import BareLineEnd
from mailhold.delivery.outcome import Result
from mailhold.delivery.smarthost import deliver
from mailhold.ids import uuid7

KEN, MEI = "ken@customer.example", "mei@customer.example"


@pytest.fixture(autouse=True)
def mailbox(settings, tmp_path):
    settings.SMARTHOST = ""
    settings.DATA_DIR = tmp_path
    return tmp_path / "mailbox"


def test_without_a_smarthost_mail_is_kept_as_it_is(outgoing):
    content = b"Subject: x\r\n\r\n.dot\r\n\xff\x00\r\n"

    outcomes = deliver(outgoing(KEN, MEI, content=content))

    assert {one.result for one in outcomes.values()} == {Result.DELIVERED}
    assert outcomes.keys() == {KEN, MEI}
    envelope = demo.list_mail()[0]
    assert envelope.reverse_path == "alice@example.test"
    assert envelope.recipients == (KEN, MEI)
    mail = demo.read_mail(envelope.id)
    assert mail.content == content
    assert outcomes[KEN].reply_text == f"kept as {envelope.id}"


def test_the_newest_mail_comes_first_and_the_list_has_its_limit(outgoing, monkeypatch):
    ids = [uuid7() for _ in range(4)]
    ids.sort()
    remaining = iter(ids)
    monkeypatch.setattr(demo, "uuid7", lambda: next(remaining))
    for _ in ids:
        deliver(outgoing(KEN))
    assert [one.id for one in demo.list_mail(3)] == ids[:0:-1]


def test_an_empty_mailbox_lists_nothing():
    assert demo.list_mail() == []
    assert demo.read_mail(uuid7()) is None
    assert demo.read_head(uuid7()) == b""


def test_before_the_mail_is_there_before_dot_is_called(outgoing):
    seen = []
    deliver(outgoing(KEN), lambda: seen.append(len(demo.list_mail())))
    assert seen == [0]
    assert len(demo.list_mail()) == 1


@pytest.mark.parametrize("trouble", [RuntimeError("stop"), OSError(5, "not ours")])
def test_when_before_dot_raises_nothing_is_kept(outgoing, mailbox, trouble):
    def stop():
        raise trouble

    with pytest.raises(type(trouble)) as caught:
        deliver(outgoing(KEN), stop)
    assert caught.value is trouble
    assert list(mailbox.iterdir()) == []


def test_a_mailbox_that_cannot_be_written_defers(outgoing, mailbox):
    mailbox.write_text("a file where the folder should be")
    outcome = deliver(outgoing(KEN))[KEN]
    assert (outcome.result, outcome.reply_code) == (Result.DEFERRED, 0)
    assert "cannot be written" in outcome.reply_text


def test_a_mail_that_is_there_but_may_not_last_is_in_doubt(outgoing, monkeypatch):
    def fail():
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(demo, "_sync_folder", fail)
    assert deliver(outgoing(KEN))[KEN].result is Result.UNKNOWN


def test_a_mail_that_did_not_get_its_name_is_deferred(outgoing, monkeypatch, mailbox):
    def fail(mail_id):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo, "_publish", fail)
    assert deliver(outgoing(KEN))[KEN].result is Result.DEFERRED
    assert list(mailbox.iterdir()) == []


def test_only_the_newest_mails_are_kept(outgoing, monkeypatch, mailbox):
    monkeypatch.setattr(demo, "KEEP_MAILS", 3)
    for number in range(6):
        deliver(outgoing(KEN, content=b"Subject: %d\r\n\r\n" % number))
    assert len(demo.list_mail()) == 3
    assert len(list(mailbox.iterdir())) == 6


def test_several_threads_deliver_at_once(outgoing):
    def work():
        for _ in range(5):
            assert deliver(outgoing(KEN))[KEN].result is Result.DELIVERED

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(demo.list_mail()) == 20


def test_bare_line_ends_are_refused_here_too(outgoing):
    with pytest.raises(BareLineEnd):
        deliver(outgoing(KEN, content=b"a\nb\r\n"))
    assert demo.list_mail() == []
