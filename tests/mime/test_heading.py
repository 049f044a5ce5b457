"""The header of what leaves: tags before the subject, addresses in Cc, and every other byte as it was."""

import email
import email.policy
from base64 import b64encode

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from shared_files import ROOT, shared

from mailhold.mime.headers import header_values, parse_addresses, read_block
from mailhold.mime.heading import tagged_subject, with_heading as heading
from mailhold.mime.limits import Limits

SAMPLES = sorted((ROOT / "samples/mime").glob("*.eml"))
REST = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSubject: not this\r\n\xe3\x81\x82\r\n"
ALL = Limits(header_bytes=1 << 40, header_fields=1 << 40)
HEAD = b"From: a@a.test\r\nTo: Bob <bob@b.test>\r\n"


def mail(*lines, rest=REST):
    return HEAD + b"".join(line + b"\r\n" for line in lines) + rest


def with_heading(content, **asked):
    return b"".join(heading(content, **asked))


def subject_of(content):
    return header_values(content, ("subject",))["subject"]


def jis(text):
    return b"=?ISO-2022-JP?B?" + b64encode(text.encode("iso2022_jp")) + b"?="


def utf8(text):
    return b"=?UTF-8?B?" + b64encode(text.encode()) + b"?="


def changed_lines(content, **asked):
    """The header lines that are new."""
    old = content.split(b"\r\n")
    return [line for line in with_heading(content, **asked).split(b"\r\n") if line not in old]


# --- tags -------------------------------------------------------------------------------------------------------


def test_nothing_asked_changes_nothing():
    content = mail(b"Subject: Offer")
    assert heading(content) == (b"", content)
    assert tagged_subject(content, []) == ""


def test_an_ascii_tag_stands_before_an_ascii_subject_and_nothing_else_changes():
    content = mail(b"Subject: Offer")
    assert with_heading(content, tags=["[External]"]) == content.replace(
        b"Subject: Offer", b"Subject: [External] Offer"
    )
    assert tagged_subject(content, ["[External]"]) == "[External] Offer"


def test_a_japanese_tag_is_an_encoded_word_and_those_of_the_subject_stay_byte_for_byte():
    words = utf8("見積書の") + b"\r\n " + utf8("件")
    content = mail(b"Subject: " + words)
    left = with_heading(content, tags=["【社外】"])
    assert left == content.replace(
        b"Subject: " + words, b"Subject: " + b"=?utf-8?B?44CQ56S+5aSW44CR?= " + words
    )
    assert subject_of(left) == "【社外】見積書の件"
    assert email.message_from_bytes(left, policy=email.policy.default)["Subject"] == "【社外】見積書の件"


def test_a_subject_that_is_iso_2022_jp_alone_gets_a_tag_of_the_same_charset():
    content = mail(b"Subject: " + jis("見積書") + b" 2")
    left = with_heading(content, tags=["【社外】"])
    assert jis("【社外】") + b"\r\n " + jis("見積書") in left
    assert b"utf-8?B" not in left
    assert email.message_from_bytes(left, policy=email.policy.default)["Subject"] == "【社外】見積書 2"


@pytest.mark.parametrize("subject", [jis("見積") + b" " + utf8("書"), utf8("見積"), b"Offer"])
def test_any_other_subject_gets_a_tag_in_utf_8(subject):
    left = with_heading(mail(b"Subject: " + subject), tags=["【社外】"])
    assert b"Subject: =?utf-8?B?44CQ56S+5aSW44CR?= " + subject in left.replace(b"\r\n ", b" ")


def test_what_iso_2022_jp_cannot_say_is_in_utf_8():
    left = with_heading(mail(b"Subject: " + jis("見積書")), tags=["①社外"])
    assert b"Subject: =?utf-8?B?" in left
    assert subject_of(left) == "①社外見積書"


def test_raw_iso_2022_jp_stays_raw_behind_a_tag_of_the_same_charset():
    raw = "見積書".encode("iso2022_jp")
    left = with_heading(mail(b"Subject: " + raw), tags=["【社外】"])
    assert b"Subject: " + jis("【社外】") + b" " + raw + b"\r\n" in left
    assert subject_of(left).replace(" ", "") == "【社外】見積書"


