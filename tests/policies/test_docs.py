"""The documentation names every kind and parameter, and its example can be applied."""

import re
from pathlib import Path

import pytest
import yaml

from audit.record import SYSTEM
from policies import files
from policies.actions.registry import ACTION_KINDS
from policies.conditions.registry import CONDITION_KINDS
from policies.file_reading import ACTION_KEYS
from policies.loading import active_policies
from policies.reference import Rules
from policies.rows import stored_reference

DOCS = Path(__file__).parents[2] / "docs"
RISK = {"wait": 20, "check": 40, "peer": 60, "manager": 80}


@pytest.fixture(params=["policies.md", "policies.ja.md"])
def page(request):
    return (DOCS / request.param).read_text(encoding="utf-8")


def test_every_kind_and_every_choice_is_documented(page):
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    assert rows.keys() == {kind.code for kind in (*CONDITION_KINDS, *ACTION_KINDS)}
    for kind in CONDITION_KINDS:
        for choice in kind.choices:
            assert f"`{choice.code}`" in rows[kind.code]
    assert all(f"`{key}`" in page for key in ACTION_KEYS if key != "kind")


def test_the_example_can_be_applied(page, sales, bob, carol):
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    result = files.apply(example, SYSTEM)
    assert result.problems == []
    assert len(result.created) == len(active_policies()) == 4


def test_the_examples_use_every_condition_and_action_and_can_be_applied(sales, bob):
    text = (DOCS / "policies.example.yaml").read_text(encoding="utf-8")
    assert files.apply(text, SYSTEM).problems == []
    policies = active_policies()
    used = {each.kind for policy in policies for each in (*policy.conditions, *policy.exceptions)}
    assert used == {kind.code for kind in CONDITION_KINDS}
    assert {each.kind for policy in policies for each in policy.actions} == {
        kind.code for kind in ACTION_KINDS
    }
    assert stored_reference().rules == Rules()


def test_the_rules_of_all_policies_are_documented(page):
    for word in ("choose: first", "choose: strictest", *(f"{key}: {value}" for key, value in RISK.items())):
        assert word in page


def test_the_points_on_the_page_are_those_of_a_new_installation():
    rules = Rules()
    assert {"wait": rules.wait, "check": rules.check, "peer": rules.peer, "manager": rules.manager} == RISK


def test_the_file_of_everything_says_how_all_policies_are_applied():
    everything = yaml.safe_load((Path(__file__).with_name("everything.yaml")).read_text(encoding="utf-8"))
    assert set(everything["rules"]) == {"choose", "risk"}
    assert set(everything["rules"]["risk"]) == set(RISK)
