"""Everything readable in a message: subject, body, and its attachments with the files within them.

`inspect` raises on no bytes whatever, and ends within its limits: what it did not read it says.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mailhold.mime.files import magic
from mailhold.mime.files.doc import read_doc
from mailhold.mime.files.docx import read_docx
from mailhold.mime.files.found import Found, Member, Passage, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.locked_office import read_locked_office
from mailhold.mime.files.markup import html_tables, read_html
from mailhold.mime.files.odf import read_odf
from mailhold.mime.files.passwords import password_candidates, password_guesses
from mailhold.mime.files.pdf import read_pdf
from mailhold.mime.files.ppt import read_ppt
from mailhold.mime.files.pptx import read_pptx
from mailhold.mime.files.rtf import read_rtf
from mailhold.mime.files.sevenzip import read_7z
from mailhold.mime.files.tars import read_bzip2, read_gzip, read_tar, read_xz
from mailhold.mime.files.text import read_csv, read_text
from mailhold.mime.files.winmail import read_winmail
from mailhold.mime.files.xls import read_xls
from mailhold.mime.files.xlsx import read_xlsx
from mailhold.mime.files.zips import read_zip
from mailhold.mime.layout import arrange
from mailhold.mime.limits import DEFAULT_LIMITS
from mailhold.mime.parse import ParsedMessage, judged_text, parse
from mailhold.mime.pieces import DEFAULT, InspectedFile, Inspection, InspectionLimits, Piece, Problem
from mailhold.mime.structure import read_structure

__all__ = [
    "DEFAULT",
    "InspectedFile",
    "Inspection",
    "InspectionLimits",
    "Piece",
    "Problem",
    "inspect",
    "password_candidates",
]

logger = logging.getLogger(__name__)

Reader = Callable[[bytes, Job], Iterator[Found]]

_READERS: MappingProxyType[str, Reader] = MappingProxyType(
    {
        magic.TEXT: read_text,
        magic.JSON: read_text,
        magic.XML: read_text,
        magic.SCRIPT: read_text,
        magic.CSV: read_csv,
        magic.HTML: read_html,
        magic.RTF: read_rtf,
        magic.PDF: read_pdf,
        magic.DOCX: read_docx,
        magic.XLSX: read_xlsx,
        magic.PPTX: read_pptx,
        magic.DOC: read_doc,
        magic.XLS: read_xls,
        magic.PPT: read_ppt,
        magic.ODT: read_odf,
        magic.ODS: read_odf,
        magic.ODP: read_odf,
        magic.LOCKED_OFFICE: read_locked_office,
        magic.TNEF: read_winmail,
        magic.ZIP: read_zip,
        magic.JAR: read_zip,
        magic.SEVEN_ZIP: read_7z,
        magic.TAR: read_tar,
        magic.GZIP: read_gzip,
        magic.BZIP2: read_bzip2,
        magic.XZ: read_xz,
    }
)
_WITH_CHARSET = MappingProxyType(
    {magic.TEXT: read_text, magic.JSON: read_text, magic.CSV: read_csv, magic.HTML: read_html}
)


def inspect(
    content: bytes, *, passwords: Sequence[str] = (), limits: InspectionLimits = DEFAULT
) -> Inspection:
    """Read the message `content` (RFC 5322) with its attachments.

    Encrypted files are opened with `passwords`, or with one that stands in the text of the message itself. Never raises.
    """
    parsed = parse(content)
    job = Job.begin(limits)
    job.passwords = list(dict.fromkeys((*passwords, *_own_passwords(parsed))))
    walk = _walked(content, parsed, job)
    if any(file.problem == Problem.ENCRYPTED for file in walk.files):
        walk = _with_passwords_found(content, parsed, walk)
    problems = dict.fromkeys((*walk.problems, *(file.problem for file in walk.files if file.problem)))
    return Inspection(
        pieces=tuple(walk.pieces),
        files=tuple(walk.files),
        inspected=walk.inspected and all(file.inspected for file in walk.files),
        problems=tuple(problems),
        opened_by=tuple(dict.fromkeys(walk.job.opened_by)),
    )


def _walked(content: bytes, parsed: ParsedMessage, job: Job) -> "_Walk":
    walk = _Walk(job)
    walk.message(content, parsed, ())
    return walk


def _with_passwords_found(content: bytes, parsed: ParsedMessage, first: "_Walk") -> "_Walk":
    """Read once more with the passwords that stood in attached files, within the time that is left."""
    texts = "\n".join(piece.text for piece in first.pieces if piece.path)
    found = [word for word in password_candidates(texts) if word not in first.job.passwords]
    if not found:
        return first
    passwords = [*found, *first.job.passwords]
    again = _walked(content, parsed, Job(first.job.limits, passwords, deadline=first.job.deadline))
    return first if any(file.problem == Problem.TOO_SLOW for file in again.files) else again


def _own_passwords(parsed: ParsedMessage) -> Iterator[str]:
    """Yield what may be a password in the texts of a message and of those attached to it."""
    yield from password_guesses(f"{judged_text(parsed)}\n{parsed.subject}")
    for attachment in parsed.attachments:
        if attachment.nested:
            yield from _own_passwords(attachment.nested)


@dataclass(slots=True)
class _Walk:
    """Collects, while files are read one within the other."""

    job: Job
    pieces: list[Piece] = field(default_factory=list)
    files: list[InspectedFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    inspected: bool = True

    def message(self, content: bytes, parsed: ParsedMessage, path: tuple[str, ...]) -> None:
        """Read one message; `path` leads to it where it is attached."""
        self.inspected = self.inspected and parsed.inspected
        self.problems.extend(parsed.problems)
        self._words(parsed, path)
        parts = arrange(read_structure(content, DEFAULT_LIMITS).root).attachments
        for part, attachment in zip(parts, parsed.attachments, strict=True):
            member = Member(
                name=attachment.name, content=part.decoded()[0], declared_type=attachment.content_type
            )
            self.file(member, path, part.declared.parameters.get("charset", ""))

    def _words(self, parsed: ParsedMessage, path: tuple[str, ...]) -> None:
        where = _where(path)
        for name, text in (("subject", parsed.subject), ("body", judged_text(parsed))):
            if text.strip():
                inner = (*path, name) if path else ()
                self.pieces.append(Piece(where=where or name, path=inner, text=text))
        for number, rows in enumerate(html_tables(parsed.html or "", self.job), 1):
            inner = (*path, "body", f"table {number}") if path else ()
            self.pieces.append(Piece(where=where or "body", path=inner, rows=rows))

    def file(self, member: Member, parents: tuple[str, ...], charset: str = "") -> None:
        """Read one file, and those within it."""
        path = (*parents, member.name)
        kind = magic.detect(member.content, member.name, member.declared_type)
        index = len(self.files)
        file = InspectedFile(
            path=path,
            declared_type=member.declared_type,
            detected_type=kind.media_type if member.content else magic.OCTETS,
            size=len(member.content) or member.size,
            encrypted=member.encrypted,
            opened=member.opened,
            macros=kind.macros,
            executable=kind.executable if member.content else magic.runs_by_name(member.name),
            archive=kind.archive,
            problem=member.problem,
        )
        self.files.append(file)
        if not member.problem and member.content:
            file = self._contents(file, member, kind, charset)
        self.files[index] = replace(file, inspected=not file.problem)

    def _contents(self, file: InspectedFile, member: Member, kind: magic.Kind, charset: str) -> InspectedFile:
        if len(file.path) - 1 > self.job.limits.depth:
            return replace(file, problem=Problem.TOO_DEEP)
        try:
            self.job.check_time()
            if kind.media_type == magic.MESSAGE:
                self.message(member.content, parse(member.content), file.path)
            elif not kind.wordless:
                for found in self._read(member.content, kind, charset):
                    file = self._take(found, file)
        except Unread as ended:
            return replace(file, problem=ended.problem)
        except Exception as error:  # noqa: BLE001 - the edge to what strangers wrote
            logger.warning("A file of type %s broke its reader: %s", kind.media_type, type(error).__name__)
            return replace(file, problem=Problem.DAMAGED)
        return file

    def _read(self, content: bytes, kind: magic.Kind, charset: str) -> Iterator[Found]:
        if charset and kind.media_type in _WITH_CHARSET:
            return _WITH_CHARSET[kind.media_type](content, self.job, charset)
        reader = _READERS.get(kind.media_type)
        if reader is None:
            raise Unread(Problem.UNSUPPORTED)
        return reader(content, self.job)

    def _take(self, found: Found, file: InspectedFile) -> InspectedFile:
        if isinstance(found, Passage):
            self.pieces.append(
                Piece(
                    where=_where(file.path),
                    path=(*file.path, *found.path),
                    text=found.text,
                    rows=found.rows,
                    hidden=found.hidden,
                )
            )
            return file
        if isinstance(found, Member):
            named = found if found.name else replace(found, name=_inner_name(file))
            self.file(named, file.path)
            return file
        return replace(
            file,
            macros=file.macros or found.macros,
            encrypted=file.encrypted or found.encrypted,
            opened=file.opened or found.opened,
            problem=file.problem or found.problem,
        )


def _inner_name(file: InspectedFile) -> str:
    """Return the name of a file that is packed alone, without one of its own: that of the package, unpacked."""
    name = file.path[-1].rpartition("/")[2]
    stem, dot, _ = name.rpartition(".")
    return stem if dot and file.archive else name


def _where(path: tuple[str, ...]) -> str:
    return f"attachment:{path[0]}" if path else ""
