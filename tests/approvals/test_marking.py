"""Marks: stored with the decision, shown on the pages of a mail, and never where another text would be marked."""

import html
import re
import time
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from shared_files import shared

from approvals import looking, reading
from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.grounds import marked_mail
from approvals.marking import judged_marks, marks_as_json, marks_of_hold
from approvals.models import Hold
from mailhold.directory import api_keys
from mailhold.mailstore.content import read_content
from mailhold.mailstore.models import SealedContent
from mailhold.mime.parse import parse
from policies.evaluate import evaluate
from policies.facts import Facts, RecipientFact, SenderFact, text_of
from policies.marking import marks_of
from policies.marks import Place
from policies.spec import Condition, PolicySpec
from policies.verdict import Text

POLICIES = """
format: 1
policies:
  - key: words
    name: {ja: 機密の語, en: Secret words}
    conditions: [{kind: words, values: [社外秘, secret], choice: everywhere}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
  - key: phones
    name: {ja: 電話番号, en: Phone numbers}
    conditions: [{kind: personal_data, values: [phone], number: 2, choice: everywhere}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
  - key: new
    name: {ja: 初めての宛先, en: New recipients}
    conditions: [{kind: first_mail, choice: company_address}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
  - key: names
    name: {ja: 名簿, en: Lists}
    conditions: [{kind: attachment_name, values: ["*名簿*"]}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
"""
BODY = "山田様\n\nこの資料は社 外 秘です。<b>Ｓｅｃｒｅｔ</b>\n電話 03-1234-5678\n携帯 ０９０－１２３４－５６７８\n"
LIST = "氏名,電話\r\n佐藤 花子,03-2345-6789\r\n鈴木 一郎,03-3456-7890\r\n"


def letter(body=BODY, subject="【社外秘】見積", html_body=None, files=(("顧客名簿.csv", LIST),), **of_text):
    message = EmailMessage(policy=SMTP)
    message["From"] = "alice@example.test"
    message["To"] = "customer@client.example"
    message["Subject"] = subject
    message.set_content(body, **of_text)
    if html_body:
        message.add_alternative(html_body, subtype="html")
    for name, text in files:
        message.add_attachment(text, subtype="csv", filename=name)
    return message.as_bytes()


@pytest.fixture
def marked(policies, one_hold, alice):
    """A hold for such a letter, by policies about its content."""

    def marked(**parts):
        policies(POLICIES)
        return one_hold(person=alice, content=letter(**parts))

    return marked


def visit(person, hold, page="message", tab=""):
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    response = client.get(reverse(f"approvals:{page}", args=[hold.pk]), {"tab": tab} if tab else {})
    assert response.status_code == 200
    return response.content.decode()


def marks_in(page):
    return [html.unescape(each) for each in re.findall("<mark>(.*?)</mark>", page, re.DOTALL)]


def shown(hold):
    hold.refresh_from_db()
    return reading.shown_mail(Hold.objects.select_related("message", "revision", "sender").get(pk=hold.pk))


def hits(runs):
    return [(run.text, run.numbers) for run in runs if run.numbers]


def test_the_pages_mark_what_the_reasons_speak_of(marked, bob):
    hold = marked()
    mail = shown(hold)
    assert hits(mail.marked.subject) == [("社外秘", (1,))]
    assert hits(mail.marked.body) == [
        ("Ｓｅｃｒｅｔ", (1,)),
        ("03-1234-5678", (2,)),
        ("０９０－１２３４－５６７８", (2,)),
    ]
    assert [ground.text for ground in mail.marked.grounds] == [
        "件名に「社外秘」",
        "電話番号が4件",
        "会社からこのアドレスに送るのは初めて(customer@client.example)",
        "添付「顧客名簿.csv」",
    ]
    for page in (visit(bob, hold), visit(bob, hold, "decide"), visit(bob, hold, tab="body")):
        assert {"Ｓｅｃｒｅｔ", "03-1234-5678", "０９０－１２３４－５６７８"} <= set(marks_in(page))
        # What the sender wrote is text, marked or not.
        assert "&lt;b&gt;<mark>" in page or '&lt;b&gt;<span id="place-1"' in page
        assert "<b>" not in page


def told(person, hold):
    key = api_keys.create(person, "test")
    return Client().get(f"/api/v1/holds/{hold.pk}", headers={"authorization": f"Bearer {key}"}).json()


