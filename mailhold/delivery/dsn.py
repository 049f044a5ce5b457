"""Delivery status notifications (RFC 3461, RFC 3462, RFC 3464): pure, from values to bytes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from mailhold.delivery.parts import (
    Part,
    binary_part,
    fits_in_message,
    header,
    mailbox,
    message_part,
    multipart,
    text_part,
)
from mailhold.delivery.reply import printable

# A longer original comes back as its headers alone.
MAX_RETURNED_BYTES = 1024 * 1024
# So long a Diagnostic-Code tells all that it can.
_MAX_DIAGNOSTIC = 600

_SUBJECT = {
    "ja": "【届きませんでした】メールを配送できませんでした",
    "en": "[Not delivered] Your message could not be delivered",
}
_HUMAN = {
    "ja": (
        "次の宛先にメールを届けられませんでした。配送をこれ以上は試みません。\n\n{recipients}\n\n"
        "受付: {reporting_mta}\n時刻: {now}\n元のメール(またはそのヘッダー)を添付しました。\n"
    ),
    "en": (
        "Your message could not be delivered to the following recipients. It will not be tried again.\n\n"
        "{recipients}\n\nReported by: {reporting_mta}\nAt: {now}\n"
        "The original message, or its headers, is attached.\n"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecipient:
    """One recipient and the last outcome; `orcpt` is the sender's ORCPT parameter, such as "rfc822;ken@example.com"."""

    address: str
    reply_code: int = 0
    enhanced_status: str = ""
    reply_text: str = ""
    next_hop: str = ""
    orcpt: str = ""


def wants_failure_report(reverse_path: str, dsn_notify: str) -> bool:
    """Whether the sender is to be told of a failure: not without a sender, and as NOTIFY asks (RFC 3461 4.1)."""
    if reverse_path in {"", "<>"}:
        return False
    return not dsn_notify or "FAILURE" in {word.strip() for word in dsn_notify.upper().split(",")}


def failure_report(
    *,
    reporting_mta: str,
    reverse_path: str,
    original: bytes,
    failures: Sequence[FailedRecipient],
    now: datetime,
    message_id: str,
    language: str,
    envid: str = "",
    ret: str = "",
    sender: str = "",
) -> bytes:
    """Return the report that tells `reverse_path` that its message did not reach `failures`.

    It is 7-bit where the addresses are ASCII, in both languages with `language` ("ja" or "en") first, and returns the
    original whole or, with `ret` "HDRS" or above 1 MiB, its headers. `message_id` comes with its angle brackets. Send it with the
    null reverse path (RFC 3464 2). `sender` stands in From; MAILER-DAEMON at `reporting_mta` where it is empty. Raises
    UnfitAddress.
    """
    first = "ja" if language == "ja" else "en"
    parts = [
        text_part(_human(first, reporting_mta, failures, now)),
        _status_part(reporting_mta, failures, envid),
        _returned(original, ret),
    ]
    report = multipart("report", parts, message_id, "report-type=delivery-status;\r\n ")
    headers = (
        mailbox("From", "Mail Delivery System", sender or f"MAILER-DAEMON@{reporting_mta}"),
        mailbox("To", "", reverse_path),
        header("Subject", _SUBJECT[first]),
        f"Date: {format_datetime(now)}",
        f"Message-ID: {printable(message_id)}",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        f"Content-Language: {first}, {'en' if first == 'ja' else 'ja'}",
        "MIME-Version: 1.0",
        *report.headers,
    )
    return Part(headers, report.body).octets()


def _human(first: str, reporting_mta: str, failures: Sequence[FailedRecipient], now: datetime) -> str:
    recipients = "\n".join(f"<{printable(one.address)}>\n    {_reason(one)}" for one in failures)
    second = "en" if first == "ja" else "ja"
    texts = (
        _HUMAN[language].format(
            recipients=recipients,
            reporting_mta=printable(reporting_mta),
            now=now.strftime("%Y-%m-%d %H:%M %Z").strip(),
        )
        for language in (first, second)
    )
    return f"\n{'-' * 40}\n\n".join(texts)


def _reason(failure: FailedRecipient) -> str:
    words = (str(failure.reply_code or ""), failure.enhanced_status, printable(failure.reply_text))
    return " ".join(filter(None, words))


def _status_part(reporting_mta: str, failures: Sequence[FailedRecipient], envid: str) -> Part:
    message = [f"Reporting-MTA: dns; {_ascii(reporting_mta)}"]
    if envid:
        message.insert(0, f"Original-Envelope-Id: {_ascii(_from_xtext(envid))}")
    groups = [message, *map(_recipient_fields, failures)]
    body = "\r\n".join("".join(f"{line}\r\n" for line in group) for group in groups)
    return Part(
        ("Content-Type: message/delivery-status", "Content-Transfer-Encoding: 7bit"), body.encode("ascii")
    )


def _recipient_fields(failure: FailedRecipient) -> list[str]:
    fields = []
    address_type, _, original = failure.orcpt.partition(";")
    if original:
        fields.append(f"Original-Recipient: {_ascii(address_type)}; {_ascii(_from_xtext(original))}")
    fields += [f"Final-Recipient: {_typed(failure.address)}", "Action: failed", f"Status: {_status(failure)}"]
    if failure.reply_code and failure.next_hop:
        fields.append(f"Remote-MTA: dns; {_ascii(failure.next_hop.rsplit(':', 1)[0])}")
    kind = "smtp" if failure.reply_code else "x-mailhold"
    if _reason(failure):
        fields.append(_folded("Diagnostic-Code", f"{kind}; {_ascii(_reason(failure))[:_MAX_DIAGNOSTIC]}"))
    return fields


def _typed(address: str) -> str:
    if address.isascii():
        return f"rfc822; {printable(address)}"
    # The form of an internationalised address for 7-bit fields (RFC 6533 3).
    escaped = "".join(char if char.isascii() else f"\\x{{{ord(char):X}}}" for char in printable(address))
    return f"utf-8; {escaped}"


def _status(failure: FailedRecipient) -> str:
    if re.fullmatch(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", failure.enhanced_status):
        return failure.enhanced_status
    # Without any reply it is the time to deliver that ran out (RFC 3463, X.4.7).
    return f"{failure.reply_code // 100}.0.0" if failure.reply_code // 100 in {4, 5} else "4.4.7"


def _returned(original: bytes, ret: str) -> Part:
    if ret.upper() != "HDRS" and len(original) <= MAX_RETURNED_BYTES:
        return message_part(original, "original.eml", seven_bit=True)
    head = original.partition(b"\r\n\r\n")[0].removesuffix(b"\r\n")[:MAX_RETURNED_BYTES] + b"\r\n"
    if head.isascii() and fits_in_message(head):
        return Part(("Content-Type: text/rfc822-headers", "Content-Transfer-Encoding: 7bit"), head)
    return binary_part(head, "text/rfc822-headers")


def _from_xtext(value: str) -> str:
    """Return what xtext `value` stands for (RFC 3461 4)."""
    return printable(re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), value))


def _ascii(text: str) -> str:
    return printable(text).encode("ascii", "backslashreplace").decode("ascii")


def _folded(name: str, value: str) -> str:
    """Return a field on lines of about 76 characters (RFC 5322 2.2.3)."""
    lines, line = [], f"{name}:"
    for word in value.split():
        if len(line) + 1 + len(word) > 76 and line.strip():
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line])
