import asyncio
import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from mailhold.gateway import committer as module
from mailhold.gateway.committer import Committer
from mailhold.gateway.exceptions import CommitFailedError, QueueFullError
from mailhold.gateway.submission import Submission


def submission(content=b"\r\n", sender="a@x.test"):
    return Submission(
        id=uuid.uuid4(),
        received_at=datetime.now(UTC),
        reverse_path=sender,
        forward_paths=(),
        content=content,
        trace_header="",
    )


class Gate:
    """An `accept` that waits at its first call, so that others gather behind it."""

    def __init__(self, fail=lambda message: None):
        self.open = threading.Event()
        self.entered = threading.Event()
        self.batches = []
        self._fail = fail

    def __call__(self, batch):
        self.batches.append(len(batch))
        if not self.entered.is_set():
            self.entered.set()
            assert self.open.wait(10)
        for message in batch:
            error = self._fail(message)
            if error:
                raise error


def run(gate, messages, **limits):
    """Commit one message that is slow, then `messages` behind it; return the outcomes of the latter."""

    async def play():
        committer = Committer(gate, **limits)
        committer.start()
        first = asyncio.create_task(committer.commit(submission()))
        await asyncio.to_thread(gate.entered.wait, 10)
        rest = [asyncio.create_task(committer.commit(message)) for message in messages]
        await asyncio.sleep(0.05)
        gate.open.set()
        outcomes = await asyncio.gather(first, *rest, return_exceptions=True)
        assert await asyncio.to_thread(committer.stop, 10)
        return outcomes[1:]

    return asyncio.run(play())


def test_what_waits_is_committed_together():
    gate = Gate()
    assert run(gate, [submission() for _ in range(50)]) == [None] * 50
    assert gate.batches == [1, 50]


def test_batch_has_at_most_100_messages():
    gate = Gate()
    run(gate, [submission() for _ in range(250)])
    assert gate.batches == [1, 100, 100, 50]


def test_batch_has_at_most_8_megabytes_but_a_bigger_message_goes_alone():
    gate = Gate()
    run(gate, [submission(b"x" * 3_000_000)] * 3 + [submission(b"x" * 9_000_000), submission()])
    assert gate.batches == [1, 2, 1, 1, 1]


def test_message_that_fails_fails_alone():
    gate = Gate(lambda message: ValueError("bad") if message.reverse_path == "bad@x.test" else None)
    outcomes = run(gate, [submission(), submission(sender="bad@x.test"), submission()])
    assert [type(outcome) for outcome in outcomes] == [type(None), CommitFailedError, type(None)]


def test_database_that_is_away_is_not_asked_for_every_message():
    down = threading.Event()
    gate = Gate(lambda message: OperationalError("no connection") if down.is_set() else None)
    gate.open.wait = lambda timeout: down.set() or True
    outcomes = run(gate, [submission() for _ in range(50)])
    assert all(isinstance(outcome, CommitFailedError) for outcome in outcomes)
    # The first, the batch, and two alone.
    assert len(gate.batches) <= 6


def test_queue_is_bounded_by_messages():
    gate = Gate()
    outcomes = run(gate, [submission() for _ in range(5)], most_waiting=3)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [QueueFullError] * 2


def test_queue_is_bounded_by_bytes_but_takes_one_message_of_any_size():
    gate = Gate()
    big = submission(b"x" * 1000)
    outcomes = run(gate, [big, submission(b"x" * 400), submission(b"x" * 400)], most_bytes=500)
    assert [type(outcome) for outcome in outcomes] == [type(None), QueueFullError, QueueFullError]


def test_connection_of_the_database_is_cared_for_around_every_try(monkeypatch):
    calls = []
    monkeypatch.setattr(module, "close_old_connections", lambda: calls.append("care"))
    committer = Committer(lambda batch: calls.append(len(batch)))
    assert committer._commit_batch([submission()]) == [None]
    assert calls == ["care", 1, "care"]


def test_what_waits_at_the_end_is_committed_and_nothing_after_it():
    async def play():
        gate = Gate()
        committer = Committer(gate)
        committer.start()
        tasks = [asyncio.create_task(committer.commit(submission())) for _ in range(3)]
        await asyncio.to_thread(gate.entered.wait, 10)
        stopping = asyncio.create_task(asyncio.to_thread(committer.stop, 10))
        await asyncio.sleep(0.05)
        with pytest.raises(QueueFullError):
            await committer.commit(submission())
        gate.open.set()
        assert await stopping
        return await asyncio.gather(*tasks)

    assert asyncio.run(play()) == [None] * 3
