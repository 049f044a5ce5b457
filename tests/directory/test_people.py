"""Who somebody is, what is internal, and who may approve."""

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from mailhold.directory import people
from mailhold.directory.exceptions import UnknownApproverKind
from mailhold.directory.models import Address, Department, OwnDomain, Person, fold_address


@given(st.text())
def test_folding_an_address_twice_changes_nothing_more(text):
    assert fold_address(fold_address(text)) == fold_address(text)


@given(
    st.from_regex(r"[A-Za-z0-9.+-]{1,20}@[A-Za-z0-9.-]{1,20}", fullmatch=True),
    st.sampled_from(["", " ", "\t", "\n"]),
)
def test_case_and_outer_space_make_no_other_address(address, space):
    assert fold_address(space + address.upper() + space) == fold_address(address.lower())


@given(st.text(max_size=300))
def test_folding_a_domain_never_fails(text):
    assert "@" not in people.fold_domain(text)


@pytest.mark.parametrize("spelling", ["alice@example.test", "ALICE@Example.TEST", " alice@example.test\n"])
def test_a_person_is_found_by_any_spelling_of_the_main_address(alice, spelling):
    assert people.person_by_address(spelling) == alice


def test_a_person_is_found_by_a_further_address(alice):
    Address.objects.create(person=alice, address="Sales@Example.test")
    assert people.person_by_address("sales@example.test") == alice


def test_somebody_who_left_is_still_found(alice):
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert people.person_by_address("alice@example.test") == alice


@pytest.mark.parametrize(
    "address",
    ["", "nobody@example.test", "alice\0@example.test", "\ud800@example.test", "a" * 300 + "@example.test"],
)
def test_what_cannot_be_an_address_belongs_to_nobody(alice, address):
    assert people.person_by_address(address) is None


def test_a_main_address_goes_before_another_persons_further_one(alice, bob):
    Address.objects.create(person=bob, address=alice.email)
    assert people.person_by_address(alice.email) == alice


@pytest.mark.django_db
@hypothesis_settings(max_examples=30)
@given(st.text(max_size=40))
def test_looking_up_any_text_never_fails(text):
    assert people.person_by_address(text) is None


def test_sending_addresses_are_the_main_and_the_further_ones(alice):
    Address.objects.create(person=alice, address="sales@example.test")
    assert people.sending_addresses(alice) == {"alice@example.test", "sales@example.test"}


def test_a_batch_costs_the_same_queries_as_one_message(alice, bob, carol, django_assert_max_num_queries):
    sales = Department.objects.create(name="Sales")
    Person.objects.update(department=sales)
    Address.objects.create(person=carol, address="desk@example.test")
    addresses = [f"stranger{number}@elsewhere.test" for number in range(1500)]
    with django_assert_max_num_queries(5):
        snapshot = people.load_people([*addresses, alice.email, "DESK@example.test"])
        assert snapshot.person("Alice@Example.Test") == alice
        assert snapshot.person("desk@example.test") == carol
        assert snapshot.person("stranger7@elsewhere.test") is None
        assert snapshot.departments_of(snapshot.person(alice.email)) == {sales.pk}
        assert people.sending_addresses(snapshot.person("desk@example.test")) == {
            carol.email,
            "desk@example.test",
        }
        assert snapshot.is_internal("anybody@example.test")
        assert not snapshot.is_internal("anybody@elsewhere.test")
    assert bob.email not in snapshot.people


def test_more_addresses_than_fit_into_one_query_are_all_looked_up(alice, bob):
    addresses = [f"a{number:05}@elsewhere.test" for number in range(people.ADDRESSES_A_QUERY + 5)]
    assert set(people.people_by_address([*addresses, alice.email, bob.email])) == {alice.email, bob.email}


