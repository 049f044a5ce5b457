"""The inspection of whole messages: pieces in their places, and no bytes that break it."""

import base64
import io
import random
import tarfile

import pyzipper
from hypothesis import HealthCheck, example, given, settings, strategies as st
from made_files import cells, docx, mail, odf, paragraph, pdf, pptx, slide, xlsx, zipped

from mailhold.mime.inspection import InspectionLimits, inspect

BOUNDED = InspectionLimits(seconds=5, extracted_bytes=5_000_000, ratio_free_bytes=1_000_000)


def test_subject_and_body_are_pieces_with_an_empty_path():
    found = inspect(mail(subject="件名", text="本文です"))
    assert [(piece.where, piece.path, piece.text.strip()) for piece in found.pieces] == [
        ("subject", (), "件名"),
        ("body", (), "本文です"),
    ]
    assert (found.files, found.inspected, found.problems) == ((), True, ())


def test_pieces_of_inner_files_lie_where_the_outermost_attachment_is():
    book = xlsx(("Sheet2", "visible", cells(["a"])))
    found = inspect(mail(("list.zip", zipped({"dir/names.xlsx": book}))))
    assert found.pieces[-1].where == "attachment:list.zip"
    assert found.pieces[-1].path == ("list.zip", "dir/names.xlsx", "Sheet2")
    assert [file.path for file in found.files] == [("list.zip",), ("list.zip", "dir/names.xlsx")]


def test_the_table_of_an_html_body_is_given_as_rows():
    html = b"<table><tr><td>name<td>phone</tr><tr><td>A<td>1</tr></table>"
    found = inspect(b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + html)
    assert found.pieces[-1].where == "body"
    assert found.pieces[-1].rows == (("name", "phone"), ("A", "1"))


def test_one_file_that_breaks_does_not_keep_others_from_being_read():
    found = inspect(mail(("a.zip", b"PK\x03\x04 broken"), ("b.txt", b"090-1111-2222")))
    assert [file.problem for file in found.files] == ["damaged", ""]
    assert found.pieces[-1].text == "090-1111-2222"
    assert found.problems == ("damaged",)


def test_what_the_parser_left_unread_is_not_inspected():
    found = inspect(b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")
    assert not found.inspected
    assert "encrypted" in found.problems


def _tar():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"hello"))
    return packed.getvalue()


def _aes():
    packed = io.BytesIO()
    with pyzipper.AESZipFile(packed, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"pw")
        archive.writestr("a.txt", b"hello")
    return packed.getvalue()


SEEDS = [
    zipped({"a.txt": b"hello", "b.csv": b"a,b\n"}),
    _aes(),
    _tar(),
    docx(paragraph("hello") + "<w:tbl><w:tr><w:tc></w:tc></w:tr></w:tbl>"),
    xlsx(("S", "visible", cells(["a", "b"])), strings=["<t>x</t>"]),
    pptx(slides__slide1=slide("x")),
    odf("spreadsheet", "<table:table><table:table-row/></table:table>"),
    pdf("hello"),
    rb"{\rtf1\ansicpg932 \'82\'a0\u100?{\*\x y}\trowd a\cell\row\par}",
    b"<table><tr><td>a<td>b<tr><td>c</table>",
    "a,b\n山,田\n".encode("utf-16-le"),
    base64.b64decode(
        "N3q8ryccAASfKU00ZgAAAAAAAAAUAAAAAAAAABUqUAEBABRQaG9uZTogMDkwLTEyMzQtNTY3OAoAAQBIAQQGAAEJGQAHCwEAASEhARYMFQAICgF4s1Dj"
    )
    + bytes(60),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=2_000))
@example(content=b"")
@example(content=b"PK\x05\x06" + bytes(18))
@example(content=b"7z\xbc\xaf\x27\x1c" + bytes(26))
def test_no_file_breaks_the_inspection(content):
    assert inspect(mail(("file", content)), limits=BOUNDED).files
    assert inspect(content, limits=BOUNDED) is not None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.sampled_from(SEEDS), chance=st.integers(0, 2**32), changes=st.integers(1, 12), cut=st.booleans()
)
def test_no_damaged_file_breaks_the_inspection(seed, chance, changes, cut):
    dice = random.Random(chance)
    content = bytearray(seed)
    for _ in range(changes):
        content[dice.randrange(len(content))] = dice.randrange(256)
    if cut:
        del content[dice.randrange(len(content)) :]
    found = inspect(mail(("file", bytes(content) or b"x"), text="password: pw"), limits=BOUNDED)
    assert len(found.files) >= 1
