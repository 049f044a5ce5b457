"""Where each kind of condition says that it found what it found, in the text as it is written."""

import pytest

from mailhold.mime.pieces import InspectedFile, Piece
from policies.conditions.finding_marks import marks_of_findings
from policies.conditions.registry import CONDITION_KINDS, condition_kind
from policies.detectors.find import find
from policies.evaluate import evaluate
from policies.facts import ContactsFact, text_of
from policies.marking import marks_of
from policies.marks import Mark, Place
from policies.spec import Action, Condition, PolicySpec
from policies.verdict import Text

TABLE = (
    ("氏名", "電話番号"),
    (),
    ("佐藤 花子", "Tel 03-2345-6789 まで"),
    ("鈴木 一郎", "０３－３４５６－７８９０"),
)
NAME = "名簿.csv"
OTHER = "計画_ＡＣＭＥ.exe"


def piece(where, text="", rows=(), name=NAME):
    path = () if where in {"subject", "body"} else (name,)
    return Piece(where=where if not path else f"attachment:{name}", path=path, text=text, rows=rows)


def marked(facts, condition):
    """Return what is marked, as it is written: the text, or the name."""
    texts = {Place.SUBJECT: facts.content.subject, Place.BODY: facts.content.body}
    found = []
    for mark in condition_kind(condition.kind).marks(facts, condition):
        if mark.place in {Place.FILE, Place.RECIPIENT}:
            found.append((mark.place.value, mark.name))
            continue
        inside = mark.place is Place.ATTACHMENT
        text = text_of(facts.inspection.pieces[mark.piece]) if inside else texts[mark.place]
        found.append((mark.place.value, text[mark.start : mark.end]))
    return found


@pytest.fixture
def facts(facts_of):
    """The facts about a message with these texts; whatever is to be found in them is found."""

    def facts(subject="", body="", pieces=(), files=(), to=("x@client.example",), names=None, attachments=()):
        read = tuple(
            piece(where, text) for where, text in (("subject", subject), ("body", body)) if text.strip()
        )
        every = (*read, *pieces)
        made, _ = facts_of(
            *to,
            subject=subject,
            body=body,
            attachments=tuple((name, "text/csv", 2048) for name in attachments),
            names=names or {},
            parts={"pieces": every, "files": files, "findings": tuple(find(every))},
        )
        return made

    return facts


def file(name, **properties):
    return InspectedFile(
        path=tuple(name.split("/")),
        declared_type="",
        detected_type="application/x-dosexec",
        size=1,
        **properties,
    )