def test_the_api_tells_the_places_of_the_reasons(marked, bob):
    found = told(bob, marked())
    texts = {"subject": found["subject"], "body": found["body"]}
    places = [
        (mark["reason"], mark["place"], texts[mark["place"]][mark["start"] : mark["end"]])
        for mark in found["marks"]
        if mark["place"] in texts
    ]
    assert places == [
        (0, "subject", "社外秘"),
        (0, "body", "Ｓｅｃｒｅｔ"),
        (1, "body", "03-1234-5678"),
        (1, "body", "０９０－１２３４－５６７８"),
    ]
    others = [
        (mark["reason"], mark["place"], mark["name"], mark["times"])
        for mark in found["marks"]
        if mark["place"] not in texts
    ]
    assert others == [
        (1, "attachment", "顧客名簿.csv", 2),
        (2, "recipient", "customer@client.example", None),
        (3, "file", "顧客名簿.csv", None),
    ]
    assert len(found["reasons"]) == 4


def test_the_api_tells_no_place_of_a_mail_that_was_changed_since_or_cannot_be_opened(
    marked, alice, actor, later
):
    hold = marked()
    edit(hold.pk, hold.revision_id, Change(body="Nothing.\n"), alice, actor(alice), later(60))
    assert told(alice, hold)["marks"] == []
    Hold.objects.filter(pk=hold.pk).update(revision=hold.revision_id)
    assert told(alice, hold)["marks"] != []
    SealedContent.objects.update(sealed=b"damaged" * 20)
    found = told(alice, hold)
    assert (found["body"], found["marks"]) == (None, [])


def test_the_api_tells_no_place_to_a_key_where_a_second_factor_is_wanted(marked, alice, bob):
    hold = marked()
    Hold.objects.filter(pk=hold.pk).update(link_level="L2")
    assert told(bob, hold)["marks"] == []
    assert told(alice, hold)["marks"] != []


def test_a_subject_in_an_answer_that_is_not_the_one_judged_has_no_marks(marked, bob):
    hold = marked()
    Hold.objects.filter(pk=hold.pk).update(subject="Offer")
    found = told(bob, hold)
    assert "subject" not in {mark["place"] for mark in found["marks"]}
    assert "body" in {mark["place"] for mark in found["marks"]}


def test_each_reason_leads_to_its_first_place_and_back(marked, bob):
    page = visit(bob, marked(), "decide")
    for anchor in ("place-1", "place-2", "file-0"):
        assert page.count(f'id="{anchor}"') == 1
        assert f'href="#{anchor}"' in page
    targets = set(re.findall(r'href="#([a-z]+-[0-9]+)"', page))
    assert all(f'id="{target}"' in page for target in targets)
    assert {"reason-1", "reason-2", "reason-3", "reason-4"} <= targets
    assert '<details class="fold" open>' in page


def test_the_links_of_other_tabs_lead_to_the_reasons(marked, bob):
    hold = marked()
    for tab in ("body", "attachments"):
        page = visit(bob, hold, tab=tab)
        assert "?tab=gist#reason-" in page
        assert 'href="#reason-' not in page


def test_attachments_and_recipients_carry_the_numbers_of_their_reasons(marked):
    mail = shown(marked())
    assert [(file.name, file.grounds) for file in mail.attachments] == [("顧客名簿.csv", (2, 4))]
    assert [(row.address, row.grounds) for row in mail.recipients] == [("customer@client.example", (3,))]
    phones = mail.marked.grounds[1]
    assert [(file.name, file.times, file.index) for file in phones.files] == [("顧客名簿.csv", 2, 0)]
    assert (phones.places, len(phones.excerpts)) == (2, 2)


def test_of_two_attachments_with_one_name_none_is_pointed_at(marked):
    mail = shown(marked(files=(("顧客名簿.csv", LIST), ("顧客名簿.csv", "nothing"))))
    assert [file.grounds for file in mail.attachments] == [(), ()]
    assert [(file.name, file.index) for file in mail.marked.grounds[1].files] == [("顧客名簿.csv", None)]


def test_nothing_of_the_text_is_stored_with_the_marks(marked):
    hold = marked()
    assert hold.marks["places"][:2] == [[0, "subject", 1, 4], [0, "body", 21, 27]]
    words = {word for _, _, *where in hold.marks["places"] for word in where if isinstance(word, str)}
    assert words == {"顧客名簿.csv", "customer@client.example"}


def test_an_edit_takes_the_marks_away_until_the_new_text_is_judged(marked, alice, bob, actor, now):
    hold = marked()
    change = Change(body="Call us: ０３－１１１１－２２２２ or 03-2222-3333, it is no secret.\n")
    edit(hold.pk, hold.revision_id, change, alice, actor(alice), now)
    assert (hits(shown(hold).marked.body), hits(shown(hold).marked.subject)) == ([], [])
    assert not any(ground.places or ground.files for ground in shown(hold).marked.grounds)
    assert rescreen(hold.pk, now)
    assert hits(shown(hold).marked.body) == [
        ("０３－１１１１－２２２２", (2,)),
        ("03-2222-3333", (2,)),
        ("secret", (1,)),
    ]


