"""Each kind of condition: when it matches, when it does not, and which parameters it refuses."""

import re

import pytest

from policies.conditions.registry import CONDITION_KINDS, condition_kind
from policies.exceptions import UnknownKindError
from policies.facts import SenderFact
from policies.spec import Condition
from policies.verdict import Text

KABU = "㈱山田"


def matched(facts, condition, recipient=0):
    return condition_kind(condition.kind).match(facts, facts.recipients[recipient], condition)


MATCHES = [
    ("recipient_is", {"choice": "external"}, {}, True),
    ("recipient_is", {"choice": "internal"}, {}, False),
    ("recipient_domain", {"values": ("customer.example",)}, {}, True),
    ("recipient_domain", {"values": ("CUSTOMER.example.",)}, {}, True),
    ("recipient_domain", {"values": ("example",)}, {}, False),
    ("recipient_domain", {"values": (".example",)}, {}, True),
    ("recipient_domain", {"values": (".customer.example",)}, {}, True),
    ("recipient_domain", {"values": (".tomer.example",)}, {}, False),
    ("recipient_domain", {"values": ("xn--wgv71a.example",)}, {"to": ("a@日本.example",)}, True),
    ("recipient_domain", {"values": ("日本.example",)}, {"to": ("a@xn--wgv71a.example",)}, True),
    ("recipient_count", {"number": 2}, {"to": ("a@x.example", "b@x.example")}, True),
    ("recipient_count", {"number": 3}, {"to": ("a@x.example", "b@x.example")}, False),
    ("external_count", {"number": 1}, {"to": ("a@x.example", "b@example.test")}, True),
    ("external_count", {"number": 2}, {"to": ("a@x.example", "b@example.test")}, False),
    ("has_attachment", {}, {"attachments": (("a.txt", "text/plain"),)}, True),
    ("has_attachment", {}, {}, False),
    ("attachment_name", {"values": ("*.ZIP",)}, {"attachments": (("見積.zip", "application/zip"),)}, True),
    ("attachment_name", {"values": ("顧客*",)}, {"attachments": (("顧客名簿.xlsx", "x/y"),)}, True),
    ("attachment_name", {"values": ("ﾒｲﾎﾞ*",)}, {"attachments": (("メイボ.xlsx", "x/y"),)}, True),
    ("attachment_name", {"values": ("*.zip",)}, {"attachments": (("zip.txt", "text/plain"),)}, False),
    ("attachment_name", {"values": ("a?.txt",)}, {"attachments": (("a12.txt", "text/plain"),)}, False),
    ("attachment_type", {"values": ("application/pdf",)}, {"attachments": (("a", "Application/PDF"),)}, True),
    ("attachment_type", {"values": ("image/*",)}, {"attachments": (("a", "image/png"),)}, True),
    ("attachment_type", {"values": ("image/*",)}, {"attachments": (("a", "imagex/png"),)}, False),
    (
        "attachment_type",
        {"values": (".xlsx",)},
        {"attachments": (("名簿.XLSX", "application/octet-stream"),)},
        True,
    ),
    ("attachment_type", {"values": ("xlsx",)}, {"attachments": (("名簿.xlsx", "x/y"),)}, True),
    ("attachment_type", {"values": ("lsx",)}, {"attachments": (("名簿.xlsx", "x/y"),)}, False),
    ("words", {"values": ("社外秘",), "choice": "both"}, {"subject": "【社外秘】見積"}, True),
    ("words", {"values": ("社外秘",), "choice": "body"}, {"subject": "【社外秘】見積"}, False),
    ("words", {"values": ("社外秘",), "choice": "subject"}, {"body": "社外秘です"}, False),
    ("words", {"values": ("社外秘",), "choice": "body"}, {"body": "社外秘です"}, True),
    ("words", {"values": ("ﾏｲﾅﾝﾊﾞｰ",), "choice": "both"}, {"body": "マイナンバーを送ります"}, True),
    (
        "words",
        {"values": ("confidential",), "choice": "both"},
        {"body": "ＣＯＮＦＩＤＥＮＴＩＡＬ資料"},
        True,
    ),
    ("words", {"values": ("(株)山田",), "choice": "both"}, {"body": KABU}, True),
    ("words", {"values": ("STRASSE",), "choice": "both"}, {"body": "straße"}, True),
    ("words", {"values": ("art",), "choice": "both"}, {"body": "a party"}, False),
    ("words", {"values": ("art*",), "choice": "both"}, {"body": "artful"}, True),
    ("words", {"values": ("*art",), "choice": "both"}, {"body": "a smart party"}, True),
    ("words", {"values": ("top  secret",), "choice": "both"}, {"body": "it is top\r\nsecret now"}, True),
    ("words", {"values": ("c++",), "choice": "both"}, {"body": "We use C++."}, True),
    ("size", {"number": 1, "choice": "KB"}, {"size": 1024}, True),
    ("size", {"number": 1, "choice": "KB"}, {"size": 1023}, False),
    ("size", {"number": 10, "choice": "MB"}, {"size": 10 * 1024 * 1024}, True),
    ("size", {"number": 10, "choice": "MB"}, {"size": 10 * 1024 * 1024 - 1}, False),
    ("size", {"number": 5, "choice": "B"}, {"size": 5}, True),
    ("content_not_inspected", {}, {"inspected": False}, True),
    ("content_not_inspected", {}, {}, False),
    ("author_differs", {}, {"sender": SenderFact(address="alice@example.test", author_differs=True)}, True),
    ("author_differs", {}, {}, False),
]


