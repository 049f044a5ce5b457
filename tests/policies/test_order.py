"""The order of the policies, set as a whole by one request of the list."""

import re

import pytest

from audit.models import Event
from audit.record import SYSTEM
from policies import files
from policies.loading import active_policies, current_version
from policies.models import Policy, PolicyVersion

LIST = "/admin/policies/policy/"
ORDER = "/admin/policies/policy/order/"
FILE = "format: 1\npolicies:\n" + "".join(
    f"  - {{key: {key}, name: {{ja: 方針{key}, en: Policy {key}}}, priority: {number}, actions: [{{kind: hold, for: 1m}}]}}\n"
    for key, number in (("a", 1), ("b", 5), ("c", 50), ("d", 51))
)


@pytest.fixture
def page(client, admin):
    assert files.apply(FILE, SYSTEM).problems == []
    client.force_login(admin)
    return client


def keys():
    return "".join(policy.key for policy in active_policies())


def numbers(letters):
    by_key = dict(Policy.objects.values_list("key", "pk"))
    return ",".join(str(by_key[letter]) for letter in letters)


def put(page, seen, wanted, moved=""):
    return page.post(
        ORDER, {"seen": numbers(seen), "order": numbers(wanted), "moved": numbers(moved)}, follow=True
    )


def test_a_policy_is_put_elsewhere_with_one_version_and_one_event(page, admin):
    response = put(page, "abcd", "dabc", moved="d")
    assert keys() == "dabc"
    # The numbers stay those that administrators gave.
    assert list(Policy.objects.order_by("priority").values_list("priority", flat=True)) == [1, 5, 50, 51]
    version = PolicyVersion.objects.latest("number")
    assert (version.number, version.made_by) == (2, admin.email)
    event = Event.objects.latest("id")
    assert (event.actor, event.channel) == (admin.email, "admin")
    assert event.details == {"version": 2, "changed": ["d", "a", "b", "c"]}
    assert response.redirect_chain == [(f"{LIST}#policy-{numbers('d')}-up", 302)]
    assert "“Policy d” is now number 1 of 4." in response.content.decode()


def test_the_record_names_only_what_stands_elsewhere_than_before(page):
    put(page, "abcd", "acbd", moved="b")
    assert Event.objects.latest("id").details == {"version": 2, "changed": ["c", "b"]}


def test_policies_that_share_a_number_can_be_put_in_order(page):
    Policy.objects.update(priority=7)
    order = "".join(Policy.objects.order_by("id").values_list("key", flat=True))
    put(page, order, order[::-1], moved=order[0])
    assert "".join(Policy.objects.order_by("priority").values_list("key", flat=True)) == order[::-1]
    assert keys() == order[::-1]


def test_the_same_order_makes_no_version(page):
    assert put(page, "abcd", "abcd", moved="a").status_code == 200
    assert current_version() == 1


STALE = [
    pytest.param("abdc", "dabc", id="somebody has moved one"),
    pytest.param("abc", "cab", id="somebody has added one"),
    pytest.param("abcd", "abc", id="one has no place"),
    pytest.param("abcd", "aabcd", id="one has two places"),
]


@pytest.mark.parametrize(("seen", "wanted"), STALE)
def test_an_order_for_another_list_is_refused_with_a_sentence_and_the_list_as_it_is(page, seen, wanted):
    response = put(page, seen, wanted, moved="d")
    text = response.content.decode()
    assert "The list of policies has been changed meanwhile" in text
    assert keys() == "abcd"
    assert current_version() == 1
    assert f'name="seen" value="{numbers("abcd")}"' in text


@pytest.mark.parametrize("order", ["", "x", "1;2", "-1", "9" * 400, "1,2,3,999999", "①"])
def test_what_is_no_order_is_refused(page, order):
    response = page.post(ORDER, {"seen": numbers("abcd"), "order": order, "moved": order}, follow=True)
    assert "has been changed meanwhile" in response.content.decode()
    assert keys() == "abcd"


def test_a_policy_deleted_meanwhile_makes_the_order_stale(page):
    seen, wanted = numbers("abcd"), numbers("dabc")
    Policy.objects.get(key="b").delete()
    response = page.post(ORDER, {"seen": seen, "order": wanted, "moved": ""}, follow=True)
    assert "has been changed meanwhile" in response.content.decode()
    assert list(Policy.objects.values_list("key", flat=True)) == ["a", "c", "d"]


def test_looking_at_it_sets_no_order(page):
    assert page.get(ORDER).status_code == 405


def test_it_needs_the_token_of_the_page(page, admin):
    page.handler.enforce_csrf_checks = True
    response = page.post(ORDER, {"seen": numbers("abcd"), "order": numbers("dabc")})
    assert response.status_code == 403
    assert keys() == "abcd"


def test_whoever_may_only_look_gets_no_buttons_and_sets_no_order(page, mallory):
    from django.contrib.auth.models import Permission

    type(mallory).objects.filter(pk=mallory.pk).update(is_staff=True)
    mallory.user_permissions.add(Permission.objects.get(codename="view_policy"))
    page.force_login(mallory)
    text = page.get(LIST).content.decode()
    assert "Policy a" in text
    assert "drag-handle" not in text
    assert "/move/" not in text
    assert 'id="policy-order"' not in text
    assert put(page, "abcd", "dabc").status_code == 403
    assert keys() == "abcd"


def test_a_part_of_the_list_cannot_be_put_in_order(page):
    assert 'id="policy-order"' in page.get(LIST).content.decode()
    assert 'id="policy-order"' not in page.get(f"{LIST}?q=a").content.decode()
    assert 'id="policy-order"' not in page.get(f"{LIST}?mode__exact=watch").content.decode()


def test_after_a_button_the_focus_returns_to_it(page):
    policy = Policy.objects.get(key="c")
    response = page.post(f"{LIST}{policy.pk}/move/up/", follow=True)
    assert response.redirect_chain == [(f"{LIST}#policy-{policy.pk}-up", 302)]
    text = response.content.decode()
    assert re.search(rf'<button[^>]* id="policy-{policy.pk}-up"', text)
    assert "“Policy c” is now number 2 of 4." in text
    assert keys() == "acbd"


def test_the_sentences_are_japanese_for_a_japanese_reader(page, admin):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")
    assert "「方針d」は 4 件中 1 番目になりました。" in put(page, "abcd", "dabc", moved="d").content.decode()
    assert "順序は変えていません" in put(page, "abcd", "dabc", moved="d").content.decode()
