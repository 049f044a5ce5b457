"""Reading YAML with the line of everything, and without its traps. Pure.

Aliases are refused (a few lines can stand for gigabytes), so is deep nesting; values are plain ones only.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from policies.verdict import Text

LARGEST_FILE = 512 * 1024
DEEPEST = 12

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and the line, counted from 1."""

    line: int
    text: Text


class DocumentError(Exception):
    """The text is no YAML document that can be read."""

    def __init__(self, line: int, japanese: str, english: str) -> None:
        super().__init__(english)
        self.problem = Problem(line, Text(japanese, english))


class _Loader(yaml.SafeLoader):
    """The safe loader, refusing aliases and deep nesting before they cost anything."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            line = self._next_line()
            raise DocumentError(line, "別名(*)は使えません。", "Aliases (*) cannot be used here.")
        if self.depth > DEEPEST:
            line = self._next_line()
            raise DocumentError(line, "入れ子が深すぎます。", "This is nested too deeply.")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _next_line(self) -> int:
        return int(self.peek_event().start_mark.line) + 1  # type: ignore[no-untyped-call]


def read_document(text: str) -> tuple[Node, "Reader"]:
    """Return the document in `text` and a reader for it; raises DocumentError."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
        size = LARGEST_FILE // 1024
        raise DocumentError(1, f"ファイルは {size} KB までです。", f"The file may have at most {size} KB.")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(
            line, "使えない文字があります。", "There is a character that cannot be used."
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(
            mark.line + 1 if mark else 1,
            f"YAML として読めません({error.problem})。",
            f"This is not valid YAML: {error.problem}.",
        ) from error
    if node is None:
        raise DocumentError(1, "ファイルが空です。", "The file is empty.")
    return node, Reader(loader)


def line_of(node: Node) -> int:
    """Return the line on which `node` begins, counted from 1."""
    return int(node.start_mark.line) + 1


@dataclass
class Reader:
    """Turns nodes into plain values and collects what is wrong; a wrong value is None."""

    loader: yaml.SafeLoader
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, node: Node, japanese: str, english: str) -> None:
        """Note a problem at `node`."""
        self.problems.append(Problem(line_of(node), Text(japanese, english)))

    def mapping(
        self, node: Node, known: Iterable[str], required: Collection[str] = ()
    ) -> dict[str, Node] | None:
        """Return the entries of a mapping by key; keys are of `known`, and those `required` are there."""
        if not isinstance(node, MappingNode):
            self.wrong(
                node,
                "「キー: 値」の形で書いてください。",
                "Entries of the form “key: value” are expected here.",
            )
            return None
        found: dict[str, Node] = {}
        allowed = tuple(known)
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else ""
            if key not in allowed:
                names = ", ".join(allowed)
                self.wrong(
                    key_node,
                    f"「{key}」というキーはありません。使えるのは {names} です。",
                    f"There is no key “{key}”; the keys here are {names}.",
                )
            elif key in found:
                self.wrong(key_node, f"「{key}」が2回あります。", f"“{key}” stands here twice.")
            else:
                found[key] = value
        for key in required:
            if key not in found:
                self.wrong(node, f"「{key}」がありません。", f"“{key}” is missing.")
        return found

    def items(self, node: Node) -> list[Node]:
        """Return the items of a list."""
        if isinstance(node, SequenceNode):
            return list(node.value)
        self.wrong(
            node,
            "一覧(「- 値」の形)で書いてください。",
            "A list (lines that begin with “-”) is expected here.",
        )
        return []

    def text(self, node: Node, longest: int) -> str | None:
        """Return a text of at most `longest` characters that a database can hold."""
        value = self._scalar(node)
        if value is None:
            self.wrong(node, "文字列を書いてください。", "A text is expected here.")
            return None
        if not isinstance(value, str):
            value = str(node.value)
        if len(value) > longest:
            self.wrong(node, f"{longest} 文字までです。", f"At most {longest} characters are allowed.")
            return None
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            self.wrong(node, "保存できない文字があります。", "There is a character that cannot be stored.")
            return None
        return value

    def number(self, node: Node, least: int, most: int) -> int | None:
        """Return a whole number from `least` to `most`."""
        value = self._scalar(node)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(
            node,
            f"{least} から {most} までの整数を書いてください。",
            f"A whole number from {least} to {most} is expected here.",
        )
        return None

    def switch(self, node: Node) -> bool | None:
        """Return true or false."""
        value = self._scalar(node)
        if isinstance(value, bool):
            return value
        self.wrong(node, "true か false を書いてください。", "true or false is expected here.")
        return None

    def one_of(self, node: Node, known: Collection[str]) -> str | None:
        """Return one of the words in `known`."""
        value = node.value if isinstance(node, ScalarNode) else ""
        if value in known:
            return str(value)
        names = ", ".join(known)
        self.wrong(
            node,
            f"「{value}」ではなく {names} のどれかを書いてください。",
            f"“{value}” is not one of {names}.",
        )
        return None

    def optional(self, entries: dict[str, Node], key: str, read: Callable[[Node], T | None], default: T) -> T:
        """Return what `read` makes of the entry `key`, or `default` where it is missing or wrong."""
        if key not in entries:
            return default
        value = read(entries[key])
        return default if value is None else value

    def _scalar(self, node: Node) -> object:
        if not isinstance(node, ScalarNode):
            return None
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            # An unknown tag, or a date that is none: not one of the plain values.
            return None
