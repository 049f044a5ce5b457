"""Names behind words that say what somebody is, whatever joins the two: 対象者／…, 該当者は…です, "New hire is …".

Such words are without number, so they are known by how they end. Who takes part in the work that the mail is about, as
authors, speakers and inventors do, is no personal data.
"""

import re
from collections.abc import Iterator, Sequence

from policies.detectors.document import Document, Span
from policies.detectors.names import (
    KANJI,
    NAME,
    TITLE_APART,
    WORD,
    ends_with_given_name,
    is_known,
    is_no_given_name_behind,
    is_possible,
    is_role,
    is_thing,
)
from policies.detectors.nearby import Nearby
from policies.detectors.surnames import SURNAMES
from policies.detectors.vocabulary import WHO

_TITLE = r"(?:様|さま|殿|さん|氏|くん|君)"
_END = (
    rf"(?= {{0,2}}{_TITLE}|です|でした|である|で(?=[、。])|(?:と|に)(?:なり|な)|とのこと|に(?:決)|、|。| ?[,;|/()\[\x1e\x1f\t\n]|\Z| {{2}}| (?=[0-9〒(+]|[一-鿿ァ-ヶー]{{2,8}}:)"
    r"|の[一-鿿ァ-ヶA-Z])"
)
_HARD = r" ?(?:[:=/→>]|->|>>|\.{2,6}|・{2,6}) {0,3}| ?[-|] | -{2} "
# The word that tells what somebody is, and what may stand behind it; which one it is, the words before it say.
_ROLE_ENDS = "者|人|員|主|児|生|客|方|徒|童|手|師|親|郎|婦|どなた|子(?=様|さま|さん)"
_JAPANESE = re.compile(
    rf"(?P<end>{_ROLE_ENDS})(?P<polite>様|さま|さん)?(?P<name_of>(?:の|ご|お)*(?:氏名|名前|名))?(?:の方)?[】\])」』]{{0,2}}"
    rf"(?P<joint>{_HARD}|(?<=[】\])」]) ?|[ \t]{{1,6}}| ?(?:は|が)、?「?|、)"
    rf"(?P<name>{KANJI}{{1,5}} ?{KANJI}{{1,4}}{TITLE_APART}|{NAME}){_END}"
)
_KANJI_BEFORE = re.compile(r"[一-鿿ァ-ヶー々]{0,8}\Z")
_WORDS_BEFORE = re.compile(r"[一-鿿ァ-ヶー々ぁ-ん]{0,14}\Z")
_SURE_ENDS = re.compile(r"[者人員主児生客]\Z")  # of words for persons; the others have other meanings too
# Who takes part in something is told to everybody, but not together with personal data.
_TAKING_PART = re.compile(
    r"(?:参加|出席|同席|同行|申請|請求|登録|訪問|受取|変更|見学|新任|後任|前任|立会|発送|運転|操作|関係)者?\Z"
)
_OF_SENDER = re.compile(
    r"担当|窓口|問い?合わ?せ|主催|責任|作成|承認|差出|送信|発信|著|訳|編集|講|司会|議|[先当両双]方|[仕味夕]方"
)
_AT_WORK = re.compile(
    r"検収|受領|検品|出荷|梱包|納品|受入|発送|配達|配送|照合|集計|計上|精算|立案|企画|計画|推進|統括|主管|撮影|協力|寄稿|取次|引渡|引継|後任|前任|後継|当番|当直|宿直|"
    r"試験|巡視|立会|引率|施工|工事|取材|訪問|面談|同席|同行|司書|記帳|調査|測量|観測|操作|担当|責任|作成|承認|発表|司会|出席|参加|欠席|代表|管理|執筆|著|編集|主催|講演|登壇|発明|考案|発案|提案|関係|記入|記載|記録|報告|起票|起案|送信|受信|差出|発信"
    r"|名宛|議事|紹介|監修|解説|訳者|翻訳|通訳|受賞|優勝|立候補|経営|創業|設立|開発|設計|点検|検査|測定|実施|作業|更新|変更|回答|発行|受付|決裁|確認|審[査判]|査読"
    r"|研究|技術|取締|監査|演|指揮|理事|幹事|世話|発起|連絡|投稿|出願|特許|権利|製造|販売|運営|営業|議員|委員|店員|係員|役員|教員|主人|外国|日本|人間|保守|監督|選手"
)
_SUBJECTS = re.compile(
    rf"(?:{WHO}|該当者|搭乗者|渡航者|面接者|採用者|異動者|転入者|転出者|休職者|受験生|新入生)\Z"
)