EVERYWHERE = {"choice": "everywhere"}
BOTH = {"choice": "both"}
CASES = [
    (
        "words",
        {"values": ("社外秘", "top secret"), **EVERYWHERE},
        {
            "subject": "【社外秘】",
            "body": "Ｔｏｐ\n ｓｅｃｒｅｔ! 社外秘",
            "pieces": (piece("", "a\nTop Secret"),),
        },
        [
            ("subject", "社外秘"),
            ("body", "Ｔｏｐ\n ｓｅｃｒｅｔ"),
            ("body", "社外秘"),
            ("attachment", "Top Secret"),
        ],
    ),
    ("words", {"values": ("sec*",), **BOTH}, {"body": "Seconds, insec"}, [("body", "Sec")]),
    (
        "words",
        {"values": ("電話",), "choice": "attachments"},
        {"body": "電話", "pieces": (piece("", rows=TABLE),)},
        [("attachment", "電話")],
    ),
    (
        "dictionary",
        {"values": ("極秘=5", "見積=1/2", "!極秘ではありません"), "number": 1, **BOTH},
        {"body": "極秘ではありません。見積、極秘、見積、見積"},
        [("body", "見積"), ("body", "極秘"), ("body", "見積")],
    ),
    (
        "pattern",
        {"values": ("[A-Z]{2}-[0-9]{3}", "契約x*"), "number": 1, **EVERYWHERE},
        {
            "subject": "AB-123",
            "body": "👍契約👍 AB-45 CD-678",
            "pieces": (piece("", rows=(("x", "EF-901"),)),),
        },
        [("subject", "AB-123"), ("body", "契約"), ("body", "CD-678"), ("attachment", "EF-901")],
    ),
    (
        "personal_data",
        {"values": ("phone",), "number": 2, **EVERYWHERE},
        {"body": "電話 ０３－１２３４－５６７８\n郵便番号 100-0001", "pieces": (piece("", rows=TABLE),)},
        [
            ("body", "０３－１２３４－５６７８"),
            ("attachment", "03-2345-6789"),
            ("attachment", "０３－３４５６－７８９０"),
        ],
    ),
    (
        "personal_data",
        {"values": ("postal_code=1", "phone=9"), "number": 9, **BOTH},
        {"body": "電話 03-1234-5678\n郵便番号 100-0001"},
        [("body", "100-0001")],
    ),
    (
        "confidentiality_mark",
        BOTH,
        {"subject": "【極秘】", "body": "社外秘です。社外秘ではありません。"},
        [("subject", "極秘"), ("body", "社外秘")],
    ),
    (
        "salutation",
        {},
        {
            "body": "> 引用\n\n　山田　太郎 様\nDear  Ｔａｎａｋａ,\n本文",
            "names": {"suzuki@client.example": "佐藤 花子"},
            "to": ("suzuki@client.example",),
        },
        [("body", "山田　太郎"), ("body", "Ｔａｎａｋａ")],
    ),
    (
        "company_named",
        {"values": ("山田製作所, ヤマダ = yamada.example", "ACME = acme.example")},
        {
            "subject": "ﾔﾏﾀﾞ様向け",
            "body": "> ACME\n山田製作所と ACME",
            "attachments": (OTHER,),
        },
        [("subject", "ﾔﾏﾀﾞ"), ("body", "山田製作所")],
    ),
    (
        "company_named",
        {"values": ("ACME = acme.example",)},
        {"body": "> ACME\nhello", "attachments": (OTHER, NAME)},
        [("file", OTHER)],
    ),
    (
        "attachment_forgotten",
        {},
        {
            "body": "> 添付の資料\n添付ファイルはありません。\n見積を添 付いたします。\r\n添付いたします。I have attached  the file"
        },
        [("body", "添付いた"), ("body", "I have attached")],
    ),
    ("attachment_name", {"values": ("*.exe",)}, {"attachments": (NAME, OTHER)}, [("file", OTHER)]),
    ("attachment_type", {"values": ("csv",)}, {"attachments": (NAME,)}, [("file", NAME)]),
    (
        "attachment_size",
        {"number": 1, "choice": "KB"},
        {"attachments": (NAME, OTHER)},
        [("file", NAME), ("file", OTHER)],
    ),
    (
        "attachment_content",
        {"values": ("application/x-dosexec",)},
        {"files": (file("a.zip/b.exe"), file("c.exe"))},
        [("file", "a.zip"), ("file", "c.exe")],
    ),
    (
        "attachment_is",
        {"choice": "macros"},
        {"files": (file("a.zip/b.docm", macros=True), file("c.docx"))},
        [("file", "a.zip")],
    ),
    (
        "attachment_is",
        {"choice": "all_encrypted"},
        {"files": (file("a.zip", encrypted=True), file("b.zip", encrypted=True))},
        [("file", "a.zip"), ("file", "b.zip")],
    ),
]


@pytest.mark.parametrize(("kind", "parameters", "message", "expected"), CASES)
def test_what_is_marked_is_what_was_found(facts, kind, parameters, message, expected):
    condition = Condition(kind=kind, **parameters)
    made = facts(**message)
    assert condition_kind(kind).match(made, made.recipients[0], condition) is not None
    assert marked(made, condition) == expected


