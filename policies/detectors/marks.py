"""Marks of confidentiality, where they mark: not where they are denied, or spoken about in general."""

import re
from collections.abc import Iterator

from policies.detectors.automaton import automaton, places
from policies.detectors.document import Document, Span
from policies.detectors.mark_talk import is_talk

# Lines, stars and boxes around a mark that stands alone on its line.
_LINES = r"[ *<>|│┃║■□★☆◆◇●○◎※#=~_+-]"
_OPENED, _SHUT = r"[【\[(<《〈「]", r"[】\])>》〉」]"
_ALONE = "機密|秘密|機密情報|秘密情報|秘密文書|秘|(?:社|部) {1,3}外 {1,3}秘|[極厳] {1,6}秘|機 {1,6}密|親 {1,6}展|取 {1,3}扱い? {1,3}注 {1,3}意"
_FEW = "役員|執行役員|取締役会?|経営会議|経営層|管理職|幹部|部長|課長|所属長|理事会?|委員会?|出席者|担当者|受信者|名宛人|当事者|本部"
# Of whom a mark speaks, 社外 or 関係部署, and what they must not do with it: any of them may stand together.
_INSIDERS = (
    r"関係(?:部署|部門|会社|各社|先|各所|課|役員)|(?:担当|該当|所属)(?:部署|部門)|グループ(?:会社|企業)|部署|部門|事業部|支店|工場|事務局"
    r"|プロジェクト(?:チーム|メンバー)?|チーム|(?:教職|職|社|従業|構成)員|メンバー|配[布付]先|宛先|受領者"
)
_CONCERNED = r"(?:社内|社外|部内|グループ|プロジェクト)?関係者"
_OUTSIDERS = (
    rf"(?:[社部課局院学校庁省館店室班組所園団会行署]|グループ|組織|法人|組合|(?:{_FEW}|{_INSIDERS}|{_CONCERNED})以?)外"
    r"|第三者|外部|他社|他部[署門]|取引先|社内外?|部内|グループ内"
)
_HANDED_ON = r"開示|公開|公表|配[布付]|閲覧|提供|共有|回覧|複[写製]|漏洩|漏えい|送[付信]|展開|貸し?出し?"
_TO_WHOM = (
    rf"(?:{_OUTSIDERS})(?:(?:への?|に対する|からの|による|の)?(?:{_HANDED_ON})(?:禁止|厳禁|不可|無用)|非公開|非開示)"
    rf"|(?:{_INSIDERS}|(?:[課局院学校庁所行]|グループ|部署|部門)内)限り"
)
_OF_WHOM = (
    rf"(?:{_OUTSIDERS})(?:(?:への?|の)?(?:転送|持ち?出し?)(?:厳禁|禁止)|厳秘|極秘)"
    rf"|(?:{_FEW}|{_INSIDERS}|{_CONCERNED})外秘|{_CONCERNED}限り?"
)
_ALONE_EN = (
    r"(?:strictly|company|group) (?:internal|private|restricted)|(?:private|internal) (?:and|&) (?:personal|sensitive|restricted)|(?:commercially|business|market) sensitive"
    r"|(?:please )?do not (?:distribute|circulate|disclose|disseminate|forward|share|copy|release|redistribute)"
    r"(?: (?:or (?:distribute|circulate|forward|share|copy)|externally|further|outside (?:the |our |of )?(?:company|group|team|organi[sz]ation|firm|department|board)))?"
    r"|not for (?:(?:external|onward|public|further|wider|general) )?(?:distribution|circulation|release|disclosure|sharing|forwarding|publication)"
    r"|no (?:external |onward |further )?(?:distribution|circulation|disclosure|forwarding)|(?:limited|restricted|controlled) (?:distribution|circulation)"
    r"|for internal (?:use|distribution|circulation|purposes|eyes|review)(?: only)?|internal (?:distribution|circulation) only"
    r"|(?:board|management|directors?|executives?|leadership|hr|named recipients?|addressees?)(?: eyes)? only|(?:on a )?need[ -]to[ -]know (?:basis|only)"
)

