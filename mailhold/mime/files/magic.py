"""What a file is, by its content: names and declared types only decide between kinds of text."""

import re
from dataclasses import dataclass

from mailhold.mime.files.found import Unread
from mailhold.mime.files.ole import outermost
from mailhold.mime.files.text import wide_codec
from mailhold.mime.files.zips import names_listed

OCTETS = "application/octet-stream"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
JAR = "application/java-archive"
LOCKED_OFFICE = "application/x-encrypted-office"  # OOXML within OLE (MS-OFFCRYPTO); no type is registered
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
TNEF = "application/ms-tnef"
PDF = "application/pdf"
RTF = "application/rtf"
SEVEN_ZIP = "application/x-7z-compressed"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
RAR = "application/vnd.rar"
CAB = "application/vnd.ms-cab-compressed"
LHA = "application/x-lzh-compressed"
EXE = "application/vnd.microsoft.portable-executable"
ELF = "application/x-elf"
MACH_O = "application/x-mach-binary"
SHORTCUT = "application/x-ms-shortcut"
CLASS = "application/java-vm"
SCRIPT = "text/x-script"
HTML = "text/html"
XML = "text/xml"
CSV = "text/csv"
JSON = "application/json"
TEXT = "text/plain"
APPLE_EXTRAS = "application/applefile"  # what a Mac packs beside the files
MESSAGE = "message/rfc822"
SIGNATURE = "application/pkcs7-signature"
PKCS7 = "application/pkcs7-mime"

ARCHIVES = frozenset({ZIP, JAR, SEVEN_ZIP, TAR, GZIP, BZIP2, XZ, RAR, CAB, LHA})
EXECUTABLES = frozenset({EXE, ELF, MACH_O, SHORTCUT, CLASS, JAR, SCRIPT})
# Pictures, sound and fonts hold nothing that could be read here, so nothing of them stays unread.
_WORDLESS_PREFIXES = ("image/", "audio/", "video/", "font/")

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x1f\x8b", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\0", XZ),
    (b"Rar!\x1a\x07", RAR),
    (b"MSCF\0\0\0\0", CAB),
    (b"\x7fELF", ELF),
    (b"\xfe\xed\xfa\xce", MACH_O),
    (b"\xfe\xed\xfa\xcf", MACH_O),
    (b"\xce\xfa\xed\xfe", MACH_O),
    (b"\xcf\xfa\xed\xfe", MACH_O),
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", SHORTCUT),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\x01\0", "image/x-icon"),
    (b"8BPS\0\x01", "image/vnd.adobe.photoshop"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\0\x05\x16\x07", APPLE_EXTRAS),
    (b"\0\0\0\x01Bud1", APPLE_EXTRAS),
)
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCAL_FILE, _CENTRAL_END = b"PK\x03\x04", b"PK\x05\x06"
# OpenDocument 1.3 part 2, 3.3: the first entry is "mimetype", stored, without extra field, so it stands at byte 30.
_ODF = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)")
_ODF_AT = 30
_ODF_TYPES = {b"text": ODT, b"spreadsheet": ODS, b"presentation": ODP}
_OLE_STREAMS = (
    ("EncryptedPackage", LOCKED_OFFICE),
    ("__properties_version1.0", MSG),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
)
_VBA_STREAM = "_VBA_PROJECT".encode("utf-16-le")
_SCRIPT_NAMES = frozenset(
    "bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta scr pif sh bash zsh py pl rb command reg".split()  # noqa: SIM905
)
_PROGRAM_NAMES = frozenset({"exe", "dll", "com", "msi", "jar", "lnk", "cpl", "app", "msix"})
_HTML_START = re.compile(r"<(?:!doctype\s{1,20}html|html|head|body|table|div|p|meta|title)\b", re.IGNORECASE)
_HEADER_START = re.compile(
    r"(?:(?:From|To|Cc|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|Delivered-To|X-[A-Za-z-]{1,60}):[^\n]{0,998}"
    r"(?:\n[ \t][^\n]{0,998}){0,50}\n){2}",
    re.IGNORECASE,
)
# Under the name of a message any field will do (RFC 5322, 2.2): programs write them in every order.
_FIELD_START = re.compile(r"[!-9;-~]{1,76}[ \t]{0,9}:[^\n]{0,998}\n")
_MESSAGE_NAMES = frozenset({"eml", "mht", "mhtml"})
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")
_START = 1024
_MOST_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """The media type by content, and whether the file can run or brings macros."""

    media_type: str
    macros: bool = False

    @property
    def executable(self) -> bool:
        """Tell whether a double click runs it."""
        return self.media_type in EXECUTABLES

    @property
    def archive(self) -> bool:
        """Tell whether it packs other files."""
        return self.media_type in ARCHIVES

    @property
    def wordless(self) -> bool:
        """Tell whether there is nothing to read in it."""
        return self.media_type.startswith(_WORDLESS_PREFIXES) or self.media_type in {SIGNATURE, APPLE_EXTRAS}


