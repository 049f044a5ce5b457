"""Messages as they should be, as they are, and as an enemy makes them."""

import time
from base64 import b64encode, encodebytes
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from shared_files import ROOT, shared

from mailhold.mime.exceptions import NoSuchAttachment
from mailhold.mime.limits import Limits
from mailhold.mime.parse import attachment_bytes, judged_text, parse
from mailhold.mime.render import inline_images, safe_html

HEAD = b"From: Alice <alice@a.test>\r\nTo: bob@b.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
SAMPLES = sorted((ROOT / "samples/mime").glob("*.eml"))


def multipart(*parts, subtype=b"mixed"):
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return HEAD + b"Content-Type: multipart/" + subtype + b"; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def attachment(name_field, body=b"x"):
    return (
        b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; "
        + name_field
        + b"\r\n\r\n"
        + body
    )


def ordinary():
    message = EmailMessage()
    message["From"] = "山田 太郎 <taro@a.test>"
    message["To"] = "Bob <bob@b.test>, carol@c.test"
    message["Cc"] = "dave@d.test"
    message["Subject"] = "見積書の件"
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0900"
    message["Message-ID"] = "<one@a.test>"
    message.set_content("本文です。\n")
    message.add_alternative("<p>本文です。</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="見積.pdf")
    return message.as_bytes()


def test_an_ordinary_message_is_read():
    parsed = parse(ordinary())
    assert parsed.subject == "見積書の件"
    assert (parsed.author, parsed.author_address) == ("山田 太郎 <taro@a.test>", "taro@a.test")
    assert [mailbox.address for mailbox in parsed.to + parsed.cc] == [
        "bob@b.test",
        "carol@c.test",
        "dave@d.test",
    ]
    assert parsed.date == datetime(2026, 3, 2, tzinfo=UTC)
    assert parsed.date.utcoffset() == timedelta(hours=9)
    assert parsed.message_id == "<one@a.test>"
    assert (parsed.text, parsed.html) == ("本文です。\n", "<p>本文です。</p>\n")
    assert [(a.index, a.name, a.content_type, a.size) for a in parsed.attachments] == [
        (0, "見積.pdf", "application/pdf", 8)
    ]
    assert (parsed.problems, parsed.inspected) == ((), True)
    assert attachment_bytes(ordinary(), 0) == b"%PDF-1.4"


def test_an_attachment_that_is_not_there_is_an_error_with_a_sentence():
    with pytest.raises(NoSuchAttachment, match="no attachment number 1"):
        attachment_bytes(ordinary(), 1)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b'filename="report.pdf"', "report.pdf"),
        (b"filename*=utf-8'ja'%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"),
        (b"filename*0*=utf-8''%E8%A6;\r\n filename*1*=%8B%E7%A9%8D; filename*2=\".pdf\"", "見積.pdf"),
        (b'filename*0="a"; filename*1="b.txt"', "ab.txt"),
        (b"filename=fallback.pdf; filename*=utf-8''best.pdf", "best.pdf"),
        (b'filename="=?utf-8?B?6KaL56mNLnBkZg==?="', "見積.pdf"),
        (b'filename="' + "表ソ.xls".encode("cp932") + b'"', "表ソ.xls"),
        (b'filename="' + "見積.pdf".encode() + b'"', "見積.pdf"),
        (b'filename="' + "見積.pdf".encode("iso2022_jp") + b'"', "見積.pdf"),
        (b'filename="C:\\\\temp\\\\evil.exe"', "evil.exe"),
        (b'filename="C:\\temp\\evil.exe"', "evil.exe"),
        (b'filename="../../etc/passwd"', "passwd"),
        (b"filename*=utf-8''a%00b.exe", "ab.exe"),
        (b"filename*=utf-8''a%0D%0ABcc.txt", "a__Bcc.txt"),
        (b"filename*=utf-8''x%E2%80%AEgpj.exe", "x_gpj.exe"),
        (b'filename="evil.exe. . "', "evil.exe"),
        (b'filename="say \\"hi\\".txt"', 'say "hi".txt'),
        (b'filename=".."', "attachment-1.bin"),
        (b"filename=", "attachment-1.bin"),
        (b"filename=two words.txt", "two words.txt"),
        (b'filename="unended.txt', "unended.txt"),
    ],
)
def test_attachment_names_are_read_and_made_harmless(field, name):
    assert [a.name for a in parse(multipart(attachment(field))).attachments] == [name]


def test_a_long_name_keeps_its_extension():
    name = parse(multipart(attachment(b'filename="' + b"a" * 5000 + b'.docm"'))).attachments[0].name
    assert (len(name), name[-5:]) == (200, ".docm")


def test_two_names_for_one_part_are_noted():
    part = b'Content-Type: text/plain; name="a.exe"\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nx'
    assert "ambiguous" in parse(multipart(part)).problems


def test_html_alone_gives_its_text():
    parsed = parse(HEAD + b"Content-Type: text/html\r\n\r\n<p>Hello <a href='https://x.test/'>you</a></p>")
    assert (parsed.text, parsed.text_plain) == ("Hello you <https://x.test/>", "")


