"""Files within archives, encrypted ones, and what archives do to those who trust them."""

import base64
import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from email.message import EmailMessage

import msoffcrypto.format.ooxml
import pytest
import pyzipper
from made_files import cells, docx, mail, paragraph, pdf, xlsx, zipped
from pypdf import PdfReader, PdfWriter

from mailhold.mime.inspection import InspectionLimits, inspect

PASSWORD = "Himitsu-77"
SAID = f"パスワードは {PASSWORD} です。"
TEXT = b"Phone: 090-1234-5678\n"

SEVEN_ZIPS = {
    "lzma2": (
        "N3q8ryccAASfKU00ZgAAAAAAAAAUAAAAAAAAABUqUAEBABRQaG9uZTogMDkwLTEyMzQtNTY3OAoAAQBIAQQGAAEJGQAHCwEA"
        "ASEhARYMFQAICgF4s1DjAAAFARkDAAAAEQ0AYQAuAHQAeAB0AAAAFAoBAMB/3wvRe90BFQYBACCAgIEAAAAXBhkBCU0ABwsB"
        "AAEhIQEYDEkAAA=="
    ),
    "bcj": (
        "N3q8ryccAATktnUhbwAAAAAAAAAUAAAAAAAAAGzh84kBABRQaG9uZTogMDkwLTEyMzQtNTY3OAoA4ABQAE5dAACBMweuD8+S"
        "bmAP1GpefeXX3jQ80nbLYhenguGTAT3IfusylS586hmMRd9IU83LzenmU/f6WeYKvAo7KZUeD30bpHx95e3q4RTP1QAAAAAX"
        "BhkBCVYABwsBAAEhIQEYDFEAAA=="
    ),
    "lzma1": (
        "N3q8ryccAAQVsQi9cQAAAAAAAAAUAAAAAAAAAKdIKIwAKBoJ5wxUdEFeO4t+5COrQkrJMvACvrM+z///seAAAAEATAEEBgAB"
        "CSAABwsBAAEjAwEBBV0AAIAADBUACAoBeLNQ4wAABQEZAQARDQBhAC4AdAB4AHQAAAAUCgEAoILwC9F73QEVBgEAIICAgQAA"
        "ABcGIAEJUQAHCwEAASEhARgMTQAA"
    ),
    "bzip2": (
        "N3q8ryccAAQp5hO6kAAAAAAAAAAUAAAAAAAAAPAZqSpCWmg5MUFZJlNZFTStsgAACFsAABBAAn/wQAACQaAAIpo0GJ6Qwpkx"
        "MgyMYYQZ1tFu3AvX/6IkXckU4UJAVNK2yOAASABHXQAAgTMHrg/R/+M9QMCQzuXLdvY2xZHL1NkHhCPDPkyfjc3r1BEyRTGn"
        "AVaX9TykB1iUkja/mbvdNZeZENxfCJ+kTgULlAAAAAAXBkEBCU8ABwsBAAEhIQEYDEkAAA=="
    ),
    "deflate": (
        "N3q8ryccAATuU0uLZgAAAAAAAAAUAAAAAAAAAA2J+7ALyMjPS7VSMLA00DU0MjbRNTUzt+ACAOAASABHXQAAgTMHrg/Pbu6M"
        "B8hDbALXhTonGictulBvycQOyXeMMYgXv1gafmlBmNt1X9JZcIRSvdRs4N6JvfBTKGwVQF+M5n5IGAAAAAAXBhcBCU8ABwsB"
        "AAEhIQEYDEkAAA=="
    ),
    "copy": (
        "N3q8ryccAASV1oaYXgAAAAAAAAAUAAAAAAAAABjPz55QaG9uZTogMDkwLTEyMzQtNTY3OAoBAEQBBAYAAQkVAAcLAQABAQAM"
        "FQAICgF4s1DjAAAFARkBABENAGEALgB0AHgAdAAAABQKAQAwLv8L0XvdARUGAQAggICBAAAAFwYVAQlJAAcLAQABISEBGAxF"
        "AAA="
    ),
    "delta": (
        "N3q8ryccAAQLC0TnbgAAAAAAAAAUAAAAAAAAABWLjpgBABRQGAf/99XmEAn3/QQBAQH5CAEBAdIA4ABQAE1dAACBMweuD8+S"
        "bmAP1GpefeXT23WrmvcVYWtsu9buLN0gwImAGAUJILio2oX/G1Y+SrQ6n1AfD/n4UTJlgEGbl1rGLmF91JP326OtAAAAABcG"
        "GQEJVQAHCwEAASEhARgMUQAA"
    ),
    "ppmd": (
        "N3q8ryccAAQTJt4JbgAAAAAAAAAUAAAAAAAAAJ+N88sAUBpFQyGd4SQe4jCSo/mWqCvfgs/VKV4AAOAAUABMXQAAgTMHrg/P"
        "pC64D+vqngEO6MiCDZAmx/QdxyC7EHuEY8YGFwsTd9rloJQWEXFBp6vTI6J3Yf5pySQklxrGU+Ol66qnh8LNWtIvLoHDABcG"
        "GgEJVAAHCwEAASEhARgMUQAA"
    ),
    "aes": (
        "N3q8ryccAATTW9VEiQAAAAAAAAAUAAAAAAAAAKkyWLn5drLKV3HITg5OZ1F47eqKT2L9eaGtqm+peIjh2Z+sywEAZAEEBgAB"
        "CSAKAej+HZIABwsBAAIkBvEHARJTD+6AFm7j2K7T5FuCV+bhjnwhIQEYAQAMGRUACAoBeLNQ4wAABQERDQBhAC4AdAB4AHQA"
        "AAAUCgEAoKsuDNF73QEVBgEAIICAgQAAABcGIAEJaQAHCwEAASEhARgMZQAA"
    ),
    "names": (
        "N3q8ryccAARUFvxokAAAAAAAAAAoAAAAAAAAAD0nfs4dqvc89fZ8nXV1mzyBjtMU5e8mbmMSLto5Wuw0FmHI9zd01BNMdx9s"
        "ffYBvvyFbocHXUCwHJuEhceArZ85M/YA9a+NtN4JW3o3cgiOmnssbFM5E9eIBXSZZ00QIIF8RhDVX2oUvp1Uo/gVBI/GBFwF"
        "X+zaB+xw6iDyCAdmiTOapAUssg0xKJyPQv6WdiSZ1w0XBiABCXAABwsBAAEkBvEHARJTD1RWTZCU4ydMTN0GjQrsYsUMZQAA"
    ),
    "many": (
        "N3q8ryccAAQAK0fTjQAAAAAAAAAVAAAAAAAAAO7NxV7gAA8ADF0AcqxtzpD1l+iw8AAAAOAAlgBxXQAAgTMHrg/PObAMB7DD"
        "2irXWGSss3jOVN2iByejSpP+JXIyVqUKf8oiDe3oeRMHH6iQBv6yraXH7qxpRPrrJ17trjixL4XcO4HT/OfRDHlT/y7UjIHx"
        "VpTCuzVfqmzCyZfHOGDSyFnDmxZ9xZlzGgAAAAAXBhQBCXkABwsBAAEhIQEYDICXAAA="
    ),
}


