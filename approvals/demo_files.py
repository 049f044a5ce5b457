"""What is attached to the demo's mail. Nobody has these names, and no telephone in Japan or America these numbers."""

CUSTOMER_NAMES = (
    "山本 彩",
    "中村 豪",
    "小林 健太",
    "加藤 美咲",
    "吉田 翔",
    "山口 陽子",
    "松本 直樹",
    "井上 由美",
    "木村 大輔",
    "林 恵",
    "清水 誠",
    "斎藤 久美子",
)
_PEOPLE = (
    "Jane Miller",
    "Robert Wilson",
    "Mary Taylor",
    "David Moore",
    "Susan Clark",
    "Paul Harris",
    "Linda Walker",
    "Mark Robinson",
    "Karen Young",
    "Peter Hall",
    "Nancy Wright",
    "George Green",
)

# Behind 03 no number begins with 0; 555-0100 to 555-0199 are kept for stories.
CUSTOMERS = "氏名,電話,メール\r\n" + "".join(
    f"{name},03-0000-01{n:02},customer{n}@customer-tokyo.example\r\n"
    for n, name in enumerate(CUSTOMER_NAMES, start=1)
)
ATTENDEES = "Name,Phone,E-mail\r\n" + "".join(
    f"{name},202-555-01{n:02},attendee{n}@client.example\r\n" for n, name in enumerate(_PEOPLE, start=1)
)
PRICES = "品名,原価,定価\r\n部品A,1200,2000\r\n部品B,800,1500\r\n"
MINUTES = "議事録\r\n\r\n1. 納期は来月の第2週とする。\r\n2. 見積もりは来週お送りする。\r\n"

_TEXTS = {"customers": CUSTOMERS, "attendees": ATTENDEES, "prices": PRICES, "minutes": MINUTES}


_FONT = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def content(name: str, holds: str) -> bytes:
    """Return the bytes of the file `name`, which `holds` one of the texts above, or nothing that matters in a PDF."""
    if name.endswith(".pdf"):
        return pdf(holds or "Demonstration")
    return _TEXTS[holds].encode("utf-8-sig")


def pdf(line: str) -> bytes:
    """Return a PDF of one page with one line in ASCII: whole, since what cannot be inspected waits for a person."""
    drawn = b"BT /F1 24 Tf 72 720 Td (" + line.encode("ascii") + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources %s >>" % _FONT,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return bytes(out) + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(out))
    )
