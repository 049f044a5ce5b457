from datetime import UTC, datetime

import pytest
from django.contrib import admin as site_admin
from django.test import RequestFactory
from django.utils.translation import override

from mailhold.ids import uuid7
from mailhold.mailstore.content import NewMessage, NewRecipient, store
from mailhold.mailstore.models import Message, Recipient, Revision, SealedContent

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SHOWN = [Message, Recipient, Revision]

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(alice):
    return store(
        [
            NewMessage(
                id=uuid7(),
                received_at=NOW,
                reverse_path=f"{name}@example.test",
                forward_paths=(NewRecipient(address=f"carol+{name}@example.com"),),
                content=b"Subject: merger\r\n\r\nsecret\r\n",
                trace_header="",
                submitter_id=alice.pk,
            )
            for name in ("alice", "bob")
        ]
    )


@pytest.fixture
def request_of_admin(admin):
    def make(**query):
        request = RequestFactory().get("/", query)
        request.user = admin
        return request

    return make


@pytest.mark.parametrize("model", SHOWN)
def test_nobody_may_add_change_or_delete(request_of_admin, model):
    assert site_admin.site.get_model_admin(model).get_model_perms(request_of_admin()) == {
        "add": False,
        "change": False,
        "delete": False,
        "view": True,
    }


def test_sealed_content_has_no_page():
    assert not site_admin.site.is_registered(SealedContent)


@pytest.mark.parametrize("model", SHOWN)
def test_a_message_is_found_by_its_identifier(messages, request_of_admin, model):
    wanted = messages[0].pk
    found = (
        site_admin.site.get_model_admin(model)
        .get_changelist_instance(request_of_admin(q=str(wanted)))
        .queryset
    )
    assert [getattr(row, "message_id", row.pk) for row in found] == [wanted]


@pytest.mark.parametrize(("model", "typed"), [(Message, "bob@"), (Recipient, "carol+bob")])
def test_a_message_is_found_by_an_address(messages, request_of_admin, model, typed):
    found = site_admin.site.get_model_admin(model).get_changelist_instance(request_of_admin(q=typed)).queryset
    assert [getattr(row, "message_id", row.pk) for row in found] == [messages[1].pk]


@pytest.mark.parametrize("model", SHOWN)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {Message: "Envelope sender", Recipient: "Enhanced status", Revision: "Size in bytes"}),
        ("ja", {Message: "エンベロープの送信者", Recipient: "拡張状態コード", Revision: "大きさ"}),
    ],
)
def test_a_page_shows_a_row_without_content(messages, request_of_admin, model, language, words):
    row = model.objects.first()
    with override(language):
        response = site_admin.site.get_model_admin(model).change_view(request_of_admin(), str(row.pk))
        page = response.render().content.decode()
    assert words[model] in page
    assert "merger" not in page
