"""Files of every format, made here, and messages that carry them."""

import io
import struct
import zipfile
from email.message import EmailMessage

CONTENT_TYPES = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
}
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="p"'
ODF_NAMES = 'xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:style="s"'


def mail(*attached, text="See the attachment.", subject="Files", **types):
    """Return a message with (name, content) pairs attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "alice@example.test",
        "carol@partner.example",
        subject,
    )
    message.set_content(text)
    for name, content in attached:
        maintype, _, subtype = types.get("content_type", "application/octet-stream").partition("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def zipped(files, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def paragraph(text, properties=""):
    return f"<w:p><w:r>{properties}<w:t>{text}</w:t></w:r></w:p>"


def docx(body, **parts):
    files = CONTENT_TYPES | {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    return zipped(files | {f"word/{name}.xml": content for name, content in parts.items()})


def xlsx(*sheets, strings=(), styles="", extra=None, book=""):
    """Return a workbook of (name, state, sheet XML)."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, (name, state, _) in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1)
    )
    shared = "".join(f"<si>{text}</si>" for text in strings)
    files = CONTENT_TYPES | {
        "xl/workbook.xml": f'<workbook xmlns:r="r">{book}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
        "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
        "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>",
    }
    files |= {
        f"xl/worksheets/sheet{n}.xml": f"<worksheet>{xml}</worksheet>"
        for n, (_, _, xml) in enumerate(sheets, 1)
    }
    return zipped(files | (extra or {}))


def cells(*rows):
    """Return sheet data of inline strings."""
    lines = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    return f"<sheetData>{lines}</sheetData>"


def slide(*texts, inner="", attributes=""):
    shapes = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in texts)
    return f"<p:sld {A} {attributes}>{shapes}{inner}</p:sld>"


def pptx(**parts):
    files = CONTENT_TYPES | {"ppt/presentation.xml": "<p/>"}
    return zipped(files | {f"ppt/{name.replace('__', '/')}.xml": content for name, content in parts.items()})


def odf(kind, body, **parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml", f"<office:document-content {ODF_NAMES}>{body}</office:document-content>"
        )
        for name, content in parts.items():
            archive.writestr(f"{name.replace('__', '/')}.xml", content)
    return packed.getvalue()


def pdf(*pages, extra=b"", annotations=b""):
    """Return a document with one line of Latin text a page, written by hand."""
    count = len(pages)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % extra,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        stream = b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % text.encode("latin_1")
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R%s>>"
            % (5 + 2 * number, annotations)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    return numbered(objects)


def numbered(objects):
    """Return the objects as a PDF file, with their table."""
    raw = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        raw + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(raw))
    )


def ole(streams):
    """Return a compound file (MS-CFB) of streams. Each is filled up to 4096 bytes, as smaller ones are kept otherwise."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    bodies = [streams[name] + bytes(max(0, 4096 - len(streams[name]))) for name in names]
    lengths = [(len(body) + 511) // 512 for body in bodies]
    folders = (len(names) + 4) // 4
    fats = (sum(lengths) + folders) // 126 + 1
    table, start = [0xFFFFFFFD] * fats + [*range(fats + 1, fats + folders), 0xFFFFFFFE], fats + folders
    entries = [_ole_entry("Root Entry", 5, 1, 0xFFFFFFFF, 0xFFFFFFFE, 0)]
    for number, (name, body, length) in enumerate(zip(names, bodies, lengths, strict=True), 1):
        following = number + 1 if number < len(names) else 0xFFFFFFFF
        entries.append(_ole_entry(name, 2, 0xFFFFFFFF, following, start, len(body)))
        table += [*range(start + 1, start + length), 0xFFFFFFFE]
        start += length
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<5H6x3L4x5L", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, fats, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    header += struct.pack("<109L", *range(fats), *[0xFFFFFFFF] * (109 - fats))
    table += [0xFFFFFFFF] * (fats * 128 - len(table))
    raw = header + struct.pack(f"<{len(table)}L", *table) + b"".join(entries).ljust(folders * 512, b"\0")
    return raw + b"".join(
        body.ljust(length * 512, b"\0") for body, length in zip(bodies, lengths, strict=True)
    )


def _ole_entry(name, kind, child, following, start, size):
    left_right_child = (0xFFFFFFFF, following, child)
    raw = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack(
        "<HBB3L", 2 * len(name) + 2, kind, 1, *left_right_child
    )
    return raw + bytes(36) + struct.pack("<LQ", start, size)


def doc(text, flags=0x0200, narrow=""):
    """Return a Word 97 document of two pieces: `text` wide, `narrow` in one byte a character."""
    head = bytearray(0x200)
    struct.pack_into("<H", head, 0x0A, flags)
    places = struct.pack("<3L", 0, len(text), len(text) + len(narrow))
    wide = text.encode("utf-16-le")
    pieces = struct.pack("<HLHHLH", 0, 0x200, 0, 0, 2 * (0x200 + len(wide)) | 1 << 30, 0)
    clx = b"\x01\x02\x00xx\x02" + struct.pack("<L", len(places + pieces)) + places + pieces
    struct.pack_into("<LL", head, 0x1A2, 0, len(clx))
    return ole({"WordDocument": bytes(head) + wide + narrow.encode("cp1252"), "1Table": clx})


def ppt(slide_text, notes_text, user=bytes(20)):
    def record(version, kind, body):
        return struct.pack("<HHL", version, kind, len(body)) + body

    seen = record(0xF, 0x3EE, record(0, 0xFA0, slide_text.encode("utf-16-le")))
    notes = record(0xF, 0x3F0, record(0xF, 0x40C, record(0, 0xFA8, notes_text.encode("latin_1"))))
    return ole({"PowerPoint Document": seen + notes, "Current User": user})
