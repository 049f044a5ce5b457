"""How long a replay of 10,000 stored messages takes in one process; each set of policies on the same mail."""

import io
import random
import resource
import time
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import psutil
import yaml
from django.db import connection, transaction
from django.utils import timezone

from approvals.models import Hold, HoldRecipient
from approvals.replay import running
from approvals.replay.drafts import completed
from audit.record import Actor, Entry, record_all
from audit.tags import Tag
from bench import plant
from bench.place import Place
from bench.report import Table
from mailhold.bulk import insert_all
from mailhold.directory.models import Person
from mailhold.ids import uuid7
from mailhold.mailstore.content import NewMessage, NewRecipient, store
from mailhold.mailstore.models import Message, Recipient, Revision
from policies.defaults import DEFAULTS
from policies.sets import set_names, set_text
from tests.made_files import docx, paragraph, pdf

MESSAGES = 10_000
DAYS = 30
_BATCH = 500
_SENDERS = 60
_JAPANESE = (
    "いつもお世話になっております。株式会社例の山田です。",
    "先日ご相談した件につきまして、資料をお送りします。",
    "お忙しいところ恐れ入りますが、ご確認のほどよろしくお願いいたします。",
    "次回のお打ち合わせは来週の火曜日、14時から第2会議室でお願いします。",
    "ご不明な点がございましたら、03-5555-0101 までお電話ください。",
)
_ENGLISH = (
    "Thank you for your message of last week.",
    "Please find the figures that we talked about on Tuesday below.",
    "Could you confirm the date of delivery by the end of this month?",
    "If anything is unclear, call me at +81 3 5555 0101, or write to sales@example.test.",
    "Kind regards, and have a good week.",
)
_FAMILY = ("山田", "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "中村")
_GIVEN = ("太郎", "花子", "一郎", "美咲", "健太", "さくら")


def measure(_place: Place | None) -> Table:

    table = Table(
        f"Replay of {MESSAGES:,} stored messages, one process",
        ("policies", "time", "of CPU", "messages/s", "would be held", "were held"),
        note=(
            "Mail of 30 days in Japanese and English, 1 to 12 KiB of text, half of it HTML too, a third with an attachment "
            "(CSV, Word, PDF, archive). Slices follow each other as fast as they end; a worker does the same with rings "
            "between them, which cost a tenth of a second each, and rests where mail waits. CPU is that of the process and of "
            "the one that looks into mail: where the machine has other work, it says more than the time."
        ),
    )
    if connection.vendor == "postgresql":
        plant.empty()
    plant.set_policies(DEFAULTS.read_text(encoding="utf-8"))
    fill()
    defaults = DEFAULTS.read_text(encoding="utf-8")
    ready = _together(set_text(name) for name in set_names())
    for name, draft in (
        ("of a new installation", defaults),
        ("all ready sets", ready),
        ("first mail and look-alike domains", _CONTACTS),
    ):
        table.add(name, *_replayed(draft))
    return table


_CONTACTS = """
format: 1
policies:
  - key: first
    name: {ja: 初めて, en: First}
    conditions: [{kind: first_mail, choice: company_address}]
    actions: [{kind: hold, for: 5m}]
  - key: alike
    name: {ja: 紛らわしい, en: Look-alike}
    conditions: [{kind: look_alike}]
    actions: [{kind: hold, for: 10m}]
"""


def _together(texts: Iterable[str]) -> str:
    policies = [policy for text in texts for policy in yaml.safe_load(text)["policies"]]
    return yaml.safe_dump({"format": 1, "policies": policies}, allow_unicode=True)


def _replayed(draft: str) -> tuple[str, ...]:

    begun, before = time.perf_counter(), _cpu()
    replay = running.begin(
        completed(draft), {}, DAYS + 1, Actor(channel="command"), timezone.now(), by_command=True
    )
    while replay.is_open:
        running.work(replay.pk, rings=False)
        replay.refresh_from_db()
    seconds = time.perf_counter() - begun
    if replay.counters["messages"] != MESSAGES:
        raise RuntimeError(f"{replay.counters['messages']} messages were judged.")
    held = replay.counters["held"]
    return (
        f"{seconds:.0f} s",
        f"{_cpu() - before:.0f} s",
        f"{MESSAGES / seconds:.0f}",
        f"{held[0]:,}",
        f"{held[1]:,}",
    )


def _cpu() -> float:
    """Seconds of CPU of this process and of all that it started, those that have ended too."""
    own = sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    running_ones = (child.cpu_times() for child in psutil.Process().children(recursive=True))
    return own + sum(times.user + times.system for times in running_ones)


def fill(messages: int = MESSAGES) -> None:
    """Store mail of DAYS days, screened and delivered, of a few dozen people; always the same."""

    chance = random.Random(7)
    people = _people()
    now = timezone.now()
    for start in range(0, messages, _BATCH):
        with transaction.atomic():
            _fill_batch(chance, people, range(start, min(start + _BATCH, messages)), now, messages)


def _people() -> list[Person]:

    managers = [
        Person.objects.get_or_create(email=f"manager{number}@example.test", name=f"Manager {number}")[0]
        for number in range(6)
    ]
    return [
        Person.objects.get_or_create(
            email=f"person{number}@example.test",
            name=f"Person {number}",
            defaults={"manager": managers[number % len(managers)]},
        )[0]
        for number in range(_SENDERS)
    ]


def _fill_batch(
    chance: random.Random, people: list[Person], numbers: range, now: datetime, total: int
) -> None:

    new, senders = [], []
    for number in numbers:
        sender = chance.choice(people)
        to = _recipients(chance)
        senders.append(sender)
        new.append(
            NewMessage(
                id=uuid7(),
                received_at=now - timedelta(days=DAYS) * (1 - number / total),
                reverse_path=sender.email,
                forward_paths=tuple(NewRecipient(address=address) for address in to),
                content=_mail(chance, sender.email, to),
                trace_header="Received: from client.test\r\n",
                submitter_id=sender.pk,
            )
        )
    rows = store(new)
    keys = [row.pk for row in rows]
    Message.objects.filter(pk__in=keys).update(status=Message.Status.SCREENED)
    Recipient.objects.filter(message__in=keys).update(status=Recipient.Status.DELIVERED)
    revisions = dict(Revision.objects.filter(message__in=keys).values_list("message_id", "pk"))
    holds = {
        row.pk: Hold(
            message=row,
            revision_id=revisions[row.pk],
            state="done",
            created_at=row.received_at,
            changed_at=row.received_at,
            ended_at=row.received_at,
            sender=sender,
            sender_address=sender.email,
        )
        for row, sender in zip(rows, senders, strict=True)
    }
    insert_all(list(holds.values()))
    recipients = Recipient.objects.filter(message__in=keys).values_list("pk", "message_id")
    insert_all([HoldRecipient(hold=holds[message_id], recipient_id=pk) for pk, message_id in recipients])
    entries = []
    for each, hold in zip(new, holds.values(), strict=True):
        about = {"at": each.received_at, "message_id": each.id}
        entries.append(
            Entry(tag=Tag.MESSAGE_ACCEPTED, details={"recipients": len(each.forward_paths)}, **about)
        )
        entries.append(Entry(tag=Tag.MESSAGE_SCREENED, details={"watched": []}, **about))
        if any(not path.address.endswith("@example.test") for path in each.forward_paths):
            entries.append(Entry(tag=Tag.HOLD_HELD, hold_id=hold.pk, **about))
    record_all(entries)


def _recipients(chance: random.Random) -> list[str]:
    outside = f"user{chance.randrange(40)}@company{chance.randrange(300)}.example"
    inside = f"person{chance.randrange(_SENDERS)}@example.test"
    return chance.choice(([outside], [outside], [inside], [outside, inside]))


def _mail(chance: random.Random, sender: str, to: list[str]) -> bytes:
    japanese = chance.random() < 0.7
    lines = _JAPANESE if japanese else _ENGLISH
    body = "\n".join(chance.choice(lines) for _ in range(chance.randrange(12, 120)))
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, ", ".join(to)
    message["Subject"] = chance.choice(
        ("御見積書の送付について", "Re: 打ち合わせの件") if japanese else ("Offer", "Re: Tuesday")
    )
    message["Message-ID"] = f"<{chance.getrandbits(64):x}@example.test>"
    message.set_content(body + "\n")
    if chance.random() < 0.5:
        paragraphs = body.replace("\n", "</p><p>")
        message.add_alternative(f"<html><body><p>{paragraphs}</p></body></html>\n", subtype="html")
    if chance.random() < 0.34:
        name, content = chance.choice(_FILES)(chance)
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def _table(chance: random.Random) -> str:
    rows = (
        f"{chance.choice(_FAMILY)}{chance.choice(_GIVEN)},03-{chance.randrange(1000, 9999)}-{chance.randrange(1000, 9999)},"
        f"東京都千代田区丸の内{chance.randrange(1, 4)}-{chance.randrange(1, 20)}-{chance.randrange(1, 20)}"
        for _ in range(chance.randrange(3, 60))
    )
    return "氏名,電話番号,住所\r\n" + "\r\n".join(rows) + "\r\n"


def _csv(chance: random.Random) -> tuple[str, bytes]:
    return "顧客名簿.csv", _table(chance).encode("cp932")


def _zip(chance: random.Random) -> tuple[str, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", _table(chance))
    return "資料.zip", packed.getvalue()


def _word(chance: random.Random) -> tuple[str, bytes]:

    return "議事録.docx", docx("".join(paragraph(chance.choice(_JAPANESE)) for _ in range(40)))


def _pdf(chance: random.Random) -> tuple[str, bytes]:

    return "offer.pdf", pdf(*(chance.choice(_ENGLISH) for _ in range(3)))


_FILES = (_csv, _zip, _word, _pdf)
