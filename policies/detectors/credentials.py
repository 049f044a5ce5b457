"""Passwords, tokens and keys. The password of an attachment is none: it opens what lies in the same mail."""

import re
from collections.abc import Iterator

from policies.detectors.automaton import automaton, places
from policies.detectors.document import Document, Span

# Tokens that say themselves what they are.
_TOKEN = automaton(
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}"
    r"|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}"
    r"|https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,}"
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{32,}"
    r"|dop_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,}|key-[0-9a-f]{32}|shpat_[0-9a-fA-F]{32}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    case=True,
)
_WITHIN_WORD = re.compile(r"[0-9A-Za-z_/+]")
# curl -u name:secret, mysql -psecret
_ON_COMMAND_LINE = re.compile(
    r"\b(?:curl|wget|http|https)\b[^\n|;]{0,120}? (?:-u|--user|-a|--auth)[ =]?[\"']?[\w.@-]{1,64}:(?P<secret>[^\s\"'@]{4,64})"
    r"|\b(?:mysql|mysqldump|mysqladmin|mariadb|sshpass)\b[^\n|;]{0,120}? (?:-p|(?<=sshpass )-p )[\"']?(?P<other>[^\s\"'-][^\s\"']{3,63})"
)
_IN_ADDRESS = re.compile(r"://[^\s:/@]{0,64}:(?P<secret>[^\s:/@]{3,64})@")

