"""Western names in sentences that tell of somebody's papers: "Fiona Haddad travels on passport PV9713160".

Two or three words with capitals may be anything. In a sentence that holds the number of a paper, or a date of birth, they
are a person where a common given name is among them, or where the words beside say what only persons do.
"""

import re
from collections.abc import Iterator, Sequence

from policies.detectors.document import Document, Span
from policies.detectors.names import PARTICLE, WORD, is_known, is_possible
from policies.detectors.nearby import Nearby
from policies.detectors.roles import WHO_IN_ENGLISH
from policies.detectors.tables import kind_of_header

_NAME = re.compile(
    rf"(?<![A-Za-zÀ-ɏ'’@.-])(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? )?(?P<name>{WORD}(?: (?:{PARTICLE} ){{0,2}}{WORD}){{1,2}})"
)
_DOES = re.compile(
    r"(?:['’]s\b|,? (?:who|whose)\b| ?\([^()\n]{1,20}\)|,? (?:travel(?:s|led|ling)?|holds?|held|told|tells|says|said|gave|gives|was born|is booked|(?:will|can|may|shall|must|would) |has (?:the |a |been )?|had |called"
    r"|wrote|asked|confirmed|confirms|sent|sends|uses?|used|flies|flew|lives?|lived|joins?|joined|starts?|started|works?|worked|carries|carried|presented|enters?|entered|applied|applies|signed|arrives?|leaves?"
    r"|renewed|enrolled|registered|checked in|moved|quoted|provided|reported|is travell?ing|is (?:on|under|at|using)|with passport|under passport|on passport|holding|using|born)\b)"
)
_LED_TO = re.compile(
    r"(?:\b(?:belong(?:s|ing)? to|issued to|owned by|held by|given by|provided by|used by|for|of|from|by|named|called|is|and|while|that|whereas|passenger|guest|colleague|hire|employee|patient|traveller|traveler|tenant|renter|driver|applicant|client|customer|husband|wife|son|daughter|mother|father)) \Z"
)
_ONLY_PERSONS = re.compile(
    r"\b(?:belong(?:s|ing)? to|issued to|owned by|held by|have for|(?:SSN|numbers?|passport|licen[cs]e|DOB|birth|birthday|birthdate) for|(?:SSN|security number|passport|passport number|licen[cs]e|licen[cs]e number|DOB|birth|birthday|birthdate) of|named|called|passenger|guest|colleague|hire|patient|tenant|renter|husband|wife|son|daughter) \Z"
)
# "Chloe Lindqvist (New hire)", on a line above what is told of her.
_IN_A_ROLE = re.compile(
    rf"(?:^|(?<=[\x1e\x1f]))[ \t>*-]{{0,4}}(?P<name>{WORD}(?: {WORD}){{1,2}}) {{1,2}}[(\[](?i:(?:the |our |your )?{WHO_IN_ENGLISH})[)\]] ?(?=$|[\x1e\x1f:,;-])",
    re.MULTILINE,
)
_END_OF_SENTENCE = re.compile(r"(?<=[a-zà-ɏ]{2})\.\Z")
# Capitals that begin a sentence, or are of another word.
_BEFORE = re.compile(
    r"(?:The|This|That|His|Her|Their|Our|Your|My|Its|For|With|From|And|But|When|While|If|As|On|In|At|By|To|Of|Is|Was|Passport|Visa|SSN|DOB|Please|Dear|Hi|Hello|Re|Fwd?|Both|We|I|It|You"
    r"|New|Use|Only|Also|Since|Because|After|Before|Here|Attached|Note|Yes|No|See|Per|Both|Meet|Tell|Ask|Let|Call)\Z"
)


def told_of(document: Document, others: Sequence[Span]) -> Iterator[Span]:
    """Yield such names; `others` is what else was found in the document."""
    nearby = Nearby(document.text, others)
    lines = sorted({document.line(one.start) for one in others})
    for start, end in lines:
        cell = document.cell(start)
        if (cell and cell.kinds) or not nearby.identity_within(start, end):
            continue
        for match in _NAME.finditer(document.text, start, end):
            yield from _person(document.text, match)
    for match in _IN_A_ROLE.finditer(document.text):
        cell = document.cell(match.start())
        if (
            not (cell and cell.kinds)
            and is_possible(match.group("name"))
            and nearby.has_data(*match.span("name"))
        ):
            yield Span("PERSON", *match.span("name"))


def _person(text: str, match: re.Match[str]) -> Iterator[Span]:
    name, (start, end) = match.group("name"), match.span("name")
    first, _, rest = name.partition(" ")
    if _BEFORE.match(first):
        if " " not in rest:
            return
        name, start = rest, start + len(first) + 1
    whole = _END_OF_SENTENCE.sub("", name)
    end -= len(name) - len(whole)
    if not is_possible(whole) or kind_of_header(whole) or any(map(str.isupper, whole.split())):
        return
    does, led = _DOES.match(text, end), _LED_TO.search(text, max(0, start - 24), start)
    certain = does or _ONLY_PERSONS.search(text, max(0, start - 24), start)
    if certain or (led and is_known(whole)):
        yield Span("PERSON", start, end)
