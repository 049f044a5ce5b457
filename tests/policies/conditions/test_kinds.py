"""Each kind of condition: when it matches, when it does not, and which parameters it refuses."""

import re
from datetime import UTC, date, datetime, time

import pytest

from mailhold.mime.pieces import InspectedFile, Piece
from policies.conditions.registry import CONDITION_KINDS, condition_kind
from policies.detectors.find import Finding
from policies.exceptions import UnknownKindError
from policies.facts import ContactsFact, MalwareFact, SenderDetails, SenderFact
from policies.parts import Part
from policies.reference import EntryList, OfficeHours, Reference, UnknownNameError
from policies.spec import Condition
from policies.verdict import Text

KABU = "㈱山田"


def files(*descriptions):
    made = []
    for path, detected, *more in descriptions:
        properties = {"declared_type": "application/octet-stream", "detected_type": detected, "size": 10}
        made.append(InspectedFile(path=tuple(path.split("/")), **properties | (more[0] if more else {})))
    return tuple(made)


def attached(name, text="", rows=()):
    return Piece(where=f"attachment:{name}", path=(name,), text=text, rows=rows)


def found(kind, *values, where="body"):
    return tuple(Finding(type=kind, value=value, where=where, piece=0, start=0, end=1) for value in values)


ALICE = SenderDetails(
    addresses=frozenset({"alice@example.test", "a.archer@example.test"}),
    manager=frozenset({"bob@example.test"}),
    approver=True,
    departments=frozenset({"営業部", "東日本"}),
    all_departments=frozenset({"営業部", "東日本", "総務部"}),
)
NEW = SenderFact(address="alice@example.test", person_id=1, joined_on=date(2026, 11, 1))
LISTS = Reference(
    lists={
        "取引先": EntryList.of("取引先", ("partner.example", ".group.example", "Taro@Solo.example")),
    },
    calendars={
        "大阪": OfficeHours(
            name="大阪",
            time_zone="Asia/Tokyo",
            hours=((time(10), time(20)),) * 6 + (None,),
            holidays=False,
            closed=frozenset({date(2026, 11, 25)}),
        ),
        "本社": OfficeHours(
            name="本社", time_zone="UTC", hours=((time(9), time(17)),) * 5 + (None,) * 2, default=True
        ),
    },
)


def at(text):
    """A moment in Tokyo."""
    return datetime.fromisoformat(f"{text}:00+09:00").astimezone(UTC)


def to(*addresses, **more):
    return {"to": addresses, **more}


def sender(details=ALICE, **more):
    return {"parts": {"sender_details": details}, **more}


EXE = "application/vnd.microsoft.portable-executable"
ZIP = "application/zip"
PAIRS = ("山田製作所, ヤマダ = yamada.example", "Acme Works = acme.example, acme.test")
FREQUENT = frozenset({"yamada-trading.co.jp", "toyoda.example", "acme.com"})


def alike(domain, known=frozenset()):
    return {
        "to": (f"x@{domain}",),
        "parts": {"frequent_domains": FREQUENT, "contacts": ContactsFact(company_domains=frozenset(known))},
    }


def inspected(*described, **more):
    return {"parts": {"files": files(*described), **more}}


def text_of(name, text="", rows=()):
    return {"parts": {"pieces": (attached(name, text, rows),)}}


def data(*findings):
    return {"parts": {"findings": tuple(each for group in findings for each in group)}}