_MARK = automaton(
    rf"{_OF_WHOM}|{_TO_WHOM}|(?:{_FEW})限り"
    r"|(?:関係者|グループ|部署|[一-鿿])外秘|(?:社|部|課|局|院|学|校|庁|省|館|店|室|係|班|組|所|園|署|団|会|法人|グループ)内秘|関係者限り?|機密性 ?[23](?: ?情報)?|関係者以外(?:閲覧|秘)(?:禁止)?"
    r"|極秘(?:資料|文書|情報)?|厳秘|㊙|マル秘|丸秘|\(秘\)|[【\[](?:重要)?(?:機密|秘密|秘)[】\]]|区分: ?(?:機密|秘密|秘)"
    r"|取り?扱い?(?:厳重)?注意|社内限定|社内限り?|転送(?:厳禁|禁止)|持ち?出し?(?:厳禁|禁止)|秘密扱い|機密扱い|部内限り?|親展"
    r"|(?:最高|重要)?機密(?:資料|文書|書類|事項)|(?:機密|秘密)情報(?:[】」\]]|です|と(?:入れ|書い|書か|記|印字|表示|明記|朱書|あり|ある))|トップシークレット|コンフィデンシャル"
    r"|\b(?:(?:strictly|highly|company|business|commercial(?:ly)?|private(?: and| &)|privileged(?: and| &)|proprietary(?: and"
    r"| &)) )?confidential\b"
    r"|\b(?:for )?internal use only\b|\binternal only\b"
    r"|\bnot for (?:distribution|circulation|release)\b|\btop secret\b|\btrade secret\b|\beyes only\b"
    r"|\bstrictly private\b|\bcommercial[ -]in[ -]confidence\b|\bin strict(?:est)? confidence\b"
    r"|(?m:^[ *<\[(]{0,4}restricted(?:[ *>\])]{0,4}$| - ))|\b(?:classification|sensitivity|class): ?restricted\b"
    rf"|(?m:^{_LINES}{{0,60}}(?:{_ALONE}){_LINES}{{0,60}}$)"
    rf"|(?m:^{_LINES}{{0,60}}[(「]?(?:{_ALONE_EN})[)」]?{_LINES}{{0,60}}$)|[【\[<《〈]{_LINES}{{0,4}}(?:{_ALONE_EN}){_LINES}{{0,4}}[】\]>》〉]"
)
# What only shows that the word is a mark, and is not of the mark itself.
_FRAME = re.compile(
    rf"\A(?:(?:{_OPENED}|{_LINES})+|区分: ?|\w+: ?(?=restricted))|(?:(?:{_SHUT}|{_LINES})+|です|と(?:入れ|書い|書か|記|印字|表示|明記|朱書|あり|ある))\Z",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"[」』】\])\"']*(?:資料|情報|文書|扱い|指定|区分|事項|(?:の|という|との)(?:資料|情報|文書|指定|ファイル|内容|もの|表示|表記|マーク|記載|扱い|区分|分類))?(?:など|等)?"
    r"(?:だった|でした(?:が|けど)|では(?:あり|ござい|な)|じゃ(?:な|あり)|でな(?:い|く)|でも(?:あり|な)|に(?:は)?(?:該当|当たる|あたる|当たり|あたり)(?:する)?(?:[^。\n]{0,10}(?:ない|ありません|ございません)|ませ|しな|ら|いた)|に該当しま?せ?ん?"
    r"|[はがを](?:[^。\n]{0,10}(?:終わ|終了|廃止|取り消|なくな|やめ))|は(?:[^。\n]{0,8}解除|含|解除|解け|あり(?:ま)?せん|ございません|ない|なく|不要|外れ|外し|記載し(?:て)?な)|を(?:解除|含み?ま(?:せん|ない)|外)|が(?:解除|外れ)|解除|でない"
    r"|(?:という|との|の)?(?:表記|表示|記載|マーク|印字?|スタンプ|ラベル|文字|透かし)[はがをも][^。\n]{0,10}(?:削除|消し|消去|消え|外し|外れ|外さ|はず|取り(?:除|下げ|やめ)|取れ|なくな|ありません|ない)"
    r"|指定なし|を含ま|に指定され(?:て)?(?:い)?(?:ない|ません))"
    r"|\?|[\"']? (?:any ?more|no longer|no more)|[\"']? (?:info|information|data|content"
    r"|material|parts|sections|pages|passages|figures)?\s?(?:has been|have been|was|were|is) (?:removed|lifted|public|declassified)",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"(?:\bnot (?:be |considered |marked |classified )?(?:as )?(?:an? |the |any |really |at all |strictly "
    r"|at all )?|\bno (?:longer )?(?:marked |classified |considered |treated )?(?:as )?|\bisn't (?:an? |considered )?|\baren't |\bnon-?|\bnothing(?: \w+){0,6} "
    r"|\b(?:used to be|formerly|previously|once) (?:marked |classified |considered )?(?:as )?|\bneither |\bnever |\bwithout (?:any )?|\bun|\bless )\Z",
    re.IGNORECASE,
)
# "It was Company Confidential until March"
_ONCE_BEFORE = re.compile(
    r"\b(?:was|were|had been)(?: (?:still|first|originally|marked|classified|labell?ed|considered))?(?: as)? \Z",
    re.IGNORECASE,
)
_ONCE_AFTER = re.compile(
    r"[\"']?,? (?:until|till|up to|before|at first|at the time|originally)\b|[\"']?[^.\n]{0,24}\b(?:but|and)(?: it| they)?(?: is| are|'s)? now\b",
    re.IGNORECASE,
)
# Footers of law departments, and talk about rules.
_GENERAL_BEFORE = re.compile(
    r"(?:\bmay (?:be|contain|include)(?: \w+,?){0,4} |\bcontains? |\bkeep (?:it|this|that|them|these|all"
    r"|your \w+) |\b(?:do not|don't|never|avoid|how to|whether|if|any)(?: (?!this\b|the\b|these\b|our\b)\w+){0,4} |\b(?:treat|handle|kept|remain|stay|held)(?: \w+){0,4} |\bthat is |\bwhich is )\Z",
    re.IGNORECASE,
)
_GENERAL_AFTER = re.compile(
    r"[ -]?(?:information|treatment|manner|waste|shredding|policy|agreement|clause|hotline|client)\b|(?:保持"
    r"|契約|管理規程|性)",
    re.IGNORECASE,
)
# "the confidential helpline": a service whose talks stay within it.
_SERVICE_AFTER = re.compile(
    r"[ -](?:[\w-]+ ){0,2}(?:hotlines?|helplines?|helpdesk|lines?|phone|counsell?ing|counsell?ors?|support|services?|surveys?|questionnaires?|interviews?"
    r"|channels?|mailbox|feedback|ballots?|votes?|vote|advice|advis[eo]rs?|consultations?|mediation|chats?|sessions?|disposal|recycling|bins?|bags?|sacks?)\b",
    re.IGNORECASE,
)
# "Please treat the attached as strictly confidential": said of this mail.
_THIS_AS = re.compile(
    r"\b(?:this|attached|enclosed|following|below|it)(?: \w+){0,3} as \Z"
    r"|(?:\A|[\n\x1e\x1f.!:;>*-]) ?(?:treat|handle|regard|consider)(?: (?:this|it|the|these|attached|enclosed|files?|contents?|documents?|deck|report|mail|e-?mail|message|all of (?:this|it))){0,3} as \Z|\bplease (?:treat|handle|regard|consider) as \Z",
    re.IGNORECASE,
)
# 「社外秘の資料を送るときは…」: a rule about all that bear the mark.
_RULE_AFTER = re.compile(
    r"[」』】]?(?:の?(?:資料|文書|情報|書類|ファイル|データ|もの|区分|取り?扱い|ラベル|スタンプ))?(?:など|等)?(?:を|は|に|の|が|と)[^。\n\x1e]{0,24}"
    r"(?:(?:区分|指定|該当)(?:され|し)?た(?!め)|とき|時は|際|場合|には必ず|ルール|規程|規則|ガイドライン|研修|管理方法|運用|手順)|(?:資料|文書|情報|書類|データ)の(?!ため|為|ご?(?:送付|共有|確認|提出|案内|連絡|件))|(?:の?(?:資料|文書|情報))?の(?:溶解|処分|回収|廃棄|破棄|保管|管理|付け方|つけ方|扱い方|定義|意味|基準|対象外)|の?(?:マーク|スタンプ|プロジェクト)"
    r"|と(?:書かれ|記され|表示され|印字され)た|の[一-鿿ァ-ヶー]{1,6}は(?![^。\n]{0,8}(?:添付|下記|以下|別紙|次の))|(?<=注意)(?:事項|点|書き?)|[ -](?:waste|shredding|agreement|clause|hotline|bins?)\b|の件|について|に関する|に関して|とは",
    re.IGNORECASE,
)
# 「極秘」「社外秘」「一般」: the names of the classes.
_LISTED_AFTER = re.compile(
    r"(?:および|及び|または|又は|もしくは|や)[「『]?(?:極秘|社外秘|部外秘|機密|秘)|"
    r"[」』】\"'][、,・/]?(?:と|や|または|又は|or|and)?[ ]?[「『\"']"
)
_LISTED_BEFORE = re.compile(
    r"(?:極秘|社外秘|部外秘|機密|秘)[」』]?(?:および|及び|または|又は|もしくは|や)\Z|"
    r"[」』】\"'][、,・/]?(?:と|や|または|又は|or|and)?[ ]?[「『\"']\Z"
)
# "Confidential papers go into the grey bin": of any such, not of this mail.
_ANY_AFTER = re.compile(
    r" (?!and\b|or\b|but\b|until\b|for\b|to\b|as\b|unless\b|do\b|please\b|not\b|draft\b|by\b|in\b|between\b|information\b)[a-z]+ [a-z]+"
)
_OF_THIS = re.compile(
    r"\b(?:this|these|the|attached|enclosed|following|is|are|be|as|marked|our|strictly|highly) \Z",
    re.IGNORECASE,
)
# Contracts and rules speak of 第三者への開示禁止 too: such a mark stands by itself, or says so of this mail.
_MAY_BE_RULE = re.compile(rf"(?!関係者以外閲覧)(?:{_TO_WHOM})")
_WORDS_EN = re.compile(_ALONE_EN, re.IGNORECASE)
_WRAPPED = re.compile(r"\n[a-z]")
_STANDS_BEFORE = re.compile(
    rf"(?:\A|[\n\x1e\x1f\t、。:/・,]|{_OPENED}|{_LINES}|(?:資料|文書|書|書類|情報|内容|ファイル|データ|メール|件|もの|表|一覧|添付|これ|こちら|以下|下記)[はも、])\Z"
)
_STANDS_AFTER = re.compile(
    rf" ?(?:\Z|[\n\x1e\x1f\t。:/・!]|{_SHUT}|{_LINES}|です|であ[りる]|につき|のため|でお願い|と(?:し(?:ます|て)|させ|いたし|致し|なり|なっ|入れ|書い|書か|記|印字|表示|明記|朱書|あり|ある)"
    r"|の?(?:資料|文書|情報|書類|ファイル|データ|内容|扱い|取り?扱い?))"
)
_SECRETARY = re.compile(r"[外内]秘[書密匿訣]")  # 院内秘書
_MOST_JUDGED = 1_000  # by their whole sentences; beyond that they are marks, as this takes its time
_MARKING_BEFORE = re.compile(r"(?:\A|[\n\x1e\x1f\t:*\[【<(#=|])[ *]*\Z")