@pytest.mark.parametrize(
    ("address", "internal"),
    [
        ("carol@example.test", True),
        ("carol@EXAMPLE.test.", True),
        ("example.test", True),
        ("carol@branch.test", True),
        ("carol@sub.example.test", False),
        ("carol@notexample.test", False),
        ("carol@example.test.evil.test", False),
        ('"x@example.test"@evil.test', False),
        ("carol@xn--wgv71a119e.test", True),
        ("carol@日本語.test", True),
        ("", False),
    ],
)
def test_internal_is_what_is_listed_and_no_sub_domain(db, settings, address, internal):
    settings.DOMAINS = ["example.test"]
    OwnDomain.objects.create(name="Branch.Test")
    OwnDomain.objects.create(name="日本語.test")
    assert people.is_internal(address) is internal


def test_departments_of_a_person_reach_up_to_the_top(alice):
    company = Department.objects.create(name="Company")
    sales = Department.objects.create(name="Sales", parent=company)
    east = Department.objects.create(name="East", parent=sales)
    Department.objects.create(name="Legal", parent=company)
    alice.department = east
    assert people.departments_of(alice) == {east.pk, sales.pk, company.pk}


def test_a_circle_of_departments_does_not_hang(alice):
    one = Department.objects.create(name="One")
    two = Department.objects.create(name="Two", parent=one)
    Department.objects.filter(pk=one.pk).update(parent=two)
    assert people.department_ancestors() == {one.pk: {one.pk, two.pk}, two.pk: {one.pk, two.pk}}


def test_somebody_without_department_has_none(alice):
    assert people.departments_of(alice) == frozenset()


def test_the_manager_approves(alice, bob):
    assert people.approvers("manager", (), alice) == [bob]


def test_the_managers_manager_stands_in_for_one_who_left(alice, bob, carol):
    Person.objects.filter(pk=bob.pk).update(is_active=False, manager=carol)
    Person.objects.filter(pk=carol.pk).update(manager=None)
    assert people.approvers("manager", (), Person.objects.get(pk=alice.pk)) == [carol]


@pytest.mark.parametrize("known", [True, False])
def test_administrators_stand_in_where_no_manager_is_left(alice, bob, admin, known):
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    assert people.approvers("manager", (), Person.objects.get(pk=alice.pk) if known else None) == [admin]


def test_managers_who_manage_each_other_do_not_hang_and_never_give_the_sender(alice, bob, admin):
    Person.objects.filter(pk=bob.pk).update(is_active=False, manager=alice)
    assert people.approvers("manager", (), Person.objects.get(pk=alice.pk)) == [admin]


def test_an_administrator_without_manager_is_not_the_own_manager(admin):
    assert people.approvers("manager", (), admin) == []


def test_named_persons_approve_while_they_are_active(alice, bob, carol):
    Person.objects.filter(pk=carol.pk).update(is_active=False)
    assert people.approvers("persons", (alice.pk, bob.pk, carol.pk), alice) == [alice, bob]


def test_a_department_approves_with_all_below_it(alice, bob, carol, mallory):
    sales = Department.objects.create(name="Sales")
    east = Department.objects.create(name="East", parent=sales)
    legal = Department.objects.create(name="Legal")
    for person, department in ((alice, east), (bob, sales), (mallory, legal)):
        Person.objects.filter(pk=person.pk).update(department=department)
    assert people.approvers("department", (sales.pk,), alice) == [alice, bob]


def test_administrators_are_those_with_any_right_to_administer(admin, bob, carol):
    Person.objects.filter(pk=bob.pk).update(is_staff=True)
    Person.objects.create_superuser("left@example.test", is_active=False)
    assert people.approvers("administrators", (), None) == [admin, bob]


def test_a_kind_that_does_not_exist_is_a_sentence(db):
    with pytest.raises(UnknownApproverKind, match="'oracle'"):
        people.approvers("oracle", (), None)


def test_nobody_is_the_own_manager_even_for_the_database(alice):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=alice.pk).update(manager=alice)
