"""What only speaks of marks of confidentiality: lists of classes, questions which to use, labels, titles."""

import re

_REACH = 160  # characters of a sentence on each side of the mark
_END_OF_SENTENCE = re.compile(r"[。\n\x1e\x1f?!]|(?<![A-Z])\. ")  # "L.A. ..." goes on

_CLASS_JA = (
    r"(?:公開(?!前|後|時|日|予定|情報|資料)|公知|一般(?![にの公])|非公開|社内(?![限でのに])|対外秘|社外秘|部外秘|関係者外秘|極秘|厳秘|機密"
    r"|秘(?![密書匿]))"
)
_CLASS_EN = (
    r"(?:public|open|unclassified|general|(?:for )?internal(?: use)?(?: only)?|(?:highly |strictly )?confidential|restricted"
    r"|(?:top )?secret|private|sensitive)"
)
_OPENS, _SHUTS = r"[「『【\"']?", r"[」』】\"']?"
_ITEM_JA = rf"{_OPENS}{_CLASS_JA}{_SHUTS}"
_CHOICE = r"(?:と|や|か|または|又は|もしくは|それとも|及び|および)"
_NEXT_JA = rf"(?: ?(?:[、・/,|→<>]|{_CHOICE}){{1,2}} ?|(?<=[」』】])(?=[「『【]))"
_OPEN_JA = rf"{_OPENS}(?:公開(?!前|後|時|日|予定|情報|資料)|公知|一般(?![にの公])){_SHUTS}"
_ITEM_EN = rf"{_OPENS}\b{_CLASS_EN}\b{_SHUTS}"
_NEXT_EN = r"(?:,? (?:and|or|vs\.?|versus|nor) |, ?| ?[/|] ?)"
_OPEN_EN = rf"{_OPENS}\b(?:public|open|unclassified|general)\b{_SHUTS}"
# The classes that are named right before, and right behind.
_BEFORE = tuple(
    re.compile(rf"(?:{item}{then}){{1,2}}{_OPENS}\Z", re.IGNORECASE)
    for item, then in ((_ITEM_JA, _NEXT_JA), (_ITEM_EN, _NEXT_EN))
)
_BEHIND = tuple(
    re.compile(rf"{_SHUTS}(?:{then}{item}){{1,2}}", re.IGNORECASE)
    for item, then in ((_ITEM_JA, _NEXT_JA), (_ITEM_EN, _NEXT_EN))
)
_LONGEST_LIST = 48  # characters on each side
# Three classes; two between which one chooses; or one beside the class of what everybody may see.
_LISTED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_ITEM_JA}(?:{_NEXT_JA}{_ITEM_JA}){{2,}}",
        rf"{_ITEM_JA}{_CHOICE}{_ITEM_JA}",
        rf"{_OPEN_JA}{_NEXT_JA}{_ITEM_JA}|{_ITEM_JA}{_NEXT_JA}{_OPEN_JA}",
        rf"(?=.*\b(?:public|open|unclassified|secret|restricted)\b){_ITEM_EN}(?:{_NEXT_EN}{_ITEM_EN}){{2,}}",
        rf"{_OPEN_EN}{_NEXT_EN}{_ITEM_EN}|{_ITEM_EN}{_NEXT_EN}{_OPEN_EN}",
    )
)
_CHOSEN = re.compile(r"\b(?:which|whether|either|choose|difference)\b", re.IGNORECASE)