PHONES = found("PHONE", *(f"03-1234-000{n}" for n in range(5)))
SENDER = [
    ("sender_is", {"values": ("A.Archer@Example.test",)}, sender(), True),
    ("sender_is", {"values": ("bob@example.test",)}, sender(), False),
    ("sender_department", {"values": ("総務部", "東日本")}, sender(), True),
    ("sender_department", {"values": ("総務部",)}, sender(), False),
    (
        "sender_role",
        {"choice": "administrator"},
        {"sender": SenderFact(address="a@b.c", administrator=True)},
        True,
    ),
    ("sender_role", {"choice": "administrator"}, sender(), False),
    ("sender_role", {"choice": "approver"}, sender(), True),
    ("sender_role", {"choice": "approver"}, sender(SenderDetails()), False),
    ("sender_role", {"choice": "unknown"}, {"sender": SenderFact(address="printer@example.test")}, True),
    ("sender_role", {"choice": "unknown"}, {}, False),
    ("sender_joined", {"number": 24}, {"sender": NEW}, True),
    ("sender_joined", {"number": 23}, {"sender": NEW}, False),
    ("sender_joined", {"number": 9999}, {}, False),
    ("sender_connection", {"choice": "trusted_network"}, {}, True),
    ("sender_connection", {"choice": "signed_in"}, {}, False),
    (
        "sender_connection",
        {"choice": "signed_in"},
        {"sender": SenderFact(address="a@b.c", signed_in=True)},
        True,
    ),
    ("reply_to_differs", {}, sender(reply_to=frozenset({"alice@private.example"})), True),
    ("reply_to_differs", {}, sender(reply_to=frozenset({"a.archer@example.test"})), False),
    ("reply_to_differs", {}, {}, False),
]
RECIPIENTS = [
    (
        "recipients_by_field",
        {"choice": "visible_external", "number": 1},
        to("a@x.example", "bob@example.test"),
        True,
    ),
    (
        "first_mail",
        {"choice": "person_domain"},
        {"parts": {"contacts": ContactsFact(company_domains=frozenset({"customer.example"}))}},
        True,
    ),
    ("recipient_list", {"values": ("取引先",)}, to("a@partner.example", reference=LISTS), True),
    ("recipient_list", {"values": ("取引先",)}, to("a@sub.group.example", reference=LISTS), True),
    ("recipient_list", {"values": ("取引先",)}, to("taro@solo.example", reference=LISTS), True),
    ("recipient_list", {"values": ("取引先",)}, to("jiro@solo.example", reference=LISTS), False),
    ("recipient_list", {"values": ("取引先",)}, to("a@sub.partner.example", reference=LISTS), False),
    ("mail_service", {"choice": "free_mail"}, to("a@Gmail.com"), True),
    ("mail_service", {"choice": "free_mail"}, to("a@aa1.so-net.ne.jp"), True),
    ("mail_service", {"choice": "free_mail"}, to("a@docomo.ne.jp"), False),
    ("mail_service", {"choice": "carrier_mail"}, to("a@docomo.ne.jp"), True),
    ("mail_service", {"choice": "carrier_mail"}, to("a@ezweb.ne.jp"), True),
    ("mail_service", {"choice": "disposable"}, to("a@mailinator.com"), True),
    ("mail_service", {"choice": "disposable"}, to("a@notmailinator.com"), False),
    ("mail_service", {"choice": "any"}, to("a@i.softbank.jp"), True),
    ("mail_service", {"choice": "any"}, to("a@customer.example"), False),
    ("mail_service", {"choice": "any"}, to("a@gmail.com", internal_domain="gmail.com"), False),
    ("own_private_address", {}, sender(to=("a.archer+home@gmail.com",)), True),
    (
        "own_private_address",
        {},
        sender(to=("archer.alice99@yahoo.co.jp",), sender=SenderFact(address="x@y.z", name="Alice Archer")),
        True,
    ),
    (
        "own_private_address",
        {},
        sender(SenderDetails(addresses=frozenset({"q@gmail.com"})), to=("q@gmail.com",)),
        True,
    ),
    ("own_private_address", {}, sender(to=("a.archer@customer.example",)), False),
    ("own_private_address", {}, sender(to=("bob@gmail.com",)), False),
    ("recipients_by_field", {"choice": "visible", "number": 2}, to("a@x.example", "b@x.example"), True),
    ("recipients_by_field", {"choice": "visible", "number": 3}, to("a@x.example", "b@x.example"), False),
    (
        "recipients_by_field",
        {"choice": "visible", "number": 2},
        to("a@x.example", visible={"a@x.example": "to", "elsewhere@x.example": "cc"}),
        True,
    ),
    (
        "recipients_by_field",
        {"choice": "visible_external", "number": 2},
        to("a@x.example", "bob@example.test"),
        False,
    ),
    (
        "recipients_by_field",
        {"choice": "cc", "number": 1},
        to("a@x.example", visible={"a@x.example": "to"}),
        False,
    ),
    (
        "recipients_by_field",
        {"choice": "bcc", "number": 1},
        to("a@x.example", "b@x.example", visible={"a@x.example": "to"}),
        True,
    ),
    ("recipients_by_field", {"choice": "bcc", "number": 1}, to("a@x.example"), False),
    ("company_count", {"number": 2}, to("a@tokyo.x.co.jp", "b@y.co.jp"), True),
    ("company_count", {"number": 2}, to("a@tokyo.x.co.jp", "b@osaka.x.co.jp", "bob@example.test"), False),
    ("company_count", {"number": 2}, to("a@gmail.com", "b@gmail.com"), True),
    ("first_mail", {"choice": "company_domain"}, {}, True),
    (
        "first_mail",
        {"choice": "company_domain"},
        {"parts": {"contacts": ContactsFact(company_domains=frozenset({"customer.example"}))}},
        False,
    ),
    (
        "first_mail",
        {"choice": "company_address"},
        {"parts": {"contacts": ContactsFact(company_domains=frozenset({"customer.example"}))}},
        True,
    ),
    (
        "first_mail",
        {"choice": "company_address"},
        {"parts": {"contacts": ContactsFact(company_addresses=frozenset({"hanako@customer.example"}))}},
        False,
    ),
    (
        "first_mail",
        {"choice": "person_address"},
        {"parts": {"contacts": ContactsFact(company_addresses=frozenset({"hanako@customer.example"}))}},
        True,
    ),
    (
        "first_mail",
        {"choice": "person_address"},
        {"parts": {"contacts": ContactsFact(person_addresses=frozenset({"hanako@customer.example"}))}},
        False,
    ),
    (
        "first_mail",
        {"choice": "person_domain"},
        {"parts": {"contacts": ContactsFact(person_domains=frozenset({"customer.example"}))}},
        False,
    ),
    ("look_alike", {}, alike("acme.co"), True),
    ("look_alike", {}, alike("acme.co", known={"acme.co"}), False),
    ("look_alike", {}, alike("mail.acme.com"), False),
    ("look_alike", {}, alike("customer.example"), False),
    ("look_alike", {}, alike("examp1e.test"), True),
    (
        "added_recipient",
        {},
        to("eve@x.example", parts={"answered": frozenset({"a@x.example"})}),
        True,
    ),
    ("added_recipient", {}, to("A@X.example", parts={"answered": frozenset({"a@x.example"})}), False),
    ("added_recipient", {}, to("eve@x.example"), False),
    ("recipient_missing", {"values": ("bob@example.test", "b@x.example")}, to("b@x.example"), True),
    ("recipient_missing", {"values": ("Bob@example.test",)}, to("b@x.example", "bob@example.test"), False),
    (
        "recipient_missing",
        {"values": ("bob@example.test",)},
        to("b@x.example", visible={"bob@example.test": "cc"}),
        False,
    ),
    ("manager_missing", {}, sender(to=("b@x.example",)), True),
    ("manager_missing", {}, sender(to=("b@x.example", "bob@example.test")), False),
    ("manager_missing", {}, sender(SenderDetails()), False),
]
TEXTS = [
    ("words", {"values": ("社外秘",), "choice": "attachments"}, text_of("a.txt", "社外秘です"), True),
    ("words", {"values": ("社外秘",), "choice": "attachments"}, {"body": "社外秘です"}, False),
    ("words", {"values": ("社外秘",), "choice": "everywhere"}, {"body": "社外秘です"}, True),
    ("words", {"values": ("甲乙",), "choice": "attachments"}, text_of("a.csv", rows=(("甲", "乙"),)), False),
    ("words", {"values": ("乙",), "choice": "attachments"}, text_of("a.csv", rows=(("甲", "乙"),)), True),
    (
        "dictionary",
        {"values": ("極秘=5", "見積"), "number": 6, "choice": "both"},
        {"body": "極秘の見積"},
        True,
    ),
    (
        "dictionary",
        {"values": ("極秘=5", "見積"), "number": 7, "choice": "both"},
        {"body": "極秘の見積"},
        False,
    ),
    ("dictionary", {"values": ("見積",), "number": 3, "choice": "body"}, {"body": "見積 見積 見積"}, True),
    ("dictionary", {"values": ("見積=1/2",), "number": 3, "choice": "body"}, {"body": "見積 " * 9}, False),
    ("dictionary", {"values": ("見積",), "number": 11, "choice": "body"}, {"body": "見積 " * 99}, False),
    (
        "dictionary",
        {"values": ("社外秘", "!社外秘ではありません"), "number": 1, "choice": "both"},
        {"body": "社外秘ではありません"},
        False,
    ),
    (
        "dictionary",
        {"values": ("社外秘", "!社外秘ではありません"), "number": 1, "choice": "both"},
        {"body": "社外秘ではありません。社外秘です"},
        True,
    ),
    (
        "dictionary",
        {"values": ("社外秘=2",), "number": 2, "choice": "everywhere"},
        text_of("a.txt", "社外秘"),
        True,
    ),
    (
        "pattern",
        {"values": ("[A-Z]{2}-[0-9]{6}",), "number": 2, "choice": "both"},
        {"subject": "AB-123456", "body": "CD-654321"},
        True,
    ),
    (
        "pattern",
        {"values": ("[A-Z]{2}-[0-9]{6}",), "number": 2, "choice": "both"},
        {"body": "AB-123456 ab-123456"},
        False,
    ),
    ("pattern", {"values": ("x*",), "number": 1, "choice": "body"}, {"body": "abc"}, False),
    (
        "pattern",
        {"values": ("^甲$",), "number": 1, "choice": "attachments"},
        text_of("a.txt", "甲"),
        True,
    ),
    ("empty_subject", {}, {}, True),
    ("empty_subject", {}, {"subject": " \u3000…"}, True),
    ("empty_subject", {}, {"subject": "件"}, False),
    (
        "salutation",
        {},
        {"body": "鈴木様\nお世話になっております。", "names": {"hanako@customer.example": "山田 花子"}},
        True,
    ),
    (
        "salutation",
        {},
        {"body": "山田様\nお世話になっております。", "names": {"hanako@customer.example": "山田 花子"}},
        False,
    ),
    ("salutation", {}, {"body": "Dear Tanaka,\nhello", "names": {}}, True),
    ("salutation", {}, {"body": "Dear Hanako-san,\nhello", "names": {}}, False),
    ("salutation", {}, {"body": "Dear all,\nhello", "names": {}}, False),
    ("salutation", {}, {"body": "ご担当者様\n", "names": {"hanako@customer.example": "山田 花子"}}, False),
    ("salutation", {}, {"body": "鈴木様\n", "names": {"hanako@customer.example": "Hanako Yamada"}}, False),
    (
        "salutation",
        {},
        {"body": "株式会社山田製作所\n営業部 鈴木部長\n", "names": {"hanako@customer.example": "山田 花子"}},
        True,
    ),
    (
        "salutation",
        {},
        {"body": "承知しました。\n> 鈴木様\n> よろしく", "names": {"hanako@customer.example": "山田 花子"}},
        False,
    ),
    ("company_named", {"values": PAIRS}, {"body": "ﾔﾏﾀﾞ向けの見積です"}, True),
    ("company_named", {"values": PAIRS}, {"attachments": (("見積_Acme Works_2026.xlsx", "x/y"),)}, True),
    ("company_named", {"values": PAIRS}, to("a@sub.yamada.example", body="ヤマダ向けの見積です"), False),
    ("company_named", {"values": PAIRS}, to("bob@example.test", body="ヤマダ向けの見積です"), False),
    ("company_named", {"values": PAIRS}, {"body": "見積です"}, False),
    ("attachment_forgotten", {}, {"body": "見積書を添付いたします。"}, True),
    ("attachment_forgotten", {}, {"body": "Please find the attached quotation."}, True),
    (
        "attachment_forgotten",
        {},
        {"body": "見積書を添付いたします。", "attachments": (("a.pdf", "application/pdf"),)},
        False,
    ),
    ("attachment_forgotten", {}, {"body": "添付ファイルはありません。"}, False),
    ("attachment_forgotten", {}, {"body": "I have not attached anything."}, False),
    ("attachment_forgotten", {}, {"body": "了解です。\n> 見積書を添付いたします。"}, False),
    ("attachment_forgotten", {}, {"body": "了解です。\n\n-----Original Message-----\n添付いたします"}, False),
]
DATA = [
    ("personal_data", {"values": ("phone", "email"), "number": 5, "choice": "body"}, data(PHONES), True),
    ("personal_data", {"values": ("phone", "email"), "number": 6, "choice": "body"}, data(PHONES), False),
    ("personal_data", {"values": ("phone",), "number": 6, "choice": "both"}, data(PHONES, PHONES), False),
    (
        "personal_data",
        {"values": ("phone", "birthdate"), "number": 6, "choice": "everywhere"},
        data(PHONES, found("BIRTHDATE", "1990-01-01", where="attachment:a.csv")),
        True,
    ),
    ("personal_data", {"values": ("phone",), "number": 1, "choice": "attachments"}, data(PHONES), False),
    (
        "personal_data",
        {"values": ("phone", "my_number=1"), "number": 99, "choice": "both"},
        data(PHONES, found("MY_NUMBER", "123456789018")),
        True,
    ),
    ("personal_data", {"values": ("phone=6", "address"), "number": 1, "choice": "both"}, data(PHONES), False),
    ("confidentiality_mark", {"choice": "both"}, data(found("CONFIDENTIAL_MARK", "社外秘")), True),
    (
        "confidentiality_mark",
        {"choice": "subject"},
        data(found("CONFIDENTIAL_MARK", "社外秘", where="attachment:a.pdf")),
        False,
    ),
    (
        "confidentiality_mark",
        {"choice": "attachments"},
        data(found("CONFIDENTIAL_MARK", "社外秘", where="attachment:a.pdf")),
        True,
    ),
]
ATTACHMENTS = [
    ("attachment_count", {"number": 2}, {"attachments": (("a", "x/y"), ("b", "x/y"))}, True),
    ("attachment_count", {"number": 3}, {"attachments": (("a", "x/y"), ("b", "x/y"))}, False),
    ("attachment_size", {"number": 2, "choice": "KB"}, {"attachments": (("a", "x/y", 2048),)}, True),
    ("attachment_size", {"number": 2, "choice": "KB"}, {"attachments": (("a", "x/y", 2047),) * 2}, False),
    ("attachment_size", {"number": 1, "choice": "B"}, {}, False),
    ("attachment_content", {"values": (EXE,)}, inspected(("a.zip", ZIP), ("a.zip/a.png", EXE)), True),
    ("attachment_content", {"values": ("image/*",)}, inspected(("a.zip", ZIP), ("a.zip/a.png", EXE)), False),
    ("attachment_is", {"choice": "encrypted"}, inspected(("a.zip", ZIP, {"encrypted": True})), True),
    ("attachment_is", {"choice": "encrypted"}, inspected(("a.zip", ZIP)), False),
    (
        "attachment_is",
        {"choice": "all_encrypted"},
        inspected(("a.zip", ZIP, {"encrypted": True}), ("b.pdf", "application/pdf")),
        False,
    ),
    (
        "attachment_is",
        {"choice": "all_encrypted"},
        inspected(("a.zip", ZIP), ("a.zip/b.pdf", "application/pdf", {"encrypted": True})),
        True,
    ),
    ("attachment_is", {"choice": "all_encrypted"}, {}, False),
    ("attachment_is", {"choice": "not_inspected"}, inspected(("a.x", "x/y", {"inspected": False})), True),
    ("attachment_is", {"choice": "not_inspected"}, inspected(("a.x", "x/y")), False),
    ("attachment_is", {"choice": "macros"}, inspected(("a.xls", "x/y", {"macros": True})), True),
    ("attachment_is", {"choice": "macros"}, inspected(("a.xls", "x/y")), False),
    ("attachment_is", {"choice": "executable"}, inspected(("a.png", EXE, {"executable": True})), True),
    ("attachment_is", {"choice": "executable"}, inspected(("a.exe", "text/plain")), False),
    (
        "attachment_is",
        {"choice": "nested_archive"},
        inspected(("a.zip", ZIP, {"archive": True}), ("a.zip/b.zip", ZIP, {"archive": True})),
        True,
    ),
    (
        "attachment_is",
        {"choice": "nested_archive"},
        inspected(("a.eml", "message/rfc822"), ("a.eml/b.zip", ZIP, {"archive": True})),
        False,
    ),
    ("attachment_is", {"choice": "disguised"}, inspected(("photo.png", EXE)), True),
    ("attachment_is", {"choice": "disguised"}, inspected(("photo.jpg", "image/png")), False),
    ("attachment_is", {"choice": "disguised"}, inspected(("a.pdf", "application/octet-stream")), False),
    ("attachment_is", {"choice": "disguised"}, inspected(("a.unknown", EXE)), False),
    ("attachment_is", {"choice": "disguised"}, inspected(("a.pdf", ZIP, {"encrypted": True})), False),
    ("malware", {"choice": "found"}, {"parts": {"malware": MalwareFact(checked=True, name="Eicar")}}, True),
    ("malware", {"choice": "found"}, {"parts": {"malware": MalwareFact(checked=True)}}, False),
    ("malware", {"choice": "found"}, {}, False),
    ("malware", {"choice": "found_or_not_checked"}, {}, True),
    ("malware", {"choice": "not_checked"}, {}, True),
    (
        "malware",
        {"choice": "not_checked"},
        {"parts": {"malware": MalwareFact(checked=True, name="Eicar")}},
        False,
    ),
]
HEADERS = (("X-Mailer", "Bulk Sender 3"), ("List-Id", "<a.example>"), ("X-Priority", "1 (Highest)"))
MESSAGE = [
    ("header", {"values": ("x-mailer: *bulk*",)}, {"headers": HEADERS}, True),
    ("header", {"values": ("List-Id:",)}, {"headers": HEADERS}, True),
    ("header", {"values": ("X-Mailer: /sender [3-5]$/",)}, {"headers": HEADERS}, True),
    ("header", {"values": ("X-Mailer: bulk",)}, {"headers": HEADERS}, False),
    ("header", {"values": ("X-Mailer: /sender [4-5]$/", "X-Other:")}, {"headers": HEADERS}, False),
    ("importance", {"choice": "high"}, {"headers": HEADERS}, True),
    ("importance", {"choice": "high"}, {"headers": (("Importance", "High"),)}, True),
    ("importance", {"choice": "low"}, {"headers": HEADERS}, False),
    ("importance", {"choice": "low"}, {"headers": (("Priority", "non-urgent"),)}, True),
    ("importance", {"choice": "high"}, {"headers": (("X-Priority", "3"),)}, False),
    ("message_is", {"choice": "signed"}, {"signed": True}, True),
    ("message_is", {"choice": "signed"}, {"encrypted": True}, False),
    ("message_is", {"choice": "encrypted"}, {"encrypted": True}, True),
    ("message_is", {"choice": "calendar_reply"}, {"calendar_reply": True}, True),
    ("message_is", {"choice": "calendar_reply"}, {}, False),
    ("message_is", {"choice": "automatic"}, {"automatic": True}, True),
    ("message_is", {"choice": "automatic"}, {"null_sender": True}, False),
    ("message_is", {"choice": "null_sender"}, {"null_sender": True}, True),
    ("language", {"choice": "japanese"}, {"body": "見積書をお送りします。Please confirm."}, True),
    ("language", {"choice": "japanese"}, {"body": "请查收附件中的报价单，谢谢。"}, False),
    ("language", {"choice": "chinese"}, {"body": "请查收附件中的报价单，谢谢。"}, True),
    ("language", {"choice": "korean"}, {"body": "견적서를 보내드립니다. OK"}, True),
    ("language", {"choice": "latin"}, {"body": "The quotation for Tanaka (田中) is here."}, True),
    ("language", {"choice": "other"}, {"body": "Направляем вам предложение."}, True),
    ("language", {"choice": "latin"}, {"body": "12345"}, False),
]
TIMES = [
    ("office_time", {"choice": "closed"}, {"sent_at": at("2026-11-24T18:00")}, True),
    ("office_time", {"choice": "closed"}, {"sent_at": at("2026-11-24T17:59")}, False),
    ("office_time", {"choice": "closed"}, {"sent_at": at("2026-11-23T12:00")}, True),
    ("office_time", {"choice": "holiday"}, {"sent_at": at("2026-11-23T12:00")}, True),
    ("office_time", {"choice": "holiday"}, {"sent_at": at("2026-11-22T12:00")}, False),
    ("office_time", {"choice": "weekend"}, {"sent_at": at("2026-11-22T12:00")}, True),
    ("office_time", {"choice": "weekend"}, {"sent_at": at("2026-11-23T00:00")}, False),
    ("office_time", {"choice": "outside_hours"}, {"sent_at": at("2026-11-24T08:59")}, True),
    ("office_time", {"choice": "outside_hours"}, {"sent_at": at("2026-11-22T08:59")}, False),
    ("office_time", {"choice": "closed_day"}, {"sent_at": at("2026-11-22T08:59")}, True),
    ("office_time", {"choice": "closed_day"}, {"sent_at": at("2026-11-24T08:59")}, False),
    (
        "office_time",
        {"choice": "closed", "values": ("大阪",)},
        {"sent_at": at("2026-11-24T18:00"), "reference": LISTS},
        False,
    ),
    (
        "office_time",
        {"choice": "closed_day", "values": ("大阪",)},
        {"sent_at": at("2026-11-25T12:00"), "reference": LISTS},
        True,
    ),
    ("office_time", {"choice": "closed"}, {"sent_at": at("2026-11-24T18:00"), "reference": LISTS}, False),
]


