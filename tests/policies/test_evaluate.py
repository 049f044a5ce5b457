"""The judgement: which policies count, what they add up to, and why."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from policies.conditions import words
from policies.evaluate import evaluate
from policies.facts import SenderFact
from policies.reference import Reference, Rules
from policies.spec import Action, Condition, Mode, PolicySpec, Scope
from policies.verdict import Approvers, Disposition, LinkLevel, RecipientVerdict, Stage, Text, Treatment

EXTERNAL = Condition(kind="recipient_is", choice="external")
INTERNAL = Condition(kind="recipient_is", choice="internal")
ATTACHMENT = Condition(kind="has_attachment")
PARTNER = Condition(kind="recipient_domain", values=("partner.example",))

WAIT = Action(kind="hold", seconds=300, sender_may_send_now=True)
MANAGER = Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=86400)
CHECK = Action(kind="self_check", deadline_seconds=3600)
RETURN = Action(kind="return_to_sender", text=Text("不可", "no"))
DISCARD = Action(kind="discard")
SEND = Action(kind="send_now")

OUT, IN = "hanako@customer.example", "jiro@example.test"


def policy(pk, *actions, **parts):
    return PolicySpec(id=pk, key=f"p{pk}", name=Text(f"方針{pk}", f"Policy {pk}"), actions=actions, **parts)


DEFAULTS = (
    policy(1, WAIT, priority=100, conditions=(EXTERNAL,)),
    policy(2, MANAGER, priority=200, conditions=(EXTERNAL, ATTACHMENT)),
)
MANAGER_STAGE = Stage(approvers=Approvers.MANAGER)


def judge(facts, *policies):
    return evaluate(facts, policies).recipients


def test_without_a_matching_policy_mail_is_released_without_reasons(facts_of):
    facts, _ = facts_of(OUT)
    assert judge(facts) == (RecipientVerdict(address=OUT, treatment=Treatment()),)


def test_recipients_of_one_message_are_treated_each_for_itself(facts_of):
    facts, _ = facts_of(OUT, IN)
    external, internal = judge(facts, *DEFAULTS)
    assert external.treatment == Treatment(
        disposition=Disposition.HOLD, delay_seconds=300, sender_may_send_now=True
    )
    assert [reason.text.ja for reason in external.reasons] == ["宛先が社外"]
    assert (internal.treatment, internal.reasons) == (Treatment(), ())


def test_all_matching_policies_add_up_and_the_same_reason_is_given_once(facts_of):
    facts, _ = facts_of(OUT, attachments=(("a.txt", "text/plain"),))
    (verdict,) = judge(facts, *DEFAULTS)
    assert verdict.treatment == Treatment(
        disposition=Disposition.HOLD,
        delay_seconds=300,
        sender_may_send_now=True,
        stages=(MANAGER_STAGE,),
        deadline_seconds=86400,
    )
    assert [(reason.code, reason.policy_id, reason.text.en) for reason in verdict.reasons] == [
        ("recipient_is", 1, "the recipient is external"),
        ("has_attachment", 2, "there is an attachment"),
    ]


def test_a_policy_that_adds_no_reason_of_its_own_is_named(facts_of):
    facts, _ = facts_of(OUT)
    no_condition, same_condition = (
        policy(4, CHECK, priority=1),
        policy(3, CHECK, priority=300, conditions=(EXTERNAL,)),
    )
    (verdict,) = judge(facts, DEFAULTS[0], same_condition, no_condition)
    assert [(reason.policy_id, reason.code, reason.text.ja) for reason in verdict.reasons] == [
        (4, "policy", "方針4"),
        (1, "recipient_is", "宛先が社外"),
        (3, "policy", "方針3"),
    ]


ADDED = [
    ([WAIT, SEND], Treatment(disposition=Disposition.HOLD, delay_seconds=300, sender_may_send_now=True)),
    (
        [WAIT, Action(kind="hold", seconds=600)],
        Treatment(disposition=Disposition.HOLD, delay_seconds=600, sender_may_send_now=False),
    ),
    (
        [WAIT, CHECK],
        Treatment(
            disposition=Disposition.HOLD,
            delay_seconds=300,
            sender_may_send_now=True,
            self_check=True,
            deadline_seconds=3600,
        ),
    ),
    (
        [
            MANAGER,
            CHECK,
            Action(kind="approval", approvers=Approvers.DEPARTMENT, ids=(7,), deadline_seconds=9999),
        ],
        Treatment(
            disposition=Disposition.HOLD,
            self_check=True,
            stages=(MANAGER_STAGE, Stage(approvers=Approvers.DEPARTMENT, ids=(7,))),
            deadline_seconds=3600,
        ),
    ),
    (
        [replace(MANAGER, allow_self=True, link_level=LinkLevel.L2), replace(MANAGER, deadline_seconds=60)],
        Treatment(
            disposition=Disposition.HOLD,
            stages=(MANAGER_STAGE,),
            deadline_seconds=60,
            link_level=LinkLevel.L2,
        ),
    ),
    ([WAIT, MANAGER, RETURN], Treatment(disposition=Disposition.RETURN, return_text=Text("不可", "no"))),
    ([RETURN, DISCARD, WAIT], Treatment(disposition=Disposition.DISCARD)),
    ([SEND], Treatment()),
]


@pytest.mark.parametrize(("actions", "treatment"), ADDED)
@pytest.mark.parametrize("together", [True, False], ids=["one policy", "a policy each"])
def test_the_strictest_of_each_demand_holds(facts_of, actions, treatment, together):
    facts, _ = facts_of(OUT)
    policies = [policy(1, *actions)] if together else [policy(pk, each) for pk, each in enumerate(actions)]
    assert judge(facts, *policies)[0].treatment == treatment


def test_stop_ends_the_walk_for_that_recipient_alone(facts_of):
    facts, _ = facts_of("a@partner.example", OUT)
    partner = policy(9, SEND, priority=10, conditions=(PARTNER,), stop=True)
    first, second = judge(facts, *DEFAULTS, partner)
    assert first.treatment == Treatment()
    assert second.treatment.delay_seconds == 300


def test_priority_comes_before_the_identifier(facts_of):
    facts, _ = facts_of(OUT)
    early, late = policy(5, SEND, priority=1, stop=True), policy(1, DISCARD, priority=2)
    assert judge(facts, late, early)[0].treatment == Treatment()
    same = policy(1, DISCARD, priority=1, stop=True)
    assert judge(facts, early, same)[0].treatment.disposition is Disposition.DISCARD


def test_one_matching_exception_is_enough(facts_of):
    facts, _ = facts_of("a@partner.example", OUT)
    first, second = judge(facts, policy(1, WAIT, exceptions=(INTERNAL, PARTNER)))
    assert first.treatment == Treatment()
    assert second.treatment.delay_seconds == 300


def test_all_conditions_must_match(facts_of):
    facts, _ = facts_of(OUT)
    assert judge(facts, policy(1, WAIT, conditions=(EXTERNAL, PARTNER)))[0].treatment == Treatment()


def test_a_disabled_policy_does_nothing(facts_of):
    facts, _ = facts_of(OUT)
    assert judge(facts, policy(1, DISCARD, enabled=False))[0].treatment == Treatment()


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        (Scope(), True),
        (Scope(everyone=False, person_ids=frozenset({1})), True),
        (Scope(everyone=False, person_ids=frozenset({2})), False),
        (Scope(everyone=False, department_ids=frozenset({11, 99})), True),
        (Scope(everyone=False, department_ids=frozenset({99})), False),
        (Scope(everyone=False), False),
    ],
)
def test_a_policy_is_for_the_senders_in_its_scope(facts_of, scope, held):
    facts, _ = facts_of(OUT)
    assert (judge(facts, policy(1, DISCARD, scope=scope))[0].treatment != Treatment()) is held


def test_an_unknown_sender_is_in_no_scope_but_everyones(facts_of):
    facts, _ = facts_of(OUT, sender=SenderFact(address="printer@example.test"))
    narrow = Scope(everyone=False, person_ids=frozenset({1}), department_ids=frozenset({10}))
    assert judge(facts, policy(1, DISCARD, scope=narrow))[0].treatment == Treatment()
    assert judge(facts, policy(1, DISCARD))[0].treatment != Treatment()


def test_a_watching_policy_is_recorded_once_and_changes_nothing(facts_of):
    facts, _ = facts_of(OUT, "b@other.example", IN)
    watching = policy(7, DISCARD, priority=1, mode=Mode.WATCH, stop=True, conditions=(EXTERNAL,))
    verdict = evaluate(facts, (watching, *DEFAULTS))
    assert [(reason.policy_id, reason.code) for reason in verdict.watched] == [(7, "recipient_is")]
    acting = [replace(each, matches=each.matches[:-1]) for each in verdict.recipients[:2]]
    assert [*acting, verdict.recipients[2]] == list(evaluate(facts, DEFAULTS).recipients)


def test_a_verdict_names_each_policy_that_matches_and_what_would_be_without_it(facts_of):
    facts, _ = facts_of(OUT, IN, attachments=(("a.txt", "text/plain"),))
    watching = policy(7, RETURN, mode=Mode.WATCH, conditions=(EXTERNAL,))
    external, internal = judge(facts, *DEFAULTS, watching)
    wait, manager, watched = external.matches
    assert (wait.policy_id, wait.watched) == (1, False)
    assert wait.otherwise == replace(external.treatment, delay_seconds=0, sender_may_send_now=False)
    assert (manager.policy_id, manager.otherwise.stages) == (2, ())
    assert (watched.policy_id, watched.watched, watched.otherwise.disposition) == (
        7,
        True,
        Disposition.RETURN,
    )
    assert internal.matches == ()


def test_the_content_is_read_only_when_a_condition_that_needs_it_is_reached(facts_of):
    facts, reads = facts_of(IN)
    judge(facts, policy(1, MANAGER, conditions=(ATTACHMENT, EXTERNAL)))
    assert reads == []
    facts, reads = facts_of("a@partner.example")
    judge(facts, policy(1, MANAGER, conditions=(ATTACHMENT,), exceptions=(PARTNER,)))
    assert reads == []
    facts, reads = facts_of(OUT, "b@other.example")
    judge(facts, policy(1, MANAGER, conditions=(ATTACHMENT, EXTERNAL)))
    assert reads == ["content"]


def test_reasons_stand_in_the_order_of_the_policy(facts_of):
    facts, _ = facts_of(OUT, attachments=(("a.txt", "text/plain"),))
    (verdict,) = judge(facts, policy(1, MANAGER, conditions=(ATTACHMENT, EXTERNAL)))
    assert [reason.code for reason in verdict.reasons] == ["has_attachment", "recipient_is"]


def test_a_message_wide_condition_is_asked_once_for_all_recipients(facts_of, monkeypatch):
    facts, _ = facts_of(*(f"r{number}@customer.example" for number in range(50)), body="社外秘")
    asked = []
    first_word = words._first_word
    monkeypatch.setattr(words, "_first_word", lambda *given: asked.append(1) or first_word(*given))
    verdicts = judge(
        facts, policy(1, WAIT, conditions=(Condition(kind="words", choice="body", values=("社外秘",)),))
    )
    assert all(verdict.treatment.delay_seconds == 300 for verdict in verdicts)
    assert asked == [1]


def test_content_that_was_not_inspected_is_only_a_condition(facts_of):
    facts, _ = facts_of(OUT, inspected=False)
    not_inspected = Condition(kind="content_not_inspected")
    assert judge(facts, policy(1, WAIT, conditions=(ATTACHMENT,)))[0].treatment == Treatment()
    assert judge(facts, policy(1, MANAGER, conditions=(not_inspected,)))[0].treatment.stages == (
        MANAGER_STAGE,
    )


# --- for any set of policies --------------------------------------------------------------------------------------

ACTIONS = st.one_of(
    st.sampled_from([SEND, DISCARD, RETURN, CHECK]),
    st.builds(Action, kind=st.just("hold"), seconds=st.integers(1, 9), sender_may_send_now=st.booleans()),
    st.builds(
        Action,
        kind=st.just("approval"),
        approvers=st.sampled_from([Approvers.MANAGER, Approvers.ADMINISTRATORS]),
        deadline_seconds=st.integers(1, 9),
        needed=st.integers(1, 3),
        link_level=st.sampled_from(LinkLevel),
        allow_self=st.booleans(),
    ),
)
CONDITIONS = st.lists(st.sampled_from([EXTERNAL, INTERNAL, PARTNER, ATTACHMENT]), max_size=2).map(tuple)


NEVER = st.just(False)


@st.composite
def policy_sets(draw, stop=NEVER):
    return tuple(
        PolicySpec(
            id=pk,
            key=f"p{pk}",
            name=Text("方針", "policy"),
            priority=draw(st.integers(1, 3)),
            enabled=draw(st.booleans()),
            mode=draw(st.sampled_from(Mode)),
            conditions=draw(CONDITIONS),
            exceptions=draw(CONDITIONS),
            actions=tuple(draw(st.lists(ACTIONS, min_size=1, max_size=2))),
            stop=draw(stop),
        )
        for pk in range(draw(st.integers(0, 5)))
    )


def at_least_as_strict(stricter, milder):
    order = list(Disposition)
    if stricter.disposition is not milder.disposition:
        return order.index(stricter.disposition) > order.index(milder.disposition)
    if stricter.disposition is not Disposition.HOLD:
        return True
    stages = {(stage.approvers, stage.ids): stage for stage in stricter.stages}
    return (
        stricter.delay_seconds >= milder.delay_seconds
        and stricter.self_check >= milder.self_check
        and (not milder.delay_seconds or stricter.sender_may_send_now <= milder.sender_may_send_now)
        and stricter.link_level >= milder.link_level
        and (not milder.deadline_seconds or 0 < stricter.deadline_seconds <= milder.deadline_seconds)
        and all(
            stages[stage.approvers, stage.ids].needed >= stage.needed
            and stages[stage.approvers, stage.ids].allow_self <= stage.allow_self
            for stage in milder.stages
        )
    )


ADDRESSES = (OUT, IN, "a@partner.example")
any_policies = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@any_policies
@given(policies=policy_sets(), more=policy_sets())
def test_another_policy_never_makes_a_treatment_milder(facts_of, policies, more):
    facts, _ = facts_of(*ADDRESSES, attachments=(("a.txt", "text/plain"),))
    more = tuple(replace(each, id=each.id + 100) for each in more)
    for before, after in zip(judge(facts, *policies), judge(facts, *policies, *more), strict=True):
        assert at_least_as_strict(after.treatment, before.treatment)


@any_policies
@given(policies=policy_sets(stop=st.booleans()))
def test_a_recipient_is_treated_the_same_alone_and_among_others(facts_of, policies):
    together, _ = facts_of(*ADDRESSES)
    for verdict in judge(together, *policies):
        alone, _ = facts_of(verdict.address)
        assert judge(alone, *policies) == (verdict,)


@any_policies
@given(policies=policy_sets(stop=st.booleans()), seed=st.randoms())
def test_the_order_in_which_policies_are_handed_over_makes_no_difference(facts_of, policies, seed):
    facts, _ = facts_of(*ADDRESSES)
    shuffled = list(policies)
    seed.shuffle(shuffled)
    assert evaluate(facts, shuffled) == evaluate(facts, policies)


@any_policies
@given(policies=policy_sets(stop=st.booleans()))
def test_what_is_not_released_has_a_reason(facts_of, policies):
    facts, _ = facts_of(*ADDRESSES)
    for verdict in judge(facts, *policies):
        assert verdict.reasons or verdict.treatment == Treatment()
        texts = [(reason.code, reason.text) for reason in verdict.reasons]
        assert len(texts) == len(set(texts))


@any_policies
@given(policies=policy_sets(stop=st.booleans()), first_only=st.booleans())
def test_what_would_be_without_a_policy_or_if_it_acted_is_what_then_happens(facts_of, policies, first_only):
    facts, _ = facts_of(*ADDRESSES, reference=Reference(rules=Rules(first_only=first_only)))
    for position, verdict in enumerate(judge(facts, *policies)):
        for match in verdict.matches:
            mode = Mode.ENFORCE if match.watched else Mode.WATCH
            changed = [replace(each, mode=mode) if each.id == match.policy_id else each for each in policies]
            then = judge(facts, *changed)[position].treatment
            ends = first_only or next(each.stop for each in policies if each.id == match.policy_id)
            assert match.otherwise == (None if ends and not match.watched else then)


# --- points of risk, the first policy alone, and what goes with a copy ---------------------------------------------


def risky(number, points, **parts):
    return policy(number, Action(kind="risk", points=points), **parts)


FRICTION = [
    (19, Treatment()),
    (20, Treatment(disposition=Disposition.HOLD, delay_seconds=60)),
    (39, Treatment(disposition=Disposition.HOLD, delay_seconds=60)),
    (
        40,
        Treatment(disposition=Disposition.HOLD, delay_seconds=300, self_check=True, deadline_seconds=86_400),
    ),
    (
        60,
        Treatment(
            disposition=Disposition.HOLD, stages=(Stage(approvers=Approvers.PEERS),), deadline_seconds=86_400
        ),
    ),
    (
        80,
        Treatment(
            disposition=Disposition.HOLD,
            stages=(Stage(approvers=Approvers.MANAGER),),
            deadline_seconds=86_400,
        ),
    ),
]


@pytest.mark.parametrize(("points", "treatment"), FRICTION)
def test_points_of_risk_add_up_and_choose_what_the_mail_goes_through(facts_of, points, treatment):
    facts, _ = facts_of(OUT)
    (verdict,) = judge(facts, risky(1, points - 7), risky(2, 7))
    assert verdict.treatment == treatment
    assert verdict.reasons[-1].code == "risk"
    assert verdict.reasons[-1].text.en == f"the risk is {points} points together"


def test_points_of_policies_that_do_not_match_or_only_watch_do_not_count(facts_of):
    facts, _ = facts_of(OUT)
    (verdict,) = judge(
        facts, risky(1, 10), risky(2, 90, conditions=(INTERNAL,)), risky(3, 90, mode=Mode.WATCH)
    )
    assert verdict.treatment == Treatment()
    assert verdict.reasons[-1].text.en == "the risk is 10 points together"


def test_risk_never_makes_another_policy_milder(facts_of):
    facts, _ = facts_of(OUT)
    (verdict,) = judge(facts, policy(1, Action(kind="hold", seconds=900)), risky(2, 20))
    assert verdict.treatment.delay_seconds == 900
    (verdict,) = judge(facts, policy(1, DISCARD), risky(2, 90))
    assert verdict.treatment == Treatment(disposition=Disposition.DISCARD)


def test_the_bounds_of_risk_are_those_of_the_rules(facts_of):
    facts, _ = facts_of(OUT, reference=Reference(rules=Rules(wait=1, check=2, peer=3, manager=4)))
    (verdict,) = judge(facts, risky(1, 1))
    assert verdict.treatment.delay_seconds == 60
    (verdict,) = judge(facts, risky(1, 3))
    assert verdict.treatment.stages == (Stage(approvers=Approvers.PEERS),)


def test_where_the_rules_say_so_the_first_policy_that_matches_decides_alone(facts_of):
    several = (
        policy(1, DISCARD, mode=Mode.WATCH),
        policy(2, DISCARD, conditions=(INTERNAL,)),
        policy(3, Action(kind="hold", seconds=60)),
        policy(4, DISCARD),
    )
    facts, _ = facts_of(OUT, reference=Reference(rules=Rules(first_only=True)))
    (verdict,) = judge(facts, *several)
    assert verdict.treatment == Treatment(disposition=Disposition.HOLD, delay_seconds=60)
    facts, _ = facts_of(OUT, reference=Reference(rules=Rules()))
    (verdict,) = judge(facts, *several)
    assert verdict.treatment.disposition is Disposition.DISCARD


def test_headers_copies_and_people_to_be_told_come_together_for_what_leaves(facts_of):
    facts, _ = facts_of(OUT)
    first = (
        Action(kind="add_header", header="X-A: 1"),
        Action(kind="tag", tag="[A]"),
        Action(kind="add_cc", address="desk@example.test"),
        Action(kind="add_bcc", address="archive@example.test"),
        Action(kind="notify", ids=(5, 7)),
    )
    second = (
        Action(kind="add_header", header="X-B: 2"),
        Action(kind="tag", tag="[B]"),
        *first[:3],
        Action(kind="notify", ids=(6,)),
    )
    (verdict,) = judge(facts, policy(1, *first), policy(2, *second))
    assert verdict.treatment == Treatment(
        headers=("X-A: 1", "X-B: 2"),
        tags=("[A]", "[B]"),
        cc=("desk@example.test",),
        bcc=("archive@example.test",),
        notify=(5, 6, 7),
    )
    (verdict,) = judge(facts, policy(1, *first), policy(2, DISCARD))
    assert verdict.treatment == Treatment(disposition=Disposition.DISCARD, notify=(5, 7))


def test_urgent_goes_with_what_is_held_alone(facts_of):
    facts, _ = facts_of(OUT)
    urgent = policy(1, Action(kind="urgent"))
    assert judge(facts, urgent)[0].treatment == Treatment()
    assert judge(facts, urgent, policy(2, WAIT))[0].treatment.urgent