_ASKED = re.compile(r"(?:か|の)[」)]?[。\n]?\Z|\?\Z")
_ON_MARKING_JA = re.compile(
    r"[」』】]?(?:扱い|指定|の?(?:表示|表記|記載|区分|分類|指定|違い|意味|基準|範囲)|に(?:し|す(?!で)|な|あた|当た|該当)"
    r"|と(?:し|す|入|書|記|付|つ|いう)|を(?:付|つ|入|外|は)|で(?:よ(?!り)|良|登録|いい|大丈夫|構|し|す(?:か|よね)))"
)
_ON_MARKING_EN = re.compile(
    r"\b(?:mark|label|classif\w+|stamp|tag|flag|stricter|call|set)\b[^.?\n]{0,60}\Z", re.IGNORECASE
)
_ASKED_OF = re.compile(
    r"(?:\A|[,;:>] ?)(?:so |and |but |or )?(?:is|are|was|were) (?:this|that|it|the|these|those|they|your|our)\b[\w ']{0,40} \Z",
    re.IGNORECASE,
)
# 「社外秘にすべきか、…」: a question within a sentence that says something.
_WHETHER = re.compile(
    r"[」』】]?(?:扱い)?(?:[にと](?:すべき|する|した(?:ほう|方)がよい)|である|なの)?か(?:どうか|否か|[、,]|[「『]?(?:公開|社外秘|部外秘|極秘|取り?扱))"
)
# Things that bear or make marks, and what is done to make one.
_MARK_ITSELF = re.compile(
    r"[」』】\"']?(?:の?(?:マーク|スタンプ|ラベル|シール|ステッカー|ゴム印|印鑑|透かし|フラグ|タグ|設定(?:方法|手順|[のがを])|(?:付け|つけ|入れ|貼り|外し)方)"
    r"|(?: (?:sensitivity|security|classification))? (?:labels?|stamps?|watermarks?|footers?|headers?|banners?|stickers?|tags?"
    r"|markings?|settings?|buttons?|levels?|tiers?|class(?:es)?|categor(?:y|ies)|options?|checkbox|templates?)\b|[\"'] (?:means?|stands for|refers to)\b)",
    re.IGNORECASE,
)
_TO_WRITE = re.compile(
    r"[」』】]?(?:と|って)(?:の?(?:記載|記入|明記|朱書|印字|印刷|表示|表記|入力|捺印)|書[いかくけこ]|入れ|押[しすさ]|貼[っりる]|付け|つけ)"
)
_ONE_OF = re.compile(
    r"[」』】]?(?: ?[、・/,|] ?[「『【]?[一-鿿り]{1,6}[」』】]?){0,4} ?(?:の(?:いずれ|どれ|どちら|うち|中から|順|[0-9三四]つ|[0-9三四]種|[三四]区分)|から選)"
)
# 「…と印字してあります」: it was done, so this bears the mark.
_IS_WRITTEN = re.compile(
    r"[」』】]?(?:と|って)[^。\n、]{0,8}(?:てあ(?:る|り)|てお(?:り|き)|てい(?:る|ま)|されて|済み|入り|しました(?!ら)|まれて|かれて)(?![^。\n]{0,16}(?:か[。\n?]|とき|時|際|場合))"
)
_OF_THIS = re.compile(
    r"添付|同封|本(?:資料|書|メール|文書|件)|(?:この|こちらの)(?:資料|文書|メール|ファイル)"
)
_ART = re.compile(
    r"映画|小説|番組|ドラマ|漫画|マンガ|アニメ|舞台|新刊|上映|試写|\b(?:films?|movies?|novels?|paperback|bestseller|episode|podcast|screening"
    r"|album|tickets)\b",
    re.IGNORECASE,
)
_SAYING = re.compile(
    r"裏[にで]|結婚|離婚|来日|出産|入籍|交際|任務|捜査|潜入|帰国|デビュー|ライブ|レシピ|ルート|指令|テク|裏技|メニュー|セール"
)
_SERVICE = re.compile(
    r"の?(?:出張)?(?:溶解|裁断|細断|処分|廃棄|破棄|回収|抹消|処理|リサイクル|シュレッダー|保管(?:サービス|箱|庫))"
)


def is_talk(text: str, start: int, end: int) -> bool:
    """Tell whether the words from `start` to `end` are spoken of, and mark nothing here."""
    first, last = _sentence(text, start, end)
    before, after = text[first:start], text[end:last]
    return (
        bool(_MARK_ITSELF.match(after) or _SAYING.match(after) or _SERVICE.match(after))
        or bool(_ONE_OF.match(after))
        or _is_listed(before, text[start:end], after)
        or _is_asked(before, after)
        or bool(_TO_WRITE.match(after) and not (_OF_THIS.search(before) or _IS_WRITTEN.match(after)))
        or bool(_ART.search(before))
    )


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    ends = list(_END_OF_SENTENCE.finditer(text, max(0, start - _REACH), start))
    behind = _END_OF_SENTENCE.search(text, end, end + _REACH)
    first = ends[-1].end() if ends else max(0, start - _REACH)
    return first, behind.end() if behind else min(len(text), end + _REACH)


def _is_listed(before: str, mark: str, after: str) -> bool:
    """Tell whether the mark stands in a row of classes."""
    near = before[-_LONGEST_LIST:]
    for language in (0, 1):
        ahead, behind = _BEFORE[language].search(near), _BEHIND[language].match(after)
        if ahead or behind:
            row = f"{ahead.group() if ahead else ''}{mark}{behind.group() if behind else ''}"
            if any(listed.search(row) for listed in _LISTED) or _CHOSEN.search(before):
                return True
    return False


def _is_asked(before: str, after: str) -> bool:
    """Tell whether the sentence asks which mark to use, or whether one is needed."""
    if _WHETHER.match(after):
        return True
    asked = _ASKED.search(after.rstrip(" "))
    on_marking = _ON_MARKING_JA.match(after) or _ON_MARKING_EN.search(before) or _ASKED_OF.search(before)
    return bool(asked and on_marking)