_WORD = (
    r"(?:パスワード|パスフレーズ|パスコード|(?:保護|解除|ログイン|共有|初期|仮|認証|管理者?|共通)パス(?:ワード|コード|フレーズ)?"
    r"|(?:解錠|開錠|解除|入室|入館|ドア|金庫|警備|アラーム)(?:番号|コード|キー)|暗証(?:番号|コード)?|合言葉|シークレット(?:キー)?|(?:アクセス|API|秘密|暗号化?|セキュリティ|ネットワーク|接続|認証|事前共有)(?:キー|鍵)|トークン"
    r"|(?:PWD?|pass(?:word|wd|phrase|code)?s?"
    r"|(?:api|access|secret|auth|private|client|aws|encryption)[ _-](?:access[ _-])?(?:key|token"
    r"|secret)(?:[ _-](?:id|key))?"
    r"|(?:account|shared[ _-]?access)[ _-]?key|(?:alarm|door|gate|entry|safe|locker|unlock)[ _-](?:code|PIN)"
    r"|apikey|token|secret|PIN(?: ?code)?)|パス|SSID[^\n]{0,40}\n ?(?:network )?(?:key|キー)"
    r"|(?:無線|Wi-?Fi|WEP|WPA2?|PSK)[ -]?(?:キー|key))"
)
_WORDS = automaton(_WORD)
_TO_PASS = re.compile(r"pass(?:es)?|パス", re.IGNORECASE)
_WORD_GOES_ON = re.compile(r"[ァ-ヶー]パス|.?パス[ァ-ヶー]")  # バイパス, パスポート
_REMARK = r"[\"' ]{0,2}(?:\([^()\n]{1,20}\))?"
_OF_WHAT = r"(?: (?:for|to|on|of|in)(?: [\w.@/-]{1,30}){1,5}(?= is\b| was\b| ?[:=]))?"
_LEAD = r"(?:[:=→>]{1,2}|\.{2,6}|は|が|を|\b(?:is now|is|was|has been)(?: (?:[a-z]{2,10}ed|set|reset|put|now) (?:back )?to)?\b)"
_POINTING = r"[ 、,]{0,2}(?:次の通り|以下(?:の通り)?|下記|as follows)?(?:です)?[:。]?\s{0,3}"
_LED_TO = re.compile(
    rf"(?:{_REMARK}{_OF_WHAT}[\"' ]{{0,2}}{_LEAD}|[\t\x1f]){_POINTING}[「『\"'`(\[【]?(?P<secret>[!-~]{{4,200}})",
    re.IGNORECASE,
)
# With a looser lead it takes a mixture of characters that no word has.
_NEAR = re.compile(
    r"(?![A-Za-z0-9._?&])(?:[」』】)\]>/(\[:=-]|[^!-~\n。]|(?:ます|ました|です)。){0,16}(?:,? (?:[a-z][a-z ]{0,24}:)? ?)?"
    r"\n{0,2}[^!-~\n。]{0,4}[(\[\"'<]?(?P<secret>[!-~]{6,128})",
    re.IGNORECASE,
)
# "PIN 902144": of these words a number may follow at once.
_NUMERIC_WORD = re.compile(r"(?:pin(?: ?code)?|暗証(?:番号|コード)|パスコード|passcode)", re.IGNORECASE)
_DIGITS = re.compile(r" (?P<secret>[0-9]{4,8})(?![0-9A-Za-z年月日文桁字%.,-])")
# What is said about passwords in general.
_ABOUT = re.compile(r"変更|再設定|方法|期限|ルール|規定|規程|ポリシー|桁|文字|手順|忘れ|設定>|別途|別送")
# It opens what lies in this mail, or a meeting.
_OF_MEETING = re.compile(
    r"(?:会議|ミーティング|meeting|webinar|zoom)(?P<then>[^\x1e]{0,30})\Z", re.IGNORECASE
)
_NOT_OF_MEETING = re.compile(
    r"サーバ|管理|データベース|ルータ|ポータル|無線|端末|口座|金庫"
    r"|(?<![A-Za-z])(?:server|portal|router|Wi-?Fi|VPN|database|DB|admin|root|SSH|FTP|NAS)(?![A-Za-z])",
    re.IGNORECASE,
)
_OF_FILE = re.compile(
    r"(?:圧縮|解凍|展開|暗号|開封|zip|unzip|archive|encrypted|extraction|decryption)(?P<then>[^\x1e]{0,30})\Z"
    r"|(?:添付|閲覧|ファイル(?!サーバ)|attachments?|attached|files?(?! server)|documents?|pdf|excel|xlsx)[^:。\x1e\n]{0,12}\Z"
    r"|(?:資料|文書|書類|エクセル|ワード)(?:用?の?|を(?:開|見|閲)[ぁ-ん]{1,4}|に(?:かけ|設定|付け|つけ)[ぁ-ん]{1,4})"
    r"(?:ための?)?\Z"
    r"|(?:前便|別便|別送分?|(?:前|先|別|先ほど|先程|さきほど|直前)の?メール)(?:の|で[^。\n]{0,12}の)\Z",
    re.IGNORECASE,
)
_FILE = r"(?:attach\w+|files?|zip|archive|pdf|excel|xlsx|workbook|(?:spread)?sheet|documents?|docx?|deck|report|slides)"
# "The workbook is locked; the password is …": said a sentence before.
_PROTECTED = re.compile(
    r"(?:(?:添付|ファイル|資料|データ|書類|文書|zip|pdf|excel|word|エクセル)[^。\n]{0,20}?"
    r"(?:(?:パスワード|PW|パス|暗号|保護|ロック)(?:付|を(?:設定|か|つ|付)|が(?:設定|か|つ|付)|で(?:保護|ロック)|化)"
    r"|(?:パスワード|PW)(?:です|を(?:お知らせ|ご?連絡|ご?案内|お?送)))"
    rf"|\b{_FILE}\b(?! server)[^.\n]{{0,30}}\b(?:locked|protected|encrypted)\b)"
    r"(?P<then>[^\x1e]{0,60})\Z",
    re.IGNORECASE,
)
_ANOTHER_THING = re.compile(
    r"ログイン|サーバ|管理|画面|アカウント|ユーザ|サイト|システム|データベース|ルータ|接続|ポータル|無線|端末|口座|金庫"
    r"|(?<![A-Za-z])(?:login|sign[ -]?in|server|account|user|ID|site|portal|router|Wi-?Fi|VPN|database|DB|admin|root|SSH|FTP|NAS)(?![A-Za-z])",
    re.IGNORECASE,
)
_OF_FILE_BEHIND = re.compile(
    rf" (?:for|to|of|on|in)(?: [a-z]+){{0,3}} {_FILE}\b(?! server| share)|[ (]{{1,2}}(?:添付|ファイル|zip)[^)\n]{{0,8}}\)",
    re.IGNORECASE,
)
_REACH_OF_FILE, _REACH_OF_PROTECTED = 40, 140  # characters before the word
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_OF_ENVIRONMENT = re.compile(r"(?:PASSWORD|PASSWD|PWD|TOKEN|SECRET)=")  # PGPASSWORD=
_KEY_BLOCK = "-----"
# "…;encrypt=true", "…&user=root": the next part of a connection string, or of an address.
_NEXT_PART = re.compile(r"[;&][A-Za-z][\w. ]{0,30}=.*\Z")
_IN_HEADER = automaton(r"\bauthorization[\"']?: ?[\"']?(?:basic|bearer|token) ")
# "5937 (暗証番号)"
_BEFORE_BRACKET = re.compile(r"(?<![!-~])(?P<secret>[!-~]{4,64})(?<![:=]) ?[(\[「][^()\[\]「」\n]{0,12}\Z")
# "… admin / X on the staging box (login / password)"
_BEFORE_REMARK = re.compile(
    r"(?<![!-~])(?P<secret>[!-~]{6,64})(?: [a-z-]+){1,5} ?[(\[][^()\[\]\n]{0,16}\Z", re.IGNORECASE
)
_CLOSING = (")", "]", "」")
# "Sign in with X as the password", "X is our VPN password", 「Xというパスワード」: named behind it, in prose.
_OWN = r"(?:(?:the|your|our|my|a|an|its|new|old|initial|temporary|default|current|shared|common) |(?!for |to |about |in |on |not |of |with )[\w-]{2,12} ){0,3}"
_NAMED_BEHIND = re.compile(
    rf"(?<![!-~])[\"'(\[]?(?P<secret>[!-~]{{6,64}}?)[」』\"')\]]{{0,2}}(?: ?(?:という|って(?:いう)?|との|が)(?:[一-鿿ァ-ヶー]{{1,8}}の)?"
    rf"| (?:as|is|was|will be|for) {_OWN})\Z",
    re.IGNORECASE,
)
_REACH_OF_NAMED = 100  # characters before the word
_MOST_IN_PROSE = 1_000  # words whose sentences are searched; this takes its time
# "I changed the password to X": what it was set to, a verb before it and no lead.
_VERB_BEFORE = re.compile(
    r"\b(?:chang\w+|set|sets|setting|reset\w*|updat\w+|switch\w*|put|rotat\w+|renew\w*|made)\b[^.\n]{0,40}\Z",
    re.IGNORECASE,
)
_SET_TO = re.compile(
    r"(?: (?:for|on|of)(?: [\w.@/-]{1,30}){1,5}?)? (?:back )?to [\"'(]?(?P<secret>[!-~]{6,64})", re.IGNORECASE
)
_GENERAL_USE = re.compile(
    r" (?:resets?|polic(?:y|ies)|managers?|changes?|fields?|pages?|screens?|expiry|issues?|problems?|rotation|rules?|hints?)\b|(?:の?(?:変更|再設定|画面|欄|入力))",
    re.IGNORECASE,
)
# "… は使わないでください": a warning against it.
_WARNED = re.compile(
    r"[はをも]?[^。\n]{0,16}(?:ない|ません|避け|やめ|禁止|弱|危険)|.{0,30}\b(?:weak|never|not|avoid|don't)\b"
)
_VERSION = re.compile(
    r"(?:v|ver|version|rev|revision|release|build|r)[._ -]?[0-9]+(?:[._-][0-9A-Za-z]+)*[.,;)]?", re.IGNORECASE
)
_AUTHORIZED = re.compile(r" *(?P<secret>[!-~]{8,400})")
# "… password123 のような単純なもの": only likened to it.
_LIKENED = re.compile(
    r"[」』\"']? ?(?:など)?(?:のような|のように|といった|とかの?|みたいな|など(?:の|は|を))|[\"']? (?:is|are|was) (?:too|not|never|a (?:bad|weak|poor))\b",
    re.IGNORECASE,
)
_END_OF_SENTENCE = re.compile(
    r"[.,)」』】]?(?:[\n\x1e\x1f\t]|\Z)|[.,] | ?(?:です|でお|でし|だ|[。、(])|(?:に|と)(?:な|変|し)"
)
_CELL_ENDS = ("\t", "\x1f")  # in tables headers tell what a word is
_SHORTEST = 4
_SHORTEST_WORD = 6
_SPOILT_END = re.compile(r"[\"'`)\]」,;]+[.!?]?\Z|(?<=[^.])\.\Z")
_PLACEHOLDER = re.compile(
    r"[\\/].*|[A-Za-z]:[\\/].*|[*x•●#?._-]{3,}|<[^>]*>?|\{.*\}|\$\w+|\$?\{.*|%\w+%|\[.*|https?://.*|[\w.]+[(\[{].*"
    r"|(?:your|my|the|a|an|new|old|set|sent|reset|not|to|in|on|for|will|is|was|has|being|required|expired"
    r"|changed|needed"
    r"|here|below|above|attached|separately|none|null|empty|same|as|follows|by|via|TBD|n/a|xxx+|password"
    r"|passwd|secret"
    r"|token|changeme|example)[.,;]?"
    # read from elsewhere: process.env.DB_PASS, secrets.API_KEY, vault:kv/app
    r"|(?:process\.env|os\.environ|env|secrets|vars|config|settings|self|params?|args|options|props|vault|ssm|ref|arn)[.:][\w.:/-]+",
    re.IGNORECASE,
)
_STANDS_FOR = (
    "your|insert|enter|put|add|replace|change|paste|fill|redacted|removed|masked|hidden|omitted|withheld|suppressed|censored"
    "|placeholder|dummy|sample|example|here|todo|tbd|goes"
)
# "your_password_here", "INSERT-KEY-HERE", "<redacted>": words alone, and one of them says that something is to come.
_IN_ITS_PLACE = re.compile(
    rf"[<\[({{\"'%$_*-]*(?=[\w.-]*(?:{_STANDS_FOR}))(?:(?:{_STANDS_FOR}|my|the|some|this|a|an|new|actual|real|own|password|passwd|pass"
    r"|phrase|word|code|pwd|pw|secret|token|api|app|key|access|auth|client|private|public|shared|signing|storage|account|db|database|root"
    r"|admin|user|name|value|string|text|me|it|now|later|with|from|in|env|vault|and|strong|long|random|id|aws|azure|github|slack"
    r"|stripe|bot|bearer|jwt|live|test|prod|company|org|tenant|xx+)[_. -]?)+[>\])}\"'%_*.,;!-]*",
    re.IGNORECASE,
)
# Of documentation: AKIAIOSFODNN7EXAMPLE; a stretch of the same character; digits or letters in their order.
_SHOWN = re.compile(
    r"EXAMPLE|(?:^|[_-])example|example(?:$|[_-])|(?P<same>[xX0*.•#?_-])(?P=same){5,}|01234567|12345678.*abcdef"
)
_HELD = re.compile(r"[!-~]{4,128}")
_KINDS = tuple(re.compile(kind) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]"))


