"""New content out of old: what an edit asks for is changed, every other part keeps its very bytes."""

from base64 import b64encode, encodebytes
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from mailhold.mime.addresses import Mailbox
from mailhold.mime.charsets import clean
from mailhold.mime.exceptions import CannotEdit
from mailhold.mime.headers import Field, parse_addresses
from mailhold.mime.layout import Layout, Section, arrange
from mailhold.mime.limits import DEFAULT_LIMITS, Limits
from mailhold.mime.parse import is_inline, parse
from mailhold.mime.structure import Part, read_structure

# Edits need room to be sure: a message is rewritten only when all of it was understood.
_UNSAFE = frozenset({"too_deep", "too_many_parts", "headers_too_large", "broken_multipart", "partial"})
SERVER_SIGNATURES = frozenset(
    {
        "dkim-signature",
        "x-google-dkim-signature",
        "domainkey-signature",
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
    }
)
_STALE = frozenset({"content-length", "content-md5", "lines"})
_RECIPIENT_FIELDS = frozenset({"to", "cc", "bcc"})
_ALL_MAILBOXES = Limits(mailboxes=1_000_000)
LONGEST_LINE = 76
_WORD_START, _WORD_END = "=?utf-8?B?", "?="


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEdit:
    """What to change; None and empty sets leave things as they are.

    `body` is plain text and takes the place of every text of the message; `drop_attachments` holds the indices of
    `ParsedMessage.attachments`; `remove_addresses` are taken out of To, Cc and Bcc, however their case is written.
    """

    subject: str | None = None
    body: str | None = None
    drop_attachments: frozenset[int] = frozenset()
    remove_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Splice:
    start: int
    end: int
    new: bytes = b""