@pytest.mark.parametrize("tag", ["【" + "社外" * 19 + "】", "[" + "x" * 38 + "]", "a社" * 20, "🍣" * 40])
@pytest.mark.parametrize(
    "subject", [b"", b"Offer", b"x" * 900, jis("見積書"), utf8("件" * 15) + b"\r\n " + utf8("名" * 15)]
)
def test_new_lines_stay_within_76_characters_and_the_subject_says_tag_and_what_it_said(tag, subject):
    content = mail(b"Subject: " + subject)
    before = subject_of(content)
    new = [line for line in changed_lines(content, tags=[tag]) if subject not in line or len(subject) < 50]
    assert all(len(line) <= 76 for line in new)
    left = with_heading(content, tags=[tag])
    assert all(len(line) <= 998 for line in left.split(b"\r\n"))
    assert subject_of(left).replace(" ", "") == (tag + before).replace(" ", "")
    assert left.endswith(REST)


@pytest.mark.parametrize(
    "subject",
    [
        "[External] Offer",
        "[EXTERNAL] Offer",
        "Re: [External] Offer",
        "RE: Fwd: [External] Offer",
        "Re[2]: [External]Offer",
        "AW: [External] Offer",
        "返信: [External] 見積",
        "Re:[External] 見積",
        "Re: 【要返信】 [External] 見積",
    ],
)
def test_a_tag_is_not_put_twice(subject):
    content = mail(b"Subject: " + utf8(subject))
    left = with_heading(content, tags=["【要返信】", "[External]"])
    assert subject_of(left).lower().count("[external]") == 1
    assert subject_of(left).count("【要返信】") == 1


@pytest.mark.parametrize(
    "subject", ["Offer [External]", "Reply: [External]", "External", "Re: offer: [External]"]
)
def test_a_tag_elsewhere_in_the_subject_is_no_beginning(subject):
    assert (
        subject_of(with_heading(mail(b"Subject: " + subject.encode()), tags=["[External]"]))
        == f"[External] {subject}"
    )


def test_a_second_tag_goes_beside_the_first():
    assert subject_of(with_heading(mail(b"Subject: x"), tags=["[A]", "[B]"])) == "[A] [B] x"
    assert subject_of(with_heading(mail(b"Subject: x"), tags=["【甲】", "【乙】"])) == "【甲】【乙】 x"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (b"Subject:Offer", b"Subject: [X] Offer"),
        (b"SUBJECT:\tOffer", b"SUBJECT: [X]\tOffer"),
        (b"Subject : Offer", b"Subject: [X] Offer"),
        (b"Subject:", b"Subject: [X]"),
        (b"Subject: ", b"Subject: [X]"),
        (b"Subject:\r\n Offer", b"Subject: [X]\r\n Offer"),
        (b"Subject: \r\n\tOffer", b"Subject: [X]\r\n\tOffer"),
        (b"Subject: a\r\n b", b"Subject: [X] a\r\n b"),
    ],
)
def test_every_way_to_write_a_subject_line_is_kept(written, left):
    assert with_heading(mail(written), tags=["[X]"]) == mail(left)


def test_without_a_subject_one_is_put_above():
    content = mail(b"X-Other: 1")
    assert with_heading(content, tags=["[X]"]) == b"Subject: [X]\r\n" + content
    assert tagged_subject(content, ["[X]"]) == "[X]"
    assert with_heading(b"\r\nbody", tags=["[X]"]) == b"Subject: [X]\r\n\r\nbody"


def test_every_subject_of_a_message_with_several_is_tagged():
    left = with_heading(mail(b"Subject: a", b"Subject: b"), tags=["[X]"])
    assert b"Subject: [X] a\r\nSubject: [X] b\r\n" in left


# --- copies -----------------------------------------------------------------------------------------------------


def cc_of(content):
    return [mailbox.address for mailbox in parse_addresses(header_values(content, ("cc",))["cc"])]


def test_without_a_cc_field_one_is_put_above():
    content = mail(b"Subject: x")
    assert (
        with_heading(content, cc=["boss@a.test", "desk@a.test"])
        == b"Cc: boss@a.test,\r\n desk@a.test\r\n" + content
    )


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (b"Cc: Carol <c@a.test>", b"Cc: Carol <c@a.test>,\r\n boss@a.test"),
        (b"CC:c@a.test ", b"CC:c@a.test,\r\n boss@a.test"),
        (b"Cc: c@a.test,\r\n d@a.test", b"Cc: c@a.test,\r\n d@a.test,\r\n boss@a.test"),
        (b"Cc: c@a.test,", b"Cc: c@a.test,\r\n boss@a.test"),
        (b"Cc:", b"Cc: boss@a.test"),
        (b"Cc: \r\n ", b"Cc: boss@a.test"),
        (b"Cc: undisclosed-recipients:;", b"Cc: undisclosed-recipients:;,\r\n boss@a.test"),
        (b"Cc: " + utf8("佐藤") + b" <c@a.test>", b"Cc: " + utf8("佐藤") + b" <c@a.test>,\r\n boss@a.test"),
    ],
)
def test_an_address_goes_to_the_end_of_the_cc_field_whose_bytes_stay(written, left):
    assert with_heading(mail(written), cc=["boss@a.test"]) == mail(left)


