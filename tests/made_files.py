"""Files of every format, made here, and messages that carry them."""

import io
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
