"""Edits: what was asked is changed, everything else keeps its bytes."""

from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from shared_files import ROOT, shared

from mailhold.mime.exceptions import CannotEdit
from mailhold.mime.parse import attachment_bytes, parse
from mailhold.mime.rewrite import ContentEdit, edit

SAMPLES = sorted((ROOT / "samples/mime").glob("*.eml"))
HEAD = b"From: Alice <alice@a.test>\r\nTo: Bob <bob@b.test>, Mallory <mallory@m.test>\r\nSubject: old\r\nMIME-Version: 1.0\r\n"
PDF = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\nX-Odd:   kept \r\n\r\nJVBERi0=\r\n"


def multipart(*parts, subtype=b"mixed", head=HEAD):
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return (
        head
        + b"Content-Type: multipart/"
        + subtype
        + b"; boundary=b\r\n\r\npreamble\r\n"
        + body
        + b"--b--\r\nepilogue\r\n"
    )


def _with_everything():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alice@a.test", "bob@b.test", "old"
    message.set_content("old secret\n")
    message.add_alternative('<p>old secret</p><img src="cid:p@x">', subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG\r\n\x1a\nx", "image", "png", cid="<p@x>")
    message.add_attachment(b"pdf", maintype="application", subtype="pdf", filename="見積.pdf")
    message.add_attachment(b"zip", maintype="application", subtype="zip", filename="a.zip")
    return message.as_bytes()


EVERYTHING = _with_everything()


def test_an_edit_that_asks_for_nothing_returns_the_same_bytes():
    assert edit(EVERYTHING, ContentEdit()) == EVERYTHING


def test_a_new_subject_changes_nothing_but_that_line():
    content = multipart(b"\r\ntext", PDF)
    changed = edit(content, ContentEdit(subject="new"))
    assert changed == content.replace(b"Subject: old", b"Subject: new")


def test_a_japanese_subject_is_folded_within_76_characters():
    subject = "見積書①㈱の件について" * 20
    changed = edit(HEAD + b"\r\nx", ContentEdit(subject=subject))
    assert parse(changed).subject == subject
    assert max(map(len, changed.split(b"\r\n"))) <= 76


def test_a_message_without_a_subject_gets_one():
    changed = edit(b"From: a@a.test\n\nbody\n", ContentEdit(subject="new"))
    assert changed == b"From: a@a.test\nSubject: new\n\nbody\n"


def test_all_subjects_become_one():
    changed = edit(b"Subject: a\nFrom: x@x.test\nsubject: b\n\nbody\n", ContentEdit(subject="new"))
    assert changed == b"Subject: new\nFrom: x@x.test\n\nbody\n"


def test_a_line_end_in_a_subject_makes_no_new_field():
    changed = edit(HEAD + b"\r\nx", ContentEdit(subject="a\r\nBcc: eve@evil.test"))
    assert b"\r\nBcc" not in changed


def test_a_new_body_leaves_nothing_of_the_old_one_in_any_form():
    changed = edit(EVERYTHING, ContentEdit(body="新しい本文\n"))
    parsed = parse(changed)
    assert (parsed.text, parsed.html) == ("新しい本文\n", None)
    assert [a.name for a in parsed.attachments] == ["見積.pdf", "a.zip"]
    assert b"secret" not in changed
    assert b"image/png" not in changed


def test_an_untouched_part_keeps_its_very_bytes():
    content = multipart(b"\r\nold", PDF)
    changed = edit(content, ContentEdit(body="new\n"))
    assert b"--b\r\n" + PDF + b"\r\n--b--\r\nepilogue\r\n" in changed
    assert b"\r\npreamble\r\n" in changed


def test_an_attachment_within_an_alternative_outlives_its_texts():
    inner = (
        b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>old</p>\r\n--i\r\n"
        + PDF
        + b"\r\n--i--"
    )
    parsed = parse(edit(multipart(b"\r\nold", inner, subtype=b"alternative"), ContentEdit(body="new\n")))
    assert (parsed.text, parsed.html, [a.name for a in parsed.attachments]) == ("new\n", None, ["a.pdf"])


@pytest.mark.parametrize("content", [multipart(PDF), HEAD + PDF], ids=["mixed", "alone"])
def test_a_message_of_attachments_only_gets_a_text(content):
    changed = edit(content, ContentEdit(body="new\n"))
    parsed = parse(changed)
    assert (parsed.text, [a.name for a in parsed.attachments]) == ("new\n", ["a.pdf"])
    assert attachment_bytes(changed, 0) == b"%PDF-"


def test_several_texts_become_one():
    changed = edit(multipart(b"\r\none", PDF, b"\r\ntwo"), ContentEdit(body="new\n"))
    assert parse(changed).text == "new\n"
    assert b"two" not in changed


def test_a_dropped_attachment_leaves_nothing():
    content = multipart(b"\r\ntext", PDF, b"Content-Type: a/b\r\n\r\nother")
    changed = edit(content, ContentEdit(drop_attachments=frozenset({0})))
    assert changed == content.replace(b"--b\r\n" + PDF + b"\r\n", b"")


def test_the_last_attachment_of_an_unended_message_can_be_dropped():
    content = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n" + PDF
    parsed = parse(edit(content, ContentEdit(drop_attachments=frozenset({0}))))
    assert (parsed.text, parsed.attachments) == ("text", ())


def test_a_message_that_was_only_an_attachment_becomes_empty():
    parsed = parse(edit(HEAD + PDF, ContentEdit(drop_attachments=frozenset({0}))))
    assert (parsed.text, parsed.attachments, parsed.subject) == ("", (), "old")


def test_recipients_are_taken_out_of_the_fields_that_name_them():
    content = HEAD + b"Cc: MALLORY@m.test\r\nBcc: carol@c.test\r\n\r\nx"
    changed = edit(content, ContentEdit(remove_addresses=frozenset({"mallory@m.test"})))
    assert b"To: Bob <bob@b.test>\r\n" in changed
    assert b"m.test" not in changed.lower()
    assert b"Bcc: carol@c.test\r\n" in changed


def test_other_recipients_keep_their_names():
    content = "To: =?utf-8?q?Doe=2C_J?= <j@x.test>, 山田 <y@x.test>, m@m.test\n\nx".encode()
    changed = edit(content, ContentEdit(remove_addresses=frozenset({"m@m.test"})))
    assert [(m.name, m.address) for m in parse(changed).to] == [("Doe, J", "j@x.test"), ("山田", "y@x.test")]


def test_signatures_of_servers_that_no_longer_hold_are_taken_out():
    content = b"DKIM-Signature: v=1;\r\n b=abc\r\nARC-Seal: i=1\r\n" + HEAD + b"\r\nx"
    changed = edit(content, ContentEdit(subject="new"))
    assert b"DKIM" not in changed
    assert b"ARC" not in changed


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            multipart(b"\r\nx", b"Content-Type: application/pgp-signature\r\n\r\ny", subtype=b"signed"),
            "signature",
        ),
        (HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", "encrypted"),
        (HEAD + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n", "signature"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nnone", "damaged"),
    ],
)
def test_what_an_edit_would_break_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(CannotEdit, match=sentence):
        edit(content, ContentEdit(subject="new"))


