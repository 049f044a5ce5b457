"""Tests inside a policy file: a message, and what must become of it. Reads them; pure. They are run by the hold queue.

docs/policies.md describes their form for people.
"""

import base64
import binascii
import mimetypes
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from enum import StrEnum

from yaml.nodes import MappingNode, Node, ScalarNode

from mailhold.mime.headers import header_values, parse_addresses
from policies.documents import LARGEST_FILE, Reader, line_of
from policies.keys import LONGEST_KEY, LONGEST_NAME
from policies.reference import fold_recipient
from policies.verdict import Disposition, Treatment

MOST_TESTS = 100
LONGEST_ADDRESS = 320
TEST_KEYS = ("name", "message", "sender", "recipients", "expect")
MESSAGE_KEYS = ("from", "to", "cc", "subject", "body", "attachments")
ATTACHMENT_KEYS = ("name", "text", "base64")
EXPECT_KEYS = ("recipients", "outcome", "by")


class Outcome(StrEnum):
    """What can be expected of a recipient's copy. One that waits for approval, or for the sender's check, is also held."""

    RELEASE = "release"
    HOLD = "hold"
    APPROVAL = "approval"
    SELF_CHECK = "self_check"
    RETURN = "return"
    DISCARD = "discard"


def outcomes(treatment: Treatment) -> frozenset[Outcome]:
    """Return all that is true of `treatment`."""
    found = {Outcome(treatment.disposition.value)}
    if treatment.disposition is Disposition.HOLD and treatment.stages:
        found.add(Outcome.APPROVAL)
    if treatment.disposition is Disposition.HOLD and treatment.self_check:
        found.add(Outcome.SELF_CHECK)
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must become of the copies for `recipients` (empty: of all that no other expectation names).

    `by` names policies by key: all of them must match. None: any may; empty: none may.
    """

    outcome: Outcome
    recipients: tuple[str, ...] = ()
    by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTest:
    """One test and the line on which it begins."""

    name: str
    line: int
    content: bytes
    sender: str
    recipients: tuple[str, ...]
    expect: tuple[Expectation, ...]

    def expected_of(self, address: str) -> Expectation | None:
        """Return what is expected of the copy for `address`, which is one of the recipients."""
        folded = fold_recipient(address)
        named = [each for each in self.expect if folded in map(fold_recipient, each.recipients)]
        return next(iter(named or [each for each in self.expect if not each.recipients]), None)


def envelope_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the sender and the recipients that the header of a message names, each recipient once."""
    values = header_values(content, ("from", "to", "cc", "bcc"))
    authors = parse_addresses(values.get("from", ""))
    named = (
        mailbox.address for key in ("to", "cc", "bcc") for mailbox in parse_addresses(values.get(key, ""))
    )
    recipients = {fold_recipient(address): address for address in named if address}
    return authors[0].address if authors else "", tuple(recipients.values())


