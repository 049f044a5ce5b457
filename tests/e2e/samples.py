"""What the pages are given, as the views give it: a mail of Alice's that leaves the company, and what becomes of it."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from approvals.figures import Figures, Group, Sample, Share
from approvals.forms import EditForm
from approvals.grounds import marked_mail
from approvals.marked import Span, passages, runs
from approvals.marking import HoldMarks
from approvals.placing import AttachedText, MarkedFile, Places
from approvals.views.trying import TryForm
from mailhold.mime.diff import diff_text
from mailhold.mime.parse import Attachment, ParsedMessage

NOW = datetime(2026, 11, 24, 2, 2, tzinfo=UTC)
LATER = NOW + timedelta(hours=8)
HOLD = SimpleNamespace(id="01930000-0000-7000-8000-000000000001", state="held")


def recipient(address, visible="to", *, internal=False, first_time=False, status="waiting", reply=""):
    local, _, domain = address.rpartition("@")
    return {
        "address": address,
        "local": local,
        "domain": domain,
        "internal": internal,
        "first_time": first_time,
        "visible": visible,
        "status": status,
        "status_text": status.replace("_", " "),
        "reply": reply,
        "grounds": (1,) if first_time else (),
    }


FIRST_TIME = recipient("hanako.with-a-long-name@sales.customer-tokyo.example", first_time=True)
RECIPIENTS = [
    FIRST_TIME,
    recipient("sato@partner.example", "cc"),
    recipient("jiro@example.test", "", internal=True),
]
SUBJECT = "【ご送付】10月分のお見積書について"
BODY = "田中様\n\nいつもお世話になっております。社外秘です。\n10月分のお見積書をお送りします。\n" * 8
REASONS = ["社外の宛先が2件あります(うち1件は初めて)", "添付に電話番号らしき内容128件", "本文に「社外秘」"]
LIST = "顧客名簿_2026.xlsx"


def spans(number, word, text):
    return tuple(Span(number, at, at + len(word)) for at in range(len(text)) if text.startswith(word, at))


def marked(reasons=REASONS, body=BODY):
    """What the reasons of the mail mark in it; one of them speaks of a recipient, one of an attachment."""
    html = "This is only in the HTML, and 社外秘 too.\n"
    marks = HoldMarks(
        subject=spans(0, "見積", SUBJECT),
        body=(*spans(2, "社外秘", body), *spans(1, "外秘です", body)),
        html=spans(2, "社外秘", html),
        html_text=html,
        attachments={1: {LIST: 100}},
        files={2: (LIST,)},
        recipients={0: (RECIPIENTS[0]["address"],)},
    )
    file = Attachment(index=0, name=LIST, content_type="application/vnd.ms-excel", size=86_016)
    return marked_mail(
        reasons,
        marks if reasons else HoldMarks(),
        ParsedMessage(subject=SUBJECT, text=body, attachments=(file,)),
    )


GIST = {
    "subject": SUBJECT,
    "author": "山田 太郎",
    "author_address": "taro@example.test",
    "sender_name": "山田 太郎",
    "sent_at": NOW,
    "held_at": NOW,
    "size": 412_000,
    "recipients": RECIPIENTS,
    "external_count": 2,
    "internal_count": 1,
    "reasons": REASONS,
    "marked": marked(),
    "body": BODY,
    "body_lines": 32,
    "attachments": [
        {
            "name": LIST,
            "size": 86_016,
            "content_type": "application/vnd.ms-excel",
            "index": 0,
            "grounds": (2, 3),
        },
        {
            "name": "a-very-long-file-name_" * 6 + ".pdf",
            "size": 217_088,
            "content_type": "application/pdf",
            "index": 1,
        },
    ],
    "deadline_at": LATER,
    "urgent": True,
    "problems": ["添付「顧客名簿_2026.xlsx」は中を検査できませんでした"],
    "hold": HOLD,
    "stage_text": "1/2 承認済み",
}
MAIL = SimpleNamespace(
    hold=SimpleNamespace(revision_id="01930000-0000-7000-8000-000000000002"),
    subject=GIST["subject"],
    body=GIST["body"],
    recipients=[SimpleNamespace(id=n, **mailbox) for n, mailbox in enumerate(RECIPIENTS)],
    attachments=[SimpleNamespace(**attachment) for attachment in GIST["attachments"]],
)
DECIDE = {
    "gist": GIST,
    "decide_url": "/a/token/decide",
    "revision": "01930000-0000-7000-8000-000000000002",
    "nonce": "nonce",
    "can_decide": True,
    "stage_text": GIST["stage_text"],
}
SENDER = {
    "gist": GIST,
    "act_url": "/s/token/act",
    "history_url": "/m/1/?tab=history",
    "edit_url": "/m/1/edit",
}
ROW = {
    "id": HOLD.id,
    "url": "/m/1/",
    "subject": GIST["subject"],
    "sender_name": "山田 太郎",
    "first_recipient": "hanako@customer-tokyo.example",
    "more_count": 2,
    "reasons": ["社外・初めて", "個人情報らしき内容"],
    "held_at": NOW,
    "deadline_at": LATER,
    "urgent": True,
    "state": "held",
    "release_at": None,
}
STATES = ["received", "held", "queued", "sending", "done", "canceled", "rejected", "returned", "discarded"]
MESSAGE = {
    "gist": GIST,
    "html_url": "/m/1/html",
    "can_administer": True,
    "headers": [("Subject", GIST["subject"]), ("Message-ID", "<" + "x" * 90 + "@example.test>")],
    "history": [
        {"at": NOW, "who": "山田 太郎", "how": "SMTP", "sentence": "受け付けました。"},
        {"at": LATER, "who": "佐藤 花子", "how": "link", "sentence": "承認しました。"},
    ],
    "revisions": [
        {"number": 0, "made_at": NOW, "made_by": ""},
        {"number": 1, "made_at": LATER, "made_by": "山田 太郎"},
    ],
    "changes": {
        "lists": [{"title": "宛先", "removed": ["sato@partner.example"], "added": ["saito@partner.example"]}],
        "lines": diff_text(
            "いつもお世話になっております。\n10月10日に伺います。\n古い行\n",
            "いつもお世話になっております。\n10月12日に伺います。\n",
        ),
    },
    "decide_url": "/m/1/decide",
    "eml_url": "/m/1/eml",
}
DECIDED = {
    "gist": GIST,
    "result": "承認しました。",
    "undo_url": "/a/token/undo",
    "undo_seconds": 30,
    "others_waiting": 2,
    "others_url": "/inbox/",
}

NOTES = "一行目\n" * 900 + "この資料は社外秘です。\n" + "終わり\n" * 900
TABLE = "氏名\t電話\n佐藤 花子\t03-2345-6789\n鈴木 一郎\t03-3456-7890"
PLACES = Places(
    numbers={"words": 1, "phones": 2},
    subject=runs(SUBJECT, ()),
    body=passages(BODY, spans(1, "社外秘", BODY)),
    files=(MarkedFile(name=LIST, numbers=(2,), first=(2,)),),
    attached=(
        AttachedText(
            path=("note.txt",),
            hidden=False,
            lined=True,
            passages=passages(NOTES, spans(1, "社外秘", NOTES), {1}),
        ),
        AttachedText(
            path=("list.zip", "a-rather-long-folder-name/名簿.xlsx", "Sheet2"),
            hidden=True,
            lined=False,
            passages=passages(
                TABLE, [*spans(2, "03-2345-6789", TABLE), *spans(2, "03-3456-7890", TABLE)], {2}
            ),
        ),
    ),
    more=True,
)

LINE = {
    "url": "/policies/figures/1/",
    "name": "社外への添付は上長が承認する",
    "sentence": "もし 宛先が社外 かつ 添付がある なら 上長の承認",
    "enabled": True,
    "watching": False,
    "share": 17.857,
    "counts": {"matched": 110, "kept": 110, "alone": 12, "approved": 109, "rejected": 0},
    "remarks": [
        {
            "badge": "すべて承認",
            "why": "過去30日間に判断されたメール109件がすべて承認されています。",
            "advice": "条件を絞ってください。",
        }
    ],
}
WATCHING = {**LINE, "watching": True, "remarks": []}
FIGURES = {
    "days": 90,
    "spans": (7, 30, 90),
    "partly": True,
    "counted_from": date(2026, 11, 1),
    "all_messages": 616,
}
FIGURES_OF = {
    **FIGURES,
    "totals": {"matched": 110, "kept": 110},
    "most_a_day": 9,
    "days_list": [
        {
            "date": date(2026, 11, day),
            "messages": 30,
            "matched": day % 10,
            "kept": day % 8,
            "in_fact": day % 5,
        }
        for day in range(24, 0, -1)
    ],
}

# Name of a page: its template and what it is given.
PAGES = {
    "figures of policies": (
        "approvals/policy_figures.html",
        {**FIGURES, "lines": [LINE, WATCHING, {**LINE, "enabled": False, "share": None}], "noise": [LINE]},
    ),
    "figures of policies, none": ("approvals/policy_figures.html", {**FIGURES, "counted_from": None}),
    "figures of one policy": (
        "approvals/policy_figures_of.html",
        {
            **FIGURES_OF,
            "days": 30,
            "line": LINE,
            "ends": dict.fromkeys(("approved", "rejected", "changed", "canceled", "expired", "waiting"), 7),
            "deciders": [
                {
                    "counts": {
                        "person": "佐藤 花子",
                        "approved": 99,
                        "rejected": 0,
                        "changed": 1,
                        "expired": 2,
                    },
                    "median": "1時間30分",
                }
            ],
            "groups": [
                {
                    "title": "このポリシーだけの理由で保留",
                    "count": 12,
                    "rows": [
                        {
                            "url": "/m/1/",
                            "subject": SUBJECT,
                            "sender_name": "山田 太郎",
                            "first_recipient": FIRST_TIME["address"],
                            "more_count": 2,
                            "held_at": NOW,
                            "state": "done",
                        }
                    ],
                }
            ],
        },
    ),
    "figures of a policy that only watches": (
        "approvals/policy_figures_of.html",
        {
            **FIGURES_OF,
            "line": WATCHING,
            "watching": True,
            "most_senders": 200,
            "figures": Figures(
                messages=110,
                held=110,
                in_fact=98,
                approvers=(Share(name="佐藤 花子", count=60, in_fact=48),),
                groups=(
                    Group(
                        title="新たに保留される",
                        count=12,
                        samples=(
                            Sample(
                                received_at=NOW,
                                sender="alice@example.test",
                                subject=SUBJECT,
                                recipients=FIRST_TIME["address"],
                                would=("上長の承認",),
                                happened=("5分待つ", "完了"),
                                url="/m/1/",
                            ),
                        ),
                    ),
                ),
            ),
        },
    ),
    "try, before": ("approvals/try.html", {"form": TryForm()}),
    "try, with an answer": (
        "approvals/try.html",
        {
            "form": TryForm({"text": "", "sender": "", "recipients": "", "number": "nonsense"}),
            "found": {
                "inspected": False,
                "uninspected": ["list.zip/names.xlsx"],
                "problem": "too_slow",
                "places": PLACES,
            },
            "trial": {"sender": "alice@example.test"},
            "version": 7,
            "milliseconds": 12,
            "watched": [
                {"policy": "見るだけ", "text": "宛先が社外です"},
                {"policy": "名簿", "text": "電話番号が2件", "number": 2, "first": True},
            ],
            "rows": [
                {
                    "address": "a-rather-long-name.of-somebody@a-rather-long-domain.partner.example",
                    "what": ["5分待つ", "上長の承認"],
                    "why": [
                        {"policy": "社外への添付は上長の承認", "text": "添付があります"},
                        {"policy": "機密", "text": "本文に「社外秘」", "number": 1, "first": True},
                    ],
                },
                {"address": "bob@example.test", "what": ["すぐに送る"], "why": []},
            ],
        },
    ),
    "decide": ("approvals/decide.html", DECIDE),
    "decide, pressed too late": (
        "approvals/decide.html",
        {**DECIDE, "problem": "もう一度ご確認のうえ、押してください。", "decoy_url": "/a/token/more"},
    ),
    "decide, signed in": ("approvals/decide.html", {**DECIDE, "layout": "base.html", "message_url": "/m/1/"}),
    "decide, no attachment, one recipient": (
        "approvals/decide.html",
        {
            **DECIDE,
            "gist": {
                **GIST,
                "attachments": [],
                "body": "",
                "recipients": RECIPIENTS[:1],
                "external_count": 1,
                "reasons": [],
                "marked": marked([], ""),
            },
        },
    ),
    "decide, 40 recipients": (
        "approvals/decide.html",
        {
            **DECIDE,
            "gist": {**GIST, "recipients": [recipient(f"person{n}@partner.example") for n in range(40)]},
        },
    ),
    "decide, own mail": (
        "approvals/decide.html",
        {
            **DECIDE,
            "can_decide": False,
            "refusal": "自分のメールは承認できません。",
            "login_url": "/accounts/login/",
        },
    ),
    "decided": ("approvals/decided.html", DECIDED),
    "decided, next stage": (
        "approvals/decided.html",
        {**DECIDED, "layout": "base.html", "undo_seconds": 86_400},
    ),
    "already": (
        "approvals/already.html",
        {"what": "approved", "who": "佐藤 花子", "when": NOW, "others_waiting": 1, "others_url": "/inbox/"},
    ),
    "gone": (
        "approvals/gone.html",
        {
            "sentence": "このリンクは 11/24 19:00 に切れました。",
            "new_link_url": "/a/token/new",
            "login_url": "/accounts/login/",
        },
    ),
    "sender, countdown": (
        "approvals/sender.html",
        {
            **SENDER,
            "release_at": LATER,
            "can_cancel": True,
            "can_pause": True,
            "can_send_now": True,
            "risky": [FIRST_TIME],
        },
    ),
    "sender, waiting for approval": (
        "approvals/sender.html",
        {**SENDER, "approvers": ["佐藤 花子", "Bob Baker"], "can_cancel": True, "stage_text": "1/2 承認済み"},
    ),
    "sender, self-check": (
        "approvals/sender.html",
        {**SENDER, "can_cancel": True, "can_self_check": True, "risky": RECIPIENTS[:2]},
    ),
    "sender, paused": ("approvals/sender.html", {**SENDER, "paused_until": LATER, "can_cancel": True}),
    "sender_done": (
        "approvals/sender_done.html",
        {
            "gist": GIST,
            "result": "送信をやめました。",
            "undo_url": "/s/token/undo",
            "eml_url": "/m/1/eml",
            "back_url": "/m/1/",
        },
    ),
    "queue": ("approvals/queue.html", {"rows": [{**ROW, "id": n} for n in range(8)], "next_url": "?after=8"}),
    "queue, empty": ("approvals/queue.html", {"rows": []}),
    "my": (
        "approvals/my.html",
        {
            "rows": [
                {**ROW, "id": n, "state": state, "release_at": LATER if n == 1 else None}
                for n, state in enumerate(STATES)
            ],
            "states": [(state, state) for state in STATES],
            "state": "held",
            "next_url": "?before=9",
        },
    ),
    "my, empty": ("approvals/my.html", {"rows": [], "states": []}),
    **{
        f"message, {tab}": ("approvals/message.html", {**MESSAGE, "tab": tab})
        for tab in ("gist", "body", "html", "attachments", "headers", "history", "changes")
    },
    "message, delivered to some": (
        "approvals/message.html",
        {
            **MESSAGE,
            "tab": "gist",
            "can_administer": False,
            "can_send_again": True,
            "gist": {
                **GIST,
                "hold": SimpleNamespace(id=HOLD.id, state="done"),
                "recipients": [
                    recipient(
                        "sato@partner.example", status="delivered", reply="250 2.0.0 Ok: queued as 4F1A2"
                    ),
                    recipient("nobody@partner.example", status="failed", reply="550 5.1.1 No such user here"),
                    recipient("maybe@partner.example", status="outcome_unknown"),
                ],
            },
        },
    ),
    "edit": (
        "approvals/edit.html",
        {
            "gist": GIST,
            "back_url": "/m/1/",
            "form": EditForm(MAIL, {"add_recipients": "", "subject": "x" * 600}),
        },
    ),
    "home": (
        "approvals/home.html",
        {"waiting_count": 3, "held_count": 1, "demo": True, "mailbox_url": "/mailbox/"},
    ),
    "403": ("403.html", {}),
    "404": ("404.html", {}),
    "429": ("429.html", {}),
    "403_csrf": ("403_csrf.html", {}),
    "500": ("500.html", {"request_id": "01930000"}),
    "503": ("503.html", {}),
}
