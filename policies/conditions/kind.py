"""What a kind of condition is made of, and whether a condition fits its kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from policies.facts import Facts, RecipientFact
from policies.marks import Mark
from policies.parameters import Choice, Flaw, NumberParameter, Parameter
from policies.parts import Part
from policies.spec import Condition
from policies.verdict import Text

MOST_VALUES = 5_000
LONGEST_VALUE = 500
LONGEST_SHOWN = 100
WHICH = Text("選択肢", "which")


def _any_value(value: str) -> Text | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionKind:
    """A kind of condition.

    `match` returns why the condition holds, as a sentence part, or None. It is asked once a message where
    `per_message`, otherwise for each recipient. `reads` is the dearest part of the facts that it needs, with
    `reads_by_choice` where a choice needs more; the dearest is asked last. `sentence` says the condition inside a
    policy's sentence. `check_value` returns what is wrong with a value, `names` what its values are the names of:
    "list", "calendar" or "department", which must exist. Forms ask for the choice by `question` and begin with the
    `suggested` one, or the first; where there are `options`, values are ticked instead of written, each with a number of
    its own where they are `counted` (as `code=number`).

    `marks` yields where in the message a condition that has matched found what it says, in the order of the texts; it is
    asked when somebody wants to see. With `marks_recipient` the recipient for whom it matched is the place.
    """

    code: str
    label: Text
    help: Text
    match: Callable[[Facts, RecipientFact, Condition], Text | None]
    sentence: Callable[[Condition], Text]
    per_message: bool = True
    reads: Part = Part.ENVELOPE
    reads_by_choice: Mapping[str, Part] = field(default_factory=dict)
    values: Parameter | None = None
    check_value: Callable[[str], Text | None] = _any_value
    number: NumberParameter | None = None
    choices: tuple[Choice, ...] = ()
    names: str = ""
    question: Text = WHICH
    suggested: str = ""
    options: tuple[Choice, ...] = ()
    counted: bool = False
    marks: Callable[[Facts, Condition], Iterator[Mark]] | None = None
    marks_recipient: bool = False

    def part(self, condition: Condition) -> Part:
        """Return the dearest part of the facts that `condition` needs."""
        return self.reads_by_choice.get(condition.choice, self.reads)

    def choice_label(self, code: str) -> Text:
        """Return the label of the choice `code`, or the code where there is none."""
        return next((choice.label for choice in self.choices if choice.code == code), Text(code, code))

    def flaws(self, condition: Condition) -> list[Flaw]:
        """Return what is wrong with the parameters of `condition`; nothing where it can be used."""
        return [
            *self._flaws_of_choice(condition),
            *self._flaws_of_number(condition),
            *self._flaws_of_values(condition),
        ]

    def _flaws_of_choice(self, condition: Condition) -> Iterator[Flaw]:
        if not self.choices:
            if condition.choice:
                yield self._unused("choice")
        elif condition.choice not in {choice.code for choice in self.choices}:
            japanese = "、".join(f"{choice.code}({choice.label.ja})" for choice in self.choices)
            english = ", ".join(choice.code for choice in self.choices)
            yield self._flaw(
                "choice", f"選択肢は {japanese} のどれかです。", f"the choice must be one of {english}."
            )

    def _flaws_of_number(self, condition: Condition) -> Iterator[Flaw]:
        if self.number is None:
            if condition.number is not None:
                yield self._unused("number")
        elif condition.number is None or not self.number.least <= condition.number <= self.number.most:
            least = self.number.least
            yield self._flaw(
                "number",
                f"数({self.number.label.ja})は {least} 以上の整数で指定してください。",
                f"the number ({self.number.label.en}) must be a whole number of at least {least}.",
            )

    def _flaws_of_values(self, condition: Condition) -> Iterator[Flaw]:
        if self.values is None:
            if condition.values:
                yield self._unused("values")
        elif not condition.values and self.values.optional:
            return
        elif not condition.values:
            yield self._flaw("values", "値を1つ以上指定してください。", "at least one value is needed.")
        elif len(condition.values) > MOST_VALUES:
            yield self._flaw(
                "values", f"値は {MOST_VALUES} 個までです。", f"at most {MOST_VALUES} values are allowed."
            )
        else:
            for value in condition.values:
                wrong = _flaw_of_text(value) or self.check_value(value)
                if wrong is not None:
                    yield Flaw("values", wrong)

    def _unused(self, parameter: str) -> Flaw:
        japanese = {"choice": "選択肢", "number": "数", "values": "値"}[parameter]
        return self._flaw(parameter, f"{japanese}は使いません。", f"takes no {parameter}.")

    def _flaw(self, parameter: str, japanese: str, english: str) -> Flaw:
        return Flaw(
            parameter, Text(f"条件「{self.label.ja}」: {japanese}", f"Condition “{self.label.en}”: {english}")
        )


def _flaw_of_text(value: str) -> Text | None:
    if value != value.strip() or not value:
        return Text(
            "空の値や、前後に空白のある値は使えません。",
            "A value must not be empty or have blanks around it.",
        )
    if len(value) > LONGEST_VALUE:
        return Text(
            f"値は {LONGEST_VALUE} 文字までです。", f"A value has at most {LONGEST_VALUE} characters."
        )
    if "\n" in value or "\r" in value:
        return Text("値に改行は使えません。", "A value must not hold a line break.")
    return None


def shown(text: str) -> str:
    """Return a text out of a message for use in a reason: short, and without signs that databases or readers stumble on.

    NUL and lone surrogates cannot be stored, and marks that turn the direction of writing make a name look like another.
    """
    kept = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
    return "".join(" " if sign.isspace() else sign if sign.isprintable() else "\ufffd" for sign in kept)


def quoted(values: tuple[str, ...]) -> Text:
    """Return `values` as a list joined by "or", the first five of them."""
    shown = values[:5]
    rest = len(values) - len(shown)
    japanese = "または".join(f"「{value}」" for value in shown) + (f"ほか{rest}件" if rest else "")
    english = " or ".join(f"“{value}”" for value in shown) + (f" or {rest} more" if rest else "")
    return Text(japanese, english)