def test_a_text_that_is_read_otherwise_than_it_was_judged_has_no_marks(marked):
    hold = marked()
    Hold.objects.filter(pk=hold.pk).update(marks={**hold.marks, "texts": "0" * 32})
    mail = shown(hold)
    assert (hits(mail.marked.body), hits(mail.marked.subject)) == ([], [])
    # Files and recipients are named, not counted off.
    assert mail.attachments[0].grounds == (2, 4)


def test_holds_from_before_have_reasons_without_marks(marked, bob):
    hold = marked()
    Hold.objects.filter(pk=hold.pk).update(marks={})
    page = visit(bob, hold)
    assert (marks_in(page), "phone number: 4" in page, "#place-" in page) == ([], True, False)


@pytest.mark.parametrize(
    "of_text",
    [
        {"charset": "iso-2022-jp"},
        {"charset": "utf-8", "cte": "base64"},
        {"charset": "utf-8", "cte": "quoted-printable", "params": {"format": "flowed", "delsp": "yes"}},
        {"charset": "shift_jis", "cte": "8bit"},
        {"charset": "euc-jp", "cte": "8bit"},
    ],
    ids=lambda of_text: of_text["charset"] + "-" + of_text.get("cte", "7bit"),
)
def test_places_are_right_in_every_charset(marked, of_text):
    body = "資料は社外秘です。\r\n電話 03-1234-5678\r\n携帯 ０９０-１２３４-５６７８\r\n".replace(
        "\r\n", "\n"
    )
    mail = shown(marked(body=body, **of_text))
    assert [text for text, _ in hits(mail.marked.body)] == [
        "社外秘",
        "03-1234-5678",
        "０９０-１２３４-５６７８",
    ]


def test_mail_of_html_only_is_marked_in_the_text_made_of_it(policies, one_hold, alice):
    policies(POLICIES)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "alice@example.test", "x@client.example", "x"
    message.set_content("<p>Top&nbsp;<b>sec</b>ret &amp; 03-1234-5678, <br>03-1234-5679</p>", subtype="html")
    mail = shown(one_hold(person=alice, to=("x@client.example",), content=message.as_bytes()))
    assert hits(mail.marked.body) == [("secret", (1,)), ("03-1234-5678", (2,)), ("03-1234-5679", (2,))]


def test_what_only_the_html_says_is_shown_with_its_marks(marked, bob):
    hold = marked(body="Hello.\n", html_body="<p>Hello.</p><p>This is secret, and long: " + "x" * 3_000)
    mail = shown(hold)
    assert hits(mail.marked.body) == []
    (passage,) = mail.marked.html
    assert (hits(passage.runs), passage.cut_before, passage.cut_after) == ([("secret", (1,))], False, True)
    page = visit(bob, hold, "decide")
    assert "What only the HTML of the mail says" in page
    assert "secret" in marks_in(page)


def test_what_the_html_repeats_is_not_marked_twice(marked):
    body = "The figures are secret until Monday.\nCall 03-1234-5678.\n"
    told = body.replace("\n", "<br>").replace("secret", "<b>secret</b>")
    mail = shown(marked(body=body, html_body=f"<p>{told}</p><p>The PIN of Bob's is secret as well.</p>"))
    assert [text for text, _ in hits(mail.marked.body)] == ["secret", "03-1234-5678"]
    (passage,) = mail.marked.html
    assert hits(passage.runs) == [("secret", (1,))]
    assert "".join(run.text for run in passage.runs).endswith("The PIN of Bob's is secret as well.")
    assert (mail.marked.grounds[0].places, mail.marked.grounds[1].places) == (3, 1)


def test_a_table_of_html_is_marked_where_it_stands_in_the_text(policies, one_hold, alice):
    policies(POLICIES)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "alice@example.test", "x@client.example", "x"
    rows = "".join(f"<tr><td>03-5555-010{n}</td><td>佐藤</td></tr>" for n in range(1, 4))
    message.set_content(f"<table><tr><th>電話番号</th><th>氏名</th></tr>{rows}</table>", subtype="html")
    mail = shown(one_hold(person=alice, to=("x@client.example",), content=message.as_bytes()))
    assert [text for text, _ in hits(mail.marked.body)] == [f"03-5555-010{n}" for n in range(1, 4)]


