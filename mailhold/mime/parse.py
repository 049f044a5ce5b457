"""A message for showing to people and for judging. Never for sending again: that is done with the bytes as they came.

`parse` raises on no bytes whatever; what it could not read it says in `problems`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailhold.mime.addresses import Mailbox, format_mailboxes
from mailhold.mime.charsets import decode
from mailhold.mime.exceptions import NoSuchAttachment
from mailhold.mime.headers import decode_header, field_text, parse_addresses
from mailhold.mime.htmltext import html_to_text
from mailhold.mime.layout import Layout, Section, arrange
from mailhold.mime.limits import DEFAULT_LIMITS, Limits
from mailhold.mime.parameters import safe_name
from mailhold.mime.structure import Part, read_structure
from mailhold.mime.tnef import CONTENT_TYPES as TNEF_TYPES, attachment_names

# With one of these, something in the message may have gone unread, so that no policy can vouch for it.
UNREAD = frozenset(
    {
        "too_deep",
        "too_many_parts",
        "too_large",
        "headers_too_large",
        "broken_multipart",
        "partial",
        "encrypted",
        "opaque_signature",
        "tnef_damaged",
    }
)

_EXTENSIONS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/csv": "csv",
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/rfc822-headers": "txt",
    "message/rfc822": "eml",
    "message/global": "eml",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/x-zip-compressed": "zip",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/pgp-signature": "asc",
    "application/pgp-keys": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/ms-tnef": "dat",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/mp4": "mp4",
}
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_PGP_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attached file. `index` is its number in this message; `size` counts decoded bytes.

    `nested` is an attached message, read; `contained` names the files packed in a winmail.dat.
    """

    index: int
    name: str
    content_type: str
    size: int
    content_id: str = ""
    inline: bool = False
    nested: "ParsedMessage | None" = None
    contained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """What a message says. All texts are free of NUL and lone surrogates; absent ones are "".

    `problems` holds codes: too_deep, too_many_parts, too_large, headers_too_large (a limit ended the reading),
    broken_multipart, partial (RFC 2046 fragments), encrypted, opaque_signature, tnef_damaged (parts stay unread),
    damaged, unended_multipart, unknown_charset, wrong_charset (read as well as it could be), ambiguous (programs may
    read it differently). `inspected` is False where something stayed unread.
    `auto_submitted` is the lower-case keyword of that field (RFC 3834), "" also for "no".
    """

    subject: str = ""
    author: str = ""  # the From field as people read it
    author_address: str = ""
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    date: datetime | None = None
    message_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""  # the best plain text there is
    text_plain: str = ""  # only what was written as plain text
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    inspected: bool = True
    auto_submitted: str = ""
    has_signature: bool = False
    encrypted: bool = False

    def all_attachments(self) -> Iterator[Attachment]:
        """Yield the attachments, and those of attached messages after each."""
        for attachment in self.attachments:
            yield attachment
            if attachment.nested:
                yield from attachment.nested.all_attachments()


def parse(content: bytes, limits: Limits = DEFAULT_LIMITS) -> ParsedMessage:
    """Read a message within `limits`. Never raises."""
    structure = read_structure(content, limits)
    return _Reading(limits).message(structure.root, structure.problems)


