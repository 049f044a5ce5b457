"""When to try again: pure arithmetic."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """The waiting times in seconds after the first, second, ... attempt that was deferred."""

    seconds: tuple[int, ...]

    def next_attempt(self, attempts_made: int) -> int | None:
        """Return the seconds to wait after `attempts_made` attempts, or None when it is time to give up.

        Nothing tried yet means no waiting. Whoever uses it adds jitter where many messages wait for one hop.
        """
        if attempts_made <= 0:
            return 0
        if attempts_made > len(self.seconds):
            return None
        return self.seconds[attempts_made - 1]