def matched(facts, condition, recipient=0):
    return condition_kind(condition.kind).match(facts, facts.recipients[recipient], condition)


MATCHES = [
    ("recipient_is", {"choice": "internal"}, {"to": ("bob@example.test",)}, True),
    ("recipient_is", {"choice": "external"}, {}, True),
    ("recipient_is", {"choice": "internal"}, {}, False),
    ("recipient_domain", {"values": ("customer.example",)}, {}, True),
    ("recipient_domain", {"values": ("CUSTOMER.example.",)}, {}, True),
    ("recipient_domain", {"values": ("example",)}, {}, False),
    ("recipient_domain", {"values": (".example",)}, {}, True),
    ("recipient_domain", {"values": (".customer.example",)}, {}, True),
    ("recipient_domain", {"values": (".tomer.example",)}, {}, False),
    ("recipient_domain", {"values": ("xn--wgv71a.example",)}, {"to": ("a@日本.example",)}, True),
    ("recipient_domain", {"values": ("日本.example",)}, {"to": ("a@xn--wgv71a.example",)}, True),
    ("recipient_count", {"number": 2}, {"to": ("a@x.example", "b@x.example")}, True),
    ("recipient_count", {"number": 3}, {"to": ("a@x.example", "b@x.example")}, False),
    ("external_count", {"number": 1}, {"to": ("a@x.example", "b@example.test")}, True),
    ("external_count", {"number": 2}, {"to": ("a@x.example", "b@example.test")}, False),
    ("has_attachment", {}, {"attachments": (("a.txt", "text/plain"),)}, True),
    ("has_attachment", {}, {}, False),
    ("attachment_name", {"values": ("*.ZIP",)}, {"attachments": (("見積.zip", "application/zip"),)}, True),
    ("attachment_name", {"values": ("顧客*",)}, {"attachments": (("顧客名簿.xlsx", "x/y"),)}, True),
    ("attachment_name", {"values": ("ﾒｲﾎﾞ*",)}, {"attachments": (("メイボ.xlsx", "x/y"),)}, True),
    ("attachment_name", {"values": ("*.zip",)}, {"attachments": (("zip.txt", "text/plain"),)}, False),
    ("attachment_name", {"values": ("a?.txt",)}, {"attachments": (("a12.txt", "text/plain"),)}, False),
    ("attachment_type", {"values": ("application/pdf",)}, {"attachments": (("a", "Application/PDF"),)}, True),
    ("attachment_type", {"values": ("image/*",)}, {"attachments": (("a", "image/png"),)}, True),
    ("attachment_type", {"values": ("image/*",)}, {"attachments": (("a", "imagex/png"),)}, False),
    (
        "attachment_type",
        {"values": (".xlsx",)},
        {"attachments": (("名簿.XLSX", "application/octet-stream"),)},
        True,
    ),
    ("attachment_type", {"values": ("xlsx",)}, {"attachments": (("名簿.xlsx", "x/y"),)}, True),
    ("attachment_type", {"values": ("lsx",)}, {"attachments": (("名簿.xlsx", "x/y"),)}, False),
    ("words", {"values": ("社外秘",), "choice": "both"}, {"subject": "【社外秘】見積"}, True),
    ("words", {"values": ("社外秘",), "choice": "body"}, {"subject": "【社外秘】見積"}, False),
    ("words", {"values": ("社外秘",), "choice": "subject"}, {"body": "社外秘です"}, False),
    ("words", {"values": ("社外秘",), "choice": "body"}, {"body": "社外秘です"}, True),
    ("words", {"values": ("ﾏｲﾅﾝﾊﾞｰ",), "choice": "both"}, {"body": "マイナンバーを送ります"}, True),
    (
        "words",
        {"values": ("confidential",), "choice": "both"},
        {"body": "ＣＯＮＦＩＤＥＮＴＩＡＬ資料"},
        True,
    ),
    ("words", {"values": ("(株)山田",), "choice": "both"}, {"body": KABU}, True),
    ("words", {"values": ("STRASSE",), "choice": "both"}, {"body": "straße"}, True),
    ("words", {"values": ("art",), "choice": "both"}, {"body": "a party"}, False),
    ("words", {"values": ("art*",), "choice": "both"}, {"body": "artful"}, True),
    ("words", {"values": ("*art",), "choice": "both"}, {"body": "a smart party"}, True),
    ("words", {"values": ("top  secret",), "choice": "both"}, {"body": "it is top\r\nsecret now"}, True),
    ("words", {"values": ("c++",), "choice": "both"}, {"body": "We use C++."}, True),
    ("size", {"number": 1, "choice": "KB"}, {"size": 1024}, True),
    ("size", {"number": 1, "choice": "KB"}, {"size": 1023}, False),
    ("size", {"number": 10, "choice": "MB"}, {"size": 10 * 1024 * 1024}, True),
    ("size", {"number": 10, "choice": "MB"}, {"size": 10 * 1024 * 1024 - 1}, False),
    ("size", {"number": 5, "choice": "B"}, {"size": 5}, True),
    ("content_not_inspected", {}, {"inspected": False}, True),
    ("content_not_inspected", {}, {}, False),
    ("author_differs", {}, {"sender": SenderFact(address="alice@example.test", author_differs=True)}, True),
    ("author_differs", {}, {}, False),
    *SENDER,
    *RECIPIENTS,
    *TEXTS,
    *DATA,
    *ATTACHMENTS,
    *MESSAGE,
    *TIMES,
]