class ReaderOfTests:
    """Reads tests out of nodes; problems go to the reader."""

    def __init__(self, reader: Reader, keys: Collection[str]) -> None:
        self._reader = reader
        self._keys = keys

    def tests(self, node: Node) -> tuple[PolicyTest, ...]:
        """Return the tests in `node`."""
        items = self._reader.items(node)
        if len(items) > MOST_TESTS:
            self._reader.wrong(
                node, f"テストは {MOST_TESTS} 個までです。", f"At most {MOST_TESTS} tests are allowed."
            )
            return ()
        found = [test for item in items if (test := self._test(item)) is not None]
        return tuple(found)

    def _test(self, node: Node) -> PolicyTest | None:
        entries = self._reader.mapping(node, TEST_KEYS, ("name", "message", "expect"))
        if entries is None or not {"name", "message", "expect"} <= entries.keys():
            return None
        before = len(self._reader.problems)
        content = self._message(entries["message"])
        sender, recipients = envelope_of(content)
        test = PolicyTest(
            name=self._text(entries["name"], LONGEST_NAME),
            line=line_of(node),
            content=content,
            sender=self._address(entries["sender"]) if "sender" in entries else sender,
            recipients=self._addresses(entries["recipients"]) if "recipients" in entries else recipients,
            expect=self._expectations(entries["expect"]),
        )
        if len(self._reader.problems) == before:
            self._check(test, node, entries["expect"])
        return test

    def _check(self, test: PolicyTest, node: Node, expect: Node) -> None:
        """Note what does not fit together in a test whose parts are right."""
        if not test.recipients:
            self._reader.wrong(
                node,
                "宛先がありません。recipients か、メッセージの To に書いてください。",
                "There is no recipient; name some in “recipients” or in the message's To.",
            )
        known = set(map(fold_recipient, test.recipients))
        for address in (address for each in test.expect for address in each.recipients):
            if fold_recipient(address) not in known:
                self._reader.wrong(
                    expect,
                    f"「{address}」はこのテストの宛先ではありません。",
                    f"“{address}” is no recipient of this test.",
                )
        if test.recipients and not all(map(test.expected_of, test.recipients)):
            self._reader.wrong(
                expect,
                "すべての宛先について、期待する結果を書いてください。",
                "Say what is expected of every recipient.",
            )

    def _message(self, node: Node) -> bytes:
        if isinstance(node, ScalarNode):
            text = self._text(node, LARGEST_FILE)
            return "\r\n".join(text.splitlines()).encode() + b"\r\n"
        entries = self._reader.mapping(node, MESSAGE_KEYS) if isinstance(node, MappingNode) else None
        if entries is None:
            self._reader.wrong(
                node,
                "メッセージの本文そのもの、または from、to、subject などを書いてください。",
                "A message as it is, or its from, to, subject and so on, is expected here.",
            )
            return b""
        return self._made(entries)

    def _made(self, entries: dict[str, Node]) -> bytes:
        """Return a message of the parts that are given."""
        message = EmailMessage(policy=SMTP)
        for key in ("from", "to", "cc"):
            if key in entries:
                addresses = self._mailboxes(entries[key])
                if addresses:
                    message[key.capitalize()] = addresses
        if "subject" in entries:
            message["Subject"] = " ".join(self._text(entries["subject"], 1_000).split())
        message.set_content(self._text(entries["body"], LARGEST_FILE) if "body" in entries else "")
        for item in self._reader.items(entries["attachments"]) if "attachments" in entries else ():
            self._attach(message, item)
        plain = all(str(value).isascii() for key, value in message.items() if key in {"From", "To", "Cc"})
        return message.as_bytes(policy=SMTP if plain else SMTPUTF8)

    def _attach(self, message: EmailMessage, node: Node) -> None:
        entries = self._reader.mapping(node, ATTACHMENT_KEYS, ("name",))
        if entries is None or "name" not in entries:
            return
        name = " ".join(self._text(entries["name"], 200).split())
        content = self._text(entries["text"], LARGEST_FILE).encode() if "text" in entries else b""
        if "base64" in entries:
            content = self._base64(entries["base64"])
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _slash, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)

    def _base64(self, node: Node) -> bytes:
        try:
            return base64.b64decode("".join(self._text(node, LARGEST_FILE).split()), validate=True)
        except (binascii.Error, ValueError):
            self._reader.wrong(node, "Base64 として読めません。", "This is not Base64.")
            return b""

    def _mailboxes(self, node: Node) -> list[Address]:
        texts = [node] if isinstance(node, ScalarNode) else self._reader.items(node)
        return list(self._parsed(texts))

    def _parsed(self, nodes: Iterable[Node]) -> Iterator[Address]:
        for node in nodes:
            text = self._text(node, 1_000)
            for mailbox in parse_addresses(text):
                try:
                    yield Address(mailbox.name, addr_spec=mailbox.address)
                except (ValueError, IndexError):
                    self._wrong_address(node, text)

    def _expectations(self, node: Node) -> tuple[Expectation, ...]:
        if isinstance(node, ScalarNode):
            outcome = self._reader.one_of(node, list(Outcome))
            return (Expectation(outcome=Outcome(outcome)),) if outcome else ()
        items = [node] if isinstance(node, MappingNode) else self._reader.items(node)
        found = [each for item in items if (each := self._expectation(item)) is not None]
        return tuple(found)

    def _expectation(self, node: Node) -> Expectation | None:
        entries = self._reader.mapping(node, EXPECT_KEYS, ("outcome",))
        outcome = (
            self._reader.one_of(entries["outcome"], list(Outcome))
            if entries and "outcome" in entries
            else None
        )
        if entries is None or outcome is None:
            return None
        return Expectation(
            outcome=Outcome(outcome),
            recipients=self._addresses(entries["recipients"]) if "recipients" in entries else (),
            by=self._policies(entries["by"]) if "by" in entries else None,
        )

    def _policies(self, node: Node) -> tuple[str, ...]:
        found = []
        for item in self._reader.items(node):
            key = self._text(item, LONGEST_KEY)
            if key not in self._keys:
                self._reader.wrong(
                    item,
                    f"「{key}」というキーのポリシーはこのファイルにありません。",
                    f"There is no policy with the key “{key}” in this file.",
                )
            found.append(key)
        return tuple(found)

    def _addresses(self, node: Node) -> tuple[str, ...]:
        return tuple(self._address(item) for item in self._reader.items(node))

    def _address(self, node: Node) -> str:
        address = self._text(node, LONGEST_ADDRESS).strip()
        local, _at, domain = address.rpartition("@")
        if address and not (local and domain):
            self._wrong_address(node, address)
        return address

    def _wrong_address(self, node: Node, text: str) -> None:
        self._reader.wrong(node, f"「{text}」はアドレスではありません。", f"“{text}” is no address.")

    def _text(self, node: Node, longest: int) -> str:
        return self._reader.text(node, longest) or ""
