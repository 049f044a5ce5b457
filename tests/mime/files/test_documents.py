"""Words within Office files, PDF, RTF and OpenDocument, the hidden ones marked as such."""

import io

import pytest
from made_files import W, cells, docx, mail, numbered, odf, paragraph, pdf, pptx, slide, xlsx, zipped
from pypdf import PdfReader, PdfWriter

from mailhold.mime.inspection import InspectionLimits, inspect


def read(name, content, **options):
    """Return what was found in an attached file: its pieces by their inner path, and the file itself."""
    found = inspect(mail((name, content)), **options)
    return {piece.path[1:]: piece for piece in found.pieces if piece.path}, found.files[0]


# Word


def test_paragraphs_and_tables_of_a_word_file_are_read():
    row = "<w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    table = f"<w:tbl>{row.format(paragraph('氏名'), paragraph('電話'))}{row.format(paragraph('山田'), paragraph('090-1111-2222'))}</w:tbl>"
    pieces, file = read("a.docx", docx(paragraph("社外秘") + table + paragraph("以上")))
    assert pieces[()].text == "社外秘\n以上"
    assert pieces[("table 1",)].rows == (("氏名", "電話"), ("山田", "090-1111-2222"))
    assert file.inspected
    assert file.detected_type.endswith("wordprocessingml.document")


def test_a_word_cut_into_runs_is_whole():
    body = "<w:p><w:r><w:t>090-12</w:t></w:r><w:r><w:t>34-5678</w:t><w:tab/><w:t>x</w:t></w:r></w:p>"
    assert read("a.docx", docx(body))[0][()].text == "090-1234-5678\tx"


@pytest.mark.parametrize(
    ("part", "label", "hidden"),
    [
        ("header1", "header or footer", False),
        ("footer2", "header or footer", False),
        ("footnotes", "notes", False),
        ("comments", "comments", True),
    ],
)
def test_other_stories_of_a_word_file_are_read(part, label, hidden):
    pieces, _ = read("a.docx", docx(paragraph("x"), **{part: f"<w:x {W}>{paragraph('secret')}</w:x>"}))
    assert (pieces[(label,)].text, pieces[(label,)].hidden) == ("secret", hidden)


def test_a_text_box_is_read_once():
    box = "<w:txbxContent>{}</w:txbxContent>"
    body = (
        f'<w:p><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice>{box.format(paragraph("boxed"))}</mc:Choice>'
        f"<mc:Fallback>{box.format(paragraph('boxed'))}</mc:Fallback></mc:AlternateContent><w:t>around</w:t></w:r></w:p>"
    )
    assert read("a.docx", docx(body))[0][()].text == "boxed\naround"


@pytest.mark.parametrize(
    "unseen",
    [
        "<w:del><w:r><w:delText>secret</w:delText></w:r></w:del>",
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>",
    ],
)
def test_recorded_deletions_and_hidden_words_are_read_as_hidden(unseen):
    pieces, _ = read("a.docx", docx(f"<w:p><w:r><w:t>seen</w:t></w:r>{unseen}</w:p>"))
    assert pieces[()].text == "seen"
    assert (pieces[("hidden",)].text, pieces[("hidden",)].hidden) == ("secret", True)


def test_a_file_embedded_in_a_word_file_is_read():
    inner = xlsx(("S", "visible", cells(["090-1111-2222"])))
    content = zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}/>",
            "word/embeddings/book.xlsx": inner,
        }
    )
    pieces, _ = read("a.docx", content)
    assert pieces[("word/embeddings/book.xlsx", "S")].rows == (("090-1111-2222",),)


def test_macros_are_noticed():
    content = zipped(
        {"[Content_Types].xml": "", "word/document.xml": f"<w:document {W}/>", "word/vbaProject.bin": b"x"}
    )
    assert read("a.docm", content)[1].macros


# Excel


def test_every_sheet_of_a_workbook_is_read_and_hidden_ones_are_marked():
    sheets = [
        (state, state, cells([state, "090-1111-2222"])) for state in ("visible", "hidden", "veryHidden")
    ]
    pieces, _ = read("a.xlsx", xlsx(*sheets))
    assert {path[0]: piece.hidden for path, piece in pieces.items()} == {
        "visible": False,
        "hidden": True,
        "veryHidden": True,
    }
    assert pieces[("veryHidden",)].rows == (("veryHidden", "090-1111-2222"),)