@pytest.mark.parametrize(("kind", "parameters", "message", "expected"), MATCHES)
def test_a_condition_matches_what_it_says(facts_of, kind, parameters, message, expected):
    facts, _ = facts_of(*message.get("to", ()), **{k: v for k, v in message.items() if k != "to"})
    condition = Condition(kind=kind, **parameters)
    assert condition_kind(kind).flaws(condition) == []
    found = matched(facts, condition)
    assert (found is not None) is expected
    if found is not None:
        assert found.ja
        assert found.en


def test_every_kind_is_matched_and_not_matched_above():
    tried = {(kind, expected) for kind, _, _, expected in MATCHES}
    assert tried == {(kind.code, expected) for kind in CONDITION_KINDS for expected in (True, False)}


@pytest.mark.parametrize("kind", CONDITION_KINDS, ids=lambda kind: kind.code)
def test_a_kind_opens_the_content_only_where_it_says_so(facts_of, kind):
    facts, reads = facts_of()
    condition = Condition(
        kind=kind.code,
        values=("customer.example",) if kind.values else (),
        number=1 if kind.number else None,
        choice=kind.choices[0].code if kind.choices else "",
    )
    kind.match(facts, facts.recipients[0], condition)
    assert bool(reads) is kind.reads_content


FLAWS = [
    (Condition(kind="recipient_is"), "choice"),
    (Condition(kind="recipient_is", choice="both"), "choice"),
    (Condition(kind="recipient_is", choice="external", number=1), "number"),
    (Condition(kind="recipient_is", choice="external", values=("x",)), "values"),
    (Condition(kind="recipient_domain"), "values"),
    (Condition(kind="recipient_domain", values=("a b",)), "values"),
    (Condition(kind="recipient_domain", values=("user@partner.example",)), "values"),
    (Condition(kind="recipient_domain", values=("..example",)), "values"),
    (Condition(kind="recipient_domain", values=("*.example",)), "values"),
    (Condition(kind="recipient_domain", values=("a.example", "")), "values"),
    (Condition(kind="recipient_count"), "number"),
    (Condition(kind="recipient_count", number=0), "number"),
    (Condition(kind="external_count", number=2**31), "number"),
    (Condition(kind="has_attachment", choice="x"), "choice"),
    (Condition(kind="attachment_type", values=("a/b/c",)), "values"),
    (Condition(kind="attachment_name", values=(" a",)), "values"),
    (Condition(kind="attachment_name", values=("a\nb",)), "values"),
    (Condition(kind="attachment_name", values=("x" * 501,)), "values"),
    (Condition(kind="words", choice="both", values=("**",)), "values"),
    (Condition(kind="words", choice="both", values=tuple(map(str, range(5001)))), "values"),
    (Condition(kind="size", number=1), "choice"),
]


@pytest.mark.parametrize(("condition", "parameter"), FLAWS)
def test_a_wrong_parameter_is_named_in_both_languages(condition, parameter):
    flaws = condition_kind(condition.kind).flaws(condition)
    assert [flaw.parameter for flaw in flaws] == [parameter]
    assert flaws[0].text.ja != flaws[0].text.en


def test_a_kind_that_does_not_exist_is_an_error_and_not_a_match():
    with pytest.raises(UnknownKindError, match="no condition of the kind 'telepathy'"):
        condition_kind("telepathy")


def test_the_reason_names_the_word_that_was_found(facts_of):
    facts, _ = facts_of(body="これは極秘の資料です")
    condition = Condition(kind="words", choice="both", values=("社外秘", "極秘"))
    assert matched(facts, condition) == Text("本文に「極秘」", "“極秘” in the body")


def test_a_long_body_is_searched_for_many_words_quickly(facts_of):
    facts, _ = facts_of(body="ab " * 400_000)
    condition = Condition(kind="words", choice="body", values=tuple(f"b{number}" for number in range(200)))
    assert matched(facts, condition) is None


@pytest.mark.parametrize("kind", ["attachment_name", "attachment_type"])
def test_a_reason_holds_a_name_only_as_far_as_it_can_be_stored_and_read(facts_of, kind):
    facts, _ = facts_of(attachments=(("請求\0書\ud800\u202e\r\n" + "長" * 500 + ".exe", "x/y"),))
    condition = Condition(kind=kind, values=("*.exe",) if kind == "attachment_name" else (".exe",))
    found = matched(facts, condition)
    name = re.search("「(.*)」", found.ja)[1]
    assert name == "請求\ufffd書\ufffd\ufffd  長" + "長" * 90 + "…"
    assert len(name) == 100
    assert name in found.en