@pytest.mark.parametrize(("kind", "parameters", "message", "expected"), MATCHES)
def test_a_condition_matches_what_it_says(facts_of, kind, parameters, message, expected):
    facts, _ = facts_of(*message.get("to", ()), **{k: v for k, v in message.items() if k != "to"})
    condition = Condition(kind=kind, **parameters)
    assert condition_kind(kind).flaws(condition) == []
    found = matched(facts, condition)
    assert (found is not None) is expected
    if found is not None:
        assert found.ja
        assert found.en


def test_every_kind_is_matched_and_not_matched_above():
    tried = {(kind, expected) for kind, _, _, expected in MATCHES}
    assert tried == {(kind.code, expected) for kind in CONDITION_KINDS for expected in (True, False)}


def test_every_choice_is_matched_above():
    tried = {(kind, parameters.get("choice", "")) for kind, parameters, _, expected in MATCHES if expected}
    wanted = {(kind.code, choice.code) for kind in CONDITION_KINDS for choice in kind.choices}
    # Units, and places that several kinds share.
    shared = {"MB", "KB", "B", "both", "subject", "body", "attachments", "everywhere", "to", "cc"}
    assert {(kind, choice) for kind, choice in wanted - tried if choice not in shared} == set()


@pytest.mark.parametrize("kind", CONDITION_KINDS, ids=lambda kind: kind.code)
def test_a_kind_asks_for_the_parts_that_it_names_and_for_none_that_cost_more(facts_of, kind):
    asked = {}
    for code, parameters, message, _ in MATCHES:
        if code == kind.code:
            facts, reads = facts_of(*message.get("to", ()), **{k: v for k, v in message.items() if k != "to"})
            condition = Condition(kind=code, **parameters)
            kind.match(facts, facts.recipients[0], condition)
            dearest = max((Part[name.upper()] for name in reads), default=Part.ENVELOPE)
            assert dearest <= kind.part(condition)
            assert len(set(reads)) == len(reads)
            asked[kind.part(condition)] = max(dearest, asked.get(kind.part(condition), dearest))
    assert all(part == dearest for part, dearest in asked.items())


