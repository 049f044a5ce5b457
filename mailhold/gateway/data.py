"""Mail data: reading it up to its one true end, and undoing what SMTP did to it (RFC 5321 4.1.1.4, 4.5.2).

Only CRLF "." CRLF ends mail data. Whatever other servers may take for an end (a dot between bare LFs or CRs) is
content. Printers and scripts do send bare LF, so that line ends are made CRLF instead of refusing the message: what
leaves here has no bare CR or LF, and its dots are stuffed anew, so that nothing can be smuggled to the next hop.
"""

import asyncio

from mailhold.gateway import replies
from mailhold.gateway.exceptions import RefusedError
from mailhold.gateway.limits import Lease

_CRLF = b"\r\n"
_END = b"\r\n.\r\n"
# Dots that were stuffed at the edge of two chunks are counted, although they are no content.
_SLACK = 64 * 1024


async def read_data(reader: asyncio.StreamReader, *, most: int, lease: Lease) -> bytes:
    """Return mail data as it came, from a CRLF that stands for the end of the DATA line to CRLF "." CRLF.

    Too much data is read to its end without keeping it: then RefusedError (552, or 452 where `lease` is used up).
    """
    # The end of the DATA line is also the CRLF of the end of an empty message.
    reader._buffer[:0] = _CRLF  # type: ignore[attr-defined]  # noqa: SLF001
    chunks: list[bytes] = []
    size = 0
    refusal = None
    while True:
        chunk, is_last = await _read_chunk(reader)
        size += len(chunk) - chunk.count(b"\r\n.")
        if refusal is None:
            refusal = _refusal(size, most, len(chunk), lease)
        if refusal is None:
            chunks.append(chunk)
        else:
            chunks.clear()
            lease.give_back()
        if is_last:
            break
    if refusal is not None:
        raise RefusedError(refusal)
    return b"".join(chunks)


def _refusal(size: int, most: int, more: int, lease: Lease) -> str | None:
    if size > most + _SLACK:
        return replies.TOO_BIG
    return None if lease.take(more) else replies.QUEUE_FULL


async def _read_chunk(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """Return some data, and whether it is the last: most messages come in one piece."""
    try:
        return await reader.readuntil(_END), True
    except asyncio.LimitOverrunError as error:
        return await reader.readexactly(error.consumed), False


def content_of(data: bytes, *, most: int) -> bytes:
    """Return the message in what `read_data` returned: dots unstuffed, every line end CRLF; raise RefusedError (552).

    Lines may be of any length, and NUL stays as it is. An empty message becomes an empty header block.
    """
    content = data[: -len(b".\r\n")].replace(b"\r\n.", _CRLF)[len(_CRLF) :]
    if len(content) > most:
        raise RefusedError(replies.TOO_BIG)
    return _with_crlf(content) or _CRLF


def _with_crlf(content: bytes) -> bytes:
    pairs = content.count(_CRLF)
    if pairs == content.count(b"\n") and pairs == content.count(b"\r"):
        return content
    return content.replace(_CRLF, b"\n").replace(b"\r", b"\n").replace(b"\n", _CRLF)
