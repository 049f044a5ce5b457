"""What a form that was filled in says, before anything of it is saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policies.file_writing import write_whole
from policies.forms import PolicyForm
from policies.languages import in_active_language
from policies.naming import addresses, people_and_departments
from policies.part_forms import ActionFormSet, ExceptionFormSet, PartFormSet
from policies.rows import stored_policies, stored_reference
from policies.sentences import sentence
from policies.spec import Mode, PolicySpec, Scope
from policies.verdict import Text

# Where the page for trying a message finds the draft of whoever asks for it: a policy file, and the policy's name.
SESSION_KEY = "policy_draft"
_NAMELESS = Text("名前のないポリシー", "Policy without a name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The policy of a form; `complete` says that nothing is missing or wrong."""

    policy: PolicySpec
    complete: bool

    @property
    def says(self) -> str:
        """Return it as a sentence in the reader's language; nothing where no part is filled in yet."""
        policy = self.policy
        if not (policy.conditions or policy.exceptions or policy.actions):
            return ""
        return in_active_language(sentence(policy, people_and_departments([policy])))


def with_draft(policy: PolicySpec) -> str:
    """Return all policies as a policy file, with `policy` as if it had been saved."""
    others = (each for each in stored_policies() if each.id != policy.id)
    # One that has no row yet would get the highest number.
    policies = sorted((*others, policy), key=lambda each: (each.priority, each.id or float("inf")))
    return write_whole(tuple(policies), addresses(policies), stored_reference())


def draft_of(form: PolicyForm, formsets: Iterable[PartFormSet]) -> Draft:
    """Return what bound forms say; parts that are not complete yet are left out."""
    conditions: list[Any] = []
    exceptions: list[Any] = []
    actions: list[Any] = []
    complete = not form.errors
    for formset in formsets:
        into = (
            actions
            if isinstance(formset, ActionFormSet)
            else exceptions
            if isinstance(formset, ExceptionFormSet)
            else conditions
        )
        for part in formset.kept():
            good = part.is_valid() and not part.fresh
            complete = complete and good
            if good and (found := part.part()) is not None:
                into.append(found)
    return Draft(
        policy=_policy(form, tuple(conditions), tuple(exceptions), tuple(actions)),
        complete=complete and bool(actions),
    )


def _policy(form: PolicyForm, conditions: Any, exceptions: Any, actions: Any) -> PolicySpec:
    form.is_valid()
    filled = form.cleaned_data
    return PolicySpec(
        id=form.instance.pk or 0,
        key=filled.get("key") or form.instance.key or "draft",
        name=Text(filled.get("name_ja") or _NAMELESS.ja, filled.get("name_en") or _NAMELESS.en),
        description=filled.get("description") or "",
        priority=form.instance.priority if filled.get("priority") is None else filled["priority"],
        enabled=bool(filled.get("enabled")),
        mode=Mode(filled.get("mode") or Mode.ENFORCE),
        scope=Scope(
            everyone=bool(filled.get("for_everyone")),
            person_ids=frozenset(person.pk for person in filled.get("scope_people") or ()),
            department_ids=frozenset(each.pk for each in filled.get("scope_departments") or ()),
        ),
        conditions=conditions,
        exceptions=exceptions,
        actions=actions,
        stop=bool(filled.get("stop")),
    )