def texts(found):
    return {piece.path: piece.text for piece in found.pieces if piece.path}


def problems(found):
    return {file.path: file.problem for file in found.files}


def aes_zip(files, password=PASSWORD, bits=256):
    packed = io.BytesIO()
    with pyzipper.AESZipFile(packed, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=bits)
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def old_zip(content, password=PASSWORD):
    """Return a zip in the encryption of PKZIP; written here, as no library writes it."""
    packed = zlib.compress(content)[2:-4]
    crc = zlib.crc32(content)
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte):
        keys[0] = zlib.crc32(bytes([byte]), keys[0] ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = zlib.crc32(bytes([keys[1] >> 24]), keys[2] ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    for byte in password.encode():
        update(byte)
    body = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + packed:
        mask = keys[2] | 2
        body.append(byte ^ (mask * (mask ^ 1) >> 8 & 255))
        update(byte)
    common = struct.pack("<5H3L2H", 20, 1, 8, 0, 0, crc, len(body), len(content), 5, 0)
    local = b"PK\x03\x04" + common + b"a.txt" + body
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<3H2L", 0, 0, 0, 0, 0) + b"a.txt"
    return local + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)


def tar(files, mode="w"):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_zip_is_read_in_every_usual_compression(method):
    found = inspect(mail(("a.zip", zipped({"dir/b.txt": TEXT}, method))))
    assert texts(found) == {("a.zip", "dir/b.txt"): TEXT.decode()}
    assert [file.archive for file in found.files] == [True, False]
    assert found.inspected


@pytest.mark.parametrize(
    ("raw", "flag"), [("名簿.txt".encode("cp932"), 0), ("名簿.txt".encode(), 0x800), ("名簿.txt".encode(), 0)]
)
def test_a_japanese_name_in_a_zip_is_read_in_each_of_its_charsets(raw, flag):
    packed = zipped({"x" * len(raw): TEXT}).replace(b"x" * len(raw), raw)
    central = packed.index(b"PK\x01\x02")
    packed = packed[: central + 8] + struct.pack("<H", flag) + packed[central + 10 :]
    assert list(texts(inspect(mail(("a.zip", packed))))) == [("a.zip", "名簿.txt")]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_read_packed_or_not(mode):
    long_name = "d/" * 80 + "名簿.txt"
    found = inspect(mail(("a.tgz", tar({long_name: TEXT}, mode))))
    assert texts(found) == {("a.tgz", long_name): TEXT.decode()}


@pytest.mark.parametrize(
    ("pack", "name"), [(gzip.compress, "a.txt.gz"), (bz2.compress, "a.txt.bz2"), (lzma.compress, "a.txt.xz")]
)
def test_a_file_packed_alone_is_read(pack, name):
    assert texts(inspect(mail((name, pack(TEXT) + pack(b"more"))))) == {
        (name, "a.txt"): TEXT.decode() + "more"
    }


@pytest.mark.parametrize("way", ["lzma2", "bcj", "lzma1", "bzip2", "deflate", "copy", "delta"])
def test_a_7z_is_read(way):
    found = inspect(mail(("a.7z", base64.b64decode(SEVEN_ZIPS[way]))))
    assert texts(found) == {("a.7z", "a.txt"): TEXT.decode()}


def test_a_7z_gives_names_and_empty_files():
    found = inspect(mail(("a.7z", base64.b64decode(SEVEN_ZIPS["many"]))))
    assert [file.path[-1] for file in found.files] == ["a.7z", "名簿/一.txt", "b.txt", "empty.txt"]
    assert texts(found)[("a.7z", "名簿/一.txt")] == "山田"


def test_a_7z_packed_in_a_way_that_is_not_read_says_so():
    found = inspect(mail(("a.7z", base64.b64decode(SEVEN_ZIPS["ppmd"]))))
    assert problems(found)[("a.7z", "a.txt")] == "unsupported"
    assert not found.inspected


def test_archives_within_archives_are_read():
    found = inspect(mail(("a.zip", zipped({"b.tgz": tar({"c.zip": zipped({"d.txt": TEXT})}, "w:gz")}))))
    assert texts(found) == {("a.zip", "b.tgz", "c.zip", "d.txt"): TEXT.decode()}
    assert [file.archive for file in found.files] == [True, True, True, False]


# With passwords


def office(password):
    # The writer's own fault: it puts documents of less than 4096 bytes where no reader looks for them.
    picture = {"xl/media/image1.png": random.Random(1).randbytes(9_000)}
    plain = io.BytesIO(xlsx(("S", "visible", cells(["090-1234-5678"])), extra=picture))
    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt(password, locked)
    return locked.getvalue()


def locked_pdf(password):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Phone 090-1234-5678"))))
    writer.encrypt(password, algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


LOCKED = {
    "AES zip": lambda: ("a.zip", aes_zip({"a.txt": TEXT})),
    "AES-128 zip": lambda: ("a.zip", aes_zip({"a.txt": TEXT}, bits=128)),
    "old zip": lambda: ("a.zip", old_zip(TEXT)),
    "7z": lambda: ("a.7z", base64.b64decode(SEVEN_ZIPS["aes"])),
    "7z with hidden names": lambda: ("a.7z", base64.b64decode(SEVEN_ZIPS["names"])),
    "xlsx": lambda: ("a.xlsx", office(PASSWORD)),
    "pdf": lambda: ("a.pdf", locked_pdf(PASSWORD)),
}


@pytest.mark.parametrize("kind", LOCKED)
def test_an_encrypted_file_is_opened_with_the_password_in_the_mail(kind):
    found = inspect(mail(LOCKED[kind](), text=f"{SAID}\n電話 03-0000-0000\nPassword: Wrong-1"))
    read = [piece.text + str(piece.rows) for piece in found.pieces if piece.path]
    assert any("090-1234-5678" in text for text in read)
    assert (found.files[0].encrypted, found.files[0].opened, found.inspected) == (True, True, True)
    assert found.opened_by == (PASSWORD,)


@pytest.mark.parametrize("kind", LOCKED)
def test_an_encrypted_file_without_its_password_is_said_to_be_unread(kind):
    found = inspect(mail(LOCKED[kind](), text="The password is Other-1"))
    assert not [piece for piece in found.pieces if piece.path]
    file = found.files[0]
    assert (file.encrypted, file.opened, file.inspected, file.problem) == (True, False, False, "encrypted")
    assert not found.opened_by
    assert not found.inspected


def test_a_password_may_be_given():
    assert inspect(mail(LOCKED["AES zip"]()), passwords=["no", PASSWORD]).inspected


def test_a_password_may_stand_in_an_attached_message():
    note = EmailMessage()
    note.set_content(SAID)
    message = EmailMessage()
    message.set_content("See below.")
    message.add_attachment(note)
    name, content = LOCKED["AES zip"]()
    message.add_attachment(content, maintype="application", subtype="zip", filename=name)
    assert inspect(message.as_bytes()).inspected


def test_a_password_may_stand_in_another_attached_file():
    found = inspect(mail(LOCKED["AES zip"](), ("読んでください.txt", SAID.encode("cp932"))))
    assert found.inspected
    assert texts(found)[("a.zip", "a.txt")] == TEXT.decode()


def test_an_excel_file_that_excel_opens_unasked_is_read():
    found = inspect(mail(("a.xlsx", office("VelvetSweatshop"))))
    assert found.inspected
    assert found.pieces[-1].rows == (("090-1234-5678",),)


def test_a_pdf_that_is_only_protected_is_read():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Phone 090-1234-5678"))))
    writer.encrypt("", owner_password="owner")
    protected = io.BytesIO()
    writer.write(protected)
    found = inspect(mail(("a.pdf", protected.getvalue())))
    assert "090-1234-5678" in found.pieces[-1].text
    assert not found.files[0].encrypted


# What harms


def test_a_bomb_is_not_unpacked():
    found = inspect(mail(("a.zip", zipped({"zero.txt": bytes(30 * 1024 * 1024)}))))
    assert problems(found)[("a.zip", "zero.txt")] == "too_large"
    assert not found.inspected


def test_all_files_together_are_bounded():
    files = {f"{number}.txt": b"a" * 900_000 for number in range(5)}
    found = inspect(mail(("a.zip", zipped(files))), limits=InspectionLimits(extracted_bytes=2_000_000))
    assert [file.problem for file in found.files[1:]] == ["", "", "too_large", "too_large", "too_large"]


def test_an_archive_that_holds_archives_without_end_is_left():
    packed = zipped({"secret.txt": TEXT})
    for _ in range(8):
        packed = zipped({"in.zip": packed})
    found = inspect(mail(("a.zip", packed)))
    assert len(found.files) == 7
    assert "too_deep" in found.problems


def test_messages_within_messages_are_bounded_too():
    message = mail(text="innermost")
    for _ in range(8):
        message = mail(("in.eml", message))
    assert "too_deep" in inspect(message).problems


def test_more_files_than_the_limit_are_left():
    packed = zipped({f"{number}.txt": b"x" for number in range(30)})
    assert (
        inspect(mail(("a.zip", packed)), limits=InspectionLimits(members=20)).files[0].problem
        == "too_many_members"
    )


def test_no_time_means_nothing_read_and_said_so():
    found = inspect(mail(("a.zip", zipped({"a.txt": TEXT}))), limits=InspectionLimits(seconds=-1))
    assert found.files[0].problem == "too_slow"
    assert not found.inspected


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def test_xml_that_declares_entities_is_refused():
    content = zipped(
        {"[Content_Types].xml": "", "word/document.xml": f"{ENTITIES}<x><p><r><t>&b;</t></r></p></x>"}
    )
    found = inspect(mail(("a.docx", content)))
    assert found.files[0].problem == "unsafe_xml"
    assert not [piece for piece in found.pieces if piece.path]


def test_a_file_changed_after_it_was_packed_is_damaged():
    packed = zipped({"a.txt": TEXT}, zipfile.ZIP_STORED).replace(b"090", b"091", 1)
    assert problems(inspect(mail(("a.zip", packed))))[("a.zip", "a.txt")] == "damaged"


def test_words_before_the_damage_are_still_found():
    content = docx(paragraph("090-1234-5678") + "<broken")
    found = inspect(mail(("a.docx", content)))
    assert found.pieces[-1].text == "090-1234-5678"
    assert found.files[0].problem == "damaged"
