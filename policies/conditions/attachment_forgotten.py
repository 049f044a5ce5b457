"""Mail that speaks of an attachment and has none."""

import re
from collections.abc import Iterator

from policies.conditions.kind import ConditionKind
from policies.conditions.own_words import own_words, traced_own_words
from policies.facts import Facts, RecipientFact
from policies.folding import fold_text
from policies.marks import Mark, Place
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_SENTENCE = Text("「添付」と書いてあるのに添付がない", "an attachment is spoken of, but there is none")
_SPOKEN_OF = re.compile(
    r"添付(?:を|で|に|にて|いた|致|し(?!て(?:い)?(?:ません|ない))|させて|申し|の(?:資料|ファイル|とおり|通り|書類|見積|請求|契約|表|図|写真)|資料|ファイル|書類|文書|のうえ|の上)"
    r"|別添(?:の|を|で|に|資料|参照)|同封(?:の|いた|致|し)|ファイルを(?:お送り|送付|送り)"
    r"|\b(?:i have|i've|i am|i'm|we have|we've|we are|please (?:find|see)|see|find|here is|here are)(?: \w+){0,3} (?:attached|enclosed|attaching)\b"
    r"|\b(?:attached|enclosed)(?: herewith)? (?:is|are|please|you|find|to this|files?|documents?|pdf)\b"
    r"|\b(?:the|my|our|see|in) (?:attached|enclosed|attachments?)\b|\bas attached\b|\bi attach(?:ed)?\b|\bwe attach(?:ed)?\b"
)
_DENIED = re.compile(
    r"添付(?:ファイル|資料|書類|は|が|も)*(?:は|が|も)?(?:なし|無し|ありません|ございません|ない|不要|しません|していません|せず|できません|できず)"
    r"|添付(?:漏れ|忘れ|もれ|し忘れ|ファイルを(?:開か|開け|忘れ))"
    r"|\b(?:no|not|without|never|isn't|aren't|forgot(?:ten)?)(?: \w+){0,3} (?:attach(?:ed|ment|ments|ing)?|enclosed)\b"
)


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    if facts.content.own_attachments:
        return None
    text = fold_text(own_words(facts.content.body))
    return _SENTENCE if _SPOKEN_OF.search(_DENIED.sub(" ", text)) else None


def _marks(facts: Facts, condition: Condition) -> Iterator[Mark]:
    text = traced_own_words(facts.content.body).folded().without(_DENIED, " ")
    for found in _SPOKEN_OF.finditer(text.text):
        start, end = text.span(*found.span())
        yield Mark(place=Place.BODY, start=start, end=end)


def _sentence(condition: Condition) -> Text:
    return _SENTENCE


KIND = ConditionKind(
    code="attachment_forgotten",
    label=Text("添付忘れ", "Forgotten attachment"),
    help=Text(
        "本文で「添付いたします」「attached」などと書いているのに、添付ファイルがないメールです。引用された部分は見ません。",
        "The text says “attached” or 添付いたします, and nothing is attached. What is quoted does not count.",
    ),
    match=_match,
    marks=_marks,
    sentence=_sentence,
    reads=Part.CONTENT,
)