def test_shared_strings_are_read_without_their_readings():
    strings = ["<r><t>山</t></r><r><t>田</t></r><rPh><t>ヤマダ</t></rPh>", "<t>b</t>"]
    data = '<sheetData><row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row></sheetData>'
    assert read("a.xlsx", xlsx(("S", "visible", data), strings=strings))[0][("S",)].rows == (("b", "山田"),)


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("9012345678", "0##-####-####", "090-1234-5678"),
        ("1234567", "000\\-0000", "123-4567"),
        ("123456789012", "General", "123456789012"),
        ("4.111111111111E+15", "0", "4111111111111000"),
        ("45620", "yyyy/m/d", "2024-11-24"),
        ("45620.5", "yyyy/m/d\\ h:mm", "2024-11-24 12:00"),
        ("1234567", "#,##0", "1234567"),
        ("12.50", "0.00", "12.5"),
        ("33000", '[$-411]ggge"年"m"月"d"日"', "1990-05-07"),
        ("7", "00000", "00007"),
        ("nan", "yyyy", "nan"),
    ],
)
def test_a_number_is_read_as_it_is_shown(value, code, shown):
    styles = (
        f'<numFmts><numFmt numFmtId="200" formatCode="{code.replace(chr(34), "&quot;")}"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>'
    )
    data = f'<sheetData><row><c s="1"><v>{value}</v></c></row></sheetData>'
    assert read("a.xlsx", xlsx(("S", "visible", data), styles=styles))[0][("S",)].rows == ((shown,),)


def test_a_date_of_the_built_in_format_is_a_date():
    data = '<sheetData><row><c s="0"><v>45620</v></c></row></sheetData>'
    content = xlsx(("S", "visible", data), styles='<cellXfs><xf numFmtId="14"/></cellXfs>')
    assert read("a.xlsx", content)[0][("S",)].rows == (("2024-11-24",),)


def test_cells_left_out_keep_their_columns():
    data = '<sheetData><row><c r="A1" t="str"><v>a</v></c><c r="C1" t="str"><v>c</v></c></row></sheetData>'
    assert read("a.xlsx", xlsx(("S", "visible", data)))[0][("S",)].rows == (("a", "", "c"),)


def test_hidden_rows_and_columns_stand_apart():
    row = '<row{}><c t="str"><v>{}</v></c><c t="str"><v>{}</v></c></row>'
    data = (
        '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
        + row.format("", "name", "phone")
        + row.format("", "A", "1")
        + row.format(' hidden="1"', "B", "2")
        + "</sheetData>"
    )
    found = inspect(mail(("a.xlsx", xlsx(("S", "visible", data)))))
    seen, unseen = found.pieces[2:]
    assert (seen.rows, seen.hidden) == ((("name",), ("A",)), False)
    assert (unseen.rows, unseen.hidden) == ((("name", "phone"), ("", "1"), ("B", "2")), True)


def test_comments_and_pivot_caches_are_read_as_hidden():
    extra = {
        "xl/comments1.xml": "<comments><comment><text><r><t>call 090-1111-2222</t></r></text></comment></comments>",
        "xl/pivotCache/pivotCacheDefinition1.xml": '<x><sharedItems><s v="山田太郎"/></sharedItems></x>',
    }
    pieces, _ = read("a.xlsx", xlsx(("S", "visible", ""), extra=extra))
    assert (pieces[("comments",)].text, pieces[("comments",)].hidden) == ("call 090-1111-2222", True)
    assert (pieces[("pivot cache",)].text, pieces[("pivot cache",)].hidden) == ("山田太郎", True)


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(**targets):
    links = "".join(f'<Relationship Id="{k}" Type="{OFFICE}/{k}" Target="{v}"/>' for k, v in targets.items())
    return f"<Relationships>{links}</Relationships>"


def test_a_document_is_read_where_the_package_says_it_is():
    content = zipped(
        {
            "[Content_Types].xml": "",
            "_rels/.rels": relations(officeDocument="/other/real.xml"),
            "word/document.xml": f"<w:document {W}>{paragraph('decoy')}</w:document>",
            "other/real.xml": f"<w:document {W}>{paragraph('090-1111-2222')}</w:document>",
        }
    )
    found = inspect(mail(("a.docx", content)))
    assert [piece.text for piece in found.pieces[2:]] == ["090-1111-2222", "decoy"]


def test_shared_strings_are_read_where_the_workbook_says_they_are():
    book = '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="worksheet"/></sheets></workbook>'
    content = zipped(
        {
            "[Content_Types].xml": "",
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": relations(worksheet="s.xml", sharedStrings="words.xml"),
            "xl/words.xml": "<sst><si><t>090-1111-2222</t></si></sst>",
            "xl/s.xml": '<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>',
        }
    )
    assert read("a.xlsx", content)[0][("S",)].rows == (("090-1111-2222",),)