def test_every_kind_that_marks_is_tried_above():
    assert {kind.code for kind in CONDITION_KINDS if kind.marks} == {case[0] for case in CASES}


def test_a_recipient_can_be_marked_only_where_recipients_are_asked_for():
    assert not [kind.code for kind in CONDITION_KINDS if kind.marks_recipient and kind.per_message]


def test_a_cell_of_a_table_in_the_text_is_marked_where_it_stands_by_itself(facts):
    rows = (("電話番号", "番号"), ("03-5555-0101", "1"), ("03-5555  0102", "2"))
    body = "番号\n03-5555-0101\n03-5555-01011\n03-5555\n0102 x03-5555-0101 03-5555-0101\n"
    made = facts(body=body, pieces=(Piece(where="body", path=(), rows=rows),))
    found = [each for each in made.findings if each.table]
    assert [(each.start, each.end) for each in found] == [(1, 0), (2, 0)]
    assert [(mark.start, body[mark.start : mark.end]) for mark in marks_of_findings(made, found)] == [
        (3, "03-5555-0101"),
        (57, "03-5555-0101"),
        (30, "03-5555\n0102"),
    ]


def test_a_finding_whose_piece_is_not_the_text_that_is_shown_is_not_marked(facts_of):
    read = piece("body", "電話 03-1234-5678")
    parts = {"pieces": (read,), "findings": tuple(find((read,)))}
    made, _ = facts_of("x@client.example", body="another text, 03-1234-5678", parts=parts)
    condition = Condition(kind="personal_data", values=("phone",), number=1, choice="both")
    assert made.findings
    assert marked(made, condition) == []


def policy(number, *conditions, **parameters):
    name = Text(f"ポリシー{number}", f"Policy {number}")
    action = Action(kind="hold", seconds=60)
    return PolicySpec(
        id=number, key=f"p{number}", name=name, conditions=conditions, actions=(action,), **parameters
    )


def words(*values):
    return Condition(kind="words", values=values, choice="both")


class TestMarksOfAVerdict:
    def test_each_reason_has_the_marks_of_its_own_condition(self, facts):
        made = facts(body="one two two")
        policies = [policy(7, words("one"), words("two")), policy(8, words("three"))]
        marks = marks_of(made, policies, evaluate(made, policies))
        assert [(reason.text.en, [(m.start, m.end) for m in found]) for reason, found in marks.items()] == [
            ("“one” in the body", [(0, 3)]),
            ("“two” in the body", [(4, 7), (8, 11)]),
        ]

    def test_a_reason_about_recipients_marks_those_for_whom_it_holds(self, facts_of):
        made, _ = facts_of(
            "old@a.example",
            "new@b.example",
            parts={"contacts": ContactsFact(company_addresses=frozenset({"old@a.example"}))},
        )
        policies = [policy(1, Condition(kind="first_mail", choice="company_address"))]
        ((_, marks),) = marks_of(made, policies, evaluate(made, policies)).items()
        assert marks == (Mark(place=Place.RECIPIENT, name="new@b.example"),)

    def test_what_did_not_match_is_not_asked_for(self, facts_of):
        made, reads = facts_of("x@client.example", body="nothing")
        policies = [policy(1, Condition(kind="recipient_is", choice="external"))]
        assert marks_of(made, policies, evaluate(made, policies)) == {}
        assert reads == []

    def test_there_is_a_bound(self, facts):
        made = facts(body="secret " * 1_000)
        policies = [policy(1, words("secret"))]
        ((_, marks),) = marks_of(made, policies, evaluate(made, policies)).items()
        assert len(marks) == 100

    def test_equal_reasons_of_two_conditions_are_one(self, facts):
        made = facts(body="one")
        policies = [policy(1, words("one"), words("one"))]
        verdict = evaluate(made, policies)
        assert len(verdict.recipients[0].reasons) == 1
        assert len(marks_of(made, policies, verdict)) == 1
