"""Limits of one process: how many connections it keeps, and how many bytes of unfinished mail it holds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from mailhold.gateway import replies


class Connections:
    """Counts the connections of this process; each process of an installation counts for itself."""

    def __init__(self, *, most: int, most_per_address: int) -> None:
        """Keep the two limits."""
        self._most = most
        self._most_per_address = most_per_address
        self._by_address: Counter[str] = Counter()

    def enter(self, address: str) -> str | None:
        """Count one more connection from `address`; return the reply that refuses it, or None."""
        self._by_address[address] += 1
        if self._by_address.total() > self._most:
            return replies.TOO_MANY_CONNECTIONS
        if self._by_address[address] > self._most_per_address:
            return replies.TOO_MANY_FROM_ADDRESS
        return None

    def leave(self, address: str) -> None:
        """Count one connection less, whether it had been refused or not."""
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def total(self) -> int:
        """Return the number of open connections."""
        return self._by_address.total()


class Lease:
    """Some of the memory for mail, held by one session."""

    def __init__(self, memory: "Memory") -> None:
        """Hold nothing yet."""
        self._memory = memory
        self.held = 0

    def take(self, size: int) -> bool:
        """Hold `size` bytes more, and say whether there was room."""
        if self._memory.used + size > self._memory.most:
            return False
        self._memory.used += size
        self.held += size
        return True

    def give_back(self) -> None:
        """Hold nothing any more."""
        self._memory.used -= self.held
        self.held = 0


class Memory:
    """The bytes of mail that all sessions of this process may hold together, from DATA to the commit."""

    def __init__(self, most: int) -> None:
        """Keep the limit, in bytes."""
        self.most = most
        self.used = 0

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Give a session its own account, which is emptied at the end."""
        lease = Lease(self)
        try:
            yield lease
        finally:
            lease.give_back()
