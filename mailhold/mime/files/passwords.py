"""Passwords that stand in prose, as people send them beside an encrypted file."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

_LONGEST_TEXT = 200_000
_MOST_LABELS = 100
_WINDOW = 160  # characters behind a label in which the password is looked for
_SHORTEST, _LONGEST = 3, 64

_LABEL = re.compile(
    r"パスワード|パスコード|パスフレーズ|パス(?=[はを:「『【\[(]|\s{0,3}[:=])|暗証(?:番号)?|暗号鍵|キーワード|合言葉|(?:解凍|展開|開封|復号|暗号化?)(?:用の?)?キー"
    r"|(?<![a-z])(?:pass\s?word|passwd|pass\s?phrase|pass\s?code|pass|p\.?w\.?d?|pwd)(?![a-z])",
    re.IGNORECASE,
)
# Words that speak of opening a file: what looks like no word near them may be the password.
_OPENING = re.compile(
    r"暗証|ロック|開(?:く|い|け|封)|解凍|展開|解除|復号|保護|暗号|入力|入れて|打ち込|(?<![a-z])(?:enter|type|use|unlock|unzip|decrypt|extract|open(?:s|ed)?|protected|encrypted)(?![a-z])",
    re.IGNORECASE,
)
_BEFORE = 60  # characters before a label in which the password is looked for
_QUOTED = re.compile(
    r"「([^「」\n]{1,64})」|『([^『』\n]{1,64})』|【([^【】\n]{1,64})】|《([^《》\n]{1,64})》|“([^“”\n]{1,64})”"
    r'|"([^"\n]{1,64})"|`([^`\n]{1,64})`|(?<![A-Za-z0-9])\'([^\'\n]{1,64})\'(?![A-Za-z0-9])|<([^<>\n]{1,64})>'
)
# What joins label and password: particles, "is", colons, arrows, and line ends.
_JOINT = re.compile(
    r"(?:\s|[:=]|->|=>|→|⇒|は|が|,|、|\||■|・|▼|◆|\*|-(?=\s)|(?:is|was|as follows|below|for [^\n:]{1,60}?(?=:| is ))\b|\([^()\n]{0,40}\)"
    r"|(?:次|以下|下記)の?(?:通|とお)り(?:です|となります|になります)?|(?:です|ます)?。){1,20}",
    re.IGNORECASE,
)
_STRONG_JOINTS = (":", "=", "→", "⇒", ">", "は")  # behind one of these even a plain word may be meant
_TOKEN = re.compile(r"[!-~]{3,64}(?![!-~])")
_WITHIN = re.compile(r"(?<![!-~])[!-~]{4,64}(?![!-~])|(?<=[^\x00-\x7f])[!-~]{4,64}(?=[^\x00-\x7f])")
_ADDRESS = re.compile(r"://|[^@]@[^@]+\.|\A[0-9]{1,4}[-/.:][0-9]{1,2}[-/.:][0-9]{1,4}\Z")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+")
_TRAILING = ".,;:!?)]}>'\""
_LEADING = "([{<'\"*:="
# What looks like a password wherever it stands: letters and digits mixed, and nothing that is an address or a name of a file.
_MIXED = re.compile(r"(?<![!-~])(?=[!-~]*[A-Za-z])(?=[!-~]*[0-9])[!-~]{6,32}(?![!-~])")
_MOST_GUESSES = 10
_MOST_LOOKED_AT = 1_000


def password_candidates(text: str) -> tuple[str, ...]:
    """Return what may be a password in `text`, the likeliest first.

    Found are the words behind パスワード, PW, password and the like: on the same line, quoted, or on a line of their own
    that follows. Full-width letters are given as ASCII, and as they stand where they were quoted.
    """
    raw = text[:_LONGEST_TEXT]
    folded = unicodedata.normalize("NFKC", raw)
    sure: list[str] = []
    likely: list[str] = []
    for number, label in enumerate(_LABEL.finditer(folded)):
        if number == _MOST_LABELS:
            break
        window = folded[label.end() : label.end() + _WINDOW]
        sure.extend(_joined(window))
        likely.extend(_nearby(window))
    quoted = _quoted_as_written(raw)
    around = _around(folded)
    candidates = (
        plain for given in (*sure, *likely, *quoted, *around) for plain in _without_punctuation(given)
    )
    return tuple(dict.fromkeys(filter(_may_be_one, candidates)))


def password_guesses(text: str) -> tuple[str, ...]:
    """Return what may be a password in a mail that has an encrypted file: first what is called one, then what looks like one."""
    mixed = [
        found.group()
        for found in islice(
            _MIXED.finditer(unicodedata.normalize("NFKC", text[:_LONGEST_TEXT])), _MOST_LOOKED_AT
        )
        if not _ADDRESS.search(found.group())
    ]
    plain = (bare for word in mixed[:_MOST_GUESSES] for bare in _without_punctuation(word))
    return tuple(dict.fromkeys((*password_candidates(text), *filter(_may_be_one, plain))))


def _may_be_one(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and any(map(str.isalnum, word))


def _joined(window: str) -> Iterator[str]:
    """Yield what stands right behind the label."""
    joint = _JOINT.match(window)
    start = joint.end() if joint else 0
    quoted = _QUOTED.match(window, start)
    if quoted:
        yield next(filter(None, quoted.groups()), "")
    elif joint:
        token = _TOKEN.match(window, start)
        if token and (joint.group().rstrip().endswith(_STRONG_JOINTS) or not _is_plain_word(token.group())):
            yield token.group()


def _nearby(window: str) -> Iterator[str]:
    """Yield what is quoted behind the label, and what looks like no word."""
    for quoted in _QUOTED.finditer(window):
        yield next(filter(None, quoted.groups()), "")
    for token in _TOKEN.finditer(window):
        if not _is_plain_word(token.group()):
            yield token.group()
    for line in window.split("\n")[1:4]:
        word = line.strip()
        if _TOKEN.fullmatch(word):
            yield word


def _around(folded: str) -> Iterator[str]:
    """Yield what looks like no word in the lines that name a password, before its label, or speak of opening a file."""
    for pattern in (_LABEL, _OPENING):
        for number, found in enumerate(pattern.finditer(folded)):
            if number == _MOST_LABELS:
                break
            start = max(folded.rfind("\n", 0, found.start()) + 1, found.start() - _BEFORE)
            end = folded.find("\n", found.end(), found.end() + _BEFORE)
            line = folded[start : end if end >= 0 else found.end() + _BEFORE]
            if pattern is _LABEL:
                yield from (next(filter(None, quoted.groups()), "") for quoted in _QUOTED.finditer(line))
            for token in _WITHIN.finditer(line):
                if not _is_plain_word(token.group()) and not _ADDRESS.search(token.group()):
                    yield token.group()


def _is_plain_word(token: str) -> bool:
    return bool(_WORD.fullmatch(token.strip(_TRAILING + _LEADING)))


def _quoted_as_written(raw: str) -> Iterator[str]:
    """Yield quoted passwords that are not ASCII, in their own characters."""
    for number, label in enumerate(_LABEL.finditer(raw)):
        if number == _MOST_LABELS:
            return
        quoted = _QUOTED.search(raw[label.end() : label.end() + 40])
        if quoted:
            yield next(filter(None, quoted.groups()), "")


def _without_punctuation(word: str) -> Iterator[str]:
    """Yield the word as it stands, and without what may belong to the sentence."""
    word = word.strip()
    bare = word.rstrip(_TRAILING)
    if bare != word and word[-1] in ".,;:)":
        yield bare
        yield word
    else:
        yield word
        yield bare
    yield bare.lstrip(_LEADING)