def test_an_attachment_that_is_not_there_cannot_be_dropped():
    with pytest.raises(CannotEdit, match="no such attachment"):
        edit(multipart(b"\r\nx"), ContentEdit(drop_attachments=frozenset({0})))


BODIES = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\x1b\ufeff"),
    min_size=1,
    max_size=200,
)
SUBJECTS = st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=120)
TEXTS = st.sampled_from(
    [b"\r\nold", b"", b"\r\n", b"Content-Type: text/html\r\n\r\n<p>old</p>", b"Content-Type: text/plain\r\n"]
)
PARTS = st.lists(TEXTS | st.just(PDF) | st.just(b"Content-Type: a/b\r\n\r\nx"), min_size=1, max_size=5)


@given(
    PARTS, BODIES, SUBJECTS, st.sampled_from([b"mixed", b"alternative", b"related"]), st.booleans(), st.data()
)
def test_the_result_reads_as_what_was_asked_for(parts, body, subject, subtype, crlf, data):
    content = multipart(*parts, subtype=subtype)
    content = content if crlf else content.replace(b"\r\n", b"\n")
    before = parse(content)
    dropped = (
        data.draw(st.sets(st.sampled_from(range(len(before.attachments))))) if before.attachments else set()
    )
    changed = edit(content, ContentEdit(subject=subject, body=body, drop_attachments=frozenset(dropped)))
    after = parse(changed)
    assert (after.text, after.html, after.subject) == (body, None, subject.strip())
    kept = [attachment_bytes(content, a.index) for a in before.attachments if a.index not in dropped]
    assert [attachment_bytes(changed, a.index) for a in after.attachments] == kept


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_can_be_edited_or_is_refused(path):
    content = path.read_bytes()
    before = parse(content)
    try:
        changed = edit(content, ContentEdit(subject="件名①", body="本文①\n"))
    except CannotEdit:
        assert before.has_signature or before.problems
        return
    after = parse(changed)
    assert (after.subject, after.text, after.html) == ("件名①", "本文①\n", None)
    for attached in before.attachments:
        one_less = parse(edit(content, ContentEdit(drop_attachments=frozenset({attached.index}))))
        assert len(one_less.attachments) == len(before.attachments) - 1
        assert (one_less.text, one_less.html) == (before.text, before.html)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_message_is_edited_or_refused(data):
    shared("samples/mime")
    path = data.draw(st.sampled_from([path for path in SAMPLES if path.stat().st_size < 20_000]))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"\n", b"\n\n", b"\r\n--b"])
        )
    try:
        changed = edit(bytes(content), ContentEdit(subject="件名①", body="本文①\n"))
    except CannotEdit:
        return
    after = parse(changed)
    assert (after.subject, after.text, after.html) == ("件名①", "本文①\n", None)
