from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils.translation import override

from audit.history import history
from audit.models import Event
from audit.record import Actor, Entry, record
from audit.tags import Tag

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MESSAGE, HOLD = UUID(int=1), UUID(int=2)

pytestmark = pytest.mark.django_db


def test_the_history_tells_what_happened_in_order():
    record(Entry(tag=Tag.MESSAGE_ACCEPTED, at=NOW, message_id=MESSAGE))
    record(
        Entry(
            tag=Tag.HOLD_APPROVED,
            at=NOW + timedelta(minutes=1),
            message_id=MESSAGE,
            hold_id=HOLD,
            actor=Actor(address="bob@example.test", channel="link"),
            details={"given": 1},
        )
    )
    with override("en"):
        accepted, approved = history(MESSAGE)
    assert (accepted.sentence, accepted.who, accepted.how) == ("The mail was accepted.", "", "automatic")
    assert (approved.sentence, approved.who, approved.how) == (
        "The mail was approved.",
        "bob@example.test",
        "link in a mail",
    )
    assert (approved.at, approved.hold_id, approved.details) == (
        NOW + timedelta(minutes=1),
        HOLD,
        {"given": 1},
    )


def test_the_history_speaks_the_active_language():
    record(Entry(tag=Tag.HOLD_REJECTED, at=NOW, message_id=MESSAGE, actor=Actor(channel="page")))
    with override("ja"):
        (row,) = history(MESSAGE)
    assert (row.sentence, row.how) == ("却下しました。", "画面")


def test_the_history_of_a_message_is_that_message_alone():
    record(Entry(tag=Tag.HOLD_HELD, at=NOW, message_id=UUID(int=9)), Entry(tag=Tag.KEYS_ROTATED, at=NOW))
    assert history(MESSAGE) == []


def test_an_event_of_a_later_version_says_its_tag():
    Event.objects.create(tag="hold:oracle:foretold", at=NOW, message_id=MESSAGE, channel="dream")
    (row,) = history(MESSAGE)
    assert (row.sentence, row.how) == ("hold:oracle:foretold", "dream")
