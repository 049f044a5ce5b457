"""Columns of western names that nobody knows: told by the word above them, or by the private mail beside them."""

import re
from collections.abc import Sequence

from policies.detectors.names import PARTICLE, WORD, is_possible
from policies.detectors.vocabulary import ENDS_OF_PERSONS_IN_ENGLISH, PERSONS_IN_ENGLISH

_FEWEST = 2
_NAME = re.compile(rf"{WORD}(?: (?:{PARTICLE} ){{0,2}}{WORD}){{1,2}}")
# Firms, goods, places and programs have names too, and people who stand for them.
_OF_THINGS = re.compile(
    r"\b(?:products?|compan(?:y|ies)|firms?|files?|folders?|banks?|branch(?:es)?|courses?|hosts?|users?|brands?|events?|cit(?:y|ies)|projects?|servers?|vendors?|suppliers?|manufacturers?|makers?|carriers?"
    r"|retailers?|dealers?|contractors?|providers?|partners?|publishers?|distributors?|insurers?|brokers?|employers?|stores?|shops?|hotels?|venues?|places?|locations?|sites?|offices?|rooms?|buildings?|towns?"
    r"|countr(?:y|ies)|states?|streets?|schools?|departments?|dept|teams?|groups?|class(?:es)?|clubs?|items?|parts?|models?|goods|materials?|colou?rs?|flavou?rs?|colors?|displays?|domains?|business(?:es)?"
    r"|organi[sz]ations?|trades?|titles?|services?|plans?|menus?|dish(?:es)?|ships?|vessels?|containers?|orders?|printers?|computers?|routers?|sensors?|motors?|parameters?|headers?|layers?|drivers|clusters?|covers?|towers?|rivers?|waters?|flowers?|chapters?|letters?|newsletters?|floors?|doors?|trees?|coffees?|committees?|fees?|(?:play|check|mailing )?lists?|tanker|freighter|trailer|speakers?|presenters?|errors?|fibers?|polymers?|burgers?|beers?|sweaters?|trainers?|posters?|stickers?"
    r"|filters?|controllers?|adapters?|components?|elements?|documents?|papers?|characters?|numbers?|identifiers?|customer types?|campaigns?|restaurants?|regions?|prefectures?|categor(?:y|ies)|sales ?person)\b",
    re.IGNORECASE,
)
_PERSONS = re.compile(
    rf"(?:full |legal )?names? of (?:the |each )?(?:[a-z]+ )?(?:{PERSONS_IN_ENGLISH})s?"
    rf"|(?:[a-z]+ )?(?:{PERSONS_IN_ENGLISH})(?:['’]?s|s['’])? (?:full |legal )?names?"
    rf"|(?:{PERSONS_IN_ENGLISH})s?|contact persons?(?: names?)?|[a-z]+ persons?(?: concerned)?",
    re.IGNORECASE,
)
_MAYBE_PERSONS = re.compile(
    rf"names? of (?:the |each )?(?:[a-z]+ )?[a-z]{{3,12}}(?:{ENDS_OF_PERSONS_IN_ENGLISH})s?"
    rf"|(?:[a-z]+ )?[a-z]{{3,12}}(?:{ENDS_OF_PERSONS_IN_ENGLISH})(?:['’]?s|s['’])? (?:full |legal )?names?|(?:[a-z]+ )?contact"
    r"|(?:[a-z/'’-]{1,12} ){0,4}names?(?: [(]?[a-z/'’-]{1,12}[)]?){0,4}",
    re.IGNORECASE,
)
_WORD_NAME = re.compile(r"\bnames?\b", re.IGNORECASE)
_TO_REACH = re.compile(r"[^\s@]{1,64}@[^\s@]{1,200}|[+(]?[0-9](?:[ ().-]{0,2}[0-9]){8,13}")
_PRIVATE = re.compile(
    r"[^\s@]{1,64}@(?:[a-z0-9-]+\.)?(?:g(?:oogle)?mail\.com|(?:yahoo|ymail|rocketmail)\.(?:com|[a-z]{2}|(?:co|com|ne)\.[a-z]{2})|(?:outlook|hotmail|live|msn)\.(?:com|[a-z]{2}|(?:co|com)\.[a-z]{2})|(?:icloud|me|mac|aol|gmx|mail|zoho|fastmail|hey)\.com"
    r"|gmx\.(?:de|net|at|ch)|web\.de|t-online\.de|(?:proton|pm)\.me|protonmail\.com|orange\.fr|free\.fr|laposte\.net|libero\.it|comcast\.net|verizon\.net|att\.net|sbcglobal\.net|bt(?:internet|openworld)\.com|sky\.com|virginmedia\.com"
    r"|docomo\.ne\.jp|(?:ezweb|biglobe|so-net|ocn|plala|dion|eonet|asahi-net|infoweb|hi-ho|wakwak)\.(?:ne|or)\.jp|au\.com|(?:i\.)?softbank\.(?:ne\.)?jp|(?:ymobile|uqmobile)\.(?:ne\.)?jp|nifty\.(?:com|ne\.jp)|(?:qq|163|126|naver|daum|hanmail)\.(?:com|net))",
    re.IGNORECASE,
)


def names_persons(header: str, *, reached: bool) -> bool:
    """Tell whether an English header says whose names stand below: "Member name", "Contact person".

    `reached`: how to reach them stands beside, which makes persons of a "Runner name", and none of a "Flower name".
    """
    word = header.strip(' "')
    told = _PERSONS.fullmatch(word) or (reached and _MAYBE_PERSONS.fullmatch(word))
    return bool(told) and not names_things(word)


def may_name_persons(header: str) -> bool:
    """Tell whether an English header has the word "name", and no word of things that have names."""
    return bool(_WORD_NAME.search(header)) and not names_things(header)


def names_things(header: str) -> bool:
    """Tell whether an English header speaks of firms, goods, places or programs."""
    return bool(_OF_THINGS.search(header))


def are_like_persons(cells: Sequence[str]) -> bool:
    """Tell whether nearly all cells are two or three words with capitals, each another, and none of firms or places."""
    texts = [text for text in (cell.strip() for cell in cells) if text]
    names = {text for text in texts if _NAME.fullmatch(text) and is_possible(text) and not text.isupper()}
    return len(texts) >= _FEWEST and 5 * len(names) >= 4 * len(texts)


def are_to_reach(cells: Sequence[str]) -> bool:
    """Tell whether most cells are mail addresses or telephone numbers, each another."""
    texts = [text for text in (cell.strip().lower() for cell in cells) if text]
    found = {text for text in texts if _TO_REACH.fullmatch(text)}
    return len(texts) >= _FEWEST and 5 * len(found) >= 4 * len(texts)


def are_private_addresses(cells: Sequence[str]) -> bool:
    """Tell whether most cells are mail addresses at providers for everybody, each another."""
    texts = [text for text in (cell.strip().lower() for cell in cells) if text]
    private = {text for text in texts if _PRIVATE.fullmatch(text)}
    return len(texts) >= _FEWEST and 5 * len(private) >= 4 * len(texts)