def credential(document: Document) -> Iterator[Span]:
    """Yield tokens and private keys by their form, and what follows a word for a password."""
    text = document.text
    for start, end in places(_TOKEN, text):
        within = start > 0 and _WITHIN_WORD.match(text, start - 1)
        if not within and not _SHOWN.search(text, start, end) and not _stands_for_one(text[start:end]):
            yield Span("CREDENTIAL", start, end)
    for match in (*_IN_ADDRESS.finditer(text), *_ON_COMMAND_LINE.finditer(text)):
        if not _stands_for_one(match.group(match.lastindex or 0)):
            yield Span("CREDENTIAL", *match.span(match.lastindex or 0))
    for _, end in places(_IN_HEADER, text):
        held = _cleaned(_AUTHORIZED.match(text, end))
        if held and _is_mixed(text[held.start : held.end]):
            yield held
    yield from _named(document)
    for cell, content in document.cells_of("CREDENTIAL"):
        if _HELD.fullmatch(content.strip()) and not _stands_for_one(content.strip()):
            start = cell.start + len(content) - len(content.lstrip())
            yield Span("CREDENTIAL", start, start + len(content.strip()))


def _named(document: Document) -> Iterator[Span]:
    text = document.text
    for number, (start, end) in enumerate(places(_WORDS, text)):
        if _is_other_word(text, start, end) or document.is_example(start, end):
            continue
        led = _cleaned(_LED_TO.match(text, end))
        if led and _is_secret(text, led):
            yield led
        elif _NUMERIC_WORD.fullmatch(text[start:end]) and (digits := _DIGITS.match(text, end)):
            yield Span("CREDENTIAL", *digits.span("secret"))
        elif not _TO_PASS.fullmatch(text[start:end]):
            near = _cleaned(_NEAR.match(text, end))
            talk = near and (_ABOUT.search(text, end, near.start) or _LIKENED.match(text, near.end))
            if near and not talk and _is_mixed(text[near.start : near.end]):
                yield near
        if number < _MOST_IN_PROSE:
            yield from _in_prose(text, start, end)
        behind = text[end : end + 1] in _CLOSING and _BEFORE_BRACKET.search(text, max(0, start - 90), start)
        held = _cleaned(behind or None)
        if held and _is_secret(text, held, alone=True):
            yield held