def test_html_that_says_other_things_than_the_plain_text_is_judged_too():
    parsed = parse(
        multipart(b"\r\nharmless", b"Content-Type: text/html\r\n\r\n<p>secret</p>", subtype=b"alternative")
    )
    assert judged_text(parsed) == "harmless\nsecret"


def test_the_charset_of_html_may_stand_in_its_head():
    body = '<meta charset="shift_jis"><p>ソ表</p>'.encode("cp932")
    assert parse(HEAD + b"Content-Type: text/html\r\n\r\n" + body).text == "ソ表"


def test_texts_around_an_attachment_are_both_read():
    parsed = parse(multipart(b"\r\nfirst", attachment(b"filename=a.bin"), b"\r\nsecond"))
    assert (parsed.text, len(parsed.attachments)) == ("first\nsecond", 1)


def test_an_attached_message_can_be_looked_into():
    inner = (
        b"Subject: inner/mail\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n"
        + attachment(b"filename=deep.exe")
        + b"\r\n--i--"
    )
    parsed = parse(multipart(b"\r\nsee", b"Content-Type: message/rfc822\r\n\r\n" + inner))
    assert parsed.attachments[0].name == "inner_mail.eml"
    assert parsed.attachments[0].nested.subject == "inner/mail"
    assert [a.name for a in parsed.all_attachments()] == ["inner_mail.eml", "deep.exe"]


def test_an_attached_message_may_be_encoded():
    inner = encodebytes(b"Subject: inner\r\n\r\nbody")
    part = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + inner
    assert parse(multipart(part)).attachments[0].nested.text == "body"