def detect(content: bytes, name: str = "", declared: str = "") -> Kind:
    """Return what `content` is. An extension or a declared type only tells csv, eml and scripts from other text."""
    if content.startswith(_OLE_MAGIC):
        return _ole(content)
    if content.startswith((_LOCAL_FILE, _CENTRAL_END, b"PK\x07\x08PK\x03\x04")):
        return Kind(_zip(content, name))
    if content.startswith(b"MZ") and _is_program(content, name):
        return Kind(EXE)
    if media_type := _by_beginning(content):
        return Kind(media_type)
    if media_type := _text(content, name, declared):
        return Kind(media_type)
    if b"%PDF-" in content[:_START]:
        return Kind(PDF)
    if declared in {SIGNATURE, "application/x-pkcs7-signature"}:
        return Kind(SIGNATURE)
    if declared in {PKCS7, "application/x-pkcs7-mime"}:
        return Kind(PKCS7)
    # Archives are read from their end, so that a picture may carry one behind it.
    return Kind(_zip(content, name) if _CENTRAL_END in content[-66_000:] else OCTETS)


def runs_by_name(name: str) -> bool:
    """Tell whether a file whose content nobody could see is a program by its name."""
    found = _EXTENSION.search(name)
    return found is not None and found[1].lower() in _SCRIPT_NAMES | _PROGRAM_NAMES


def _by_beginning(content: bytes) -> str:
    for beginning, media_type in _BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    if content.startswith(b"\xca\xfe\xba\xbe"):
        return CLASS if content[4:8] >= b"\0\0\0\x2d" else MACH_O
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            content[8:12], ""
        )
    if content[4:8] == b"ftyp":
        return "image/heic" if content[8:11] in {b"hei", b"mif", b"avi"} else "video/mp4"
    if content[257:262] == b"ustar":
        return TAR
    if content[2:5] in {b"-lh", b"-lz"} and content[6:7] == b"-":
        return LHA
    if content.startswith(b"BM") and len(content) > 26 and content[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return ""


def _is_program(content: bytes, name: str) -> bool:
    """Tell a program from a text that begins with "MZ" (DOS programs have no further mark but their header's sizes)."""
    offset = int.from_bytes(content[0x3C:0x40], "little") if len(content) >= 0x40 else 0
    return content[offset : offset + 2] in {b"PE", b"NE", b"LE", b"LX"} or b"\0" in content[:0x40]


def _zip(content: bytes, name: str) -> str:
    if odf := _ODF.match(content, _ODF_AT):
        return _ODF_TYPES[odf[1]]
    try:
        names = names_listed(content, _MOST_NAMES)
    except Unread:
        return ZIP
    if "[Content_Types].xml" in names:
        if "xl/workbook.bin" in names:
            return XLSB
        for folder, media_type in (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX)):
            if any(one.startswith(folder) for one in names):
                return media_type
    if "META-INF/MANIFEST.MF" in names and (
        name.lower().endswith(".jar") or any(one.endswith(".class") for one in names)
    ):
        return JAR
    return ZIP


def _ole(content: bytes) -> Kind:
    macros = _VBA_STREAM in content
    try:
        names = {name.lower() for name in outermost(content)}
    except Unread:
        names = {stream.lower() for stream, _ in _OLE_STREAMS if _is_named(stream, content)}
    return Kind(
        next((media_type for stream, media_type in _OLE_STREAMS if stream.lower() in names), OLE), macros
    )


def _is_named(stream: str, content: bytes) -> bool:
    """Tell whether a damaged file still names the stream anywhere."""
    return stream.encode("utf-16-le") + b"\0\0" in content


def _text(content: bytes, name: str, declared: str) -> str:
    """Return the kind of text, or "" for what is none."""
    start = _start_of_text(content)
    if start is None:
        return ""
    found = _EXTENSION.search(name)
    extension = found[1].lower() if found else ""
    shown = start.lstrip("\ufeff \t\r\n")
    if shown.startswith("#!") or extension in _SCRIPT_NAMES:
        return SCRIPT
    if _HTML_START.match(shown) or extension in {"html", "htm", "xhtml"} or declared == HTML:
        return HTML
    if shown.startswith("<?xml"):
        return HTML if "<html" in shown else XML
    if shown.startswith("<svg"):
        return XML
    if declared in {"message/rfc822", "message/global"} or _is_message(
        shown.replace("\r\n", "\n"), extension
    ):
        return MESSAGE
    if extension in {"csv", "tsv", "tab"} or declared in {"text/csv", "text/tab-separated-values"}:
        return CSV
    return JSON if extension == "json" else TEXT


def _is_message(start: str, extension: str) -> bool:
    """Tell whether a text begins as a message does; without the name of one it takes two fields of a message."""
    if extension in _MESSAGE_NAMES:
        return _FIELD_START.match(start) is not None
    return not extension and _HEADER_START.match(start) is not None


def _start_of_text(content: bytes) -> str | None:
    """Return the first characters, or None for what is no text."""
    start = content[:_START]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start[: len(start) // 2 * 2].decode("utf-16", "replace")
    if wide := wide_codec(content):
        return start[: len(start) // 2 * 2].decode(wide, "replace")
    if b"\0" in content[:65_536]:
        return None
    control = len(start) - len(
        start.translate(None, bytes(set(range(32)) - {9, 10, 12, 13, 14, 15, 27}) + b"\x7f")
    )
    return start.decode("latin_1") if control * 50 <= len(start) else None