def _in_prose(text: str, start: int, end: int) -> Iterator[Span]:
    """Secrets that a sentence names with the word from `start` to `end` behind them, or says to be set."""
    if text[end : end + 1] in _CLOSING:
        remarked = _cleaned(_BEFORE_REMARK.search(text, max(0, start - _REACH_OF_NAMED), start))
        if remarked and _is_woven(text, remarked):
            yield remarked
    before = _cleaned(_NAMED_BEHIND.search(text, max(0, start - _REACH_OF_NAMED), start))
    general = _GENERAL_USE.match(text, end) or _WARNED.match(text, end)
    if before and not general and _is_woven(text, before):
        yield before
    if _VERB_BEFORE.search(text, max(0, start - _REACH_OF_NAMED), start):
        after = _cleaned(_SET_TO.match(text, end))
        if after and _is_woven(text, after):
            yield after


def _is_woven(text: str, span: Span) -> bool:
    """Tell whether what stands in a sentence is no word of it."""
    secret = text[span.start : span.end]
    address = "@" in secret[1:-3] and "." in secret
    return len(secret) >= _SHORTEST_WORD and not address and _is_secret(text, span) and _has_digit(secret)


def _is_other_word(text: str, start: int, end: int) -> bool:
    """Part of a longer word, the name of a block, or the password of a file or a meeting."""
    before = text[max(0, start - 1) : start + 1]
    return (
        (start > 0 and before.isascii() and before.isalpha() and not _OF_ENVIRONMENT.match(text, start))
        or text[end : end + 1] in _LETTERS
        or bool(_WORD_GOES_ON.fullmatch(text, max(0, end - 3), end + 1))
        or text.startswith(_KEY_BLOCK, end)
        or _is_of_file(text, start, end)
    )


