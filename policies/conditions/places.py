"""The places of a message in which words are looked for."""

from collections.abc import Iterator, Mapping

from policies.conditions.kind import shown
from policies.facts import Facts
from policies.parameters import Choice
from policies.parts import Part
from policies.verdict import Text

PLACES = {
    "both": Text("件名か本文", "the subject or the body"),
    "subject": Text("件名", "the subject"),
    "body": Text("本文", "the body"),
    "attachments": Text("添付の中身", "an attachment"),
    "everywhere": Text("件名か本文か添付の中身", "the subject, the body or an attachment"),
}
LABELS = {
    "both": Text("件名と本文", "subject and body"),
    "subject": Text("件名", "subject"),
    "body": Text("本文", "body"),
    "attachments": Text("添付の中身", "attachments"),
    "everywhere": Text("件名と本文と添付の中身", "subject, body and attachments"),
}
CHOICES = tuple(Choice(code=code, label=label) for code, label in LABELS.items())
QUESTION = Text("調べる場所", "where to look")
READS: Mapping[str, Part] = {"attachments": Part.INSPECTION, "everywhere": Part.INSPECTION}


def folded_texts(facts: Facts, choice: str) -> Iterator[tuple[Text, str]]:
    """Yield each text in the places of `choice`, as `fold_text` folds it, and where it is."""
    if choice in {"subject", "both", "everywhere"}:
        yield PLACES["subject"], facts.folded_subject
    if choice in {"body", "both", "everywhere"}:
        yield PLACES["body"], facts.folded_body
    if choice in {"attachments", "everywhere"}:
        for name, text in facts.folded_attached_texts:
            yield _attachment(name), text


def plain_texts(facts: Facts, choice: str) -> Iterator[tuple[Text, str]]:
    """Yield the same texts as they are written."""
    if choice in {"subject", "both", "everywhere"}:
        yield PLACES["subject"], facts.content.subject
    if choice in {"body", "both", "everywhere"}:
        yield PLACES["body"], facts.content.body
    if choice in {"attachments", "everywhere"}:
        for name, text in facts.attached_texts:
            yield _attachment(name), text


def _attachment(name: str) -> Text:
    return Text(f"添付「{shown(name)}」", f"attachment “{shown(name)}”")
