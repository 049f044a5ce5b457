"""Group commit: one thread takes whatever waits and has it committed together, so that many messages share one fsync."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, close_old_connections

from mailhold.gateway.exceptions import CommitFailedError, QueueFullError, without_text
from mailhold.gateway.submission import Accept, Submission

logger = logging.getLogger(__name__)

MOST_IN_BATCH = 100
MOST_BATCH_BYTES = 8_000_000
# So many database errors one after the other mean that the database is away, not that the messages are bad.
DATABASE_ERRORS_TO_GIVE_UP = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    submission: Submission
    committed: "asyncio.Future[None]"

    @property
    def size(self) -> int:
        return len(self.submission.content)


class Committer:
    """Hands submissions to `accept` in batches, from one thread of its own."""

    def __init__(self, accept: Accept, *, most_waiting: int = 1000, most_bytes: int = 256_000_000) -> None:
        """Keep the limits of the queue; `start` starts the thread."""
        self._accept = accept
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._queue: deque[_Waiting] = deque()
        self._queued_bytes = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Commit what waits, then end the thread; say whether it ended within `seconds`."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    async def commit(self, submission: Submission) -> None:
        """Return when `submission` is committed; raise QueueFullError, or CommitFailedError when nothing was kept."""
        waiting = _Waiting(submission, asyncio.get_running_loop().create_future())
        self._put(waiting)
        await waiting.committed

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            # One message always fits, however big, so that a limit cannot shut the door for ever.
            full = self._queue and self._queued_bytes + waiting.size > self._most_bytes
            if full or len(self._queue) >= self._most_waiting or self._stopping:
                raise QueueFullError("Too much mail is waiting to be committed.")
            self._queue.append(waiting)
            self._queued_bytes += waiting.size
            self._changed.notify()

    def _run(self) -> None:
        while batch := self._take():
            _settle(batch, self._commit_batch([waiting.submission for waiting in batch]))
            # Otherwise the messages would stay in memory until the next ones come.
            del batch

    def _take(self) -> list[_Waiting]:
        """Return the next batch, waiting for it; an empty one when it is time to end."""
        batch: list[_Waiting] = []
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopping)
            while self._queue and len(batch) < MOST_IN_BATCH:
                if batch and size + self._queue[0].size > MOST_BATCH_BYTES:
                    break
                batch.append(self._queue.popleft())
                size += batch[-1].size
            self._queued_bytes -= size
        return batch

    def _commit_batch(self, batch: Sequence[Submission]) -> list[Exception | None]:
        """Return for each message the error that kept it from being committed, or None."""
        error = self._try(batch)
        if error is None:
            return [None] * len(batch)
        if len(batch) == 1:
            _log_failure(batch[0], error)
            return [error]
        logger.warning(
            "A batch of %d messages failed, each is tried alone: %s", len(batch), without_text(error)
        )
        return self._commit_each(batch)

    def _commit_each(self, batch: Sequence[Submission]) -> list[Exception | None]:
        outcomes: list[Exception | None] = []
        database_errors = 0
        for submission in batch:
            error = outcomes[-1] if database_errors >= DATABASE_ERRORS_TO_GIVE_UP else self._try([submission])
            database_errors = (
                database_errors + 1 if isinstance(error, OperationalError | InterfaceError) else 0
            )
            if error is not None:
                _log_failure(submission, error)
            outcomes.append(error)
        return outcomes

    def _try(self, batch: Sequence[Submission]) -> Exception | None:
        # Before and after: a connection that broke must not fail the next batch.
        close_old_connections()
        try:
            self._accept(batch)
        except Exception as error:  # noqa: BLE001 - the edge: whatever went wrong, the client hears 451
            return error
        finally:
            close_old_connections()
        return None


def _log_failure(submission: Submission, error: Exception) -> None:
    logger.error("Message %s could not be committed: %s", submission.id, without_text(error))


def _settle(batch: Sequence[_Waiting], outcomes: Sequence[Exception | None]) -> None:
    """Wake those who wait, all with one call into their event loop."""
    settled = [(waiting.committed, outcome) for waiting, outcome in zip(batch, outcomes, strict=True)]
    try:
        batch[0].committed.get_loop().call_soon_threadsafe(_set_outcomes, settled)
    except RuntimeError:
        # The loop is closed: the grace of a shutdown was over before the commit was. Clients will send again.
        logger.warning("%d commits ended after the shutdown", len(settled))


def _set_outcomes(outcomes: Sequence[tuple["asyncio.Future[None]", Exception | None]]) -> None:
    for committed, error in outcomes:
        # The client may have gone while its message was being committed.
        if committed.done():
            continue
        if error is None:
            committed.set_result(None)
        else:
            committed.set_exception(CommitFailedError("The message could not be committed."))
