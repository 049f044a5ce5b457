from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.contrib import admin as site_admin
from django.test import RequestFactory
from django.utils.translation import override

from audit.models import Block, Event
from audit.record import Actor, Entry, record
from audit.sealer import seal
from audit.tags import Tag

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MESSAGE, HOLD = UUID(int=1), UUID(int=2)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _events():
    record(
        Entry(tag=Tag.HOLD_HELD, at=NOW, message_id=MESSAGE, hold_id=HOLD),
        Entry(
            tag=Tag.HOLD_APPROVED,
            at=NOW,
            message_id=MESSAGE,
            actor=Actor(address="bob@example.test", channel="link"),
        ),
        Entry(tag=Tag.LOGIN_FAILED, at=NOW, actor=Actor(address="mallory@example.test", channel="smtp")),
    )
    seal(NOW)


@pytest.fixture
def listed(admin):
    """Return the tags of the events that the list shows for the given query."""

    def run(model=Event, **query):
        request = RequestFactory().get("/", query)
        request.user = admin
        model_admin = site_admin.site.get_model_admin(model)
        changes = model_admin.get_changelist_instance(request)
        return list(changes.queryset)

    return run


def tags(events):
    return [event.tag for event in events]


def test_events_are_listed_newest_first(listed):
    assert tags(listed()) == [Tag.LOGIN_FAILED, Tag.HOLD_APPROVED, Tag.HOLD_HELD]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "bob@"}, [Tag.HOLD_APPROVED]),
        ({"q": str(MESSAGE)}, [Tag.HOLD_APPROVED, Tag.HOLD_HELD]),
        ({"q": f" {HOLD.hex} "}, [Tag.HOLD_HELD]),
        ({"q": str(UUID(int=3))}, []),
        ({"tag": Tag.HOLD_HELD}, [Tag.HOLD_HELD]),
        ({"channel": "smtp"}, [Tag.LOGIN_FAILED]),
        ({"at__gte": "2027-01-01 00:00:00+00:00"}, []),
    ],
)
def test_events_are_found(listed, query, found):
    assert tags(listed(**query)) == found


@pytest.mark.parametrize("model", [Event, Block])
def test_nobody_may_add_change_or_delete(admin, model):
    request = RequestFactory().get("/")
    request.user = admin
    model_admin = site_admin.site.get_model_admin(model)
    assert model_admin.get_model_perms(request) == {
        "add": False,
        "change": False,
        "delete": False,
        "view": True,
    }


def page_of(row, user, language):
    request = RequestFactory().get("/")
    request.user = user
    with override(language):
        response = site_admin.site.get_model_admin(type(row)).change_view(request, str(row.pk))
        return response.render().content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["not sealed yet", "Delivery was completed"]), ("ja", ["未封印", "配送を終えました"])],
)
def test_the_page_of_an_event_speaks_the_active_language(admin, language, words):
    record(Entry(tag=Tag.HOLD_DONE, at=NOW))
    page = page_of(Event.objects.latest("id"), admin, language)
    assert [word for word in words if word not in page] == []


def test_the_page_of_a_block_shows_its_hash(admin):
    block = Block.objects.get()
    assert bytes(block.hash).hex() in page_of(block, admin, "en")
