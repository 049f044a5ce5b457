"""Mail at times when nobody works."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import jpholiday

from policies.conditions.kind import ConditionKind
from policies.facts import Facts, RecipientFact
from policies.parameters import Choice, Parameter
from policies.reference import OfficeHours
from policies.spec import Condition
from policies.verdict import Text

_TIMES = {
    "closed": Text("営業時間外または休業日", "the office is closed"),
    "outside_hours": Text("営業日の営業時間外", "it is a working day, outside office hours"),
    "weekend": Text("土曜・日曜", "it is a weekend"),
    "holiday": Text("祝日", "it is a public holiday of Japan"),
    "closed_day": Text("休業日", "the office is closed all day"),
}
_SATURDAY = 5


def _match(facts: Facts, recipient: RecipientFact, condition: Condition) -> Text | None:
    calendar = facts.reference.calendar(condition.values[0] if condition.values else "")
    moment = facts.sent_at.astimezone(ZoneInfo(calendar.time_zone))
    if not _holds(condition.choice, moment, calendar):
        return None
    when, what = f"{moment:%Y-%m-%d %H:%M}", _TIMES[condition.choice]
    return Text(f"{what.ja}({when})", f"{what.en} ({when})")


def _holds(choice: str, moment: datetime, calendar: OfficeHours) -> bool:
    day = moment.date()
    match choice:
        case "weekend":
            return day.weekday() >= _SATURDAY
        case "holiday":
            return is_holiday(day)
        case "closed_day":
            return _is_closed(day, calendar)
        case "outside_hours":
            return not _is_closed(day, calendar) and not _is_open(moment, calendar)
        case _:
            return _is_closed(day, calendar) or not _is_open(moment, calendar)


def _is_open(moment: datetime, calendar: OfficeHours) -> bool:
    hours = calendar.hours[moment.weekday()]
    return hours is not None and hours[0] <= moment.time() < hours[1]


def _is_closed(day: date, calendar: OfficeHours) -> bool:
    return (
        calendar.hours[day.weekday()] is None
        or day in calendar.closed
        or (calendar.holidays and is_holiday(day))
    )


def is_holiday(day: date) -> bool:
    """Tell whether `day` is a public holiday of Japan."""
    return bool(jpholiday.is_holiday(day))


def _sentence(condition: Condition) -> Text:
    what = _TIMES[condition.choice]
    calendar = condition.values[0] if condition.values else ""
    return Text(
        f"{what.ja}(カレンダー「{calendar}」)" if calendar else what.ja,
        f"{what.en} (calendar “{calendar}”)" if calendar else what.en,
    )


KIND = ConditionKind(
    code="office_time",
    label=Text("時間帯・休日", "Office hours and holidays"),
    help=Text(
        "メールを受け付けた時刻を、カレンダーの営業時間と休業日に照らします。カレンダーを書かなければ既定のもの、"
        "それもなければ平日 9:00 から 18:00 まで(日本の祝日は休み)です。",
        "The time when the mail came, by the hours and closed days of a calendar. Without a name it is the default "
        "calendar; without one of those, weekdays from 9:00 to 18:00 but for public holidays of Japan.",
    ),
    match=_match,
    sentence=_sentence,
    values=Parameter(
        label=Text("カレンダー", "calendar"),
        help=Text("1つまで。省略できます。", "One at most; may be left out."),
        optional=True,
    ),
    choices=tuple(Choice(code=code, label=label) for code, label in _TIMES.items()),
    names="calendar",
)
