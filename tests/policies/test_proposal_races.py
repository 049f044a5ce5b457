"""Two administrators act on one waiting change in the same moment: one wins, the other is told, nothing is half done.

The first act is done but not committed when the second one begins. Each has a connection of its own.
"""

from datetime import UTC, datetime
from itertools import count
from threading import Barrier, Thread

import pytest
import yaml
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.directory.models import Person
from policies import files, loading, proposals
from policies.models import Policy, PolicyProposal, PolicyVersion
from policies.proposing import waiting_proposal
from policies.refusals import ProposalRefused
from policies.rows import stored_policies

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HEAD_START = 0.15
ENDS = {"agree": "agreed", "also_agree": "agreed", "refuse": "refused", "withdraw": "withdrawn"}
CHANGES = {"change", "page", "delete"}
ACTS = [*ENDS, "alone", *sorted(CHANGES), "look"]


def text_of(duration):
    wait = {"key": "wait", "name": {"ja": "w", "en": "w"}, "actions": [{"kind": "hold", "for": duration}]}
    return yaml.safe_dump({"format": 1, "policies": [wait]})


def person(name):
    return Person.objects.create_user(f"{name}@example.test", is_staff=True, is_superuser=True)


def actor(person):
    return Actor(address=person.email, channel="admin")


@pytest.fixture
def acts(settings):
    settings.POLICY_SECOND_ADMINISTRATOR = True
    ada, ben, cleo = map(person, ("ada", "ben", "cleo"))
    files.apply(text_of("5m"), Actor(channel="system"))
    files.apply(text_of("9m"), actor(ada))
    numbers = count()
    pk, wait = waiting_proposal().pk, Policy.objects.get().pk

    def post(page, **data):
        browser = Client()
        browser.force_login(ada)
        assert browser.post(reverse(f"admin:policies_{page}"), data).status_code == 302

    def look():
        loading._Kept.current = None
        return loading.policies_in_force()

    return {
        "pk": pk,
        "agree": lambda: proposals.agree(pk, 1, ben, actor(ben), NOW),
        "also_agree": lambda: proposals.agree(pk, 1, cleo, actor(cleo), NOW),
        "refuse": lambda: proposals.refuse(pk, 1, cleo, actor(cleo), NOW, "no"),
        "withdraw": lambda: proposals.withdraw(pk, 1, ada, actor(ada), NOW),
        "alone": lambda: proposals.agree_alone(actor(ada), NOW, "emergency"),
        "change": lambda: files.apply(text_of("7m"), actor(ada)),
        "page": lambda: post("recipientlist_add", name=f"new {next(numbers)}", entries="new.example"),
        "delete": lambda: post(
            "policy_changelist", action="delete_selected", post="yes", _selected_action=[wait]
        ),
        "look": look,
    }


def answer(act):
    try:
        act()
    except ProposalRefused as refusal:
        return refusal.code
    return True


def in_thread(answers, name, act):
    def run():
        try:
            answers[name] = answer(act)
        finally:
            connection.close()

    return Thread(target=run)


def race(first, second):
    answers = {}
    thread = in_thread(answers, "second", second)
    with transaction.atomic():
        answers["first"] = answer(first)
        thread.start()
        thread.join(HEAD_START)
    thread.join()
    return answers["first"], answers["second"]


def seconds(policies):
    return [each.actions[0].seconds for each in policies]


def check(done):
    """Versions, what is in force, the tables and the record say the same of what was done."""
    loading._Kept.current = None
    in_force, waiting = loading.policies_in_force(), waiting_proposal()
    tags = list(Event.objects.order_by("pk").values_list("tag", flat=True))
    assert tags.count(Tag.POLICY_CHANGED) == PolicyVersion.objects.count()
    assert tags.count(Tag.POLICY_AGREED) == PolicyProposal.objects.filter(state="agreed", alone=False).count()
    assert tags.count(Tag.POLICY_REFUSED) == PolicyProposal.objects.filter(state="refused").count()
    assert tags.count(Tag.POLICY_WITHDRAWN) == PolicyProposal.objects.filter(state="withdrawn").count()
    assert in_force.version == PolicyVersion.objects.latest("number").number
    if waiting is None:
        assert seconds(stored_policies()) == seconds(in_force.policies)
    else:
        assert files.export() == waiting.text
        assert waiting.base == in_force.version
    assert seconds(in_force.policies) in ([300], [420], [540], [])


@pytest.mark.parametrize("first", ACTS)
@pytest.mark.parametrize("second", ACTS)
def test_pairs_of_acts_on_one_waiting_change(first, second, acts):
    answers = race(acts[first], acts[second])
    assert answers[0] is True
    ended = first in {*ENDS, "alone"}
    if ended and second in {*ENDS, "alone"}:
        assert answers[1] == "already_decided"
    elif first in CHANGES and second in ENDS:
        assert answers[1] == "changed_meanwhile"
    else:
        assert answers[1] is True
    check([first, second])
    if second in CHANGES and ended:
        # Came after the decision: a change of its own, which waits, against what is in force now.
        assert waiting_proposal().pk != acts["pk"]
        assert [each["address"] for each in waiting_proposal().authors] == ["ada@example.test"]


def test_of_all_that_act_at_once_one_wins(acts):
    names = ["agree", "also_agree", "refuse", "withdraw"]
    answers, start = {}, Barrier(len(names))

    def after_all(act):
        def run():
            start.wait()
            act()

        return run

    threads = [in_thread(answers, name, after_all(acts[name])) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers.values())) == ["True", *["already_decided"] * 3]
    check(names)
    assert waiting_proposal() is None


def test_two_first_changes_at_once_become_one_that_waits(settings):
    settings.POLICY_SECOND_ADMINISTRATOR = True
    ada, ben = map(person, ("ada", "ben"))
    files.apply(text_of("5m"), Actor(channel="system"))
    first = lambda: files.apply(text_of("7m"), actor(ada))
    second = lambda: files.apply(text_of("9m"), actor(ben))

    assert race(first, second) == (True, True)

    proposal = PolicyProposal.objects.get()
    assert [each["address"] for each in proposal.authors] == ["ada@example.test", "ben@example.test"]
    assert (seconds(stored_policies()), proposal.edition) == ([540], 2)
    check([])
