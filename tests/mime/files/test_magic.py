"""What a file is, whatever its name says."""

import zipfile

import pytest
from made_files import docx, mail, odf, ole, paragraph, pdf, pptx, xlsx, zipped

from mailhold.mime.files.magic import detect
from mailhold.mime.inspection import inspect

PE = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def stream(name):
    return OLE + name.encode("utf-16-le") + bytes(40)


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PE, "photo.png", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "a.pdf", "application/x-elf"),
        (b"\xcf\xfa\xed\xfe" + bytes(60), "a", "application/x-mach-binary"),
        (b"#!/bin/sh\nrm -rf /\n", "a.txt", "text/x-script"),
        (b"@echo off\r\ndel *\r\n", "a.bat", "text/x-script"),
        (pdf("x"), "a.doc", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a.exe", "image/png"),
        (zipped({"a": "b"}), "a.docx", "application/zip"),
        (
            docx(paragraph("x")),
            "a.zip",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (xlsx(), "a", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (pptx(), "a", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (odf("text", ""), "a", "application/vnd.oasis.opendocument.text"),
        (
            ole({"Workbook": "WordDocument".encode("utf-16-le") + bytes(4)}),
            "a.xls",
            "application/vnd.ms-excel",
        ),
        (ole({"WORKBOOK": b"x"}), "a.xls", "application/vnd.ms-excel"),
        (stream("WordDocument"), "a.doc", "application/msword"),
        (stream("Workbook"), "a.xls", "application/vnd.ms-excel"),
        (stream("PowerPoint Document"), "a.ppt", "application/vnd.ms-powerpoint"),
        (stream("__properties_version1.0"), "a.msg", "application/vnd.ms-outlook"),
        (stream("EncryptedPackage"), "a.xlsx", "application/x-encrypted-office"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "a", "application/x-7z-compressed"),
        (b"Rar!\x1a\x07\x00" + bytes(40), "a", "application/vnd.rar"),
        (b"\x1f\x8b\x08" + bytes(40), "a", "application/gzip"),
        (b"{\\rtf1 x}", "a.doc", "application/rtf"),
        (b"<!DOCTYPE html><p>x", "a.txt", "text/html"),
        (b"<?xml version='1.0'?><a/>", "a", "text/xml"),
        (b"From: a@example.com\r\nSubject: x\r\n\r\nbody", "a.eml", "message/rfc822"),
        (b"Content-Type: text/plain\nMIME-Version: 1.0\nSubject: x\n\nbody", "a.eml", "message/rfc822"),
        (b"Dear all: this is no message\n", "a.txt", "text/plain"),
        (b"x\n", "a.eml", "text/plain"),
        ("山田,1\n".encode("utf-16-le"), "a.csv", "text/csv"),
        ("普通の文章です。".encode("cp932"), "a.txt", "text/plain"),
        (b"MZ is how this sentence begins.\n", "a.txt", "text/plain"),
        (b"From: here to there\n", "notes", "text/plain"),
        (bytes(range(256)), "a", "application/octet-stream"),
    ],
)
def test_a_file_is_known_by_its_content(content, name, media_type):
    assert detect(content, name).media_type == media_type


def test_a_program_is_noticed_under_every_name():
    file = inspect(mail(("photo.png", PE))).files[0]
    assert (file.executable, file.inspected, file.problem) == (True, False, "unsupported")


def test_a_program_within_an_archive_is_noticed():
    files = inspect(mail(("a.zip", zipped({"dir/photo.png": PE})))).files
    assert [(file.archive, file.executable) for file in files] == [(True, False), (False, True)]


def test_macros_of_the_old_formats_are_noticed():
    content = stream("WordDocument") + "_VBA_PROJECT".encode("utf-16-le") + bytes(40)
    file = inspect(mail(("a.doc", content))).files[0]
    assert (file.macros, file.inspected) == (True, False)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(20), b"\xff\xd8\xff\xe0" + bytes(20), b""])
def test_what_has_no_words_does_not_stay_unread(content):
    assert inspect(mail(("photo.jpg", content))).inspected


def test_an_archive_behind_a_picture_is_found():
    found = inspect(mail(("photo.bin", bytes(300) + zipped({"a.txt": b"090-1111-2222"}))))
    assert found.pieces[-1].text == "090-1111-2222"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("名簿.docx", docx(paragraph("090-1111-2222"))),
        ("名簿.odt", odf("text", "<text:p>090-1111-2222</text:p>")),
        ("inner.zip", zipped({"名簿.docx": docx(paragraph("090-1111-2222"))}, zipfile.ZIP_STORED)),
        (
            "program.jar",
            zipped({"META-INF/MANIFEST.MF": "090-1111-2222", "A.class": "x"}, zipfile.ZIP_STORED),
        ),
    ],
)
def test_an_archive_that_packs_files_as_they_are_is_not_taken_for_one_of_them(name, content):
    found = inspect(mail(("送付.zip", zipped({name: content}, zipfile.ZIP_STORED))))
    assert [file.path[-1] for file in found.files][:2] == ["送付.zip", name]
    assert (found.files[0].detected_type, found.files[0].inspected) == ("application/zip", True)
    assert "090-1111-2222" in [piece.text for piece in found.pieces]


def test_office_files_in_a_folder_of_an_archive_make_no_office_file_of_it():
    """As when somebody packs the folder into which a document was unpacked."""
    packed = zipped({"資料/[Content_Types].xml": "<x/>", "資料/word/document.xml": "<x>090-1111-2222</x>"})
    assert detect(packed, "a.zip").media_type == "application/zip"


def test_a_message_saved_as_a_file_is_read_whatever_its_first_field_is():
    saved = b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\nSubject: x\n\nMDkwLTExMTEtMjIyMg==\n"
    found = inspect(mail(("転送.eml", saved)))
    assert "090-1111-2222" in [piece.text.strip() for piece in found.pieces]
