"""The page on which administrators try a message, by real requests."""

import re
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mailhold.mailstore.models import SealedContent
from policies.models import Policy

PAGE = "/policies/try/"
CLIENT = "customer@client.example"
MAIL = (
    f"From: Alice <alice@example.test>\r\nTo: {CLIENT}, bob@example.test\r\nSubject: Offer\r\n\r\nHello\r\n"
)


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def upload(content=MAIL):
    return SimpleUploadedFile("message.eml", content.encode(), "message/rfc822")


def rows():
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_a_file_is_tried_for_each_recipient(page, policies, alice):
    response = page.post(PAGE, {"file": upload()})
    assert response.status_code == 200
    shown = response.context["rows"]
    assert [(row["address"], row["what"], len(row["why"])) for row in shown] == [
        (CLIENT, ["it waits 5 minutes"], 1),
        ("bob@example.test", ["it is sent at once"], 0),
    ]
    text = response.content.decode()
    assert [part in text for part in ("No policy matches", "could be inspected", " ms")] == [True] * 3


def test_nothing_is_written(page, policies, alice):
    page.get(PAGE)
    before = rows()
    assert page.post(PAGE, {"file": upload()}).status_code == 200
    assert rows() == before


def test_a_pasted_text_is_tried_with_the_envelope_that_is_given(page, policies, alice):
    fields = {"text": MAIL, "sender": "bob@example.test", "recipients": "x@other.example\r\ny@other.example"}
    response = page.post(PAGE, fields)
    assert [row["address"] for row in response.context["rows"]] == ["x@other.example", "y@other.example"]
    assert response.context["trial"].sender == "bob@example.test"


def test_a_message_of_the_record_is_tried_by_its_own_identifier_or_that_of_its_page(
    page, needs_manager, alice, now
):
    Policy.objects.filter(key="external-wait").update(enabled=False)
    for number in (needs_manager.pk, needs_manager.message_id):
        response = page.post(PAGE, {"number": str(number)})
        assert [row["address"] for row in response.context["rows"]] == [CLIENT]
        assert response.context["trial"].at == now
    assert str(needs_manager.pk) in page.get(PAGE, {"message": str(needs_manager.pk)}).content.decode()


def test_the_page_speaks_japanese(page, policies, alice, admin):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")
    text = page.post(PAGE, {"file": upload()}).content.decode()
    assert [part in text for part in ("メールを試す", "5分待つ", "すべてを検査できました")] == [True] * 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Give one message"),
        ({"text": MAIL, "number": "018f0000-0000-7000-8000-000000000000"}, "Give one message"),
        ({"number": "018f0000-0000-7000-8000-000000000000"}, "no such message"),
        ({"number": "nonsense"}, "UUID"),
        ({"text": "Subject: x\r\n\r\nHello"}, "names no recipient"),
        ({"text": MAIL, "recipients": "somebody"}, "is no address"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(page, policies, fields, words):
    response = page.post(PAGE, fields)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_file_larger_than_mail_may_be_is_refused(page, policies, settings):
    settings.SMTP_MAX_BYTES = 2048
    response = page.post(PAGE, {"file": upload(MAIL + "x" * 2048)})
    assert (response.status_code, "file" in response.context["form"].errors) == (422, True)


def test_content_that_cannot_be_opened_is_a_sentence(page, needs_manager):
    SealedContent.objects.update(sealed=b"damaged" * 20)
    response = page.post(PAGE, {"number": str(needs_manager.pk)})
    assert (response.status_code, "number" in response.context["form"].errors) == (422, True)


def test_only_administrators_try(client, policies, alice):
    assert client.get(PAGE).status_code == 302
    client.force_login(alice)
    assert client.get(PAGE).status_code == client.post(PAGE, {"file": upload()}).status_code == 404


def test_the_list_of_policies_links_the_page(page, policies):
    assert reverse("approvals:try") == PAGE
    assert f'href="{PAGE}"' in page.get(reverse("admin:policies_policy_changelist")).content.decode()


MARKING = """
format: 1
policies:
  - key: words
    name: {ja: 機密の語, en: Secret words}
    conditions: [{kind: recipient_is, choice: external}, {kind: words, values: [社外秘, secret], choice: everywhere}]
    actions: [{kind: hold, for: 5m}]
  - key: lists
    name: {ja: 名簿, en: Lists}
    mode: watch
    conditions: [{kind: attachment_name, values: ["*名簿*"]}, {kind: personal_data, values: [phone], number: 2, choice: everywhere}]
    actions: [{kind: hold, for: 5m}]
"""


def marking_mail(body="Ｓｅｃｒｅｔ\n<i>電話</i> 03-1234-5678\n"):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "alice@example.test", CLIENT, "社外秘"
    message.set_content(body)
    message.add_attachment("一行目\n二行目は Secret です\n" + "x\n" * 1_500 + "secret", filename="note.txt")
    rows = "氏名,電話\r\n佐藤 花子,03-2345-6789\r\n鈴木 一郎,03-3456-7890\r\n"
    message.add_attachment(rows, subtype="csv", filename="顧客名簿.csv")
    return message.as_bytes()


def test_the_page_shows_where_the_reasons_are(page, policies, alice):
    policies(MARKING)
    file = SimpleUploadedFile("message.eml", marking_mail(), "message/rfc822")
    response = page.post(PAGE, {"file": file})
    places = response.context["found"].places
    assert list(places.numbers.values()) == [1, 2, 3]
    assert [[run.text for run in passage.runs if run.numbers] for passage in places.body] == [
        ["Ｓｅｃｒｅｔ", "03-1234-5678"]
    ]
    assert [
        (text.path, text.lined, [passage.line for passage in text.passages]) for text in places.attached
    ] == [
        (("note.txt",), True, [1, 1502]),
        (("顧客名簿.csv",), False, [1]),
    ]
    text = response.content.decode()
    marks = re.findall("<mark>(.*?)</mark>", text)
    assert marks == [
        "社外秘",
        "Ｓｅｃｒｅｔ",
        "03-1234-5678",
        "Secret",
        "secret",
        "03-2345-6789",
        "03-3456-7890",
    ]
    assert "&lt;i&gt;" in text
    assert "<i>" not in text
    assert "From line 1502" in text


def test_every_number_leads_to_a_place_and_back(page, policies, alice):
    policies(MARKING)
    file = SimpleUploadedFile("message.eml", marking_mail(), "message/rfc822")
    text = page.post(PAGE, {"file": file}).content.decode()
    targets = re.findall(r'href="#((?:place|reason)-[0-9]+)"', text)
    assert sorted(set(targets)) == [f"{kind}-{n}" for kind in ("place", "reason") for n in (1, 2, 3)]
    assert [text.count(f'id="{target}"') for target in set(targets)] == [1] * 6


def test_a_message_whose_reasons_mark_nothing_is_tried_without_places(page, policies, alice):
    text = page.post(PAGE, {"file": upload()}).content.decode()
    assert ("Where the reasons are" in text, "<mark>" in text) == (False, False)


def test_a_long_message_with_countless_places_is_shown_in_part(page, policies, alice):
    policies(MARKING)
    file = SimpleUploadedFile("message.eml", marking_mail("secret and\n\n" * 20_000), "message/rfc822")
    response = page.post(PAGE, {"file": file})
    assert len(response.content) < 60_000
    assert sum(bool(run.numbers) for part in response.context["found"].places.body for run in part.runs) == 99
