"""Messages that were made to hurt whoever reads them: bombs, loops, depths, masses. Small to send, large to open."""

import bz2
import functools
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from base64 import encodebytes

from made_files import A, W, cells, docx, mail, numbered, odf, ole, xlsx, zipped

HEAD = b"From: Mallory <mallory@example.test>\r\nTo: x@client.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
MEGABYTE = 1 << 20


def attached(name, content):
    """Return a message with one file, quickly also where it is large."""
    return b"".join(
        (
            HEAD,
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\n",
            b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n",
            b"Content-Disposition: attachment; filename=" + name.encode() + b"\r\n\r\n",
            encodebytes(content).replace(b"\n", b"\r\n"),
            b"--b--\r\n",
        )
    )


def body(text, kind=b"text/plain"):
    return HEAD + b"Content-Type: " + kind + b"; charset=utf-8\r\n\r\n" + text + b"\r\n"


# --- packed zeros and boxes within boxes ------------------------------------------------------------------------


@functools.cache
def deflated_zeros(megabytes):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join((*(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)), packer.flush()))


def zip_of(entries, *, method=8, flags=0):
    """Return a zip of (name, packed bytes, unpacked size), believing what it is told."""
    raw, directory = b"", b""
    for name, packed, size in entries:
        common = struct.pack("<HHHHHLLLHH", 20, flags, method, 0, 0, 0, len(packed), size, len(name), 0)
        directory += (
            b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHLL", 0, 0, 0, 0, len(raw)) + name
        )
        raw += b"PK\3\4" + common + name + packed
    end = struct.pack("<HHHHLLH", 0, 0, len(entries), len(entries), len(directory), len(raw), 0)
    return raw + directory + b"PK\5\6" + end


def zip_bomb(megabytes=300):
    return zip_of([(b"zeros.txt", deflated_zeros(megabytes), megabytes * MEGABYTE)])


def zip_of_overlapping_files(count=20_000):
    """Every entry of the directory names the same packed bytes."""
    packed = deflated_zeros(50)
    one = zip_of([(b"a.txt", packed, 50 * MEGABYTE)])
    local = one[: one.index(b"PK\1\2")]
    directory = one[one.index(b"PK\1\2") : one.index(b"PK\5\6")] * count
    most = min(count, 0xFFFF)
    return (
        local
        + directory
        + b"PK\5\6"
        + struct.pack("<HHHHLLH", 0, 0, most, most, len(directory), len(local), 0)
    )


def nested_zips(levels=6, width=16):
    inner = zipped({"a.txt": bytes(10 * MEGABYTE)})
    for _ in range(levels):
        inner = zipped({f"{n}.zip": inner for n in range(width)})
    return inner


def zips_without_end(levels=500):
    inner = b"end"
    for _ in range(levels):
        inner = zipped({"next.zip": inner})
    return inner


def many_small_files(count=60_000):
    return zip_of([(b"%d.txt" % n, b"\3\0", 0) for n in range(count)])


def gzip_bomb():
    return gzip.compress(bytes(150 * MEGABYTE))


def gzip_of_gzip(levels=30):
    inner = bytes(MEGABYTE)
    for _ in range(levels):
        inner = gzip.compress(inner)
    return inner


def xz_with_huge_dictionary():
    """LZMA1 that asks for a dictionary of nearly 4 GB."""
    packed = bytearray(lzma.compress(b"x" * 1000, lzma.FORMAT_ALONE))
    packed[1:5] = b"\xff\xff\xff\xff"
    return bytes(packed)


