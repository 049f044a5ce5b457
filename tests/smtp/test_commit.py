import logging
import threading

MESSAGE = b"\r\nx\r\n.\r\n"


def test_accept_that_fails_is_451_and_nothing_of_the_error_leaks(start, caplog):
    def fail(batch):
        raise RuntimeError("secret text of alice@example.test")

    client = start(accept=fail).session().begin()

    assert client.data(MESSAGE) == "451 4.3.0 Error on this side, try again later"
    assert client.say("DATA").startswith("503")
    logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(logged) == 1
    assert "RuntimeError at " in logged[0]
    assert "test_commit.py" in logged[0]
    assert "secret" not in caplog.text


def test_message_is_accepted_after_accept_recovers(start):
    failures = [OSError("disk full")] * 1
    accepted = []

    def accept(batch):
        if failures:
            raise failures.pop()
        accepted.extend(batch)

    client = start(accept=accept).session()
    assert client.begin().data(MESSAGE).startswith("451")
    assert client.begin().data(MESSAGE).startswith("250")
    assert len(accepted) == 1


def test_250_comes_only_after_accept_has_returned(start):
    may_return = threading.Event()
    client = start(accept=lambda batch: may_return.wait(10)).session().begin()
    client.expect("354", "DATA")
    client.send(MESSAGE)

    assert client.is_silent(0.3)
    may_return.set()
    assert client.reply().startswith("250")


def test_slow_commit_is_not_idleness(start):
    may_return = threading.Event()
    client = start(accept=lambda batch: may_return.wait(10), timeout_seconds=0.2).session().begin()
    client.expect("354", "DATA")
    client.send(MESSAGE)

    assert client.is_silent(0.7)
    may_return.set()
    assert client.reply().startswith("250")


def test_messages_that_wait_are_committed_together_and_a_bad_one_fails_alone(start):
    first_is_in, may_return = threading.Event(), threading.Event()
    batches, accepted = [], []

    def accept(batch):
        batches.append(len(batch))
        if not first_is_in.is_set():
            first_is_in.set()
            assert may_return.wait(10)
        if any(message.reverse_path == "bad@x.test" for message in batch):
            raise ValueError("bad")
        accepted.extend(message.reverse_path for message in batch)

    gateway = start(accept=accept)
    senders = ["first@x.test", "a@x.test", "bad@x.test", "b@x.test"]
    clients = [gateway.session().begin(sender=sender) for sender in senders]
    for client in clients:
        client.expect("354", "DATA")
    clients[0].send(MESSAGE)
    assert first_is_in.wait(10)
    for client in clients[1:]:
        client.send(MESSAGE)
    assert clients[3].is_silent(0.3)
    may_return.set()

    assert [client.reply()[:3] for client in clients] == ["250", "250", "451", "250"]
    assert batches == [1, 3, 1, 1, 1]
    assert sorted(accepted) == ["a@x.test", "b@x.test", "first@x.test"]


def test_client_that_leaves_during_the_commit_harms_nobody(start):
    may_return = threading.Event()
    accepted = []

    def accept(batch):
        assert may_return.wait(10)
        accepted.extend(batch)

    gateway = start(accept=accept)
    gone = gateway.session().begin()
    gone.expect("354", "DATA")
    gone.send(MESSAGE)
    gone.close()
    stays = gateway.session().begin()
    stays.expect("354", "DATA")
    stays.send(MESSAGE)
    may_return.set()

    assert stays.reply().startswith("250")
    assert len(accepted) == 2


def test_100_clients_at_once_are_all_served(start):
    gateway = start()
    clients = [gateway.session().begin(sender=f"s{number}@x.test") for number in range(100)]
    for client in clients:
        client.expect("354", "DATA")
    for client in clients:
        client.send(MESSAGE)

    assert all(client.reply().startswith("250") for client in clients)
    assert {message.reverse_path for message in gateway.accepted} == {f"s{n}@x.test" for n in range(100)}
    assert len({message.id for message in gateway.accepted}) == 100
