"""A change of the policies waits for a second administrator: what is in force stays, and nothing is lost."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import ProtectedError

from audit.models import Event
from audit.record import Actor
from audit.tags import Tag
from mailhold.directory.models import Address, Person
from policies import examination, files, loading, proposals, versions
from policies.frozen import Frozen, freeze, thaw
from policies.models import Calendar, Policy, PolicyProposal, PolicyRules, PolicyVersion, RecipientList
from policies.moving import move
from policies.proposing import waiting_proposal
from policies.refusals import ProposalRefused
from policies.rows import stored_policies, stored_reference
from policies.standing import put_back
from policies.telling import told

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")


def policy(key, duration="5m", **more):
    return {
        "key": key,
        "name": {"ja": key, "en": key},
        "actions": [{"kind": "hold", "for": duration}],
        **more,
    }


def text_of(*policies, **more):
    return yaml.safe_dump({"format": 1, **more, "policies": list(policies)}, allow_unicode=True)


def administrator(address, **fields):
    return Person.objects.create_user(
        address, language="en", **{"is_staff": True, "is_superuser": True, **fields}
    )


def actor(person):
    return Actor(address=person.email, channel="admin")


@pytest.fixture
def ada(admin):
    return admin


@pytest.fixture
def ben(db):
    return administrator("ben@example.test", name="Ben")


@pytest.fixture
def cleo(db):
    return administrator("cleo@example.test", name="Cleo")


@pytest.fixture(autouse=True)
def _two_are_needed(settings, monkeypatch):
    settings.POLICY_SECOND_ADMINISTRATOR = True
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def started(db):
    """Version 1 holds for 5 minutes."""
    files.apply(text_of(policy("wait")), Actor(channel="system"))


def fresh_in_force(monkeypatch):
    """What a process that has read nothing yet takes to be in force."""
    monkeypatch.setattr(loading._Kept, "current", None)
    return loading.policies_in_force()


def seconds_in_force(monkeypatch):
    return {each.key: each.actions[0].seconds for each in fresh_in_force(monkeypatch).policies}


def propose(person, *policies, **more):
    result = files.apply(text_of(*policies, **more), actor(person))
    assert result.problems == []
    return waiting_proposal()


def refusal_of(act, *arguments):
    with pytest.raises(ProposalRefused) as refusal:
        act(*arguments)
    return refusal.value.code


def test_the_first_policies_of_an_installation_are_in_force_at_once(started):
    assert (loading.current_version(), waiting_proposal()) == (1, None)


def test_a_change_waits_and_what_is_in_force_stays(started, ada, monkeypatch):
    before = fresh_in_force(monkeypatch)
    result = files.apply(text_of(policy("wait", "9m"), policy("new")), actor(ada))
    assert (result.version, result.waits) == (1, True)
    assert loading.policies_in_force() == before
    assert fresh_in_force(monkeypatch) == before
    assert [each.actions[0].seconds for each in stored_policies()] == [540, 300]
    event = Event.objects.get(tag=Tag.POLICY_PROPOSED)
    assert (event.actor, event.details["created"], event.details["changed"]) == (
        ada.email,
        ["new"],
        ["wait"],
    )
    assert Event.objects.filter(tag=Tag.POLICY_CHANGED).count() == 1


def test_the_change_is_told_in_sentences(started, ada):
    proposal = propose(ada, policy("wait", "9m"))
    (change,) = told(proposal.changes)
    assert (str(change.word), change.name) == ("changed", "wait")
    assert "5 minutes" in change.before[0]
    assert "9 minutes" in change.after[0]


def test_another_administrator_puts_it_in_force(started, ada, ben, monkeypatch):
    proposal = propose(ada, policy("wait", "9m"))
    version = proposals.agree(proposal.pk, proposal.edition, ben, actor(ben), NOW, "good")
    assert (version.number, version.made_by, version.agreed_by) == (2, ada.email, ben.email)
    assert fresh_in_force(monkeypatch).version == 2
    assert seconds_in_force(monkeypatch) == {"wait": 540}
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.answer, proposal.version) == (
        "agreed",
        ben.email,
        "good",
        2,
    )
    assert Event.objects.get(tag=Tag.POLICY_AGREED).actor == ben.email
    assert Event.objects.filter(tag=Tag.POLICY_CHANGED).latest("pk").details["version"] == 2


def test_nobody_agrees_to_his_own_change_by_whichever_address(started, ada, ben):
    proposal = propose(ada, policy("wait", "9m"))
    Address.objects.create(person=ben, address="old@example.test")
    PolicyProposal.objects.filter(pk=proposal.pk).update(
        authors=[*proposal.authors, {"person": None, "address": "old@example.test"}]
    )
    for person in (ada, ben):
        assert refusal_of(proposals.agree, proposal.pk, 1, person, actor(person), NOW) == "own_change"
    Person.objects.filter(pk=ada.pk).update(email="ada.new@example.test")
    ada.refresh_from_db()
    assert refusal_of(proposals.agree, proposal.pk, 1, ada, actor(ada), NOW) == "own_change"
    assert loading.current_version() == 1


def test_whoever_adds_to_a_change_cannot_agree_to_it(started, ada, ben, cleo, monkeypatch):
    propose(ada, policy("wait", "9m"))
    proposal = propose(ben, policy("wait", "9m"), policy("more"))
    assert (proposal.edition, proposals.authors_of(proposal)) == (2, f"{ada.email}, {ben.email}")
    assert refusal_of(proposals.agree, proposal.pk, 2, ben, actor(ben), NOW) == "own_change"
    assert seconds_in_force(monkeypatch) == {"wait": 300}
    version = proposals.agree(proposal.pk, 2, cleo, actor(cleo), NOW)
    assert (version.made_by, set(seconds_in_force(monkeypatch))) == (
        f"{ada.email}, {ben.email}",
        {"wait", "more"},
    )


def test_what_was_seen_is_what_is_agreed_to(started, ada, ben):
    seen = propose(ada, policy("wait", "9m"))
    propose(ada, policy("wait", "1m"))
    assert refusal_of(proposals.agree, seen.pk, seen.edition, ben, actor(ben), NOW) == "changed_meanwhile"
    assert refusal_of(proposals.refuse, seen.pk, seen.edition, ben, actor(ben), NOW, "no") == (
        "changed_meanwhile"
    )
    assert loading.current_version() == 1


@pytest.mark.parametrize(
    "gone",
    [
        {"is_active": False},
        {"is_staff": False, "is_superuser": False},
        {"is_superuser": False},  # staff without the right to policies
    ],
)
def test_only_an_administrator_of_this_moment_agrees(started, ada, ben, gone):
    proposal = propose(ada, policy("wait", "9m"))
    Person.objects.filter(pk=ben.pk).update(**gone)
    assert refusal_of(proposals.agree, proposal.pk, 1, ben, actor(ben), NOW) == "not_administrator"
    assert refusal_of(proposals.refuse, proposal.pk, 1, ben, actor(ben), NOW, "no") == "not_administrator"


def test_a_change_of_somebody_who_left_can_be_decided(started, ada, ben, monkeypatch):
    proposal = propose(ada, policy("wait", "9m"))
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    proposals.agree(proposal.pk, 1, ben, actor(ben), NOW)
    assert seconds_in_force(monkeypatch) == {"wait": 540}


def test_refusing_needs_a_reason_and_brings_back_what_is_in_force(started, ada, ben, monkeypatch):
    before, ids = files.export(), [each.id for each in stored_policies()]
    proposal = propose(
        ada,
        policy("other"),
        rules={"choose": "first", "risk": {"wait": 1, "check": 2, "peer": 3, "manager": 4}},
        lists=[{"name": "partners", "entries": ["partner.example"]}],
        calendars=[{"name": "office", "hours": {"monday": "09:00-17:00"}}],
    )
    assert refusal_of(proposals.refuse, proposal.pk, 1, ben, actor(ben), NOW, "  ") == "no_reason"
    proposals.refuse(proposal.pk, 1, ben, actor(ben), NOW, "Not before Monday.")
    assert (files.export(), [each.id for each in stored_policies()]) == (before, ids)
    assert not RecipientList.objects.exists()
    assert not Calendar.objects.exists()
    assert not PolicyRules.objects.exists()
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer, "other" in proposal.text) == (
        "refused",
        "Not before Monday.",
        True,
    )
    assert Event.objects.get(tag=Tag.POLICY_REFUSED).actor == ben.email
    assert seconds_in_force(monkeypatch) == {"wait": 300}


def test_everything_that_policies_can_say_comes_back_as_it_was(sales, alice, bob, carol):
    assert files.apply(EVERYTHING, Actor(channel="system")).problems == []
    whole, exported = Frozen(policies=stored_policies(), reference=stored_reference()), files.export()
    assert thaw(freeze(whole)) == whole
    swapped = list(Policy.objects.order_by("pk")[:2])
    Policy.objects.filter(pk=swapped[0].pk).update(key="for-a-moment")
    Policy.objects.filter(pk=swapped[1].pk).update(key=swapped[0].key, priority=9999)
    Policy.objects.filter(pk=swapped[0].pk).update(key=swapped[1].key)
    Policy.objects.exclude(pk__in=[each.pk for each in swapped]).delete()
    Calendar.objects.all().delete()
    put_back(whole)
    assert (files.export(), stored_policies()) == (exported, whole.policies)


def test_putting_back_leaves_out_people_who_are_gone(ada, ben, alice, carol, db):
    asked = {
        "kind": "approval",
        "approvers": "persons",
        "persons": [alice.email, carol.email],
        "deadline": "24h",
    }
    files.apply(text_of(policy("ask", actions=[asked], scope={"people": [carol.email]})), actor(ada))
    proposal = propose(ada, policy("other"))
    carol.delete()
    proposals.refuse(proposal.pk, 1, ben, actor(ben), NOW, "no")
    (back,) = stored_policies()
    assert (back.actions[0].ids, back.scope.person_ids, back.scope.everyone) == (
        (alice.pk,),
        frozenset(),
        False,
    )


def test_a_department_that_approves_in_force_cannot_be_deleted_meanwhile(ada, ben, sales):
    asked = {"kind": "approval", "approvers": "department", "department": "営業部", "deadline": "24h"}
    files.apply(text_of(policy("ask", actions=[asked])), Actor(channel="system"))
    proposal = propose(ada, policy("other"))
    with pytest.raises(ProtectedError):
        sales.delete()
    proposals.agree(proposal.pk, 1, ben, actor(ben), NOW)
    sales.delete()


def test_the_one_who_made_it_withdraws_it_and_makes_it_again(started, ada, ben, monkeypatch):
    proposal = propose(ada, policy("wait", "9m"))
    assert refusal_of(proposals.withdraw, proposal.pk, 1, ben, actor(ben), NOW) == "not_administrator"
    proposals.withdraw(proposal.pk, 1, ada, actor(ada), NOW)
    assert "for: 5m" in files.export()
    assert Event.objects.get(tag=Tag.POLICY_WITHDRAWN).actor == ada.email
    assert proposals.propose_again(proposal.pk, actor(ben)).waits
    again = waiting_proposal()
    assert (again.pk != proposal.pk, "for: 9m" in again.text, proposals.authors_of(again)) == (
        True,
        True,
        ben.email,
    )
    proposals.agree(again.pk, 1, ada, actor(ada), NOW)
    assert seconds_in_force(monkeypatch) == {"wait": 540}


def test_a_change_is_not_made_again_over_what_came_since(started, ada, ben):
    old = propose(ada, policy("wait", "9m"))
    proposals.withdraw(old.pk, 1, ada, actor(ada), NOW)
    new = propose(ada, policy("wait", "1m"))
    assert refusal_of(proposals.propose_again, old.pk, actor(ada)) == "something_waits"
    proposals.agree(new.pk, 1, ben, actor(ben), NOW)
    assert refusal_of(proposals.propose_again, old.pk, actor(ada)) == "out_of_date"
    assert refusal_of(proposals.propose_again, new.pk, actor(ada)) == "already_decided"


def test_changing_it_all_back_withdraws_it(started, ada, monkeypatch):
    proposal = propose(ada, policy("wait", "9m"))
    assert not files.apply(text_of(policy("wait")), actor(ada)).waits
    proposal.refresh_from_db()
    assert (proposal.state, waiting_proposal(), loading.current_version()) == ("withdrawn", None, 1)
    assert seconds_in_force(monkeypatch) == {"wait": 300}


def test_what_changes_nothing_makes_nothing_wait(started, ada):
    files.apply(files.export(), actor(ada))
    Person.objects.filter(pk=ada.pk).update(email="renamed@example.test")
    files.apply(files.export(), actor(ada))
    assert not PolicyProposal.objects.exists()


def test_ready_sets_order_and_going_back_wait_too(started, ada, ben, monkeypatch):
    files.add(text_of(policy("added", "1m", priority=200)), actor(ada))
    proposals.agree(waiting_proposal().pk, 1, ben, actor(ben), NOW)
    assert move(Policy.objects.get(key="added"), -1, actor(ada))
    assert [each.key for each in stored_policies()] == ["added", "wait"]
    assert [each.key for each in fresh_in_force(monkeypatch).policies] == ["wait", "added"]
    files.roll_back(1, actor(ada))
    assert waiting_proposal() is not None
    assert set(seconds_in_force(monkeypatch)) == {"wait", "added"}
    assert Event.objects.filter(tag=Tag.POLICY_PROPOSED).latest("pk").details["rolled_back_to"] == 1


def test_people_who_go_meanwhile_change_the_change_and_it_must_be_seen_again(started, ada, ben, carol):
    proposal = propose(ada, policy("wait", scope={"people": [carol.email, ben.email]}))
    carol.delete()
    assert refusal_of(proposals.agree, proposal.pk, 1, ben, actor(ben), NOW) == "changed_meanwhile"
    proposal.refresh_from_db()
    assert (proposal.edition, "carol" in proposal.text, "carol" in str(proposal.changes)) == (2, False, False)
    assert proposals.agree(proposal.pk, 2, ben, actor(ben), NOW).number == 2


def test_with_the_setting_off_what_waits_still_waits_and_any_administrator_decides(
    started, ada, settings, monkeypatch
):
    propose(ada, policy("wait", "9m"))
    settings.POLICY_SECOND_ADMINISTRATOR = False
    proposal = propose(ada, policy("wait", "8m"))
    assert (proposal.edition, seconds_in_force(monkeypatch)) == (2, {"wait": 300})
    assert proposals.agree(proposal.pk, 2, ada, actor(ada), NOW).agreed_by == ada.email
    assert seconds_in_force(monkeypatch) == {"wait": 480}
    assert not files.apply(text_of(policy("wait", "7m")), actor(ada)).waits
    assert loading.current_version() == 3


def test_a_version_of_an_earlier_mailhold_is_completed_at_the_start(started, ada, monkeypatch):
    PolicyVersion.objects.update(frozen="", changes=None)
    versions.complete_newest()
    assert thaw(PolicyVersion.objects.get().frozen).policies == stored_policies()
    propose(ada, policy("wait", "9m"))
    versions.complete_newest()
    assert seconds_in_force(monkeypatch) == {"wait": 300}


def test_a_change_waits_beside_a_version_of_an_earlier_mailhold_that_nothing_completed(
    started, ada, ben, monkeypatch
):
    PolicyVersion.objects.update(frozen="", changes=None)
    before = stored_policies()
    proposal = propose(ada, policy("wait", "9m"))
    assert seconds_in_force(monkeypatch) == {"wait": 300}
    assert [each.word for each in told(proposal.changes)] == ["changed"]
    proposals.refuse(proposal.pk, 1, ben, actor(ben), NOW, "Too long.")
    assert stored_policies() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda: move(Policy.objects.get(key="b"), -1, Actor(address="admin@example.test")),
        lambda: files.add(text_of(policy("c")), Actor(address="admin@example.test")),
        lambda: files.roll_back(1, Actor(address="admin@example.test")),
    ],
    ids=["moved", "added", "rolled back"],
)
def test_every_way_of_changing_policies_completes_an_old_version_first(change, ada, settings, monkeypatch):
    settings.POLICY_SECOND_ADMINISTRATOR = False
    files.apply(text_of(policy("a")), Actor())
    files.apply(text_of(policy("a"), policy("b")), Actor())
    PolicyVersion.objects.update(frozen="")
    settings.POLICY_SECOND_ADMINISTRATOR = True
    change()
    assert waiting_proposal() is not None
    assert list(seconds_in_force(monkeypatch)) == ["a", "b"]


def test_what_wrote_before_it_locked_is_refused_since_nothing_holds_what_is_in_force(started, ada):
    PolicyVersion.objects.update(frozen="")

    @transaction.atomic
    def change():
        Policy.objects.update(enabled=False)
        versions.make_version(actor(ada), at=NOW, details={})

    with pytest.raises(ProposalRefused, match="mailhold init"):
        change()
    assert stored_policies()[0].enabled
    assert PolicyVersion.objects.get().frozen == ""


def test_a_change_that_begins_to_wait_while_the_tables_are_read_is_noticed(started, ada, monkeypatch):
    read, calls = loading.stored_policies, []

    def slowly():
        found = read()
        if not calls:
            calls.append(1)
            propose(ada, policy("wait", "9m"))
            return read()
        return found

    monkeypatch.setattr(loading, "stored_policies", slowly)
    assert seconds_in_force(monkeypatch) == {"wait": 300}


def test_one_that_began_and_was_withdrawn_while_the_tables_were_read_is_noticed(started, ada, monkeypatch):
    read, calls = loading.stored_policies, []

    def slowly():
        if calls:
            return read()
        calls.append(1)
        proposal = propose(ada, policy("wait", "9m"))
        in_between = read()
        proposals.withdraw(proposal.pk, 1, ada, actor(ada), NOW)
        return in_between

    monkeypatch.setattr(loading, "stored_policies", slowly)
    assert seconds_in_force(monkeypatch) == {"wait": 300}


def test_the_doctor_warns_where_nobody_could_agree(started, ada, settings):
    assert "fewer than two" in examination.second_administrator()
    ben = administrator("ben@example.test")
    assert examination.second_administrator() is None
    propose(ada, policy("wait", "9m"))
    assert examination.second_administrator() is None
    propose(ben, policy("wait", "8m"))
    assert "nobody can agree" in examination.second_administrator()
    settings.POLICY_SECOND_ADMINISTRATOR = False
    assert examination.second_administrator() is None


def run(*arguments):
    out = StringIO()
    call_command("policy", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_wants_to_know_who_proposes(started, ada, ben, tmp_path, monkeypatch):
    file = tmp_path / "new.yaml"
    file.write_text(text_of(policy("wait", "9m")), encoding="utf-8")
    for wrong in ([], ["--by", "nobody@example.test"]):
        with pytest.raises(CommandError):
            run("apply", str(file), *wrong)
    assert "version 1 stays in force" in run("apply", str(file), "--by", ada.email)
    said = run("waiting")
    assert [part in said for part in (ada.email, "changed: wait", "9 minutes")] == [True] * 3
    assert "for: 5m" in run("export", "--in-force")
    exported = run("export")
    assert [part in exported for part in ("for: 9m", "waits for another")] == [True, True]
    assert seconds_in_force(monkeypatch) == {"wait": 300}
    for change in (["apply", "--set", "new-staff"], ["rollback", "1"]):
        with pytest.raises(CommandError):
            run(*change)


def test_in_an_emergency_one_alone_agrees_on_the_command_line_and_that_is_recorded(started, ada):
    with pytest.raises(CommandError):
        run("agree-alone", "--reason", "Ben is ill", "--by", ada.email)
    propose(ada, policy("wait", "9m"))
    for missing in (["--reason", "Ben is ill"], ["--reason", " ", "--by", ada.email]):
        with pytest.raises(CommandError):
            run("agree-alone", *missing)
    assert "version 2" in run("agree-alone", "--reason", "Ben is ill", "--by", ada.email)
    proposal = PolicyProposal.objects.get()
    assert (proposal.alone, proposal.answer, proposal.state) == (True, "Ben is ill", "agreed")
    event = Event.objects.get(tag=Tag.POLICY_AGREED_ALONE)
    assert (event.actor, event.channel, event.details["version"]) == (ada.email, "command", 2)
    assert PolicyVersion.objects.get(number=2).agreed_by == ""
    assert run("waiting").strip() == "No change waits."


def test_a_version_keeps_what_it_changed_in_sentences(started, ada, ben):
    assert [each.change for each in told(PolicyVersion.objects.get(number=1).changes)] == ["created"]
    proposal = propose(ada, policy("other"))
    proposals.agree(proposal.pk, 1, ben, actor(ben), NOW)
    changes = {each.name: each.change for each in told(PolicyVersion.objects.get(number=2).changes)}
    assert changes == {"wait": "removed", "other": "created"}


def test_a_command_whose_change_is_refused_says_why(started, ada, monkeypatch, tmp_path):
    PolicyVersion.objects.update(frozen="")
    monkeypatch.setattr("policies.files.lock_policies", lambda: None)
    path = tmp_path / "policies.yaml"
    path.write_text(text_of(policy("wait", "9m")), encoding="utf-8")
    with pytest.raises(CommandError, match="mailhold init"):
        call_command("policy", "apply", str(path), "--by", ada.email)
    assert stored_policies()[0].actions[0].seconds == 300