def test_what_breaks_the_marking_changes_no_decision(marked, monkeypatch, caplog):
    def broken(*_):
        raise ValueError

    monkeypatch.setattr("approvals.judging.marks_of", broken)
    hold = marked()
    assert (hold.marks, [reason["code"] for reason in hold.reasons]) == (
        {},
        ["words", "personal_data", "first_mail", "attachment_name"],
    )
    assert "marks cannot be made" in caplog.text


def test_mail_that_nobody_looks_at_is_not_marked(policies, one_hold, alice, monkeypatch):
    def asked(*_):
        raise AssertionError

    monkeypatch.setattr("approvals.judging.marks_of", asked)
    policies(POLICIES.replace("approval, approvers: manager, deadline: 24h", "send_now"))
    assert one_hold(person=alice, content=letter()).marks == {}


def test_a_mail_with_countless_places_stays_bounded(marked, bob):
    mail = shown(marked(body="secret " * 5_000, files=()))
    assert len(hits(mail.marked.body)) == 99  # and one in the subject
    assert (mail.marked.grounds[0].places, mail.marked.grounds[0].many) == (100, True)


def test_what_is_shown_is_what_was_written(marked):
    hold = marked(html_body="<p>secret</p>")
    mail, parsed = shown(hold), parse(read_content(hold.revision))
    assert "".join(run.text for run in mail.marked.body) == parsed.text
    assert "".join(run.text for run in mail.marked.subject) == parsed.subject


def test_reasons_about_recipients_alone_read_nothing_of_the_mail(policies, one_hold, alice, monkeypatch):
    def read(_):
        raise AssertionError

    monkeypatch.setattr("approvals.gathering.content_of", read)
    head, *every = POLICIES.split("  - key: ")
    policies(head + "  - key: " + every[2])
    hold = one_hold(person=alice, content=letter())
    assert hold.marks["places"] == [[0, "recipient", "customer@client.example"]]


ANYTHING = (
    Condition(kind="words", values=("the", "a*", "の", "を", "1", "@*"), choice="everywhere"),
    Condition(kind="dictionary", values=("e*", "*e", "に", "!them"), number=1, choice="everywhere"),
    Condition(kind="pattern", values=("[a-z]+", "[^ -~]{2}"), number=1, choice="everywhere"),
    Condition(
        kind="personal_data", values=("phone", "email", "person", "address"), number=1, choice="everywhere"
    ),
    Condition(kind="confidentiality_mark", choice="everywhere"),
    Condition(kind="salutation"),
    Condition(kind="attachment_forgotten"),
    Condition(kind="attachment_is", choice="not_inspected"),
)


class Examined:
    """A message as the process apart reads it."""

    def __init__(self, content):
        self._content = content

    def content(self):
        return looking.content_of(self._content)

    def inspection(self):
        self._examined = looking.examination_of(
            self._content, passwords=(), own_domains=frozenset(), find=True
        )
        return self._examined.inspection

    def findings(self, _):
        return self._examined.findings


def test_marks_of_every_sample_are_soon_made_and_lie_in_the_texts_that_pages_show(now):
    for path in sorted(shared("samples/mime").rglob("*.eml")):
        content = path.read_bytes()
        facts = Facts(
            sender=SenderFact(address="alice@example.test"),
            recipients=(RecipientFact(address="x@client.example", domain="client.example", internal=False),),
            size=len(content),
            sent_at=now,
            source=Examined(content),
        )
        policies = [
            PolicySpec(id=n, key=f"p{n}", name=Text(str(n), str(n)), conditions=(condition,))
            for n, condition in enumerate(ANYTHING)
        ]
        verdict = evaluate(facts, policies)
        started = time.process_time()
        marks = marks_of(facts, policies, verdict)
        assert time.process_time() - started < 3, path
        texts = {Place.SUBJECT: facts.content.subject, Place.BODY: facts.content.body}
        for mark in (mark for found in marks.values() for mark in found if mark.place is not Place.FILE):
            inside = mark.place is Place.ATTACHMENT
            text = text_of(facts.inspection.pieces[mark.piece]) if inside else texts[mark.place]
            assert 0 <= mark.start < mark.end <= len(text), path
        parsed = parse(content)
        stored = marks_as_json(judged_marks(facts, marks), list(marks), (), UUID(int=1))
        of_hold = marks_of_hold(stored, UUID(int=1), parsed)
        shown = marked_mail([str(reason.code) for reason in marks], of_hold, parsed)
        assert "".join(run.text for run in shown.body) == parsed.text, path
        written = [mark for found in marks.values() for mark in found if mark.place is Place.BODY]
        if written and stored["places"] and facts.content.inspected:
            assert any(run.numbers for run in shown.body) or shown.html, path
