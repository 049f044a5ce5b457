"""Put a text in front of the subject when the message leaves; nothing else of it changes."""

from policies.actions.kind import ActionKind, Names
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Text, Treatment

LONGEST_TAG = 40


def _effect(action: Action) -> Treatment:
    return Treatment(tags=(action.tag,))


def _sentence(action: Action, names: Names) -> Text:
    return Text(f"件名の先頭に「{action.tag}」を付ける", f"the subject begins with “{action.tag}”")


def _check(action: Action) -> list[Flaw]:
    tag = action.tag
    if 0 < len(tag) <= LONGEST_TAG and tag.isprintable() and tag.strip() == tag and "=?" not in tag:
        return []
    return [
        Flaw(
            "tag",
            Text(
                f"件名に付ける文字を {LONGEST_TAG} 文字以内で書いてください(例: 【社外】)。",
                f"a text of at most {LONGEST_TAG} characters is needed, such as [External].",
            ),
        )
    ]


KIND = ActionKind(
    code="tag",
    label=Text("件名に印を付ける", "Tag the subject"),
    help=Text(
        "送るときに、件名の先頭に「【社外】」などの文字を付けます。すでにその文字で始まる件名(「Re: 【社外】」なども)には付けません。"
        "本文、添付ファイル、S/MIME や PGP の署名は変わりません。",
        "Puts a text such as [External] in front of the subject when the mail leaves, unless it begins with it already, as in "
        "“Re: [External]”. Text, attachments and signatures by S/MIME or PGP stay as they are.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"tag"}),
    check=_check,
)