def confidential_mark(document: Document) -> Iterator[Span]:
    """Yield 社外秘, 極秘, Confidential and their like."""
    for number, (first, last) in enumerate(places(_MARK, document.text)):
        found = document.text[first:last]
        mark = _FRAME.sub("", found)
        start = first + found.index(mark)
        end = start + len(mark)
        text = document.text
        if _SECRETARY.match(text, end - 2) or not _stands(text, start, end):
            continue
        spoken_of = _denied(text, start, end) or _general(text, start, end)
        if not spoken_of and (number >= _MOST_JUDGED or not is_talk(text, start, end)):
            yield Span("CONFIDENTIAL_MARK", start, end)


def _stands(text: str, start: int, end: int) -> bool:
    """Tell whether words that may be of a contract, a rule, or a sentence over several lines stand by themselves."""
    if _WORDS_EN.fullmatch(text, start, end):
        bare = text[max(0, start - 1) : start] in ("", "\n")
        return not (bare and text[start].islower()) and not _WRAPPED.match(text, end)
    if not _MAY_BE_RULE.fullmatch(text, start, end):
        return True
    return bool(_STANDS_BEFORE.search(text, max(0, start - 8), start) and _STANDS_AFTER.match(text, end))


def _denied(text: str, start: int, end: int) -> bool:
    if _ONCE_BEFORE.search(text, max(0, start - 40), start) and _ONCE_AFTER.match(text, end):
        return True
    return bool(_DENIED_AFTER.match(text, end) or _DENIED_BEFORE.search(text, max(0, start - 60), start))


def _general(text: str, start: int, end: int) -> bool:
    listed = _LISTED_AFTER.match(text, end) or _LISTED_BEFORE.search(text, max(0, start - 6), start)
    of_any = _ANY_AFTER.match(text, end) and not _OF_THIS.search(text, max(0, start - 12), start)
    service = _SERVICE_AFTER.match(text, end)
    if listed or of_any or service or _RULE_AFTER.match(text, end):
        return True
    if _MARKING_BEFORE.search(text, max(0, start - 4), start):
        return False
    if _THIS_AS.search(text, max(0, start - 60), start):
        return False
    return bool(_GENERAL_AFTER.match(text, end) or _GENERAL_BEFORE.search(text, max(0, start - 60), start))
