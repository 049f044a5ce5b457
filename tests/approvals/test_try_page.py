"""The page on which administrators try a message, by real requests."""

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
