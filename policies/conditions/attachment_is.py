"""Files that are encrypted, unread, dangerous or not what they seem."""

import re
from collections.abc import Callable, Iterable, Iterator

from mailhold.mime.pieces import InspectedFile
from policies.conditions.kind import ConditionKind, shown
from policies.facts import Facts, RecipientFact
from policies.marks import Mark, Place
from policies.parameters import Choice
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_WHAT = {
    "encrypted": Text("暗号化されている", "encrypted"),
    "all_encrypted": Text("すべて暗号化されている", "encrypted, as all of them"),
    "not_inspected": Text("検査できない", "impossible to inspect"),
    "macros": Text("マクロを含む", "one with macros"),
    "executable": Text("実行できるプログラム", "a program"),
    "nested_archive": Text("書庫の中の書庫", "an archive within an archive"),
    "disguised": Text("名前と中身が違う", "other than its name says"),
}
_EXTENSION = re.compile(r"\.([a-z0-9]{1,8})$")
_ZIPPED = (
    "application/zip",
    "application/vnd.openxmlformats",
    "application/x-encrypted-office",
    "application/vnd.ms-",
)
_OLE = (
    "application/x-ole-storage",
    "application/msword",
    "application/vnd.ms-",
    "application/x-encrypted-office",
)
# What the content of a file with such a name may be; other names say too little.
_MAY_BE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "heic"), ("image/",)),
    "pdf": ("application/pdf",),
    **dict.fromkeys(("docx", "xlsx", "pptx", "docm", "xlsm", "pptm"), _ZIPPED),
    **dict.fromkeys(("doc", "xls", "ppt"), (*_OLE, *_ZIPPED, "application/rtf", "text/")),
    **dict.fromkeys(
        ("txt", "csv", "log", "md"), ("text/plain", "text/csv", "text/html", "text/xml", "application/json")
    ),
    **dict.fromkeys(("mp3", "wav", "ogg", "flac"), ("audio/",)),
    **dict.fromkeys(("mp4", "mov", "avi", "webm"), ("video/",)),
    "zip": (
        "application/zip",
        "application/vnd.openxmlformats",
        "application/vnd.oasis",
        "application/java-archive",
    ),
    "7z": ("application/x-7z-compressed",),
}
_UNKNOWN = "application/octet-stream"


def is_disguised(file: InspectedFile) -> bool:
    """Tell whether the content is known, and is none that the name would let one expect."""
    found = _EXTENSION.search(file.path[-1].lower())
    allowed = _MAY_BE.get(found[1]) if found else None
    # Nobody has seen the content of what an archive keeps locked.
    unseen = file.detected_type == _UNKNOWN or (file.encrypted and not file.opened)
    return allowed is not None and not unseen and not file.detected_type.startswith(allowed)


_IS: dict[str, Callable[[InspectedFile], bool]] = {
    "encrypted": lambda file: file.encrypted,
    "all_encrypted": lambda file: file.encrypted,
    "not_inspected": lambda file: not file.inspected,
    "macros": lambda file: file.macros,
    "executable": lambda file: file.executable,
    "disguised": is_disguised,
}


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    file = next(_those(facts, condition), None)
    return None if file is None else _reason(file, condition)


def _those(facts: Facts, condition: Condition) -> Iterator[InspectedFile]:
    files = facts.inspection.files
    match condition.choice:
        case "all_encrypted":
            outermost = _outermost(files)
            yield from outermost if all(_is_encrypted(each, files) for each in outermost) else ()
        case "nested_archive":
            yield from (each for each in files if _is_nested(each, files))
        case choice:
            yield from filter(_IS[choice], files)


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    for file in _those(facts, condition):
        yield Mark(place=Place.FILE, name=file.path[0])


def _outermost(files: Iterable[InspectedFile]) -> list[InspectedFile]:
    return [file for file in files if len(file.path) == 1]


def _is_encrypted(outer: InspectedFile, files: Iterable[InspectedFile]) -> bool:
    """Tell whether a file is encrypted, or all that is within it, as in an archive that locks its members only."""
    inner = [
        file for file in files if len(file.path) == len(outer.path) + 1 and file.path[0] == outer.path[0]
    ]
    return outer.encrypted or (bool(inner) and all(file.encrypted for file in inner))


def _is_nested(file: InspectedFile, files: Iterable[InspectedFile]) -> bool:
    around = {each.path for each in files if each.archive}
    return file.archive and any(file.path[:depth] in around for depth in range(1, len(file.path)))


def _reason(file: InspectedFile, condition: Condition) -> Text:
    name, what = shown("/".join(file.path)), _WHAT[condition.choice]
    why = f"({file.problem})" if condition.choice == "not_inspected" and file.problem else ""
    return Text(f"添付「{name}」: {what.ja}{why}", f"attachment “{name}” is {what.en}{why and ' '}{why}")


def _sentence(condition: Condition) -> Text:
    what = _WHAT[condition.choice]
    return Text(f"添付が{what.ja}", f"an attachment is {what.en}")


KIND = ConditionKind(
    code="attachment_is",
    label=Text("添付の状態", "State of an attachment"),
    help=Text(
        "添付ファイルと、書庫の中のファイルを調べます。メールにあるパスワードで開けたものも「暗号化されている」に当てはまり、"
        "開けなければ「検査できない」にも当てはまります。",
        "Looks at attached files and at those within archives. One that a password in the mail has opened is encrypted "
        "all the same; one that none has opened is also impossible to inspect.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.INSPECTION,
    choices=tuple(Choice(code=code, label=label) for code, label in _WHAT.items()),
)