def _is_of_file(text: str, start: int, end: int) -> bool:
    """Tell whether it is the password of a file, said right beside it or a sentence before, or of a meeting."""
    first = max(0, start - _REACH_OF_FILE)
    meeting = _OF_MEETING.search(text, first, start)
    if meeting and not _NOT_OF_MEETING.search(meeting.group("then")):
        return True
    if _OF_FILE_BEHIND.match(text, end):
        return True
    named = _OF_FILE.search(text, first, start) or _PROTECTED.search(
        text, max(0, start - _REACH_OF_PROTECTED), start
    )
    return bool(named and not _ANOTHER_THING.search(named.group("then") or ""))


def _cleaned(match: re.Match[str] | None) -> Span | None:
    """Return the place of the secret that was matched, without what only follows it."""
    if not match:
        return None
    secret = _SPOILT_END.sub("", _NEXT_PART.sub("", match.group("secret")))
    return Span("CREDENTIAL", match.start("secret"), match.start("secret") + len(secret))


def _ends_line(text: str, end: int) -> bool:
    return end >= len(text) or text[end] in "\n\x1e\x1f\t" or text[end : end + 2] in (" \n", "です")


def _is_mixed(text: str) -> bool:
    address = "@" in text[1:-3] and "." in text
    return (
        len(text) >= 6
        and not address
        and _kinds(text) >= 3
        and not _stands_for_one(text)
        and _has_digit(text)
    )


def _is_secret(text: str, span: Span, *, alone: bool = False) -> bool:
    """Mixed characters, or any single word that is all that the line, or the sentence, says."""
    secret = text[span.start : span.end]
    if len(secret) < _SHORTEST or _stands_for_one(secret) or _LIKENED.match(text, span.end):
        return False
    if secret.isdigit():
        return alone or bool(_END_OF_SENTENCE.match(text, span.end))
    whole = alone or (_ends_line(text, span.end) and text[span.start - 1] not in _CELL_ENDS)
    return (_kinds(secret) >= 2 and _has_digit(secret)) or (whole and len(secret) >= _SHORTEST_WORD)


def _stands_for_one(text: str) -> bool:
    """Tell whether it stands where a secret is to be put in, or shows what one looks like."""
    return bool(
        _PLACEHOLDER.fullmatch(text)
        or _IN_ITS_PLACE.fullmatch(text)
        or _VERSION.fullmatch(text)
        or _SHOWN.search(text)
    )


def _kinds(text: str) -> int:
    return sum(bool(kind.search(text)) for kind in _KINDS)


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