@pytest.mark.parametrize(
    "written", [b"Cc: The Boss <Boss@A.test>", b"To: boss@a.test", b"Cc: x@a.test\r\nCc: boss@a.test"]
)
def test_whom_to_or_cc_names_is_not_named_again(written):
    content = mail(written)
    assert with_heading(content, cc=["boss@a.test"]) == content


@pytest.mark.parametrize("broken", [b'Cc: "Carol <c@a.test>', b"Cc: (Carol c@a.test", b"Cc: Carol <c@a.test"])
def test_a_broken_cc_field_does_not_swallow_the_address(broken):
    left = with_heading(mail(broken), cc=["boss@a.test"])
    named = [e for e in read_block(left, 0, len(left), ALL).fields if e.key == "cc"]
    assert "boss@a.test" in {m.address for entry in named for m in parse_addresses(entry.value)}


# --- signatures -------------------------------------------------------------------------------------------------

DKIM = b"DKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=x;\r\n h=From : To:%s;\r\n bh=abc=; b=def"


@pytest.mark.parametrize(
    ("signed", "asked", "stays"),
    [
        (b"Subject", {"tags": ["[X]"]}, False),
        (b"Date", {"tags": ["[X]"]}, True),
        (b"Subject", {"cc": ["boss@a.test"]}, True),
        (b"Cc:Date", {"cc": ["boss@a.test"]}, False),
        (b"subject", {"tags": ["Offer"]}, True),
    ],
)
def test_a_signature_of_a_mail_server_goes_only_where_it_no_longer_holds(signed, asked, stays):
    left = with_heading(mail(DKIM % signed, b"Subject: Offer"), **asked)
    assert (b"DKIM-Signature" in left) is stays


def test_a_chain_of_arc_goes_as_a_whole():
    chain = [
        b"ARC-Seal: i=1; cv=none",
        b"ARC-Message-Signature: i=1; h=subject:to; b=x",
        b"ARC-Authentication-Results: i=1; x",
    ]
    left = with_heading(mail(*chain, b"Subject: Offer"), tags=["[X]"])
    assert left == mail(b"Subject: [X] Offer")


SIGNED = (
    b"Content-Type: multipart/signed; protocol=application/pkcs7-signature; micalg=sha-256; boundary=s\r\n\r\n"
    b"--s\r\nContent-Type: text/plain\r\nSubject: protected\r\n\r\nsigned text \r\n--s\r\n"
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIIB\r\n--s--\r\n"
)


def test_what_is_signed_inside_stays_byte_for_byte():
    left = with_heading(mail(b"Subject: x", rest=SIGNED), tags=["【社外】"], cc=["boss@a.test"])
    assert left.endswith(SIGNED)


# --- whatever the bytes are -------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES or [None], ids=lambda each: each.name if each else "none")
def test_of_real_mail_only_the_lines_of_subject_and_cc_change(sample):
    if sample is None:
        shared("samples/mime")
    raw = sample.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    # The line with which mailboxes of old part messages is none of a mail on its way.
    raw = raw.partition(b"\r\n")[2] if raw.startswith((b"From ", b">From ")) else raw
    raw = b"Received: by a.test\r\n" + raw
    left = with_heading(raw, tags=["【社外】"], cc=["boss@a.test"])
    block = read_block(raw, 0, len(raw), ALL)
    assert left.endswith(raw[block.end :])
    assert subject_of(left).startswith("【社外】")
    assert subject_of(raw).replace(" ", "") in subject_of(left).replace(" ", "")
    assert heading(left, tags=["【社外】"], cc=["boss@a.test"]) == (b"", left)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    value=st.binary(max_size=120),
    name=st.sampled_from([b"Subject", b"Cc", b"To", b"DKIM-Signature"]),
    tag=st.sampled_from(["[X]", "【社外】", "Re:", "🍣"]),
)
def test_nothing_makes_it_fail_and_the_body_stays(value, name, tag):
    value = value.replace(b"\r", b"").replace(b"\n", b"\r\n ")
    content = mail(name + b": " + value)
    left = with_heading(content, tags=[tag], cc=["boss@a.test"])
    assert left.endswith(REST)
    assert left.count(b"\n") == left.count(b"\r\n")
