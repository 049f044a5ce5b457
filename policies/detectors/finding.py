"""What a search finds; apart from the search, as whoever reads findings need not load what finds them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One value. `piece` counts the pieces from 0; `value` is the folded text.

    In a text `start` and `end` are places in the piece's text as it was written. With `table` they are row and column,
    from 0.
    """

    type: str
    value: str
    where: str
    piece: int
    start: int
    end: int
    table: bool = False
