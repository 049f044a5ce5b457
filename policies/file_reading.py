"""Reading a policy file. Pure; docs/policies.md describes the format for people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Protocol, TypeVar
from zoneinfo import available_timezones

from yaml.nodes import Node, ScalarNode

from policies.actions.add_header import LONGEST_HEADER
from policies.actions.kind import LONGEST_TEXT
from policies.actions.registry import ACTION_KINDS, action_kind
from policies.actions.tag import LONGEST_TAG
from policies.conditions.kind import LONGEST_VALUE
from policies.conditions.registry import CONDITION_KINDS, condition_kind
from policies.documents import DocumentError, Problem, Reader, line_of, read_document
from policies.durations import parse_duration
from policies.file_tests import PolicyTest, ReaderOfTests
from policies.keys import KEY, LAST_PRIORITY, LONGEST_DESCRIPTION, LONGEST_KEY, LONGEST_NAME
from policies.parameters import LARGEST_NUMBER, NAMED, Flaw
from policies.reference import (
    STANDARD_HOURS,
    WEEKDAYS,
    EntryList,
    OfficeHours,
    Reference,
    Rules,
    flaw_of_entry,
    parse_day,
    parse_span,
)
from policies.spec import NO_TEXT, Action, Condition, Mode, PolicySpec, Scope
from policies.verdict import Approvers, LinkLevel, Text

N = TypeVar("N", EntryList, OfficeHours)

FORMAT = 1
MOST_POLICIES = 1_000
MOST_PROBLEMS = 100
MOST_ENTRIES = 50_000

TOP_KEYS = ("format", "rules", "lists", "calendars", "policies", "tests")
RULES_KEYS = ("choose", "risk")
CHOOSE = ("strictest", "first")
RISK_KEYS = ("wait", "check", "peer", "manager")
LIST_KEYS = ("name", "entries")
CALENDAR_KEYS = ("name", "default", "time_zone", "hours", "holidays", "closed")
POLICY_KEYS = (
    "key",
    "name",
    "description",
    "priority",
    "enabled",
    "mode",
    "scope",
    "conditions",
    "exceptions",
    "actions",
    "stop",
)
CONDITION_KEYS = ("kind", "choice", "number", "values")
ACTION_KEYS = (
    "kind",
    "for",
    "sender_may_send_now",
    "approvers",
    "persons",
    "department",
    "needed",
    "deadline",
    "link",
    "allow_self",
    "text",
    "points",
    "header",
    "address",
    "tag",
)


class Directory(Protocol):
    """Who is meant by an address or a department's name."""

    def person_id(self, address: str) -> int | None:
        """Return the person with `address`."""

    def department_id(self, name: str) -> int | None:
        """Return the department called `name`."""

    def reference(self) -> Reference:
        """Return the lists and calendars that there are already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """What a file says; `problems` where it cannot be used."""

    policies: tuple[PolicySpec, ...] = ()
    problems: tuple[Problem, ...] = ()
    lists: tuple[EntryList, ...] | None = None  # None: the file says nothing of them, so they stay
    calendars: tuple[OfficeHours, ...] | None = None
    tests: tuple[PolicyTest, ...] = ()
    rules: Rules | None = None

    def reference(self, stored: Reference) -> Reference:
        """Return the lists and calendars that are there once the file is applied where `stored` was before."""
        there = stored
        if self.lists is not None:
            there = replace(there, lists={each.name: each for each in self.lists})
        if self.calendars is not None:
            there = replace(there, calendars={each.name: each for each in self.calendars})
        if self.rules is not None:
            there = replace(there, rules=self.rules)
        return there


def read_policies(text: str, directory: Directory) -> PolicyFile:
    """Return the policies in `text`, or every problem in it."""
    try:
        node, reader = read_document(text)
    except DocumentError as error:
        return PolicyFile(problems=(error.problem,))
    policy_reader = _PolicyReader(reader, directory)
    policies = policy_reader.policies(node)
    problems = sorted(reader.problems, key=lambda problem: problem.line)
    return (
        PolicyFile(problems=tuple(problems[:MOST_PROBLEMS]))
        if problems
        else PolicyFile(
            policies=tuple(policies),
            lists=policy_reader.lists,
            calendars=policy_reader.calendars,
            tests=policy_reader.tests,
            rules=policy_reader.rules,
        )
    )


class _PolicyReader:
    """Reads policies out of nodes; problems go to the reader."""

    def __init__(self, reader: Reader, directory: Directory) -> None:
        self.reader = reader
        self.directory = directory
        self.lists: tuple[EntryList, ...] | None = None
        self.calendars: tuple[OfficeHours, ...] | None = None
        self.tests: tuple[PolicyTest, ...] = ()
        self.rules: Rules | None = None

    def policies(self, node: Node) -> list[PolicySpec]:
        top = self.reader.mapping(node, TOP_KEYS, ("format", "policies"))
        if top is None or "policies" not in top:
            return []
        if "format" in top:
            self.reader.number(top["format"], FORMAT, FORMAT)
        if "rules" in top:
            self.rules = self._rules(top["rules"])
        if "lists" in top:
            self.lists = self._named(top["lists"], self._list)
        if "calendars" in top:
            self.calendars = self._named(top["calendars"], self._calendar)
        items = self.reader.items(top["policies"])
        if len(items) > MOST_POLICIES:
            self.reader.wrong(
                top["policies"],
                f"ポリシーは {MOST_POLICIES} 個までです。",
                f"At most {MOST_POLICIES} policies are allowed.",
            )
            return []
        seen: set[str] = set()
        policies = [policy for item in items if (policy := self._policy(item, seen)) is not None]
        if "tests" in top:
            self.tests = ReaderOfTests(self.reader, seen).tests(top["tests"])
        return policies

    def _rules(self, node: Node) -> Rules | None:
        reader = self.reader
        entries = reader.mapping(node, RULES_KEYS)
        if entries is None:
            return None
        choose = reader.optional(entries, "choose", lambda each: reader.one_of(each, CHOOSE), "strictest")
        return replace(reader.optional(entries, "risk", self._risk, Rules()), first_only=choose == "first")

    def _risk(self, node: Node) -> Rules | None:
        entries = self.reader.mapping(node, RISK_KEYS, RISK_KEYS)
        if entries is None:
            return None
        found = [self.reader.number(entries[key], 1, LARGEST_NUMBER) for key in RISK_KEYS if key in entries]
        points = [number for number in found if number is not None]
        if len(points) < len(RISK_KEYS):
            return None
        if points != sorted(set(points)):
            self.reader.wrong(
                node,
                "点数は wait、check、peer、manager の順に大きくしてください。",
                "The points must rise from wait over check and peer to manager.",
            )
            return None
        wait, check, peer, manager = points
        return Rules(wait=wait, check=check, peer=peer, manager=manager)

    def _named(self, node: Node, read: Callable[[Node], N | None]) -> tuple[N, ...]:
        """Return what `read` makes of each item; no two have the same name, and one calendar at most is the default."""
        found: dict[str, N] = {}
        for item in self.reader.items(node):
            each = read(item)
            if each is not None and each.name in found:
                name = each.name
                self.reader.wrong(item, f"「{name}」が2つあります。", f"There are two called “{name}”.")
            elif each is not None:
                found[each.name] = each
        if sum(isinstance(each, OfficeHours) and each.default for each in found.values()) > 1:
            self.reader.wrong(
                node, "既定のカレンダーは1つだけです。", "One calendar at most can be the default."
            )
        return tuple(found.values())

    def _list(self, node: Node) -> EntryList | None:
        entries = self.reader.mapping(node, LIST_KEYS, LIST_KEYS)
        if entries is None:
            return None
        return EntryList.of(
            self._own_name(entries), self.reader.optional(entries, "entries", self._list_entries, ())
        )

    def _own_name(self, entries: dict[str, Node]) -> str:
        name = self.reader.optional(entries, "name", _text(self.reader, LONGEST_NAME), "")
        if "name" in entries and (not name or name != name.strip()):
            self.reader.wrong(entries["name"], "名前を書いてください。", "A name is expected here.")
        return name

    def _list_entries(self, node: Node) -> tuple[str, ...]:
        items = self.reader.items(node)
        if len(items) > MOST_ENTRIES:
            self.reader.wrong(
                node, f"{MOST_ENTRIES} 件までです。", f"At most {MOST_ENTRIES} entries are allowed."
            )
            return ()
        found = []
        for item in items:
            entry = self.reader.text(item, LONGEST_VALUE)
            flaw = flaw_of_entry(entry) if entry is not None else None
            if flaw is not None:
                self.reader.wrong(item, flaw.ja, flaw.en)
            elif entry is not None:
                found.append(entry)
        return tuple(found)

    def _calendar(self, node: Node) -> OfficeHours | None:
        reader = self.reader
        entries = reader.mapping(node, CALENDAR_KEYS, ("name", "hours"))
        if entries is None:
            return None
        return OfficeHours(
            name=self._own_name(entries),
            default=reader.optional(entries, "default", reader.switch, False),
            time_zone=reader.optional(entries, "time_zone", self._time_zone, STANDARD_HOURS.time_zone),
            hours=reader.optional(entries, "hours", self._hours, (None,) * 7),
            holidays=reader.optional(entries, "holidays", reader.switch, True),
            closed=reader.optional(entries, "closed", self._closed, frozenset()),
        )

    def _time_zone(self, node: Node) -> str | None:
        name = self.reader.text(node, 64)
        if name is not None and name not in available_timezones():
            self.reader.wrong(
                node,
                f"「{name}」という時間帯はありません(例: Asia/Tokyo)。",
                f"There is no time zone “{name}”; write it like Asia/Tokyo.",
            )
        return name

    def _hours(self, node: Node) -> tuple[tuple[time, time] | None, ...] | None:
        entries = self.reader.mapping(node, WEEKDAYS)
        if entries is None:
            return None
        return tuple(self._span(entries[day]) if day in entries else None for day in WEEKDAYS)

    def _span(self, node: Node) -> tuple[time, time] | None:
        text = self.reader.text(node, 20) or ""
        span = parse_span(text)
        if span is None:
            self.reader.wrong(
                node, "09:00-18:00 のように書いてください。", "A span such as 09:00-18:00 is expected here."
            )
        return span

    def _closed(self, node: Node) -> frozenset[date]:
        return frozenset(day for item in self.reader.items(node) if (day := self._day(item)) is not None)

    def _day(self, node: Node) -> date | None:
        text = self.reader.text(node, 20)
        day = parse_day(text) if text is not None else None
        if text is not None and day is None:
            self.reader.wrong(
                node, "2026-12-29 のように書いてください。", "A day such as 2026-12-29 is expected here."
            )
        return day

    def _policy(self, node: Node, seen: set[str]) -> PolicySpec | None:
        reader = self.reader
        entries = reader.mapping(node, POLICY_KEYS, ("key", "name", "actions"))
        if entries is None:
            return None
        return PolicySpec(
            key=self._key(entries, seen),
            name=reader.optional(entries, "name", self._name, NO_TEXT),
            description=reader.optional(entries, "description", _text(reader, LONGEST_DESCRIPTION), ""),
            priority=reader.optional(
                entries, "priority", lambda each: reader.number(each, 0, LAST_PRIORITY), 100
            ),
            enabled=reader.optional(entries, "enabled", reader.switch, True),
            mode=Mode(
                reader.optional(entries, "mode", lambda each: reader.one_of(each, list(Mode)), "enforce")
            ),
            scope=reader.optional(entries, "scope", self._scope, Scope()),
            conditions=reader.optional(entries, "conditions", self._conditions, ()),
            exceptions=reader.optional(entries, "exceptions", self._conditions, ()),
            actions=reader.optional(entries, "actions", self._actions, ()),
            stop=reader.optional(entries, "stop", reader.switch, False),
        )

    def _key(self, entries: dict[str, Node], seen: set[str]) -> str:
        node = entries.get("key")
        key = self.reader.text(node, LONGEST_KEY) if node is not None else None
        if node is None or key is None:
            return ""
        if not KEY.fullmatch(key):
            self.reader.wrong(
                node,
                f"キー「{key}」には英小文字、数字、ハイフンだけを使ってください。",
                f"The key “{key}” may only have small letters a to z, digits and single hyphens.",
            )
        elif key in seen:
            self.reader.wrong(
                node,
                f"キー「{key}」のポリシーが2つあります。",
                f"There are two policies with the key “{key}”.",
            )
        seen.add(key)
        return key

    def _name(self, node: Node) -> Text | None:
        entries = self.reader.mapping(node, ("ja", "en"), ("ja", "en"))
        if entries is None:
            return None
        for each in entries.values():
            if isinstance(each, ScalarNode) and not each.value.strip():
                self.reader.wrong(each, "名前を書いてください。", "A name is expected here.")
        return self._both(entries, LONGEST_NAME)

    def _both(self, entries: dict[str, Node], longest: int) -> Text:
        read = _text(self.reader, longest)
        return Text(
            self.reader.optional(entries, "ja", read, ""), self.reader.optional(entries, "en", read, "")
        )

    def _scope(self, node: Node) -> Scope | None:
        if isinstance(node, ScalarNode):
            return Scope() if self.reader.one_of(node, ("everyone",)) else None
        entries = self.reader.mapping(node, ("people", "departments"))
        if entries is None:
            return None
        people = self._people(entries["people"]) if "people" in entries else []
        departments = self._departments(entries["departments"]) if "departments" in entries else []
        if not entries:
            self.reader.wrong(
                node,
                "人か部署を指定するか、everyone と書いてください。",
                "Name people or departments, or write “everyone”.",
            )
        return Scope(everyone=False, person_ids=frozenset(people), department_ids=frozenset(departments))

    def _people(self, node: Node) -> list[int]:
        return [pk for item in self.reader.items(node) if (pk := self._person(item)) is not None]

    def _departments(self, node: Node) -> list[int]:
        return [pk for item in self.reader.items(node) if (pk := self._department(item)) is not None]

    def _person(self, node: Node) -> int | None:
        address = self.reader.text(node, 320)
        pk = self.directory.person_id(address) if address is not None else None
        if address is not None and pk is None:
            self.reader.wrong(
                node,
                f"「{address}」というアドレスの人はいません。",
                f"There is no person with the address “{address}”.",
            )
        return pk

    def _department(self, node: Node) -> int | None:
        name = self.reader.text(node, 200)
        pk = self.directory.department_id(name) if name is not None else None
        if name is not None and pk is None:
            self.reader.wrong(
                node, f"「{name}」という部署はありません。", f"There is no department “{name}”."
            )
        return pk

    def _conditions(self, node: Node) -> tuple[Condition, ...]:
        found = (self._condition(item) for item in self.reader.items(node))
        return tuple(condition for condition in found if condition is not None)

    def _condition(self, node: Node) -> Condition | None:
        reader = self.reader
        entries = reader.mapping(node, CONDITION_KEYS, ("kind",))
        if entries is None or "kind" not in entries:
            return None
        kind = reader.one_of(entries["kind"], [each.code for each in CONDITION_KINDS])
        if kind is None:
            return None
        before = len(reader.problems)
        condition = Condition(
            kind=kind,
            values=reader.optional(entries, "values", self._values, ()),
            number=reader.optional(entries, "number", self._any_number, None),
            choice=reader.optional(entries, "choice", _text(reader, 30), ""),
        )
        if len(reader.problems) == before:
            self._note(condition_kind(kind).flaws(condition), entries, node)
            self._check_names(condition, entries.get("values", node))
        return condition

    def _check_names(self, condition: Condition, node: Node) -> None:
        what = condition_kind(condition.kind).names
        for value in condition.values if what else ():
            if not self._exists(what, value):
                label = NAMED[what]
                self.reader.wrong(
                    node,
                    f"「{value}」という{label.ja}はありません。",
                    f"There is no {label.en} “{value}”.",
                )

    def _exists(self, what: str, name: str) -> bool:
        if what == "department":
            return self.directory.department_id(name) is not None
        if what == "list":
            known = self.directory.reference().lists if self.lists is None else [e.name for e in self.lists]
            return name in known
        stored = self.directory.reference().calendars
        return name in (stored if self.calendars is None else [each.name for each in self.calendars])

    def _any_number(self, node: Node) -> int | None:
        return self.reader.number(node, 0, LARGEST_NUMBER)

    def _values(self, node: Node) -> tuple[str, ...]:
        texts = (self.reader.text(item, LONGEST_VALUE) for item in self.reader.items(node))
        return tuple(text for text in texts if text is not None)

    def _actions(self, node: Node) -> tuple[Action, ...]:
        items = self.reader.items(node)
        found = [action for item in items if (action := self._action(item)) is not None]
        if not items:
            self.reader.wrong(node, "動作が1つ以上必要です。", "At least one action is needed.")
        for flaw in flaws_together(found):
            self.reader.problems.append(Problem(line_of(node), flaw.text))
        return tuple(found)

    def _action(self, node: Node) -> Action | None:
        reader = self.reader
        entries = reader.mapping(node, ACTION_KEYS, ("kind",))
        if entries is None or "kind" not in entries:
            return None
        kind = reader.one_of(entries["kind"], [each.code for each in ACTION_KINDS])
        if kind is None:
            return None
        before = len(reader.problems)
        approvers = reader.optional(
            entries, "approvers", lambda each: reader.one_of(each, list(Approvers)), ""
        )
        link = reader.optional(entries, "link", lambda each: reader.one_of(each, list(LinkLevel)), "L0")
        action = Action(
            kind=kind,
            seconds=reader.optional(entries, "for", self._duration, None),
            sender_may_send_now=reader.optional(entries, "sender_may_send_now", reader.switch, False),
            approvers=Approvers(approvers) if approvers else None,
            ids=self._approver_ids(entries, kind, approvers),
            needed=reader.optional(entries, "needed", self._any_number, 1),
            deadline_seconds=reader.optional(entries, "deadline", self._duration, None),
            link_level=LinkLevel(link),
            allow_self=reader.optional(entries, "allow_self", reader.switch, False),
            text=reader.optional(entries, "text", self._action_text, NO_TEXT),
            points=reader.optional(entries, "points", self._any_number, None),
            header=reader.optional(entries, "header", _text(reader, LONGEST_HEADER), ""),
            address=reader.optional(entries, "address", _text(reader, 320), ""),
            tag=reader.optional(entries, "tag", _text(reader, LONGEST_TAG), ""),
        )
        if len(reader.problems) == before:
            self._note(action_kind(kind).flaws(action), entries, node)
        return action

    def _approver_ids(self, entries: dict[str, Node], kind: str, approvers: str) -> tuple[int, ...]:
        # A kind that takes persons and no way to choose approvers is about those persons.
        takes = action_kind(kind).takes
        persons_alone = "ids" in takes and "approvers" not in takes
        for key, user in (("persons", Approvers.PERSONS), ("department", Approvers.DEPARTMENT)):
            if key in entries and approvers != user and not (persons_alone and key == "persons"):
                self.reader.wrong(
                    entries[key],
                    f"「{key}」は approvers: {user} のときだけ使えます。",
                    f"“{key}” goes with “approvers: {user}” only.",
                )
        if "persons" in entries:
            return tuple(sorted(set(self._people(entries["persons"]))))
        department = self._department(entries["department"]) if "department" in entries else None
        return () if department is None else (department,)

    def _duration(self, node: Node) -> int | None:
        seconds = parse_duration(node.value) if isinstance(node, ScalarNode) else None
        if seconds is None:
            self.reader.wrong(
                node,
                "時間を 30s、5m、24h、7d のように書いてください。",
                "A time such as 30s, 5m, 24h or 7d is expected here.",
            )
        return seconds

    def _action_text(self, node: Node) -> Text | None:
        entries = self.reader.mapping(node, ("ja", "en"))
        return None if entries is None else self._both(entries, LONGEST_TEXT)

    def _note(self, flaws: list[Flaw], entries: dict[str, Node], node: Node) -> None:
        for flaw in flaws:
            place = entries.get(_FILE_KEYS.get(flaw.parameter, flaw.parameter), node)
            self.reader.problems.append(Problem(line_of(place), flaw.text))


_FILE_KEYS = {"seconds": "for", "deadline_seconds": "deadline", "link_level": "link"}


def _text(reader: Reader, longest: int) -> Callable[[Node], str | None]:
    return lambda node: reader.text(node, longest)


def flaws_together(actions: list[Action]) -> Iterator[Flaw]:
    """Yield what is wrong with actions beside each other, each of them being right."""
    for action in actions:
        kind = action_kind(action.kind)
        if kind.alone and len(actions) > 1:
            yield Flaw(
                "",
                Text(
                    f"「{kind.label.ja}」はほかの動作と組み合わせられません。",
                    f"“{kind.label.en}” must be the only action.",
                ),
            )