def edit(content: bytes, edit: ContentEdit, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the changed message. Raises CannotEdit where it is signed, encrypted, or not wholly understood.

    Signatures of mail servers (DKIM, ARC) that no longer hold are taken out. An edit that changes nothing returns the
    bytes as they are.
    """
    structure = read_structure(content, limits)
    layout = arrange(structure.root)
    _check(content, structure.problems, layout, edit, limits)
    editor = _Editor(content, structure.root, layout)
    if edit.subject is not None:
        editor.set_subject(edit.subject)
    if edit.remove_addresses:
        editor.remove_addresses({address.strip().lower() for address in edit.remove_addresses})
    dropped = [layout.attachments[index] for index in sorted(edit.drop_attachments)]
    if edit.body is not None:
        editor.set_body(edit.body, dropped)
    else:
        editor.drop(dropped)
    return editor.result()


def _check(content: bytes, problems: set[str], layout: Layout, edit: ContentEdit, limits: Limits) -> None:
    parsed = parse(content, limits)
    if parsed.encrypted or "encrypted" in parsed.problems:
        raise CannotEdit("The message is encrypted; it cannot be changed without its key.")
    if parsed.has_signature:
        raise CannotEdit("The message carries a signature, which any change would break.")
    if problems & _UNSAFE:
        raise CannotEdit("The message is damaged or too complex to be changed safely.")
    if any(not 0 <= index < len(layout.attachments) for index in edit.drop_attachments):
        raise CannotEdit("The message has no such attachment.")


class _Editor:
    """Collects the places to change, and changes them all at once."""

    def __init__(self, content: bytes, root: Part, layout: Layout) -> None:
        self._content = content
        self._root = root
        self._layout = layout
        self._splices: list[_Splice] = []
        self._new_head: list[bytes] = []  # fields put at the end of the header block
        self._new_body: bytes | None = None  # in the place of everything after it
        first_line_end = content.find(b"\n", root.start, root.end)
        self._eol = (
            b"\r\n" if first_line_end < 0 or content[first_line_end - 1 : first_line_end] == b"\r" else b"\n"
        )

    def set_subject(self, subject: str) -> None:
        """Replace every Subject field by one."""
        line = encoded_field("Subject", subject, self._eol)
        fields = self._fields({"subject"})
        for entry in fields[1:]:
            self._cut(entry)
        if fields:
            self._splices.append(_Splice(fields[0].start, fields[0].end, line))
        else:
            self._new_head.append(line)

    def remove_addresses(self, addresses: set[str]) -> None:
        """Take mailboxes out of the fields that name recipients; a field without any goes."""
        for entry in self._fields(_RECIPIENT_FIELDS):
            mailboxes = parse_addresses(entry.value, _ALL_MAILBOXES)
            kept = [mailbox for mailbox in mailboxes if mailbox.address.lower() not in addresses]
            if len(kept) == len(mailboxes):
                continue
            line = address_field(entry.name, kept, self._eol) if kept else b""
            self._splices.append(_Splice(entry.start, entry.end, line))

    def set_body(self, body: str, dropped: list[Part]) -> None:
        """Put one plain text where the texts were, without the attachments `dropped`."""
        text = self._text_part(body)
        if not self._layout.sections:
            self._add_text(text, dropped)
            return
        first, *others = self._layout.sections
        inside = _kept_within(first, dropped)
        new = self._mixed([text, *map(self._whole, inside)]) if inside else text
        removed = [part for part in dropped if not _is_below(part, first.node)]
        for section in others:
            removed += self._emptied(section, dropped)
        if first.node is self._root:
            self._replace_root(new)
            return
        if not self._content.startswith((b"\r", b"\n"), first.node.end) and first.node.end < len(
            self._content
        ):
            new += self._eol  # an empty part has no line end of its own before the next delimiter
        self._splices.append(_Splice(first.node.start, first.node.end, new))
        self.drop(removed, standing=first.node)

    def _emptied(self, section: Section, dropped: list[Part]) -> list[Part]:
        """Return the parts to take out so that nothing of a text remains."""
        if not _kept_within(section, dropped):
            return [section.node]
        pictures = [part for part in _attachments_below(section.node) if _is_picture(part)]
        return [*section.plain, *section.html, *pictures]

    def _add_text(self, text: bytes, dropped: list[Part]) -> None:
        """Give a message without text one."""
        kept = [part for part in self._layout.attachments if part not in dropped]
        if self._root.children and self._root.content_type == "multipart/mixed" and kept:
            first = self._root.children[0].outer[0]
            self._splices.append(_Splice(first, first, self._delimiter() + text + self._eol))
            self.drop(dropped)
        else:
            self._replace_root(self._mixed([text, *map(self._whole, kept)]) if kept else text)

    def drop(self, parts: list[Part], standing: Part | None = None) -> None:
        """Take out `parts`, and every multipart that would be left empty. `standing` stays whatever goes."""
        going = set(map(id, parts))
        gone = [part for part in _topmost(self._root, going, standing) if part is not self._root]
        if _goes(self._root, going, standing):
            self._replace_root(self._text_part(""))
            return
        self._splices += [_Splice(*part.outer, self._closing(part)) for part in gone]

    def _closing(self, part: Part) -> bytes:
        """Return the closing delimiter that a multipart lacks when its last part is taken away with it."""
        if part.parent is None or part.outer[1] < part.parent.end:
            return b""
        boundary = part.parent.declared.parameters["boundary"].encode("utf-8", "replace")
        return b"--" + boundary + b"--" + self._eol

    def result(self) -> bytes:
        """Return the content with all changes made."""
        if not self._splices and not self._new_head:
            return self._content
        for entry in self._fields(SERVER_SIGNATURES | _STALE):
            self._cut(entry)
        if self._new_head:
            self._splices.append(self._end_of_head())
        pieces, position = [], 0
        for splice in sorted(self._splices, key=lambda splice: (splice.start, splice.end)):
            pieces += [self._content[position : splice.start], splice.new]
            position = splice.end
        return b"".join((*pieces, self._content[position:]))

    def _end_of_head(self) -> _Splice:
        """Return the change that adds the new fields, and the new body where there is one."""
        block = self._root.block
        replaced = any(splice.start < splice.end == block.end for splice in self._splices)
        ended = replaced or block.end == self._root.start or self._content[block.end - 1 : block.end] == b"\n"
        head = (b"" if ended else self._eol) + b"".join(self._new_head)
        if self._new_body is not None:
            return _Splice(block.end, len(self._content), head + self._eol + self._new_body)
        # Where the empty line is missing, the body must not run into the new fields.
        return _Splice(block.end, block.end, head + (self._eol if block.body == block.end else b""))

    def _fields(self, keys: Iterable[str]) -> list[Field]:
        return [entry for entry in self._root.block.fields if entry.key in keys]

    def _cut(self, entry: Field) -> None:
        self._splices.append(_Splice(entry.start, entry.end))

    def _delimiter(self) -> bytes:
        boundary = self._root.declared.parameters["boundary"].encode("utf-8", "replace")
        return b"--" + boundary + self._eol

    def _replace_root(self, part: bytes) -> None:
        """Put `part` (its own header lines, an empty line, a body) in the place of the whole body."""
        head, _, body = part.partition(self._eol * 2)
        for entry in self._root.block.fields:
            if entry.key.startswith("content-") and entry.key not in _STALE:
                self._cut(entry)
        if not self._fields({"mime-version"}):
            self._new_head.append(b"MIME-Version: 1.0" + self._eol)
        self._new_head.append(head + self._eol)
        self._new_body = body

    def _whole(self, part: Part) -> bytes:
        """Return the bytes of a part with its header lines, fit to stand in a multipart."""
        if part is not self._root:
            # What a digest takes for granted must be said elsewhere.
            implied = part.block.first("content-type") is None and part.content_type != "text/plain"
            said = f"Content-Type: {part.content_type}".encode("ascii") + self._eol if implied else b""
            return said + self._content[part.start : part.end]
        kept = [entry for entry in part.block.fields if entry.key.startswith("content-")]
        lines = b"".join(self._content[entry.start : entry.end] for entry in kept)
        return lines + self._eol + self._content[part.block.body : part.end]

    def _text_part(self, body: str) -> bytes:
        # An escape would make readers take the text for ISO-2022-JP.
        text = clean(body.replace("\x1b", "\0")).replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        plain = text.isascii() and all(len(line) <= 900 and not line.startswith("--") for line in lines)
        if plain and text.endswith("\n") and text.strip("\n"):
            head = (
                b'Content-Type: text/plain; charset="us-ascii"'
                + self._eol
                + b"Content-Transfer-Encoding: 7bit"
            )
            raw = self._eol.join(line.encode("ascii") for line in lines)
        else:
            head = (
                b'Content-Type: text/plain; charset="utf-8"'
                + self._eol
                + b"Content-Transfer-Encoding: base64"
            )
            raw = encodebytes("\r\n".join(lines).encode()).replace(b"\n", self._eol)
        return head + self._eol * 2 + raw

    def _mixed(self, parts: list[bytes]) -> bytes:
        boundary = b"=_" + sha256(b"".join(parts)).hexdigest()[:32].encode("ascii")
        head = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"'
        opened = b"".join(b"--" + boundary + self._eol + part + self._eol for part in parts)
        return head + self._eol * 2 + opened + b"--" + boundary + b"--" + self._eol


def _attachments_below(node: Part) -> list[Part]:
    return arrange(node).attachments


def _is_picture(part: Part) -> bool:
    """Tell whether an attachment only belongs to an HTML text that shows it."""
    return part.content_type.startswith("image/") and bool(part.content_id) and is_inline(part)


def _kept_within(section: Section, dropped: list[Part]) -> list[Part]:
    """Return the attachments among the forms of a text that must outlive it."""
    if not section.node.children:
        return []
    return [
        part for part in _attachments_below(section.node) if not _is_picture(part) and part not in dropped
    ]


def _is_below(part: Part | None, node: Part) -> bool:
    while part is not None:
        if part is node:
            return True
        part = part.parent
    return False


def _goes(part: Part, going: set[int], standing: Part | None) -> bool:
    """Tell whether nothing of `part` remains."""
    if part is standing:
        return False
    return id(part) in going or (
        bool(part.children) and all(_goes(child, going, standing) for child in part.children)
    )


def _topmost(part: Part, going: set[int], standing: Part | None) -> list[Part]:
    if _goes(part, going, standing):
        return [part]
    return [found for child in part.children for found in _topmost(child, going, standing)]


def encoded_field(name: str, text: str, eol: bytes = b"\r\n") -> bytes:
    """Return a whole field line for `text`, as it is where plain ASCII allows, else in encoded words (RFC 2047)."""
    text = " ".join(clean(text).split("\n")).replace("\r", " ").strip()
    plain = text.isascii() and text.isprintable() and "=?" not in text
    if plain and len(name) + 2 + len(text) <= LONGEST_LINE:
        return f"{name}: {text}".encode("ascii") + eol
    return f"{name}: ".encode("ascii") + (eol + b" ").join(encoded_words(text, len(name) + 2)) + eol


def encoded_words(text: str, used: int) -> list[bytes]:
    """Return `text` as encoded words of whole characters; the first line has `used` characters before it."""
    words, piece = [], b""
    room = _room(used)
    for character in text:
        raw = character.encode()
        if len(piece) + len(raw) > room:
            words.append(piece)
            piece, room = b"", _room(1)
        piece += raw
    words.append(piece)
    return [_WORD_START.encode() + b64encode(word) + _WORD_END.encode() for word in words if word]


def _room(used: int) -> int:
    """Return how many bytes an encoded word can carry on a line with `used` characters already."""
    return (min(75, LONGEST_LINE - used) - len(_WORD_START) - len(_WORD_END)) // 4 * 3


def address_field(name: str, mailboxes: Iterable[Mailbox], eol: bytes = b"\r\n") -> bytes:
    """Return a whole address field, one mailbox a line."""
    written = (b"," + eol + b" ").join(map(_mailbox_bytes, mailboxes))
    return f"{name}: ".encode("ascii") + written + eol


def _mailbox_bytes(mailbox: Mailbox) -> bytes:
    plain = str(mailbox)
    if plain.isascii() and plain.isprintable() and "=?" not in plain and len(plain) < 900:
        return plain.encode("ascii")
    if not mailbox.address:
        return b" ".join(encoded_words(mailbox.name, 1))
    address = mailbox.address.encode()
    return b" ".join((*encoded_words(mailbox.name, 20), b"<" + address + b">")) if mailbox.name else address
