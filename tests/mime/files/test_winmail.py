"""What Outlook packs into winmail.dat."""

import struct

import pytest
from made_files import mail
from shared_files import shared

from mailhold.mime.inspection import InspectionLimits, inspect


def attribute(tag, value):
    return struct.pack("<BLL", 2, tag, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def string(number, text):
    raw = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HHLL", 0x1F, number, 1, len(raw)) + raw + bytes(-len(raw) % 4)


def binary(number, raw, kind=0x102):
    return struct.pack("<HHLL", kind, number, 1, len(raw)) + raw + bytes(-len(raw) % 4)


def properties(*given):
    return struct.pack("<L", len(given)) + b"".join(given)


def winmail(*attributes):
    return struct.pack("<LH", 0x223E9F78, 1) + b"".join(attributes)


def read(content):
    found = inspect(mail(("winmail.dat", content)))
    return {piece.path[1:]: piece for piece in found.pieces[2:]}, found.files[0]


def test_text_and_files_are_read():
    content = winmail(
        attribute(0x00069007, struct.pack("<LL", 932, 0)),
        attribute(0x0002800C, "本文の電話 03-1111-2222".encode("cp932")),
        attribute(0x00069002, bytes(14)),
        attribute(0x0006800F, b"a,090-1111-2222\n"),
        attribute(0x00018010, "名簿.csv".encode("cp932") + b"\0"),
    )
    pieces, file = read(content)
    assert pieces[("body",)].text == "本文の電話 03-1111-2222"
    assert pieces[("名簿.csv",)].rows == (("a", "090-1111-2222"),)
    assert (file.detected_type, file.inspected) == ("application/ms-tnef", True)


def test_text_in_properties_is_read():
    stored = struct.pack("<LL4sL", 30, 14, b"MELA", 0) + rb"{\rtf1 secret}"
    packed = properties(
        string(0x1000, "plain words"), binary(0x1013, b"<p>html words"), binary(0x1009, stored)
    )
    pieces, _ = read(winmail(attribute(0x00069003, packed)))
    assert pieces[("body",)].text == "plain words"
    assert pieces[("body.html",)].text == "html words"
    assert pieces[("body.rtf",)].text == "secret"


def test_a_message_attached_within_is_read():
    inner = winmail(attribute(0x0002800C, b"inner 090-1111-2222"))
    packed = properties(string(0x3001, "Forwarded"), binary(0x3701, bytes(16) + inner, kind=0x0D))
    pieces, _ = read(winmail(attribute(0x00069002, bytes(14)), attribute(0x00069005, packed)))
    assert pieces[("Forwarded", "body")].text == "inner 090-1111-2222"


@pytest.mark.parametrize(
    ("compressed", "text"),
    [  # the examples of MS-OXRTFCP, sections 4.1 and 4.2
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            "hello world",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", "WXYZWXYZWXYZWXYZWXYZ"),
    ],
)
def test_compressed_rtf_is_read(compressed, text):
    packed = properties(binary(0x1009, bytes.fromhex(compressed)))
    pieces, _ = read(winmail(attribute(0x00069003, packed)))
    assert pieces[("body.rtf",)].text == text


def test_what_comes_before_the_damage_is_found():
    content = winmail(attribute(0x0002800C, b"090-1111-2222"), b"\x02broken")
    pieces, file = read(content + bytes(9) + b"\xff" * 20)
    assert pieces[("body",)].text == "090-1111-2222"
    assert file.problem == "damaged"


def test_a_file_of_outlook_is_read():
    found = inspect(shared("samples/mime/own__winmail_attachments.eml").read_bytes())
    assert [file.path[-1] for file in found.files] == [
        "winmail.dat",
        "body.rtf",
        "zappa_av1.jpg",
        "bookmark.htm",
    ]
    assert found.inspected


@pytest.mark.parametrize("name", ["own__attack_zipbomb_nested_40GB", "own__attack_pdf_page_loop"])
def test_the_hostile_samples_are_left_within_their_bounds(name):
    found = inspect(shared(f"samples/mime/{name}.eml").read_bytes(), limits=InspectionLimits(seconds=30))
    assert not found.inspected
    assert "too_slow" not in found.problems
