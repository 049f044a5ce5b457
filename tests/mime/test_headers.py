"""Header blocks, encoded words and addresses, as standards and as broken programs write them."""

import time
from base64 import b64encode

import pytest
from hypothesis import given, strategies as st

from mailhold.mime.addresses import Mailbox, format_mailboxes
from mailhold.mime.headers import decode_header, header_values, parse_addresses, read_block
from mailhold.mime.limits import DEFAULT_LIMITS, Limits


def word(raw, charset="utf-8"):
    return b"=?" + charset.encode() + b"?B?" + b64encode(raw) + b"?="


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b" plain text ", "plain text"),
        (b" folded\r\n\tline", "folded\tline".replace("\t", " ")),
        (word("見積書".encode()), "見積書"),
        (word("見積書".encode()[:4]) + b"\r\n " + word("見積書".encode()[4:]), "見積書"),
        (b"=?UTF-8?Q?caf=C3=A9_au_lait?= x", "café au lait x"),
        (b"=?utf-8?q?a b?= c", "a b c"),
        (b"=?utf-8?q?a?= \r\n =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        (b"Re: =?utf-8?q?a?= and =?utf-8?q?b?=", "Re: a and b"),
        (b"=?utf-8*ja?q?a?=", "a"),
        (b"=?utf-8?q?why?_?=", "why? "),
        (b"=?x-nix?B?" + b64encode("件名".encode()) + b"?=", "件名"),
        (b"=?utf-8?B?5Lu25ZCN?", "=?utf-8?B?5Lu25ZCN?"),
        (word("件名".encode()).replace(b"?=", b"=?="), "件名"),
        ("件名".encode("cp932"), "件名"),
        ("件名".encode("euc_jp"), "件名"),
        ("件名です".encode(), "件名です"),
        ("件名".encode("iso2022_jp"), "件名"),
        (word(b"a\r\nBcc: eve@evil.test\0"), "a  Bcc: eve@evil.test\ufffd"),
    ],
)
def test_header_text_is_read_however_it_was_written(raw, text):
    assert decode_header(raw) == text.strip()


def test_the_shift_state_of_iso_2022_jp_may_go_over_to_the_next_word():
    raw = "件名です".encode("iso2022_jp")
    assert decode_header(word(raw[:5], "iso-2022-jp") + b"\n " + word(raw[5:], "iso-2022-jp")) == "件名です"


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        ("bob@b.test", [("", "bob@b.test")]),
        ("Bob <bob@b.test>, carol@c.test", [("Bob", "bob@b.test"), ("", "carol@c.test")]),
        ('"Doe, John" <j@d.test>', [("Doe, John", "j@d.test")]),
        ("=?utf-8?Q?Doe=2C_J?= <k@d.test>", [("Doe, J", "k@d.test")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@x.test, B <b@x.test>; c@x.test", [("", "a@x.test"), ("B", "b@x.test"), ("", "c@x.test")]),
        ("bob@b.test (Bob (the) Builder)", [("Bob (the) Builder", "bob@b.test")]),
        ('"bob <bob@b.test>', [('"bob', "bob@b.test")]),
        ("Bob <bob@b.test, carol@c.test", [("Bob", "bob@b.test"), ("", "carol@c.test")]),
        ("<@relay.test,@other.test:u@h.test>", [("", "u@h.test")]),
        ('"a b"@x.test', [("", '"a b"@x.test')]),
        ("a@[IPv6:::1]", [("", "a@[IPv6:::1]")]),
        ("Bob bob@b.test", [("Bob", "bob@b.test")]),
        ("山田 <y@x.test>", [("山田", "y@x.test")]),
        ("postmaster", [("", "postmaster")]),
        ("", []),
    ],
)
def test_mailboxes_are_found(value, mailboxes):
    assert [(found.name, found.address) for found in parse_addresses(value.encode())] == mailboxes


names = st.text(
    alphabet=st.characters(
        min_codepoint=0x20, max_codepoint=0x3FFF, exclude_characters="\x7f", exclude_categories=["C", "Z"]
    ),
    max_size=30,
).filter(lambda name: "=?" not in name)


@given(st.lists(st.tuples(names, st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.test", fullmatch=True)), max_size=8))
def test_formatted_mailboxes_are_read_back(pairs):
    mailboxes = tuple(Mailbox(name=name, address=address) for name, address in pairs)
    assert parse_addresses(format_mailboxes(mailboxes)) == mailboxes


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_addresses_never_fail(value):
    parse_addresses(value)


@pytest.mark.parametrize(
    "pattern", ['"', '"\\', "(", "<", ",", ":", "@:", '"@"', "a:@", '"a"@b,', "=?a?q?", "=?utf-8?q?a?= "]
)
def test_hostile_fields_are_read_quickly(pattern):
    value = (pattern * 300_000)[:262_144].encode()
    started = time.process_time()
    parse_addresses(value)
    decode_header(value)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_the_body_begins_after_the_empty_line(line_end):
    content = line_end.join([b"Subject: x", b"To: a", b"", b"body", b"", b"more"])
    block = read_block(content, 0, len(content), DEFAULT_LIMITS)
    assert content[block.body :] == line_end.join([b"body", b"", b"more"])


def test_the_body_begins_where_a_line_is_no_field():
    content = b"Subject: x\nno field here\n\nmore"
    block = read_block(content, 0, len(content), DEFAULT_LIMITS)
    assert content[block.body :] == b"no field here\n\nmore"


def test_a_block_is_cut_at_its_limit_and_says_so():
    content = b"A: b\n" * 50 + b"\nbody"
    block = read_block(content, 0, len(content), Limits(header_fields=10))
    assert (block.cut, content[block.body :]) == (True, b"body")


def test_header_values_gives_the_first_value_and_an_empty_one_for_what_is_absent():
    content = (
        b"Subject: =?utf-8?q?one?=\nSUBJECT: two\nFrom: =?utf-8?q?Doe=2C_J?= <j@x.test>\n\nSubject: body"
    )
    values = header_values(content, ["subject", "from", "cc"])
    assert values == {"subject": "one", "from": '"Doe, J" <j@x.test>', "cc": ""}
