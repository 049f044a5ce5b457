"""Lists of recipients and calendars in the administration."""

from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from audit.models import Event
from audit.record import SYSTEM
from audit.tags import Tag
from policies import files
from policies.loading import active_policies, current_version, policies_in_force
from policies.models import Calendar, RecipientList

LISTS = "/admin/policies/recipientlist/"
CALENDARS = "/admin/policies/calendar/"
USING = """
format: 1
lists: [{name: partners, entries: [partner.example]}]
calendars: [{name: Osaka, hours: {monday: 09:00-17:00}}]
policies:
  - key: using
    name: {ja: 使う, en: Using}
    conditions: [{kind: recipient_list, values: [partners]}, {kind: office_time, choice: closed, values: [Osaka]}]
    actions: [{kind: send_now}]
"""


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def errors(response):
    assert response.status_code == 200
    with translation.override("en"):
        form = response.context["adminform"].form
        return [str(error) for each in form.errors.values() for error in each]


def upload(text, encoding="utf-8"):
    return SimpleUploadedFile("list.csv", text.encode(encoding), content_type="text/csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_file_is_added_to_the_entries_and_makes_a_version(page, encoding):
    file = upload(
        "ドメイン,会社\r\n.group.example,グループ\r\ntaro@solo.example,太郎\r\n\r\npartner.example,\r\n",
        encoding,
    )
    response = page.post(f"{LISTS}add/", {"name": "取引先", "entries": "partner.example", "file": file})
    assert response.status_code == 302, errors(response)
    entries = RecipientList.objects.get().entries.split("\n")
    assert entries == ["partner.example", ".group.example", "taro@solo.example"]
    assert (
        policies_in_force().reference.entry_list("取引先").holds("a@sub.group.example", "sub.group.example")
    )
    assert Event.objects.get(tag=Tag.POLICY_CHANGED).details == {"version": 1, "lists": ["取引先"]}


@pytest.mark.parametrize(
    ("entries", "file", "words"),
    [
        ("not a domain", None, "“not a domain” is no address"),
        ("", "a.example\nb c\n", "“b c” is no address"),
        ("", b"\x81\xff\xfe", "neither UTF-8 nor Shift_JIS"),
        ("@x.example", None, "“@x.example” is no address"),
    ],
)
def test_what_is_no_entry_is_refused(page, entries, file, words):
    sent = {"name": "x", "entries": entries}
    if file is not None:
        content = file if isinstance(file, bytes) else file.encode()
        sent["file"] = SimpleUploadedFile("list.csv", content)
    assert any(words in error for error in errors(page.post(f"{LISTS}add/", sent)))
    assert not RecipientList.objects.exists()


def test_what_a_policy_names_is_neither_renamed_nor_deleted(page):
    assert files.apply(USING, SYSTEM).problems == []
    row, calendar = RecipientList.objects.get(), Calendar.objects.get()
    renamed = page.post(f"{LISTS}{row.pk}/change/", {"name": "other", "entries": "partner.example"})
    assert errors(renamed) == ["Policies know it by its name: using."]
    assert page.post(f"{LISTS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert page.post(f"{CALENDARS}{calendar.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    page.post(LISTS, chosen)
    assert RecipientList.objects.get() == row
    files.apply("format: 1\npolicies: []\n", SYSTEM)
    before = current_version()
    assert page.post(f"{LISTS}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert current_version() == before + 1


def test_a_changed_list_judges_the_next_mail(page):
    files.apply(USING, SYSTEM)
    row = RecipientList.objects.get()
    page.post(f"{LISTS}{row.pk}/change/", {"name": "partners", "entries": "new.example"})
    in_force = policies_in_force()
    assert in_force.version == 2
    assert in_force.reference.entry_list("partners").holds("a@new.example", "new.example")
    assert active_policies() == in_force.policies


def calendar(**changes):
    return {
        "name": "本社",
        "time_zone": "Asia/Tokyo",
        "monday_from": "09:00",
        "monday_until": "17:30",
    } | changes


def test_a_calendar_is_kept_as_it_is_filled_in(page):
    filled = calendar(default="on", closed_days="2026-12-30\n2026-12-29\n")
    response = page.post(f"{CALENDARS}add/", filled)
    assert response.status_code == 302, errors(response)
    hours = policies_in_force().reference.calendar("")
    assert hours.name == "本社"
    assert hours.hours == ((time(9), time(17, 30)), *(None,) * 6)
    assert hours.closed == {date(2026, 12, 29), date(2026, 12, 30)}
    assert not hours.holidays


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time_zone": "Asia/Kyoto"}, "no such time zone"),
        ({"monday_until": ""}, "Give both times"),
        ({"monday_until": "08:00"}, "Give both times"),
        ({"closed_days": "soon"}, "one day per line"),
    ],
)
def test_a_wrong_calendar_is_refused(page, changes, words):
    assert any(words in error for error in errors(page.post(f"{CALENDARS}add/", calendar(**changes))))
    assert not Calendar.objects.exists()


def test_one_calendar_at_most_is_the_default(page):
    Calendar.objects.create(name="first", default=True)
    assert errors(page.post(f"{CALENDARS}add/", calendar(default="on")))
    assert Calendar.objects.count() == 1


WRONG_FILES = [
    ("lists: [{name: a, entries: [b c]}]\n", 2, "is no address and no domain"),
    ("lists: [{name: a, entries: []}, {name: a, entries: []}]\n", 2, "two called “a”"),
    ("lists: [{name: '', entries: []}]\n", 2, "A name is expected"),
    ("lists: [{name: a}]\n", 2, "“entries” is missing"),
    ("calendars: [{name: a, hours: {monday: 9-17}}]\n", 2, "A span such as"),
    ("calendars: [{name: a, hours: {monday: 18:00-09:00}}]\n", 2, "A span such as"),
    ("calendars: [{name: a, hours: {}, time_zone: Asia/Kyoto}]\n", 2, "no time zone"),
    ("calendars: [{name: a, hours: {}, closed: [2026-02-30]}]\n", 2, "A text is expected"),
    ("calendars: [{name: a, hours: {}, closed: [soon]}]\n", 2, "A day such as"),
    ("lists: [{name: a, entries: [word]}]\n", 2, "is no address and no domain"),
    (
        "calendars: [{name: a, hours: {}, default: true}, {name: b, hours: {}, default: true}]\n",
        2,
        "can be the default",
    ),
]


@pytest.mark.parametrize(("text", "line", "words"), WRONG_FILES)
def test_a_wrong_list_or_calendar_in_a_file_names_its_line(db, text, line, words):
    problems = files.check(f"format: 1\n{text}policies: []\n")
    assert [(problem.line, words in problem.text.en) for problem in problems] == [(line, True)]


def test_a_condition_names_only_what_there_is(db):
    (list_missing, calendar_missing) = files.check(
        USING.replace("name: partners", "name: x").replace("name: Osaka", "name: y")
    )
    assert list_missing.text.en == "There is no list of recipients “partners”."
    assert calendar_missing.text.en == "There is no calendar “Osaka”."
    assert files.check(USING) == []


def test_a_file_without_lists_keeps_those_that_there_are(db):
    files.apply(USING, SYSTEM)
    files.apply("format: 1\npolicies: []\n", SYSTEM)
    assert RecipientList.objects.get().entries == "partner.example"
    files.apply("format: 1\nlists: []\ncalendars: []\npolicies: []\n", SYSTEM)
    assert not RecipientList.objects.exists()
    assert not Calendar.objects.exists()
