"""What the Office formats of ECMA-376 have in common: parts in a zip, relations between them, things embedded."""

import posixpath
import re
from collections.abc import Iterator

from mailhold.mime.files.found import Found, Mark, Member, Unread
from mailhold.mime.files.job import Job
from mailhold.mime.files.safexml import walk
from mailhold.mime.files.zips import Entry, Zip
from mailhold.mime.pieces import Problem

# Parts that are no files of their own and say nothing.
_WORDLESS = re.compile(
    r"(?:^|/)(?:media|theme|fonts|printerSettings|thumbnail)|\.(?:xml|rels|vml|odttf)$|^docProps/|^\["
)
_EXTRA_TEXT = re.compile(r"/(?:charts/chart|diagrams/data)[^/]*\.xml$")


class Package:
    """The parts by name. What was encrypted inside, or damaged, is noted in `problem`."""

    def __init__(self, content: bytes, job: Job) -> None:
        self.job = job
        self._zip = Zip(content, job)
        self._entries = {entry.name.lstrip("/"): entry for entry in self._zip.entries if not entry.folder}
        self.problem = ""

    def names(self, pattern: str) -> list[str]:
        """Return the names that match, in the order of the numbers within them."""
        return sorted(filter(re.compile(pattern).fullmatch, self._entries), key=_by_number)

    def read(self, name: str) -> bytes:
        """Return a part, b"" where there is none. Raises Unread."""
        entry = self._entries.get(name)
        return self._zip.read(entry) if entry else b""

    def relations(self, name: str) -> dict[str, str]:
        """Return the targets of the part `name` by their ids, as names of parts."""
        return {key: target for key, _, target in self._related(name)}

    def related(self, name: str, kind: str) -> list[str]:
        """Return the parts that `name` has for a purpose, such as "sharedStrings"; of the package itself for ""."""
        return [target for _, purpose, target in self._related(name) if purpose.endswith(f"/{kind}")]

    def _related(self, name: str) -> list[tuple[str, str, str]]:
        folder, base = posixpath.split(name)
        relations = _Relations()
        content = self.read(f"{folder}/_rels/{base}.rels".lstrip("/"))
        if content:
            walk(content, relations, self.job)
        return [
            (
                key,
                purpose,
                posixpath.normpath(f"/{target}" if target.startswith("/") else f"/{folder}/{target}").lstrip(
                    "/"
                ),
            )
            for key, purpose, target in relations.found
        ]

    def extras(self) -> Iterator[Found]:
        """Yield the texts of charts and diagrams, files embedded, and whether there are macros."""
        for name, entry in self._entries.items():
            if name.endswith("vbaProject.bin"):
                yield Mark(macros=True)
            elif _EXTRA_TEXT.search(name):
                yield from self.words(name, posixpath.basename(name))
            elif not _WORDLESS.search(name):
                yield self._embedded(name, entry)

    def words(self, name: str, *path: str, hidden: bool = False) -> Iterator[Found]:
        """Yield all text of a part, a line an element."""
        words = _Words()
        try:
            walk(self.read(name), words, self.job)
        except Unread as unread:
            yield Mark(problem=unread.problem)
        yield from self.job.prose("\n".join(words.lines), *path, hidden=hidden)

    def _embedded(self, name: str, entry: Entry) -> Member:
        self.job.take_member()
        try:
            return Member(name=name, content=self._zip.read(entry))
        except Unread as unread:
            return Member(name=name, size=entry.size, problem=unread.problem)


def whole(problem: str) -> Iterator[Found]:
    """Yield that something stayed unread, if it did."""
    if problem:
        yield Mark(problem=problem)


def _by_number(name: str) -> tuple[str, int]:
    found = re.search(r"(\d{1,9})\.[a-z]+$", name)
    return (name[: found.start()], int(found[1])) if found else (name, 0)


class _Relations:
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.found.append(
                (attributes.get("Id", ""), attributes.get("Type", ""), attributes.get("Target", ""))
            )

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class _Words:
    """Gathers text, and the values that pivot caches keep in attributes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in {"s", "n", "d"} and "v" in attributes:
            self.lines.append(attributes["v"])

    def end(self, name: str) -> None:
        if name in {"p", "v", "text", "f", "comment"}:
            line = "".join(self._line).strip()
            if line:
                self.lines.append(line)
            self._line = []

    def data(self, text: str) -> None:
        self._line.append(text)


def refuse_unknown(package: Package, name: str) -> bytes:
    """Return the main part `name`. Raises Unread where the package has none."""
    content = package.read(name)
    if not content:
        raise Unread(Problem.DAMAGED)
    return content
