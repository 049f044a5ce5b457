"""The language of a text, by the letters that it is written in."""

import unicodedata
from collections import Counter

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

_LANGUAGES = {
    "japanese": Text("日本語", "Japanese"),
    "latin": Text("ラテン文字(英語など)", "Latin letters, as English"),
    "chinese": Text("中国語", "Chinese"),
    "korean": Text("韓国語", "Korean"),
    "other": Text("そのほかの文字", "other letters"),
}
_SCRIPTS = {"HIRAGANA": "kana", "KATAKANA": "kana", "CJK": "kanji", "LATIN": "latin", "HANGUL": "korean"}
_MOST = 20_000
# Kana among the signs of Japanese and Chinese texts: any real sentence has far more.
_KANA_SHARE = 0.05


def language_of(text: str) -> str:
    """Return the language of `text`, a code of this condition's choices, or "" where there are no letters."""
    counts = Counter(_script(sign) for sign in text[:_MOST] if sign.isalpha())
    if not counts:
        return ""
    eastern = counts["kana"] + counts["kanji"]
    others = {script: counts[script] for script in ("latin", "korean", "other")}
    # One sign of an eastern script says as much as several letters.
    if eastern * 3 >= max(others.values()):
        return "japanese" if counts["kana"] >= _KANA_SHARE * eastern else "chinese"
    return max(others, key=lambda script: others[script] * (3 if script == "korean" else 1))


def _script(sign: str) -> str:
    return _SCRIPTS.get(unicodedata.name(sign, "").partition(" ")[0].partition("-")[0], "other")


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    written = language_of(f"{facts.content.subject}\n{facts.content.body}")
    return _sentence(condition) if written == condition.choice else None


def _sentence(condition: Condition) -> Text:
    language = _LANGUAGES[condition.choice]
    return Text(f"本文が{language.ja}", f"the text is in {language.en}")


KIND = ConditionKind(
    code="language",
    label=Text("言語", "Language"),
    help=Text(
        "件名と本文の文字の種類で判定します。かなを含む漢字の文は日本語、含まないものは中国語です。",
        "By the letters of subject and body: kanji with kana are Japanese, without any they are Chinese.",
    ),
    match=_match,
    sentence=_sentence,
    reads=Part.CONTENT,
    choices=tuple(Choice(code=code, label=label) for code, label in _LANGUAGES.items()),
)