def seven_zip(megabytes=150, dictionary=0):
    """Return a 7z of one file of zeros in LZMA2; `dictionary` 0: of a fitting size, else the code of one of 4 GB."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
    packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=filters)
    packed = b"".join((*(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)), packer.flush()))
    return _seven_zip_of(packed, megabytes * MEGABYTE, dictionary or 22)


def _number(value):
    return b"\xff" + struct.pack("<Q", value)


def _seven_zip_of(packed, size, dictionary):
    folder = b"\x01\x21\x21\x01" + bytes([dictionary])
    header = b"\x01\x04"
    header += b"\x06" + _number(0) + b"\x01\x09" + _number(len(packed)) + b"\x00"
    header += b"\x07\x0b\x01\x00" + folder + b"\x0c" + _number(size) + b"\x00\x00"
    name = "zeros.txt\0".encode("utf-16-le")
    header += b"\x05\x01\x11" + _number(len(name) + 1) + b"\x00" + name + b"\x00\x00"
    start = struct.pack("<QQL", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + packed + header


def tar_of_many(count=50_000):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for number in range(count):
            archive.addfile(tarfile.TarInfo(f"{number}.txt"))
    return made.getvalue()


def tar_that_claims_much():
    info = tarfile.TarInfo("a.txt")
    info.size = 1 << 40
    return info.tobuf(tarfile.GNU_FORMAT) + b"x" * 1024


# --- Office -----------------------------------------------------------------------------------------------------


def docx_of_laughs():
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{lines}]><w:document {W}><w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": xml})


def docx_of_deep_tables(levels=20_000):
    return docx("<w:tbl><w:tr><w:tc>" * levels + "x" + "</w:tc></w:tr></w:tbl>" * levels)


def docx_of_attributes(count=300_000):
    attributes = " ".join(f'a{n}="{n}"' for n in range(count))
    return docx(f"<w:p {attributes}><w:r><w:t>x</w:t></w:r></w:p>")


def docx_of_much_text():
    return docx("<w:p><w:r><w:t>" + "あ" * 20_000_000 + "</w:t></w:r></w:p>")


def xlsx_of_a_million_columns():
    row = "".join(f'<c r="A{n}"><v>1</v></c>' for n in range(1_000_000))
    return xlsx(("S", "visible", f"<sheetData><row>{row}</row></sheetData>"))


def xlsx_of_far_cells():
    row = "".join(f'<row r="{n * 1000 + 1}"><c r="XFD{n * 1000 + 1}"><v>1</v></c></row>' for n in range(1000))
    return xlsx(("S", "visible", f"<sheetData>{row}</sheetData>"))


def xlsx_of_shared_strings():
    """One long string, named by each of many cells."""
    row = "".join('<c t="s"><v>0</v></c>' for _ in range(50_000))
    return xlsx(
        ("S", "visible", f"<sheetData><row>{row}</row></sheetData>"), strings=[f"<t>{'あ' * 30_000}</t>"]
    )


def xlsx_of_many_sheets(count=5_000):
    return xlsx(*((f"S{n}", "visible", cells(["x"])) for n in range(count)))


def xlsx_of_formats():
    """A number format that is hard to read."""
    styles = f'<numFmts><numFmt numFmtId="200" formatCode="{"[$-411]0.0;" * 50_000}"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs>'
    row = "".join('<c s="0"><v>1.5</v></c>' for _ in range(20_000))
    return xlsx(("S", "visible", f"<sheetData><row>{row}</row></sheetData>"), styles=styles)


def pptx_of_many_slides(count=8_000):
    slides = {
        f"ppt/slides/slide{n}.xml": f"<p:sld {A}><a:p><a:r><a:t>x</a:t></a:r></a:p></p:sld>"
        for n in range(count)
    }
    return zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"} | slides)


def odt_of_repeated_blanks():
    return odf(
        "text",
        '<office:body><office:text><text:p>a<text:s text:c="2000000000"/>b</text:p></office:text></office:body>',
    )


def ods_of_repeated_cells():
    cell = '<table:table-cell table:number-columns-repeated="1000000"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    return odf(
        "spreadsheet",
        f"<office:body><office:spreadsheet><table:table>{row}</table:table></office:spreadsheet></office:body>",
    )


def ole_in_a_circle():
    """A compound file whose table of sectors leads back to where it came from."""
    raw = bytearray(ole({"WordDocument": bytes(40_000), "1Table": bytes(40_000)}))
    for place in range(512, 1024, 4):
        if struct.unpack_from("<L", raw, place)[0] < 0xFFFFFFF0:
            struct.pack_into("<L", raw, place, 5)
    return bytes(raw)


def rtf_of_braces(count=2_000_000):
    return rb"{\rtf1 " + b"{" * count + b"x" + b"}" * count + b"}"


def rtf_of_bytes():
    return rb"{\rtf1 {\pict\bin2147483647 x}" + rb"\'82\'a0" * 1_000_000 + b"}"


# --- PDF --------------------------------------------------------------------------------------------------------


def pdf_of(*objects):
    return numbered([b"<</Type/Catalog/Pages 2 0 R>>", *objects])


def pdf_pages_in_a_circle():
    return pdf_of(
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 1>>"
    )


def pdf_table_in_a_circle():
    raw = pdf_of(b"<</Type/Pages/Kids[]/Count 0>>")
    place = raw.rindex(b"xref\n0")
    return raw.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d>>" % place)


def _page(contents, resources=b""):
    font = b"/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<<%s%s>>/Contents %s>>" % (
        font,
        resources,
        contents,
    )


def _stream(raw, extra=b""):
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(raw), extra, raw)


def pdf_form_in_a_circle():
    form = _stream(
        b"/F Do " * 100, b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</F 4 0 R>>>>"
    )
    return pdf_of(
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _page(b"5 0 R", b"/XObject<</F 4 0 R>>"),
        form,
        _stream(b"/F Do " * 100),
    )


def pdf_of_much_drawing():
    drawn = zlib.compress(b"BT /F1 9 Tf (x) Tj ET\n" * 1_000_000)
    return pdf_of(
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _page(b"4 0 R"), _stream(drawn, b"/Filter/FlateDecode")
    )


def pdf_packed_many_times():
    raw = bytes(20 * MEGABYTE)
    for _ in range(5):
        raw = zlib.compress(raw, 9)
    return pdf_of(
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _page(b"4 0 R"),
        _stream(raw, b"/Filter[" + b"/FlateDecode" * 5 + b"]"),
    )


def pdf_of_zeros():
    return pdf_of(
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _page(b"4 0 R"),
        _stream(zlib.compress(bytes(100 * MEGABYTE), 9), b"/Filter/FlateDecode"),
    )


def pdf_of_deep_arrays():
    return pdf_of(b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _page(b"[" * 500_000 + b"]" * 500_000))


def pdf_of_many_objects(count=200_000):
    return pdf_of(
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * count, count), _page(b"4 0 R"), _stream(b"BT ET")
    )


# --- MIME -------------------------------------------------------------------------------------------------------


def parts_within_parts(levels=1_000):
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels)
    )
    return HEAD + head + b"\r\nx\r\n" + b"".join(b"--b%d--\r\n" % n for n in reversed(range(levels)))


def messages_within_messages(levels=1_000):
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"Subject: x\r\n\r\nx\r\n"


def many_parts(count=100_000):
    part = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * count + b"--b--\r\n"


def false_boundaries(count=400_000):
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b-\r\n--bx\r\n" * count


def one_boundary_for_all(levels=300):
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * levels
    return HEAD + head + b"--b--\r\n" * levels


def huge_header():
    return HEAD + b"X-Long: " + b"x" * (20 * MEGABYTE) + b"\r\n\r\nx\r\n"


def many_headers(count=1_000_000):
    return HEAD + b"X-A: 1\r\n" * count + b"\r\nx\r\n"


def many_recipients(count=300_000):
    return b"To: " + b"a@b.test,\r\n " * count + b"x@y.test\r\n" + HEAD + b"\r\nx\r\n"


def broken_addresses():
    return b"To: " + b'"(<\\' * 500_000 + b"\r\nCc: " + b"(" * 2_000_000 + b"\r\n" + HEAD + b"\r\nx\r\n"


def encoded_words(count=300_000):
    return b"Subject: " + b"=?utf-8?q?=e3=81?=\r\n " * count + b"x\r\n" + HEAD + b"\r\nx\r\n"


def parameters(count=300_000):
    named = b"".join(b";\r\n name*%d*=%%41" % n for n in range(count))
    return HEAD + b"Content-Type: application/pdf" + named + b"\r\n\r\nx\r\n"


def long_line():
    return body(b"x" * (40 * MEGABYTE))


def soft_line_ends():
    return (
        HEAD
        + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + b"=\r\n" * 5_000_000
    )


def escapes_of_iso_2022_jp():
    return HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B\x1b(B" * 2_000_000


def utf_7():
    return HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+" * 5_000_000


# --- texts that are hard for patterns ---------------------------------------------------------------------------


def html_of_depth():
    return body(b"<div>" * 500_000 + b"x" + b"</div>" * 500_000, b"text/html")


def html_of_tables():
    return body(b"<table><tr><td>" * 100_000 + b"x", b"text/html")


def html_unended():
    return body((b"<!--" + b"<![CDATA[" + b"<a href='" + b"&#" + b"<") * 300_000, b"text/html")


def html_wide_cells():
    return body(
        b"<table>" + b'<tr><td colspan="100000000" rowspan="100000000">x</td></tr>' * 10_000 + b"</table>",
        b"text/html",
    )


PATTERNS = {
    "letters": b"a" * 3_000_000 + b"!",
    "digits": b"1" * 3_000_000,
    "digits and hyphens": b"1-" * 1_500_000,
    "phones that are none": b"03-1234-567 " * 300_000,
    "cards that are none": b"4111 1111 1111 1112 " * 150_000,
    "at signs": b"@" * 3_000_000,
    "addresses": b"a@b.co " * 400_000,
    "dots": b"a." * 1_500_000,
    "words for passwords": "パスワード".encode() * 200_000,
    "passwords": "パスワード: aB3$xY9z\n".encode() * 100_000,
    "places": "東京都千代田区丸の内1-1-1".encode() * 80_000,
    "names": "山田太郎 佐藤花子 ".encode() * 120_000,
    "brackets": b"([{<" * 700_000,
    "quotes": b"> " * 1_500_000,
    "blanks": b" \t" * 1_500_000,
    "line ends": b"\r\n" * 1_500_000,
    "wide signs": "㍿ﷺ".encode() * 400_000,
    "keys": b"-----BEGIN PRIVATE KEY-----" * 100_000,
    "equals": b"password=" * 300_000,
    "commas": b"," * 3_000_000,
    "tabs and numbers": b"1\t" * 1_500_000,
}


def csv_of_columns():
    return b"a," * 3_000_000 + b"\n" + b"1," * 3_000_000


def csv_of_quotes():
    return b'"' * 5_000_001


def json_of_depth():
    return b"[" * 5_000_000


def many_passwords():
    """An encrypted file and a thousand words that may be its password."""
    words = "".join(f"パスワード: word{n}\r\n" for n in range(1_000))
    locked = bytearray(zip_of([(b"a.txt", bytes(100_000), 100_000)], flags=1))
    return mail(("a.zip", bytes(locked)), text=words)


def _files():
    yield "zip bomb, 300 MB", "a.zip", zip_bomb
    yield "zip, 20,000 entries of the same 50 MB", "a.zip", zip_of_overlapping_files
    yield "zips in zips, 16 each, 6 levels", "a.zip", nested_zips
    yield "zips in zips, 500 levels", "a.zip", zips_without_end
    yield "zip of 60,000 files", "a.zip", many_small_files
    yield "zip, Deflate64", "a.zip", lambda: zip_of([(b"a.txt", deflated_zeros(1), MEGABYTE)], method=9)
    yield (
        "zip, LZMA with a dictionary of 4 GB",
        "a.zip",
        lambda: zip_of(
            [(b"a.txt", b"\x09\x14\x05\x00\x5d\xff\xff\xff\xff" + bytes(1000), 1 << 31)], method=14
        ),
    )
    yield "zip, unknown method", "a.zip", lambda: zip_of([(b"a.txt", b"x" * 100, 100)], method=97)
    yield "gzip bomb, 150 MB", "a.gz", gzip_bomb
    yield "gzip in gzip, 30 levels", "a.gz", gzip_of_gzip
    yield "bzip2 bomb, 150 MB", "a.bz2", lambda: bz2.compress(bytes(150 * MEGABYTE))
    yield "xz bomb, 150 MB", "a.xz", lambda: lzma.compress(bytes(150 * MEGABYTE), preset=0)
    yield "LZMA with a dictionary of 4 GB", "a.lzma", xz_with_huge_dictionary
    yield "7z bomb, 150 MB", "a.7z", seven_zip
    yield "7z with a dictionary of 4 GB", "a.7z", lambda: seven_zip(1, 40)
    yield "tgz of 50,000 files", "a.tgz", tar_of_many
    yield "tar that claims 1 TB", "a.tar", tar_that_claims_much
    yield "docx, a billion laughs", "a.docx", docx_of_laughs
    yield "docx, 20,000 tables in tables", "a.docx", docx_of_deep_tables
    yield "docx, 300,000 attributes", "a.docx", docx_of_attributes
    yield "docx, 20 million letters", "a.docx", docx_of_much_text
    yield "xlsx, a million columns", "a.xlsx", xlsx_of_a_million_columns
    yield "xlsx, cells far apart", "a.xlsx", xlsx_of_far_cells
    yield "xlsx, a long string in 50,000 cells", "a.xlsx", xlsx_of_shared_strings
    yield "xlsx, 5,000 sheets", "a.xlsx", xlsx_of_many_sheets
    yield "xlsx, a format of 500 KB", "a.xlsx", xlsx_of_formats
    yield "pptx, 8,000 slides", "a.pptx", pptx_of_many_slides
    yield "odt, two billion blanks", "a.odt", odt_of_repeated_blanks
    yield "ods, 10^12 cells", "a.ods", ods_of_repeated_cells
    yield "doc, sectors in a circle", "a.doc", ole_in_a_circle
    yield "rtf, 2 million braces", "a.rtf", rtf_of_braces
    yield "rtf, a picture of 2 GB that is not there", "a.rtf", rtf_of_bytes
    yield "pdf, pages in a circle", "a.pdf", pdf_pages_in_a_circle
    yield "pdf, tables in a circle", "a.pdf", pdf_table_in_a_circle
    yield "pdf, forms in a circle", "a.pdf", pdf_form_in_a_circle
    yield "pdf, 5 million drawing steps", "a.pdf", pdf_of_much_drawing
    yield "pdf, packed five times", "a.pdf", pdf_packed_many_times
    yield "pdf, 100 MB of zeros", "a.pdf", pdf_of_zeros
    yield "pdf, 500,000 arrays in arrays", "a.pdf", pdf_of_deep_arrays
    yield "pdf, one page 200,000 times", "a.pdf", pdf_of_many_objects
    yield "csv, 3 million columns", "a.csv", csv_of_columns
    yield "csv, 5 million quotes", "a.csv", csv_of_quotes
    yield "json, 5 million levels", "a.json", json_of_depth


_MESSAGES = {
    "multiparts, 1,000 levels": parts_within_parts,
    "messages in messages, 1,000 levels": messages_within_messages,
    "100,000 parts": many_parts,
    "800,000 lines like boundaries": false_boundaries,
    "one boundary on 300 levels": one_boundary_for_all,
    "a header field of 20 MB": huge_header,
    "a million header fields": many_headers,
    "300,000 mailboxes in To": many_recipients,
    "brackets and quotes in To": broken_addresses,
    "300,000 encoded words": encoded_words,
    "300,000 parameters": parameters,
    "a line of 40 MB": long_line,
    "5 million soft line ends": soft_line_ends,
    "2 million escapes of ISO-2022-JP": escapes_of_iso_2022_jp,
    "UTF-7 of plus signs": utf_7,
    "HTML, 500,000 levels": html_of_depth,
    "HTML, 100,000 tables in tables": html_of_tables,
    "HTML, nothing ended": html_unended,
    "HTML, cells over 10^16 fields": html_wide_cells,
    "an encrypted zip and 1,000 passwords": many_passwords,
}


def hostile_mails():
    """Return functions that make each message, by names that say what it is."""
    made = {name: functools.partial(_attached, file, make) for name, file, make in _files()}
    made |= _MESSAGES
    made |= {f"text: {name}": functools.partial(body, text) for name, text in PATTERNS.items()}
    return made


def _attached(file, make):
    return attached(file, make())
