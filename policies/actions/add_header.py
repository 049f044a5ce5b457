"""Put a header field above the content when it leaves; the content itself stays as it is, with its signatures."""

import re

from policies.actions.kind import ActionKind, Names
from policies.parameters import Flaw
from policies.spec import Action
from policies.verdict import Text, Treatment

LONGEST_HEADER = 500
# Fields of our own kind only: a second From, Subject or Received would make programs read the mail differently.
_FIELD = re.compile(r"(X-[A-Za-z0-9-]{1,70}): ([ -~]{1,400})", re.ASCII)
_OURS = "x-mailhold-id"


def _effect(action: Action) -> Treatment:
    return Treatment(headers=(action.header,))


def _sentence(action: Action, names: Names) -> Text:
    return Text(f"ヘッダー「{action.header}」を付ける", f"the header “{action.header}” is added")


def _check(action: Action) -> list[Flaw]:
    found = _FIELD.fullmatch(action.header)
    if found and found[1].lower() != _OURS and found[2].strip() == found[2]:
        return []
    return [
        Flaw(
            "header",
            Text(
                "「X-名前: 値」の形で、英数字と記号だけで書いてください(例: X-Policy: checked)。",
                "write it as X-Name: value, in ASCII, such as X-Policy: checked.",
            ),
        )
    ]


KIND = ActionKind(
    code="add_header",
    label=Text("ヘッダーを付ける", "Add a header"),
    help=Text(
        "送るときに、メールの先頭に X- で始まるヘッダーを付けます。内容と署名は変わりません。",
        "Puts a header that begins with X- above the mail when it leaves. Content and signatures stay as they are.",
    ),
    effect=_effect,
    sentence=_sentence,
    takes=frozenset({"header"}),
    check=_check,
)