@pytest.mark.parametrize(
    ("encoding", "body", "decoded"),
    [
        (b"base64", b"aGVsbG8=", b"hello"),
        (b"BASE64", b"aGVs\r\nbG8", b"hello"),
        (b"base64", b"aGVs!!bG8=\r\n\r\n", b"hello"),
        (b"base64", b"aGVsbG8=IHdvcmxk", b"hello world"),
        (b"base64", b"aGVsbG8a=", b"hello\x1a"),
        (b"quoted-printable", b"a=3Db=\r\nc=ZZ", b"a=bc=ZZ"),
        (b"x-uuencode", b"begin 644 a.txt\r\n%:&5L;&\\\r\n`\r\nend", b"hello"),
        (b"8bit", b"\xff\x00", b"\xff\x00"),
        (b"x-unheard-of", b"as is", b"as is"),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_they_go(encoding, body, decoded):
    part = (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
        + encoding
        + b"\r\n\r\n"
        + body
    )
    assert attachment_bytes(multipart(part), 0) == decoded


def test_the_longer_of_two_boundaries_is_not_taken_for_the_shorter():
    inner = b"Content-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\ninner\r\n--bb--"
    parsed = parse(multipart(inner, b"Content-Type: a/b\r\n\r\nx"))
    assert (parsed.text, len(parsed.attachments), parsed.problems) == ("inner", 1, ())


@pytest.mark.parametrize(
    ("content", "signed", "encrypted"),
    [
        (
            multipart(b"\r\nx", b"Content-Type: application/pgp-signature\r\n\r\ny", subtype=b"signed"),
            True,
            False,
        ),
        (multipart(b"\r\nx", subtype=b"encrypted"), False, True),
        (HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", False, True),
        (HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nx", True, False),
        (HEAD + b"\r\n-----BEGIN PGP MESSAGE-----\r\n", False, True),
        (HEAD + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n", True, False),
        (HEAD + b"\r\nplain", False, False),
    ],
)
def test_signatures_and_encryption_are_noticed(content, signed, encrypted):
    parsed = parse(content)
    assert (parsed.has_signature, parsed.encrypted) == (signed, encrypted)
    assert not (encrypted and parsed.inspected)


@pytest.mark.parametrize(
    ("value", "expected"), [(b"auto-replied; x=y", "auto-replied"), (b"No", ""), (b"", "")]
)
def test_automatic_mail_is_told_from_that_of_people(value, expected):
    assert parse(HEAD + b"Auto-Submitted: " + value + b"\r\n\r\n").auto_submitted == expected


@pytest.mark.parametrize(
    "value",
    [b"yesterday", b"Mon, 99 Foo 2026", b"Mon, 01 Jan 99999 00:00:00 +0000", b"1 Jan 0001 00:00 +2400"],
)
def test_a_date_that_is_none_is_absent(value):
    assert parse(b"Date: " + value + b"\r\n\r\n").date is None


def test_a_message_without_any_boundary_is_shown_as_it_stands_and_not_vouched_for():
    parsed = parse(HEAD + b"Content-Type: multipart/mixed; boundary=none\r\n\r\nhidden")
    assert (parsed.text, parsed.inspected, parsed.problems) == ("hidden", False, ("broken_multipart",))


def nested_multiparts(levels):
    heads = (
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(levels)
    )
    return HEAD + b"".join(heads) + b"\r\nhi\r\n" + b"z\r\n" * 300_000


HOSTILE = {
    "levels of multipart": (nested_multiparts(1000), "too_deep"),
    "levels of messages": (
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1000 + b"z\r\n" * 300_000,
        "too_deep",
    ),
    "parts": (multipart(*[b"\r\nx"] * 20_000), "too_many_parts"),
    "headers": (HEAD + b"X-A: b\r\n" * 100_000 + b"\r\nhi", "headers_too_large"),
    "headers of parts": (multipart(*[b"a: b\r\n" * 2_000 + b"\r\n\r\nx"] * 400), "headers_too_large"),
    "text": (HEAD + b"\r\n" + b"lorem ipsum\r\n" * 400_000, "too_large"),
    "false boundaries": (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bx\r\n" * 800_000,
        "too_many_parts",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_cut_short_quickly_and_not_vouched_for(name):
    content, problem = HOSTILE[name]
    started = time.process_time()
    parsed = parse(content)
    assert time.process_time() - started < 1.5
    assert problem in parsed.problems
    assert not parsed.inspected


@pytest.mark.parametrize("pattern", [b';a="\\', b";a*1*=b", b'="', b"(", b"; ", b";a=(\\"])
def test_hostile_parameters_are_read_quickly(pattern):
    part = b"Content-Type: text/html" + pattern * 8_000 + b"\r\n\r\nx"
    started = time.process_time()
    parse(multipart(*[part] * 100))
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "html", ["<a '", "<b></p>", "<!--", "<script>", "<td>", "&#9999999999", "<pre>\n", "</", '<a href="x">']
)
def test_hostile_html_becomes_text_quickly(html):
    content = HEAD + b"Content-Type: text/html\r\n\r\n" + (html * 1_000_000)[:1_000_000].encode()
    started = time.process_time()
    parse(content)
    assert time.process_time() - started < 3


def test_ten_megabytes_are_read_well_within_a_second():
    part = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    content = multipart(b"\r\nhi", part + b64encode(bytes(7_500_000)))
    started = time.process_time()
    parsed = parse(content)
    assert time.process_time() - started < 0.7
    assert parsed.attachments[0].size == 7_500_000


def test_limits_can_be_set():
    assert parse(multipart(*[b"\r\nx"] * 5), Limits(parts=3)).problems == ("too_many_parts",)


def texts_of(parsed):
    yield from (parsed.subject, parsed.author, parsed.author_address, parsed.message_id, parsed.text)
    yield from (parsed.text_plain, parsed.html or "", parsed.auto_submitted)
    for mailbox in parsed.to + parsed.cc + parsed.reply_to:
        yield from (mailbox.name, mailbox.address)
    for name, value in parsed.headers:
        yield from (name, value)
    for found in parsed.all_attachments():
        yield from (found.name, found.content_type, found.content_id, *found.contained)


def check_storable(parsed):
    for text in texts_of(parsed):
        text.encode()
        assert "\0" not in text


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(content):
    check_storable(parse(content))


FRAGMENTS = st.sampled_from(
    b"""--b|--b--|Content-Type: |multipart/mixed; boundary=b|message/rfc822|=?|text/html|; charset=iso-2022-jp|utf-8?q?=00?=
    |Subject: |From: |To: |<|"|Content-Transfer-Encoding: base64|x-uuencode|quoted-printable|filename*0*=|a@b|(|utf-16|utf-7
    |Content-Disposition: |application/ms-tnef|+2AA-|\r\n|\n|\n\n|\x1b$B|\x78\x9f\x3e\x22|\0|\xff|\xd8\0""".split(
        b"|"
    )
)


@given(st.lists(FRAGMENTS | st.binary(max_size=3), max_size=60))
def test_no_heap_of_fragments_makes_it_fail(pieces):
    check_storable(parse(b"".join(pieces)))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_to_a_real_message_makes_it_fail(data):
    shared("samples/mime")
    path = data.draw(st.sampled_from([path for path in SAMPLES if path.stat().st_size < 60_000]))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=6) | FRAGMENTS)
    parsed = parse(bytes(content))
    check_storable(parsed)
    for found in parsed.attachments:
        attachment_bytes(bytes(content), found.index)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_read_quickly_and_renders(path):
    content = path.read_bytes()
    started = time.process_time()
    parsed = parse(content)
    shown = safe_html(parsed.html or "", inline_images(content, parsed))
    assert time.process_time() - started < 0.5
    check_storable(parsed)
    assert " href=" not in shown
    assert "<script" not in shown
    for found in parsed.attachments:
        assert len(attachment_bytes(content, found.index)) == found.size


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("own__winmail_attachments", ("zappa_av1.jpg", "bookmark.htm")),
        ("own__winmail_unicode-mapi-attr", ("example.dat",)),
        ("own__winmail_multi-value-attribute", ("208225__5_seconds__Voice_Mail.mp3",)),
    ],
)
def test_what_outlook_packed_away_is_named(name, names):
    parsed = parse(shared(f"samples/mime/{name}.eml").read_bytes())
    assert parsed.attachments[0].contained == names


def test_a_broken_winmail_is_not_vouched_for():
    part = b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22\x01\x00\x01xx"
    assert parse(multipart(part + b"y" * 20)).problems[0] == "tnef_damaged"