@pytest.mark.parametrize("kind", CONDITION_KINDS, ids=lambda kind: kind.code)
def test_a_kind_reads_as_a_part_of_a_sentence_in_both_languages(kind):
    for code, parameters, _, _ in MATCHES:
        if code == kind.code:
            said = kind.sentence(Condition(kind=code, **parameters))
            assert said.ja
            assert said.en
            assert said.ja != said.en


@pytest.mark.parametrize(
    ("kind", "values", "choice"),
    [
        ("recipient_list", ("gone",), ""),
        ("sender_department", ("gone",), ""),
        ("office_time", ("gone",), "closed"),
    ],
)
def test_a_policy_that_names_what_is_gone_passes_no_mail(facts_of, kind, values, choice):
    facts, _ = facts_of(**sender(reference=LISTS))
    with pytest.raises(UnknownNameError, match="gone"):
        matched(facts, Condition(kind=kind, values=values, choice=choice))


FLAWS = [
    (Condition(kind="recipient_is"), "choice"),
    (Condition(kind="recipient_is", choice="both"), "choice"),
    (Condition(kind="recipient_is", choice="external", number=1), "number"),
    (Condition(kind="recipient_is", choice="external", values=("x",)), "values"),
    (Condition(kind="recipient_domain"), "values"),
    (Condition(kind="recipient_domain", values=("a b",)), "values"),
    (Condition(kind="recipient_domain", values=("user@partner.example",)), "values"),
    (Condition(kind="recipient_domain", values=("..example",)), "values"),
    (Condition(kind="recipient_domain", values=("*.example",)), "values"),
    (Condition(kind="recipient_domain", values=("a.example", "")), "values"),
    (Condition(kind="recipient_count"), "number"),
    (Condition(kind="recipient_count", number=0), "number"),
    (Condition(kind="external_count", number=2**31), "number"),
    (Condition(kind="has_attachment", choice="x"), "choice"),
    (Condition(kind="attachment_type", values=("a/b/c",)), "values"),
    (Condition(kind="attachment_name", values=(" a",)), "values"),
    (Condition(kind="attachment_name", values=("a\nb",)), "values"),
    (Condition(kind="attachment_name", values=("x" * 501,)), "values"),
    (Condition(kind="words", choice="both", values=("**",)), "values"),
    (Condition(kind="words", choice="both", values=tuple(map(str, range(5001)))), "values"),
    (Condition(kind="size", number=1), "choice"),
    (Condition(kind="sender_is", values=("not-an-address",)), "values"),
    (Condition(kind="recipient_missing", values=("a b@x.example",)), "values"),
    (Condition(kind="company_count", number=1), "number"),
    (Condition(kind="dictionary", number=1, choice="both", values=("=5",)), "values"),
    (Condition(kind="dictionary", number=1, choice="both", values=("!社外秘=5",)), "values"),
    (Condition(kind="pattern", number=1, choice="both", values=("(",)), "values"),
    (Condition(kind="pattern", number=1, choice="both", values=(r"(a)\1",)), "values"),
    (Condition(kind="pattern", number=10_001, choice="both", values=("a",)), "number"),
    (Condition(kind="company_named", values=("山田製作所",)), "values"),
    (Condition(kind="company_named", values=("山田製作所 = a b",)), "values"),
    (Condition(kind="personal_data", number=1, choice="both", values=("shoe_size",)), "values"),
    (Condition(kind="personal_data", number=1, choice="both", values=("phone=x",)), "values"),
    (Condition(kind="attachment_content", values=(".exe",)), "values"),
    (Condition(kind="header", values=("no colon",)), "values"),
    (Condition(kind="header", values=("X-A: /(/",)), "values"),
    (Condition(kind="malware"), "choice"),
]


