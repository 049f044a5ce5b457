"""Passwords, tokens and keys. The password of an attachment is none: it opens what lies in the same mail."""

import re
from collections.abc import Iterator

from policies.detectors.document import Document, Span

# Tokens that say themselves what they are.
_TOKEN = re.compile(
    r"(?<![0-9A-Za-z_/+-])(?:"
    r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}"
    r"|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,512}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-[A-Za-z0-9-]{10,250}|https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,90}"
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,128}|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,200}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{32,250}|dop_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,64}|key-[0-9a-f]{32}|shpat_[0-9a-fA-F]{32}"
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,2000}"
    r")"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_IN_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:(?P<secret>[^\s:/@]{3,64})@", re.IGNORECASE
)
_WORD = (
    r"(?:パスワード|パスフレーズ|パスコード|暗証番号|合言葉|(?:シークレット|アクセス|API|秘密)(?:キー|鍵)|トークン"
    r"|(?<![A-Za-z])(?:PW|PWD|pass(?:word|wd|phrase|code|wort)?s?)(?![A-Za-z])"
    r"|(?<![A-Za-z])(?:api|access|secret|auth|private|client|aws|encryption)[ _-](?:access[ _-])?(?:key|token|secret)(?:[ _-](?:id|key))?(?![A-Za-z])"
    r"|(?<![A-Za-z])(?:apikey|token|secret|PIN(?: ?code)?)(?![A-Za-z]))"
)
_LABELLED = re.compile(
    _WORD + r"(?:[\"' ]{0,2}(?:\([^()\n]{1,20}\))?[\"' ]{0,2}(?:[:=→>]{1,2}|は|が|\bis\b|\bwas\b)|[\t\x1f])"
    r"[ 、,]{0,2}(?:次の通り|以下(?:の通り)?|下記|as follows)?(?:です)?[:。]?\s{0,3}[「『\"'`(\[【]?(?P<secret>[!-~]{4,200})",
    re.IGNORECASE,
)
# With a looser lead it takes a mixture of letters that no word has.
_NEAR = re.compile(
    _WORD
    + r"(?:[」』】)\]>/(\[:=-]|[^!-~\n。]|(?:ます|です)。){0,16}\n{0,2}[^!-~\n。]{0,4}[(\[\"'<]?(?P<secret>[!-~]{6,128})",
    re.IGNORECASE,
)
# It opens what lies in this mail, or a meeting.
_OF_FILE = re.compile(
    r"(?:添付|zip|圧縮|解凍|展開|暗号|開封|閲覧|attachment|attached|file|archive|unzip|encrypted|pdf|excel|xlsx|会議|ミーティング|meeting|webinar|zoom)[^:\x1e]{0,30}\Z",
    re.IGNORECASE,
)
_SPOILT_END = re.compile(r"[\"'`)\]」,;]+\Z|(?<=[A-Za-z0-9])\.\Z")
_PLACEHOLDER = re.compile(
    r"[*x•●#?._-]{3,}|<[^>]*>?|\{.*\}|\$\w+|%\w+%|\[.*|(?:your|my|the|a|an|new|old|set|sent|reset|not|to|in|on|for|will|is|was|has|has|being|required|expired|changed|needed|here|below|above|attached|separately|none|null|empty|same|as|follows|by|via|TBD|n/a|xxx+|password|passwd|secret|token|changeme|example)"
    r"|https?://.*",
    re.IGNORECASE,
)
_HELD = re.compile(r"[!-~]{4,128}")


def credential(document: Document) -> Iterator[Span]:
    """Yield tokens and private keys by their form, and what follows a word for a password."""
    for match in _TOKEN.finditer(document.text):
        yield Span("CREDENTIAL", *match.span())
    for match in _PRIVATE_KEY.finditer(document.text):
        yield Span("CREDENTIAL", *match.span())
    for match in _IN_ADDRESS.finditer(document.text):
        yield Span("CREDENTIAL", *match.span("secret"))
    for match in _LABELLED.finditer(document.text):
        secret = _SPOILT_END.sub("", match.group("secret"))
        whole_line = _ends_line(document.text, match.end())
        if _is_secret(secret, whole_line=whole_line) and not _is_of_file(document.text, match.start()):
            yield Span("CREDENTIAL", match.start("secret"), match.start("secret") + len(secret))
    for match in _NEAR.finditer(document.text):
        secret = _SPOILT_END.sub("", match.group("secret"))
        if _is_mixed(secret) and not _is_of_file(document.text, match.start()):
            yield Span("CREDENTIAL", match.start("secret"), match.start("secret") + len(secret))
    for cell, text in document.cells_of("CREDENTIAL"):
        if _HELD.fullmatch(text.strip()) and not _PLACEHOLDER.fullmatch(text.strip()):
            start = cell.start + len(text) - len(text.lstrip())
            yield Span("CREDENTIAL", start, start + len(text.strip()))


def _ends_line(text: str, end: int) -> bool:
    return end >= len(text) or text[end] in "\n\x1e\x1f\t" or text[end : end + 2] in (" \n", "です")


def _is_of_file(text: str, start: int) -> bool:
    return bool(_OF_FILE.search(text, max(0, start - 40), start))


def _is_mixed(text: str) -> bool:
    if _PLACEHOLDER.fullmatch(text) or ("@" in text[1:-3] and "." in text):
        return False
    return len(text) >= 6 and _kinds(text) >= 3 and any(character.isdigit() for character in text)


def _kinds(text: str) -> int:
    return sum(bool(re.search(kind, text)) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]"))


def _is_secret(text: str, *, whole_line: bool) -> bool:
    """Mixed characters, or any single word that is all that the line says."""
    if len(text) < 4 or _PLACEHOLDER.fullmatch(text):
        return False
    has_digit = any(character.isdigit() for character in text)
    return (
        (_kinds(text) >= 2 and has_digit)
        or (whole_line and len(text) >= 6)
        or (text.isdigit() and whole_line)
    )
