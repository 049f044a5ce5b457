"""The demo's people and mail, as a table; approvals/demo.py lets it all happen."""

from dataclasses import dataclass

from approvals.demo_files import CUSTOMER_NAMES as NAMES


@dataclass(frozen=True, slots=True)
class Mail:
    """One demo mail: who writes to whom, what, how long ago in minutes, and what becomes of it."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    fate: str
    minutes: int
    attachment: str = ""
    charset: str = "utf-8"
    # Which of the texts in demo_files the attachment holds.
    holds: str = ""


TARO, HANAKO, ICHIRO, EMMA, KEN, ADMIN = "taro", "hanako", "ichiro", "emma", "ken", "admin"
PEOPLE = {
    # key: name, department, manager, language
    HANAKO: ("佐藤 花子", "営業部", None, "ja"),
    TARO: ("山田 太郎", "営業部", HANAKO, "ja"),
    ICHIRO: ("鈴木 一郎", "営業部", HANAKO, "ja"),
    KEN: ("Ken Takahashi", "Engineering", None, "en"),
    EMMA: ("Emma Clark", "Engineering", KEN, "en"),
    ADMIN: ("管理 まもる", "", None, "ja"),
}

DAY = 24 * 60
JA = "お世話になっております。\n\n{0}\n\nどうぞよろしくお願いいたします。\n"
EN = "Hello,\n\n{0}\n\nKind regards,\nEmma\n"

MAILS = (
    Mail(
        TARO,
        ("hanako@customer-tokyo.example",),
        "【ご送付】10月分のお見積書について",
        JA.format("お見積書をお送りします。ご査収ください。"),
        "held",
        12,
        "見積書.pdf",
    ),
    Mail(
        TARO,
        ("sato@partner.example", "jiro@customer-osaka.example"),
        "顧客名簿の送付",
        JA.format(
            "ご依頼の名簿(12名様分)を添付します。社外秘ですので、お取り扱いにご注意ください。\n"
            "名簿についてのお問い合わせは、山本 彩(電話 03-0000-0101)までお願いします。"
        ),
        "held",
        35,
        "顧客名簿_2026.csv",
        holds="customers",
    ),
    Mail(
        ICHIRO,
        ("tanaka@partner.example",),
        "来週の訪問先",
        JA.format(
            "来週の訪問先とお電話番号です。\n\n"
            + "\n".join(f"{n}. {NAMES[n - 1]}様 電話 03-0000-01{n:02}" for n in range(1, 11))
        ),
        "held",
        55,
    ),
    Mail(
        ICHIRO,
        ("info@shop.example",),
        "発注書 No.2214",
        JA.format("発注書を添付いたします。納期のご確認をお願いします。"),
        "held",
        90,
        "発注書.pdf",
        "iso-2022-jp",
    ),
    Mail(
        ICHIRO,
        ("yamamoto@customer-tokyo.example",),
        "打ち合わせ議事録(①㈱山本商事様)",
        JA.format("本日の議事録です。"),
        "held",
        150,
        "議事録.txt",
        holds="minutes",
    ),
    Mail(
        EMMA,
        ("events@supplier.example", "jane@supplier.example"),
        "Attendees of the workshop",
        EN.format(
            "the list of the twelve attendees is attached. It is confidential.\n"
            "If anything is missing, please call Jane Miller (phone 202-555-0101)."
        ),
        "held",
        15,
        "attendees.csv",
        holds="attendees",
    ),
    Mail(
        EMMA,
        ("jane@supplier.example",),
        "Drawing rev. C",
        EN.format("please find the drawing attached."),
        "held",
        25,
        "drawing-c.pdf",
    ),
    Mail(
        EMMA,
        ("qa@lab.example", "bob@supplier.example"),
        "Test report 41",
        EN.format("the report is attached; figures on page 3 are final."),
        "held",
        70,
        "report-41.pdf",
    ),
    Mail(
        TARO,
        ("info@customer-tokyo.example",),
        "次回お打ち合わせの日程",
        JA.format("来週の火曜日はいかがでしょうか。"),
        "waiting",
        0,
    ),
    Mail(
        ICHIRO,
        ("tanaka@partner.example",),
        "納品日のご連絡",
        JA.format("12月3日に納品いたします。"),
        "waiting",
        0,
        "",
        "shift_jis",
    ),
    Mail(
        EMMA,
        ("tom@vendor.example",),
        "Access to the test server",
        EN.format("could you open port 8443 for us?"),
        "waiting",
        0,
    ),
    Mail(
        KEN,
        ("alice@university.example",),
        "Guest lecture in January",
        "Dear Alice,\n\nwould 14 January suit you?\n\nKen\n",
        "waiting",
        0,
    ),
    Mail(
        HANAKO,
        ("kaicho@customer-osaka.example",),
        "ご挨拶",
        JA.format("先日はありがとうございました。"),
        "paused",
        20,
    ),
    Mail(
        EMMA,
        ("press@news.example",),
        "Draft of the announcement",
        EN.format("this is the draft. Please do not publish it yet."),
        "paused",
        40,
    ),
    Mail(
        TARO,
        ("sales@customer-tokyo.example",),
        "請求書 2026-1101",
        JA.format("請求書をお送りします。"),
        "edited",
        60,
        "請求書.pdf",
    ),
    Mail(
        EMMA,
        ("legal@client.example",),
        "Contract, clean copy",
        EN.format("the clean copy is attached."),
        "edited",
        80,
        "contract.pdf",
    ),
    *(
        Mail(
            TARO,
            (f"kokyaku{n}@customer-tokyo.example",),
            f"お見積りの件({n}月分)",
            JA.format(f"{n}月分のお見積りです。"),
            "approved",
            600 + (6 - n) * 2 * DAY,
            f"見積_{n}月.pdf",
        )
        for n in range(1, 6)
    ),
    *(
        Mail(
            EMMA,
            (f"buyer{n}@client.example",),
            f"Offer 26-{n:03}",
            EN.format("our offer is attached."),
            "approved",
            700 + (4 - n) * 3 * DAY,
            f"offer-{n}.pdf",
        )
        for n in range(1, 4)
    ),
    *(
        Mail(
            ICHIRO,
            (f"eigyo{n}@partner.example",),
            f"お礼({n}回目)",
            JA.format("ご来社ありがとうございました。"),
            "sent",
            300 + (5 - n) * 2 * DAY,
        )
        for n in range(1, 5)
    ),
    *(
        Mail(
            EMMA,
            (f"team{n}@vendor.example",),
            f"Weekly status {n}",
            EN.format("all green this week."),
            "sent",
            400 + (4 - n) * 3 * DAY,
        )
        for n in range(1, 4)
    ),
    Mail(
        ICHIRO,
        ("tanaka@partner.example",),
        "新価格のご相談",
        JA.format("社外秘でお願いいたします。新価格の案を来週ご説明に伺います。"),
        "sent",
        4 * DAY,
    ),
    Mail(
        TARO,
        ("hanako@customer-tokyo.example",),
        "次期計画の概要",
        JA.format("次期計画の概要です。\n【社外秘】来期は生産拠点を移す予定です。"),
        "sent",
        9 * DAY,
    ),
    Mail(
        ICHIRO,
        ("info@shop.example",),
        "新製品のご案内",
        JA.format("こちらの情報は社外秘ではありません。ご自由にお使いください。"),
        "sent",
        6 * DAY,
    ),
    Mail(
        EMMA,
        ("tom@vendor.example",),
        "Roadmap for next year",
        EN.format("CONFIDENTIAL\n\nthe new controller ships in May."),
        "sent",
        5 * DAY,
    ),
    Mail(
        TARO,
        ("jiro@customer-osaka.example",),
        "展示会のご来場者",
        JA.format("展示会にお越しになった方の一覧です。"),
        "approved",
        3 * DAY,
        "来場者.csv",
        holds="customers",
    ),
    Mail(
        EMMA,
        ("friend@freemail.example",),
        "List for the weekend",
        EN.format("I will finish this at home."),
        "rejected",
        7 * DAY,
        "attendees.csv",
        holds="attendees",
    ),
    Mail(
        HANAKO,
        ("taro", "ichiro"),
        "来週の予定",
        "各位\n\n月曜の定例は10時からです。\n\n佐藤\n",
        "internal",
        30,
    ),
    Mail(KEN, ("emma",), "Code review", "Emma,\n\nplease look at branch 42.\n\nKen\n", "internal", 45),
    Mail(
        TARO,
        ("suzuki@customer-tokyo.exmaple",),
        "【至急】ご確認ください",
        JA.format("添付をご確認ください。"),
        "canceled",
        260,
    ),
    Mail(EMMA, ("all@competitor.example",), "Price list", EN.format("prices below."), "canceled", 410),
    Mail(
        ICHIRO,
        ("kojin@freemail.example",),
        "自宅で続きをやります",
        JA.format("資料を自分宛に送ります。"),
        "rejected",
        500,
        "社外秘_原価表.csv",
        holds="prices",
    ),
    Mail(
        EMMA,
        ("friend@freemail.example",),
        "Look at this",
        EN.format("our new board!"),
        "rejected",
        520,
        "board-layout.pdf",
    ),
    Mail(
        TARO,
        ("buchou@customer-osaka.example",),
        "価格改定のご案内",
        JA.format("価格改定についてご案内いたします。"),
        "expired",
        2900,
        "価格表.pdf",
    ),
    Mail(
        ICHIRO,
        ("unknown@nowhere.example",),
        "テスト",
        "テスト\n",
        "discarded",
        1300,
        "test.csv",
        holds="prices",
    ),
    Mail(EMMA, ("gone@client.example",), "Invitation", EN.format("please join us on Friday."), "failed", 800),
    Mail(
        TARO,
        ("slow@customer-osaka.example",),
        "カタログのご案内",
        JA.format("カタログをご案内いたします。"),
        "unknown",
        900,
    ),
)