@pytest.mark.parametrize(("condition", "parameter"), FLAWS)
def test_a_wrong_parameter_is_named_in_both_languages(condition, parameter):
    flaws = condition_kind(condition.kind).flaws(condition)
    assert [flaw.parameter for flaw in flaws] == [parameter]
    assert flaws[0].text.ja != flaws[0].text.en


def test_a_kind_that_does_not_exist_is_an_error_and_not_a_match():
    with pytest.raises(UnknownKindError, match="no condition of the kind 'telepathy'"):
        condition_kind("telepathy")


def test_the_reason_names_the_word_that_was_found(facts_of):
    facts, _ = facts_of(body="これは極秘の資料です")
    condition = Condition(kind="words", choice="both", values=("社外秘", "極秘"))
    assert matched(facts, condition) == Text("本文に「極秘」", "“極秘” in the body")


def test_a_long_body_is_searched_for_many_words_quickly(facts_of):
    facts, _ = facts_of(body="ab " * 400_000)
    condition = Condition(kind="words", choice="body", values=tuple(f"b{number}" for number in range(200)))
    assert matched(facts, condition) is None


@pytest.mark.parametrize("kind", ["attachment_name", "attachment_type"])
def test_a_reason_holds_a_name_only_as_far_as_it_can_be_stored_and_read(facts_of, kind):
    facts, _ = facts_of(attachments=(("請求\0書\ud800\u202e\r\n" + "長" * 500 + ".exe", "x/y"),))
    condition = Condition(kind=kind, values=("*.exe",) if kind == "attachment_name" else (".exe",))
    found = matched(facts, condition)
    name = re.search("「(.*)」", found.ja)[1]
    assert name == "請求\ufffd書\ufffd\ufffd  長" + "長" * 90 + "…"
    assert len(name) == 100
    assert name in found.en