_STRONG = (
    r"new (?:hires?|joiners?|starters?|recruits?|colleagues?|employees?|(?:team|staff) members?|interns?|teammates?|members? of (?:the )?(?:team|staff)|patients?|students?|tenants?)"
    r"|hires?|joiners?|recruits?|interns?|trainees?|patients?|applicants?|candidates?|passengers?|pupils?|deceased|insured person"
)
_WEAK = (
    r"employees?|customers?|clients?|tenants?|payees?|recipients?|subscribers?|buyers?|lessees?|beneficiar(?:y|ies)|policy ?holders?|account holders?|card ?holders?|borrowers?"
    r"|residents?|occupants?|guests?|students?|travell?ers?|drivers?|guardians?|colleagues?|renters?|workers?|crew members?|staff members?|(?<!contact )persons?(?: concerned)?"
)
WHO_IN_ENGLISH = rf"(?:{_STRONG}|{_WEAK})"
_ENGLISH = re.compile(
    rf"(?<![A-Za-z-])(?:(?P<strong>(?i:{_STRONG}))|(?P<weak>(?i:{_WEAK})))(?: name)?[)\]]?"
    r"(?P<joint> ?(?:[:=→/>]|->) {0,3}| -{1,2} | (?:is|are|was|will be) (?:called |named )?|, | named | called )"
    rf"(?P<name>(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? )?{WORD}(?: {WORD}){{1,2}})(?=[\n\x1e\x1f\t,;()|/]|\.(?:\s|\Z)|\Z| {{2}}| - | [a-z(0-9]|'s)"
)
_END_OF_SENTENCE = re.compile(r"[a-zà-ɏ]{2}\.\Z")
_CAPITALISED = re.compile(
    r"\b(?:Orientation|Day|Week|Month|Laptop|Setup|Checklist|Training|Forms?|Guide|Handbook|Onboarding|Welcome|First|Pack|Portal|Policy|Program(?:me)?|Bonus|Referral|Survey|Induction"
    r"|Desk|Access|Request|Account|Only|Parking|Network|Free|Wi-?Fi|Lounge|List|Number|Notes?|Info|Information|Details|Contact|Full|Part|Time|Remote|Required|Pending|Yes|No|None"
    r"|Unknown|Name|Role|Start|Join(?:s|ed|ing)?|Date|Manager|Data|Form|Sign|Here|Release|Build|Ratio|Experience|Journey|Relations|Success|Care|Room|Services?|Agreement|Engineer|Analyst"
    r"|Developer|Director|Officer|Assistant|Accountant|Designer|Consultant|Specialist|Coordinator|Intern|Senior|Junior)\b"
)


def persons_in_roles(document: Document, others: Sequence[Span] = ()) -> Iterator[Span]:
    """Yield the full names behind such words. In tables the headers say more.

    `others` is what else was found: of some words only personal data beside them tells that they are of a person.
    """
    nearby = Nearby(document.text, others)
    for match in (*_JAPANESE.finditer(document.text), *_ENGLISH.finditer(document.text)):
        cell = document.cell(match.start("name"))
        if cell and (cell.kinds or cell.start > match.start()):
            continue
        fits = _is_japanese(document.text, match, nearby) if match.re is _JAPANESE else _is_english(match)
        if fits:
            start, end = match.span("name")
            yield Span("PERSON", start, end - bool(_END_OF_SENTENCE.search(match.group("name"))))


def _is_japanese(text: str, match: re.Match[str], nearby: Nearby) -> bool:
    name, joint = match.group("name"), match.group("joint").strip()
    end, at = match.end("end"), match.start("end")
    role = _before(_KANJI_BEFORE, text, at) + match.group("end")
    whole = _before(_WORDS_BEFORE, text, at) + match.group("end")
    if is_role(name) or is_thing(name):
        return False
    if len(role) == 1 and _OF_SENDER.search(whole):
        return False  # 担当する人
    sure = bool(_SURE_ENDS.search(role)) and joint != "、"
    if _AT_WORK.search(role):
        sure = False
        if not _TAKING_PART.search(role):
            return False
    hard = bool(joint) and joint[0] in ":=/→>-.・|"
    known = _is_surely_known(name)
    if sure and (known or (hard and " " in name and _SUBJECTS.search(role) and is_possible(name))):
        return True
    if _OF_SENDER.search(whole):
        return False
    if not known and not (is_possible(name) and (hard or end < match.start("joint")) and " " in name):
        return False
    return nearby.has_data(*match.span("name"), identity=bool(_AT_WORK.search(role)))


def _before(pattern: re.Pattern[str], text: str, end: int) -> str:
    match = pattern.search(text, max(0, end - 16), end)
    return match.group() if match else ""


def _is_surely_known(name: str) -> bool:
    """Tell whether it is a full name; a family name of one character, as in 東京, is none without a known given name."""
    if not is_known(name) or name in SURNAMES or is_no_given_name_behind(name):
        return False
    if " " in name or "・" in name or ends_with_given_name(name):
        return True
    return any(name[:length] in SURNAMES for length in (3, 2))


def _is_english(match: re.Match[str]) -> bool:
    name = match.group("name")
    if _CAPITALISED.search(name) or not is_possible(name):
        return False
    # "Our new colleague, Ada Okafor," is told of one; "customers, Harbor Foods" may be anybody.
    return is_known(name) or (match.group("strong") is not None and _is_one(match))


def _is_one(match: re.Match[str]) -> bool:
    return match.group("joint") != ", " or match.group("strong").lower().startswith("new ")
