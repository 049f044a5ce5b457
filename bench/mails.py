"""Mails as people write them: Japanese text, with an attachment where they are big."""

import base64
import secrets
from email.header import Header

SENDER = "alice@example.test"
RECIPIENT = "tanaka@partner.example.net"
_LINE = "いつもお世話になっております。先日ご相談した件につきまして、資料をお送りします。\r\n"
_SUBJECT = "御見積書の送付について(再送)"


def small() -> bytes:
    """A text of 4 KiB."""
    return _head("text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit") + _text(3700)


def big() -> bytes:
    """100 KiB: text, the same as HTML, and a PDF."""
    text = _text(6000)
    html = b"<html><body><p>" + text.replace(b"\r\n", b"<br>\r\n") + b"</p></body></html>\r\n"
    pdf = base64.encodebytes(b"%PDF-1.4\n" + secrets.token_bytes(62_000)).replace(b"\n", b"\r\n")
    return b"".join(
        (
            _head('multipart/mixed; boundary="outer"'),
            b'--outer\r\nContent-Type: multipart/alternative; boundary="inner"\r\n\r\n',
            b"--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
            text,
            b"--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
            html,
            b"--inner--\r\n--outer\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n",
            b"Content-Disposition: attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8.pdf\r\n\r\n",
            pdf,
            b"--outer--\r\n",
        )
    )


def _head(content_type: str) -> bytes:
    return (
        f"From: =?UTF-8?B?44Ki44Oq44K5?= <{SENDER}>\r\nTo: {RECIPIENT}\r\n"
        f"Subject: {Header(_SUBJECT, 'utf-8').encode(linesep=chr(13) + chr(10))}\r\n"
        "Date: Tue, 24 Nov 2026 09:00:00 +0900\r\nMessage-ID: <1@example.test>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n"
    ).encode("ascii")


def _text(size: int) -> bytes:
    line = _LINE.encode()
    return line * (size // len(line))
