"""The CSV import: all of it, or nothing and every problem with its line."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation

from audit.models import Event
from audit.record import Actor
from mailhold.directory.exceptions import ImportRefused
from mailhold.directory.importing import import_people
from mailhold.directory.models import Address, Department, Person

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ACTOR = Actor(address="admin@example.test", channel="command")
HEADER = "address,name,department,manager,active,language,further_addresses,joined_on\n"
GOOD = (
    HEADER
    + "Alice@Example.Test,山田 花子,営業部,bob@example.test,yes,ja,sales@example.test;hanako@example.test,2026-04-01\n"
    + "bob@example.test,鈴木 一郎,営業部,,yes,en,,2019/10/1\n"
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def bring(text, charset="utf-8", **options):
    content = text if isinstance(text, bytes) else text.encode(charset)
    return import_people(content, now=NOW, actor=ACTOR, **options)


def problems_of(text, **options):
    with pytest.raises(ImportRefused) as refused:
        bring(text, **options)
    return [str(problem) for problem in refused.value.problems]


def everything():
    return (
        sorted(
            Person.objects.values_list(
                "email", "name", "department__name", "manager__email", "is_active", "language"
            )
        ),
        sorted(Address.objects.values_list("address", "person__email")),
        sorted(Department.objects.values_list("name", flat=True)),
        Event.objects.count(),
    )


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp932"])
def test_people_come_in_with_all_their_columns_in_each_charset(charset):
    bring(GOOD, charset)
    alice, bob = Person.objects.order_by("email")
    assert (alice.email, alice.name, alice.language, alice.joined_on) == (
        "alice@example.test",
        "山田 花子",
        "ja",
        date(2026, 4, 1),
    )
    assert alice.manager == bob
    assert alice.department == bob.department == Department.objects.get(name="営業部")
    assert alice.addresses() == {"alice@example.test", "sales@example.test", "hanako@example.test"}
    assert (bob.joined_on, bob.language, bob.manager) == (date(2019, 10, 1), "en", None)
    assert not alice.has_usable_password()


def test_counts_say_what_changed():
    counts = bring(GOOD)
    assert (counts.created, counts.changed, counts.unchanged, counts.departments) == (2, 0, 0, 1)


def test_the_same_file_again_changes_nothing_and_is_not_recorded_again():
    bring(GOOD)
    before = everything()
    counts = bring(GOOD)
    assert (counts.created, counts.changed, counts.unchanged, counts.departments) == (0, 0, 2, 0)
    assert everything() == before


def test_one_event_tells_who_imported_how_many():
    bring(GOOD)
    event = Event.objects.get()
    assert (event.tag, event.actor, event.channel, event.at) == (
        "directory:administrator:imported",
        "admin@example.test",
        "command",
        NOW,
    )
    assert event.details == {"created": 2, "changed": 0, "unchanged": 0, "deactivated": 0, "departments": 1}


def test_a_check_changes_nothing():
    before = everything()
    assert bring(GOOD, check_only=True).created == 2
    assert everything() == before


def test_columns_may_stand_in_any_order_and_blank_lines_anywhere():
    bring("name,address\n\nAlice,alice@example.test\n,,\n \n".replace(",,", ","))
    assert Person.objects.get().name == "Alice"


def test_a_column_that_is_not_there_stays_as_it_is_and_an_empty_cell_empties():
    bring(GOOD)
    bring("address,name\nalice@example.test,Hanako\n")
    alice = Person.objects.get(email="alice@example.test")
    assert (alice.name, alice.manager.email, alice.joined_on) == (
        "Hanako",
        "bob@example.test",
        date(2026, 4, 1),
    )
    assert alice.further_addresses.count() == 2
    bring("address,manager,department,further_addresses,joined_on,language\nalice@example.test,,,,,\n")
    alice.refresh_from_db()
    assert (alice.manager, alice.department, alice.joined_on, alice.language) == (None, None, None, "ja")
    assert alice.further_addresses.count() == 0


def test_people_who_are_not_in_the_file_are_untouched(mallory):
    bring(GOOD)
    mallory.refresh_from_db()
    assert mallory.is_active


def test_people_who_are_missing_are_deactivated_on_request_but_no_administrator(mallory, admin):
    counts = bring(GOOD, deactivate_missing=True)
    mallory.refresh_from_db()
    admin.refresh_from_db()
    assert (mallory.is_active, admin.is_active, counts.deactivated) == (False, True, 1)


@pytest.mark.parametrize(
    ("word", "active"),
    [
        ("yes", True),
        ("1", True),
        ("TRUE", True),
        ("はい", True),
        ("", True),
        ("no", False),
        ("0", False),
        ("無効", False),
    ],
)
def test_active_is_understood(word, active):
    bring(f"address,active\nalice@example.test,{word}\n")
    assert Person.objects.get().is_active is active


def test_somebody_who_is_known_keeps_password_and_rights(admin):
    bring("address,name\nadmin@example.test,Ada\n")
    before = admin.password
    admin.refresh_from_db()
    assert (admin.password, admin.is_superuser, admin.name) == (before, True, "Ada")


def test_a_manager_may_come_later_in_the_file_or_be_named_by_a_further_address():
    bring(
        "address,manager,further_addresses\n"
        "alice@example.test,boss@example.test,\n"
        "bob@example.test,,boss@example.test\n"
    )
    assert Person.objects.get(email="alice@example.test").manager.email == "bob@example.test"


def test_a_manager_may_be_somebody_whom_the_directory_knows(bob):
    bring("address,manager\nalice@example.test,BOB@example.test\n")
    assert Person.objects.get(email="alice@example.test").manager == bob


def test_a_further_address_can_move_from_one_person_to_another():
    bring("address,further_addresses\nalice@example.test,desk@example.test\nbob@example.test,\n")
    bring("address,further_addresses\nbob@example.test,desk@example.test\nalice@example.test,\n")
    assert Address.objects.get().person.email == "bob@example.test"


def test_two_managers_can_change_places():
    bring("address,manager\nalice@example.test,bob@example.test\nbob@example.test,\n")
    bring("address,manager\nalice@example.test,\nbob@example.test,alice@example.test\n")
    assert Person.objects.get(email="bob@example.test").manager.email == "alice@example.test"


def test_the_own_main_address_among_the_further_ones_is_left_out():
    bring("address,further_addresses\nalice@example.test,alice@example.test;desk@example.test\n")
    assert Address.objects.get().address == "desk@example.test"


def test_a_cell_may_span_lines_and_later_lines_are_still_counted_right():
    found = problems_of('address,name\nalice@example.test,"Ali\nce"\nnot an address,Bob\n')
    assert [problem.partition(":")[0] for problem in found] == ["Line 2", "Line 4"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["Line 1: The file is empty"]),
        ("\n\n", ["Line 1: The file is empty"]),
        (b"\x81\xff\xff\x00", ["Line 1: The file is neither UTF-8 nor"]),
        ("name\nAlice\n", ["Line 1: The column “address” is missing"]),
        ("\naddress,address\n", ["Line 2: The column “address” is there twice"]),
        ("address,salary\na@example.test,1\n", ["Line 1: There is no column “salary”"]),
        ("address,name\na@example.test\n", ["Line 2: There are 1 cells, but 2 columns"]),
        ("address,name\na@example.test,A,B\n", ["Line 2: There are 3 cells, but 2 columns"]),
        ('address,name\na@example.test,"A\n', ["Line 2: This is not CSV"]),
        ("address,name\na@example.test," + "x" * 200_000 + "\n", ["Line 2: This is not CSV"]),
        ("address\nnobody\n", ["Line 2: “nobody” is not a mail address"]),
        ("address,name\n,Alice\n", ["Line 2: “” is not a mail address"]),
        ("address,name\na@example.test," + "x" * 201 + "\n", ["Line 2: “xxx"]),
        ("address,name\na@example.test,A\0B\n", ["Line 2: A name may not hold control characters"]),
        ("address,active\na@example.test,perhaps\n", ["Line 2: “active” must be yes or no, not “perhaps”"]),
        ("address,language\na@example.test,fr\n", ["Line 2: “language” must be ja or en, not “fr”"]),
        ("address,joined_on\na@example.test,2026-02-30\n", ["Line 2: “joined_on” must be a date"]),
        (
            "address,further_addresses\na@example.test,b@example.test;desk\n",
            ["Line 2: “desk” is not a mail address"],
        ),
        ("address,manager\na@example.test,boss\n", ["Line 2: “boss” is not a mail address"]),
        (
            "address,manager\na@example.test,no@example.test\n",
            ["Line 2: The manager “no@example.test” is neither"],
        ),
        (
            "address,manager\na@example.test,A@example.test\n",
            ["Line 2: a@example.test cannot be the own manager"],
        ),
        (
            "address,manager,further_addresses\na@example.test,desk@example.test,desk@example.test\n",
            ["Line 2: a@example.test cannot be the own manager"],
        ),
        (
            "address\na@example.test\nb@example.test\nA@example.test\n",
            ["Line 4: a@example.test is already on line 2"],
        ),
        (
            "address,further_addresses\na@example.test,b@example.test\nb@example.test,\n",
            [
                "Line 2: “b@example.test” belongs to b@example.test too",
                "Line 3: “b@example.test” belongs to a@",
            ],
        ),
        (
            "address,further_addresses\na@example.test,x@example.test\nb@example.test,x@example.test\n",
            ["Line 2: “x@example.test” belongs to b@", "Line 3: “x@example.test” belongs to a@"],
        ),
        (
            "address,manager\na@example.test,c@example.test\nb@example.test,a@example.test\nc@example.test,b@example.test\n",
            [
                "Line 2: The managers go round in a circle: a@example.test → c@example.test → b@example.test → a@"
            ],
        ),
        (
            "address,active,joined_on\nnobody,maybe,soon\na@example.test,maybe,\n",
            ["Line 2: “nobody”", "Line 2: “active”", "Line 2: “joined_on”", "Line 3: “active”"],
        ),
    ],
)
def test_each_problem_is_named_with_its_line_and_nothing_is_changed(text, expected, mallory):
    before = everything()
    found = problems_of(text)
    assert len(found) == len(expected)
    for problem, start in zip(found, expected, strict=True):
        assert problem.startswith(start)
    assert everything() == before


def test_good_lines_beside_a_bad_one_do_not_come_in():
    assert len(problems_of(GOOD + "nobody,,,,,,,\n")) == 1
    assert not Person.objects.exists()


def test_somebody_on_a_bad_line_still_counts_as_a_manager():
    found = problems_of(
        "address,manager,active\nalice@example.test,bob@example.test,\nbob@example.test,,maybe\n"
    )
    assert len(found) == 1


def test_an_address_that_is_anothers_further_one_is_a_clash(bob):
    Address.objects.create(person=bob, address="desk@example.test")
    assert problems_of("address\ndesk@example.test\n") == [
        "Line 2: “desk@example.test” belongs to bob@example.test too."
    ]


def test_a_circle_with_managers_whom_only_the_directory_knows_is_found(alice, bob):
    assert problems_of("address,manager\nbob@example.test,alice@example.test\n") == [
        "Line 2: The managers go round in a circle: bob@example.test → alice@example.test → bob@example.test."
    ]


def test_problems_are_told_in_japanese_too():
    with translation.override("ja"):
        assert problems_of("address\nnobody\n") == ["2 行目: 「nobody」はメールアドレスではありません。"]


def test_a_thousand_people_take_few_statements(django_assert_max_num_queries):
    lines = [
        f"p{number}@example.test,P{number},d{number % 7},p{number // 10}@example.test\n"
        for number in range(1, 1000)
    ]
    text = "address,name,department,manager\np0@example.test,Top,,\n" + "".join(lines)
    with django_assert_max_num_queries(60):
        assert bring(text).created == 1000
    assert Person.objects.get(email="p999@example.test").manager.email == "p99@example.test"


@pytest.mark.parametrize("document", ["people.md", "people.ja.md"])
def test_the_example_in_the_documentation_comes_in(document):
    lines = (Path(__file__).parents[2] / "docs" / document).read_text(encoding="utf-8").splitlines()
    start = lines.index("    " + HEADER.rstrip("\n"))
    example = [line.strip() for line in lines[start : lines.index("", start)]]
    assert bring("\n".join(example)).created == 3
