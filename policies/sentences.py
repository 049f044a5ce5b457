"""A policy as one sentence, in both languages. Pure."""

from policies.actions.kind import Names
from policies.actions.registry import action_kind
from policies.conditions.registry import condition_kind
from policies.spec import Condition, PolicySpec, Scope
from policies.verdict import Text


def sentence(policy: PolicySpec, names: Names) -> Text:
    """Return `policy` as people say it.

    もし 宛先が社外 かつ 添付がある なら 上長の承認 /
    If the recipient is external and there is an attachment, then the manager must approve.
    """
    when = [*_scope(policy.scope, names), *(_condition(each) for each in policy.conditions)]
    unless = [_condition(each) for each in policy.exceptions]
    then = [action_kind(each.kind).sentence(each, names) for each in policy.actions]
    return Text(
        _japanese(when, unless, then, stop=policy.stop), _english(when, unless, then, stop=policy.stop)
    )


def _japanese(when: list[Text], unless: list[Text], then: list[Text], *, stop: bool) -> str:
    conditions = " かつ ".join(text.ja for text in when)
    exceptions = " または ".join(text.ja for text in unless)
    return "".join(
        (
            f"もし {conditions} なら " if when else "どのメールも ",
            "、".join(text.ja for text in then) or "何もしない",
            f"(ただし {exceptions} なら対象外)" if unless else "",
            "。以降のポリシーは適用しない" if stop else "",
        )
    )


def _english(when: list[Text], unless: list[Text], then: list[Text], *, stop: bool) -> str:
    conditions = " and ".join(text.en for text in when)
    exceptions = " or ".join(text.en for text in unless)
    return "".join(
        (
            f"If {conditions}, then " if when else "For any mail, ",
            " and ".join(text.en for text in then) or "nothing happens",
            f", unless {exceptions}" if unless else "",
            "; later policies are not applied" if stop else "",
        )
    )


def _condition(condition: Condition) -> Text:
    return condition_kind(condition.kind).sentence(condition)


def _scope(scope: Scope, names: Names) -> list[Text]:
    if scope.everyone:
        return []
    people = sorted(names.person(pk) for pk in scope.person_ids)
    departments = sorted(names.department(pk) for pk in scope.department_ids)
    who = [*people, *departments]
    if not who:
        return [Text("送信者が(だれも選ばれていません)", "the sender is (nobody is chosen)")]
    english = " or ".join([*people, *(f"in {department}" for department in departments)])
    return [Text(f"送信者が{'または'.join(who)}", f"the sender is {english}")]