# PowerPoint


def test_slides_their_tables_and_notes_are_read():
    table = "<a:tbl><a:tr><a:tc><a:p><a:r><a:t>A</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>B</a:t></a:r></a:p></a:tc></a:tr></a:tbl>"
    content = pptx(
        slides__slide1=slide("Title", inner=table),
        slides__slide2=slide("unseen", attributes='show="0"'),
        notesSlides__notesSlide1=slide("speaker secret"),
    )
    pieces, _ = read("a.pptx", content)
    assert pieces[("slide 1",)].text == "Title"
    assert pieces[("slide 1", "table 1")].rows == (("A", "B"),)
    assert pieces[("slide 2",)].hidden
    assert (pieces[("notes 1",)].text, pieces[("notes 1",)].hidden) == ("speaker secret", True)


def test_slides_come_in_the_order_of_their_numbers():
    content = pptx(**{f"slides__slide{n}": slide(f"text {n}") for n in (10, 2, 1)})
    pieces, _ = read("a.pptx", content)
    assert [piece.text for piece in pieces.values()] == ["text 1", "text 2", "text 10"]


# OpenDocument


def test_an_opendocument_text_is_read():
    body = (
        "<text:p>社外秘<text:tab/>x</text:p><office:annotation><text:p>note</text:p></office:annotation>"
        "<table:table table:name='T'><table:table-row><table:table-cell><text:p>A</text:p></table:table-cell>"
        "<table:table-cell><text:p>B</text:p></table:table-cell></table:table-row></table:table>"
    )
    pieces, _ = read("a.odt", odf("text", body))
    assert pieces[()].text == "社外秘\tx"
    assert pieces[("T",)].rows == (("A", "B"),)
    assert (pieces[("hidden",)].text, pieces[("hidden",)].hidden) == ("note", True)


def test_an_opendocument_sheet_is_read_with_its_hidden_parts():
    row = "<table:table-row{}><table:table-cell table:number-columns-repeated='2'/><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
    body = (
        "<style:style style:name='ta2'><style:table-properties table:display='false'/></style:style>"
        "<table:table table:name='One' table:style-name='ta1'>"
        + row.format("", "a")
        + row.format(" table:visibility='collapse'", "b")
        + "</table:table>"
        + f"<table:table table:name='Two' table:style-name='ta2'>{row.format('', 'c')}</table:table>"
    )
    found = inspect(mail(("a.ods", odf("spreadsheet", body))))
    assert [(piece.path[-1], piece.rows, piece.hidden) for piece in found.pieces[2:]] == [
        ("One", (("", "", "a"),), False),
        ("One", (("", "", "b"),), True),
        ("Two", (("", "", "c"),), True),
    ]


def test_an_opendocument_file_with_a_password_is_encrypted():
    content = odf("text", "x", **{"META-INF__manifest": "<m><encryption-data/></m>"})
    _, file = read("a.odt", content)
    assert (file.encrypted, file.inspected, file.problem) == (True, False, "encrypted")


# PDF


def test_the_pages_of_a_pdf_are_read():
    pieces, file = read("a.pdf", pdf("first 090-1111-2222", "second"))
    assert pieces[("page 1",)].text.strip() == "first 090-1111-2222"
    assert pieces[("page 2",)].text.strip() == "second"
    assert file.inspected


def test_notes_and_fields_of_a_pdf_are_read_as_hidden():
    annotations = b"/Annots[<</Subtype/Text/Contents(secret note)>><</Subtype/Widget/V(field value)>>]"
    pieces, _ = read("a.pdf", pdf("x", annotations=annotations))
    assert pieces[("page 1 notes",)].text == "secret note\nfield value"
    assert pieces[("page 1 notes",)].hidden


def test_a_file_attached_to_a_pdf_is_read():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("x"))))
    writer.add_attachment("in.txt", b"090-1111-2222")
    content = io.BytesIO()
    writer.write(content)
    pieces, _ = read("a.pdf", content.getvalue())
    assert pieces[("in.txt",)].text == "090-1111-2222"


def test_pages_beyond_the_limit_are_said_to_be_unread():
    pieces, file = read("a.pdf", pdf(*"abcd"), limits=InspectionLimits(pdf_pages=2))
    assert len(pieces) == 2
    assert file.problem == "too_large"