def attachment_bytes(content: bytes, index: int, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the decoded bytes of the attachment that `parse` numbered `index`.

    Raises NoSuchAttachment. An attached message is given as it stands, to be parsed in its turn.
    """
    parts = arrange(read_structure(content, limits).root).attachments
    if not 0 <= index < len(parts):
        raise NoSuchAttachment(index)
    return parts[index].decoded()[0]


def judged_text(parsed: ParsedMessage) -> str:
    """Return everything a reader could see in the body: the plain text, and that of the HTML where it says other things."""
    if not parsed.html or not parsed.text_plain:
        return parsed.text
    shown = html_to_text(parsed.html)
    return parsed.text if shown.split() == parsed.text.split() else f"{parsed.text}\n{shown}"


@dataclass(slots=True)
class _Bodies:
    """The texts of one message while they are put together."""

    text: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)


class _Reading:
    """Reads a message and those attached to it; what is decoded is counted over all of them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._undecoded = limits.decoded_bytes
        self._readable = limits.text_characters

    def message(self, root: Part, problems: set[str]) -> ParsedMessage:
        layout = arrange(root)
        problems = set(problems)
        bodies = self._bodies(layout, problems)
        signed = _note_protection(root, bodies, problems)
        attachments = tuple(
            self._attachment(part, index, problems) for index, part in enumerate(layout.attachments)
        )
        authors = self._mailboxes(root, "from")
        return ParsedMessage(
            subject=_decoded(root, "subject"),
            author=format_mailboxes(authors) or _decoded(root, "from"),
            author_address=next((author.address for author in authors if author.address), ""),
            to=self._mailboxes(root, "to"),
            cc=self._mailboxes(root, "cc"),
            reply_to=self._mailboxes(root, "reply-to"),
            date=_read_date(_decoded(root, "date")),
            message_id=_decoded(root, "message-id")[:998],
            headers=tuple((entry.name, field_text(entry, self._limits)) for entry in root.block.fields),
            text="\n".join(bodies.text),
            text_plain="\n".join(bodies.plain),
            html="\n".join(bodies.html) if bodies.html else None,
            attachments=attachments,
            problems=tuple(sorted(problems, key=lambda code: (code not in UNREAD, code))),
            inspected=not problems & UNREAD,
            auto_submitted=_auto_submitted(_decoded(root, "auto-submitted")),
            has_signature=signed,
            encrypted="encrypted" in problems,
        )

    def _mailboxes(self, root: Part, key: str) -> tuple[Mailbox, ...]:
        found = [
            mailbox
            for entry in root.block.fields
            if entry.key == key
            for mailbox in parse_addresses(entry.value, self._limits)
        ]
        return tuple(found[: self._limits.mailboxes])

    def _bodies(self, layout: Layout, problems: set[str]) -> _Bodies:
        bodies = _Bodies()
        for section in layout.sections:
            self._section(section, bodies, problems)
        return bodies

    def _section(self, section: Section, bodies: _Bodies, problems: set[str]) -> None:
        plain = "\n".join(self._text(part, problems) for part in section.plain)
        html = "\n".join(self._text(part, problems) for part in section.html)
        if plain:
            bodies.plain.append(plain)
        if html:
            bodies.html.append(html)
        best = plain if plain.strip() or not html else html_to_text(html)
        if best:
            bodies.text.append(best)

    def _text(self, part: Part, problems: set[str]) -> str:
        raw, damaged = part.decoded()
        if damaged:
            problems.add("damaged")
        readable = 4 * self._readable  # no charset takes more bytes for a character
        charset = part.declared.parameters.get("charset")
        if part.content_type == "text/html" and not charset:
            declared = _META_CHARSET.search(raw[:4096])
            charset = declared[1].decode("ascii") if declared else None
        decoded = decode(raw[:readable], charset)
        if decoded.problem:
            problems.add(decoded.problem)
        text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        if len(raw) > readable or len(text) > self._readable:
            problems.add("too_large")
            text = text[: self._readable]
        # Plain and HTML bodies say the same, so each may have the whole allowance; many parts share it.
        self._readable -= len(text) // 2
        return text

    def _attachment(self, part: Part, index: int, problems: set[str]) -> Attachment:
        raw, damaged = (b"", False) if self._undecoded <= 0 else part.decoded()
        if self._undecoded <= 0:
            problems.add("too_large")
        self._undecoded -= len(raw)
        if damaged:
            problems.add("damaged")
        nested = self._nested(part, problems)
        contained: tuple[str, ...] = ()
        if part.content_type in TNEF_TYPES or part.name.lower() == "winmail.dat":
            packed = attachment_names(raw, self._limits.tnef_names)
            contained = packed.names
            problems.update({"tnef_damaged"} if packed.damaged else ())
        return Attachment(
            index=index,
            name=_attachment_name(part, index, nested),
            content_type=part.content_type,
            size=len(raw),
            content_id=part.content_id,
            inline=is_inline(part),
            nested=nested,
            contained=contained,
        )

    def _nested(self, part: Part, problems: set[str]) -> ParsedMessage | None:
        if not part.message:
            return None
        nested = self.message(part.message, set())
        problems.update(nested.problems)
        return nested


def is_inline(part: Part) -> bool:
    """Tell whether a part belongs into the text rather than beside it."""
    if part.disposition.value == "attachment":
        return False
    related = part.parent is not None and part.parent.content_type == "multipart/related"
    return part.disposition.value == "inline" or (related and bool(part.content_id))


def _attachment_name(part: Part, index: int, nested: ParsedMessage | None) -> str:
    if part.name:
        return part.name
    if nested and (subject := safe_name(nested.subject.replace("/", "_").replace("\\", "_"))):
        return f"{subject[:190]}.eml"
    extension = _EXTENSIONS.get(part.content_type, "bin")
    return f"attachment-{index + 1}.{extension}"


def _decoded(root: Part, key: str) -> str:
    raw = root.block.first(key)
    return decode_header(raw) if raw else ""


def _auto_submitted(value: str) -> str:
    keyword = value.partition(";")[0].partition("(")[0].strip().lower()
    return "" if keyword == "no" else keyword


def _read_date(value: str) -> datetime | None:
    """Return the date with its zone (UTC where it has none), or None for what is no date that a database takes."""
    try:
        date = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not 1900 < date.year < 2200:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _note_protection(root: Part, bodies: _Bodies, problems: set[str]) -> bool:
    """Note what is encrypted or fragmented, and return whether something is signed."""
    signed = False
    for part in _all_parts(root):
        kind = part.content_type
        if kind == "multipart/signed":
            signed = True
        elif kind == "multipart/encrypted":
            problems.add("encrypted")
        elif kind == "message/partial":
            problems.add("partial")
        elif kind in _SMIME:
            opaque = part.declared.parameters.get("smime-type", "").lower() == "signed-data"
            signed = signed or opaque
            problems.add("opaque_signature" if opaque else "encrypted")
    text = "\n".join((*bodies.plain, *bodies.html))
    if _PGP_ENCRYPTED in text:
        problems.add("encrypted")
    return signed or _PGP_SIGNED in text


def _all_parts(root: Part) -> Iterator[Part]:
    pending = [root]
    while pending:
        part = pending.pop()
        yield part
        pending.extend(part.children)
