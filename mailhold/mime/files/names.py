"""Names of files within archives, in whatever charset the packing program wrote them."""

from mailhold.mime.charsets import clean

_LONGEST = 400
_CONTROLS = {
    **dict.fromkeys((*range(32), *range(127, 160)), "_"),
    **dict.fromkeys(
        map(
            ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"
        ),
        "_",
    ),
}


def member_name(raw: bytes, *, utf8: bool = False, unicode: bytes = b"") -> str:
    """Return the name: as flagged, or UTF-8 or code page 932 where it is that, or code page 437 as PKZIP had it.

    `unicode` is the name in UTF-8 that some programs write beside.
    """
    raw = unicode or raw
    codecs = ("utf-8",) if utf8 or unicode else ("utf-8", "cp932", "cp437")
    for codec in codecs:
        try:
            return printable_name(raw.decode(codec))
        except UnicodeDecodeError:
            continue
    return printable_name(raw.decode("cp932", "replace"))


def printable_name(name: str) -> str:
    """Return `name` with its folders, but no control characters and no marks that turn its direction."""
    return clean(name.replace("\\", "/").replace("\0", "")).translate(_CONTROLS)[-_LONGEST:]