def test_pages_that_hold_themselves_end():
    content = pdf("a").replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]")
    assert read("a.pdf", content)[1].problem == "damaged"


def japanese_pdf(encoding, raw):
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/G/Encoding/%s/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/G"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>]>>" % encoding
    )
    page = pdf("x")
    stream = b"BT /F1 12 Tf 72 700 Td <%s> Tj ET" % raw.hex().encode()
    return numbered(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
            font,
            page[page.index(b"4 0 obj\n") + 8 : page.index(b"\nendobj\n5 0 obj")],
            b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        ]
    )


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        (b"90ms-RKSJ-H", "cp932"),
        (b"90msp-RKSJ-H", "cp932"),
        (b"UniJIS-UTF16-H", "utf-16-be"),
        (b"UniJIS-UCS2-H", "utf-16-be"),
    ],
)
def test_japanese_in_a_pdf_is_read_where_its_codes_are_known(encoding, codec):
    pieces, _ = read("a.pdf", japanese_pdf(encoding, "山田太郎".encode(codec)))
    assert pieces[("page 1",)].text.strip() == "山田太郎"


def test_a_pdf_whose_codes_mean_nothing_known_is_said_to_be_unread():
    pieces, file = read("a.pdf", japanese_pdf(b"Identity-H", b"\0\x10\0\x11"))
    assert pieces == {}
    assert file.problem == "unsupported"


def test_a_page_of_endless_drawing_is_left():
    drawing = pdf("x) Tj " + "0 0 m\n" * 120_000 + "(y")
    assert read("a.pdf", drawing, limits=InspectionLimits(seconds=60))[1].problem == "too_large"


# RTF


def rtf_text(raw):
    pieces, _ = read("a.rtf", raw)
    return pieces[()].text


def test_rtf_in_code_page_932_is_read():
    escaped = "".join(f"\\'{byte:02x}" for byte in "髙橋".encode("cp932")).encode()
    assert rtf_text(
        rb"{\rtf1\ansi\ansicpg932 {\fonttbl{\f0 Arial;}}\f0 " + escaped + rb" 090-1111-2222\par}"
    ) == ("髙橋 090-1111-2222")


def test_rtf_whose_font_names_the_charset_is_read():
    escaped = "".join(f"\\'{byte:02x}" for byte in "山田".encode("cp932")).encode()
    raw = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset128 Gothic;}}{\f1 "
        + escaped
        + rb"}{\f0 caf\'e9}}"
    )
    assert rtf_text(raw) == "山田café"


def test_rtf_in_unicode_is_read():
    assert rtf_text(
        rb"{\rtf1\uc1 \u23665?\u30000?{\uc2\u-10179??\u-8704??}\~x\par}"
    ) == "山田😀\u00a0x".replace("\u00a0", " ")


def test_rtf_passes_over_binary_and_pictures():
    assert rtf_text(rb"{\rtf1 a{\pict\bin4 }}{{}b{\*\unknown c}\par}") == "ab"


def test_the_cells_of_an_rtf_table_are_columns():
    pieces, _ = read(
        "a.rtf",
        rb"{\rtf1 before\par\trowd\intbl A\cell B\cell\row\trowd\intbl C\cell D\cell\row\pard after\par}",
    )
    assert pieces[()].text == "before\nafter"
    assert pieces[("table 1",)].rows == (("A", "B"), ("C", "D"))


def test_hidden_rtf_text_is_read_as_hidden():
    pieces, _ = read("a.rtf", rb"{\rtf1 seen {\v secret}\par}")
    assert (pieces[("hidden",)].text, pieces[("hidden",)].hidden) == ("secret", True)


def test_an_object_within_rtf_is_said_to_be_unread():
    assert read("a.rtf", rb"{\rtf1 x{\object{\*\objdata 0105}}\par}")[1].problem == "unsupported"


# Others


@pytest.mark.parametrize("name", ["a.xml", "a.json", "a.svg"])
def test_structured_text_is_read_as_it_stands(name):
    assert "090-1111-2222" in read(name, b'<?xml version="1.0"?><a>"090-1111-2222"</a>')[0][()].text


def test_an_attached_message_is_read_with_its_attachments():
    inner = mail(("in.csv", b"a,090-1111-2222\n"), subject="Inner", text="inner text")
    pieces, file = read("fwd.eml", inner)
    assert pieces[("subject",)].text == "Inner"
    assert pieces[("body",)].text.strip() == "inner text"
    assert pieces[("in.csv",)].rows == (("a", "090-1111-2222"),)
    assert file.detected_type == "message/rfc822"
