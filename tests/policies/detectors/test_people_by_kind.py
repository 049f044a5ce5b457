"""Persons whose labels nobody listed: known by how the label ends, by the sentence, and by their place in a list."""

from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def rows(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in lines)


def persons(content: str | tuple[tuple[str, ...], ...]) -> str:
    piece = Piece(content) if isinstance(content, str) else Piece(rows=content)
    return "; ".join(one.value for one in find([piece]) if one.type == "PERSON")


CALL = "\n電話：090-3812-5567"
PAPER = "\nPassport: TK1234567"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("出向者：松井 隼人" + CALL, "松井 隼人"),
        ("同伴者　小池　梨沙様" + CALL, "小池 梨沙"),
        ("同乗者：白井 聖殿" + CALL, "白井 聖"),
        ("里親ご希望者さま　津田　由紀" + CALL, "津田 由紀"),
        ("搭乗者名　福島直人 様" + CALL, "福島直人"),
        ("未受診者…古川 ひとみ" + CALL, "古川 ひとみ"),
        ("荷受け主、菅野 太一。電話は090-3812-5567です。", "菅野 太一"),
        ("出向者：松井 隼人 携帯電話：090-3812-5567", "松井 隼人"),
        ("給付対象者／永井 千秋" + CALL, "永井 千秋"),
        ("休職される方が松井 順子となります。電話は090-3812-5567です。", "松井 順子"),
        ("ご当人は大塚隆とのことです。" + CALL, "大塚隆"),
        ("今回の方は新井 啓太になります。" + CALL, "新井 啓太"),
        ("【申込みの方】西真由美" + CALL, "西真由美"),
        ("面談の相手が梶原 潤となります（090-3812-5567）。", "梶原 潤"),
        ("どなた…望月淑子" + CALL, "望月淑子"),
        ("参加者　飯田文子\nパスポート：TK1234567", "飯田文子"),
        (rows("【申請者】西真由美", "■旅券の番号：RS2538333"), "西真由美"),
        ("Badge bearer >> Imogen Castell" + PAPER, "Imogen Castell"),
        ("Person concerned >> Rajesh Iyer" + PAPER, "Rajesh Iyer"),
        ("Traveller concerned = Declan O'Hara" + PAPER, "Declan O'Hara"),
        ("Incoming occupier - Priya Raghunathan" + PAPER, "Priya Raghunathan"),
        ("Injured party: Wendell Oakes" + PAPER, "Wendell Oakes"),
        ("Policy beneficiary = Caspian Thorne\nSSN = 320-70-4065", "Caspian Thorne"),
        ("Chloe Lindqvist (New hire)" + PAPER, "Chloe Lindqvist"),
        (
            rows("Crew member", "Gareth Ibrahim", "Passenger - Beatrice Underwood"),
            "Gareth Ibrahim; Beatrice Underwood",
        ),
    ],
)
def test_a_label_that_ends_in_a_word_for_persons_names_one_without_the_title_behind(text, expected):
    assert persons(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Fiona Haddad travels on passport PV9713160 and Bethany Brennan on passport NB7156874.",
            "Fiona Haddad; Bethany Brennan",
        ),
        (
            "Passport MP1074383 belongs to Zachary Ibrahim, while Rosalind Prescott holds passport TK3572488.",
            "Zachary Ibrahim; Rosalind Prescott",
        ),
        ("Rajesh Hargrove told us the basic pension number is 4837-033606.", "Rajesh Hargrove"),
        ("The SSN we have for Jessica Rice is 120-70-4065.", "Jessica Rice"),
        ("The SSN for Maeve D'Arcy is 120-70-4065.", "Maeve D'Arcy"),
        ("Lucia Fernandez-Reid (new joiner) - SSN 120-70-4065", "Lucia Fernandez-Reid"),
        ("United Airlines checks passport TK1234567 and Human Resources has a copy.", ""),
        ("Passport TK1234567 was stamped and Border Force has confirmed it.", ""),
        ("Passport TK1234567 belongs to Head Office records.", ""),
        ("Jessica Rice is on leave until Monday.", ""),
    ],
)
def test_a_western_name_in_a_sentence_that_tells_of_papers_is_a_person(text, expected):
    assert persons(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "1) Derek Petrov; 070-9502-3773; a@example.net\n2) Nadia Lindqvist; 06-5685-7247; b@nifty.com",
            "Derek Petrov; Nadia Lindqvist",
        ),
        (
            "Order of fields: Client, Mobile, Contact email\n1) Ann Petrov; 070-9502-3773; a@example.net\n2) Ethan Okafor; 06-5685-7247; b@nifty.com",
            "Ann Petrov; Ethan Okafor",
        ),
        (
            "1) 13,322円 | 吉川 彩花 | 090-3812-5567\n2) 980円 | 長谷　弥生 | 080-3344-1199",
            "吉川 彩花; 長谷 弥生",
        ),
        ("1. 4,980円／早坂 仁美／090-4280-2272\n2. 720円／鶴田 浩／090-6558-9343", "早坂 仁美; 鶴田 浩"),
        ("A12 野上 翔　090-7209-3050\nA13 今泉 詩織　070-2489-4319", "野上 翔; 今泉 詩織"),
        (
            rows(
                "Export",
                "1) Aaron Kaplan | 720-628-6933 | a@mopera.net",
                "2) Daphne Yamada | 512-882-3314 | b@proton.me",
            ),
            "Aaron Kaplan; Daphne Yamada",
        ),
        ("1. 山口県庁 | 083-922-3111\n2. 石川県庁 | 076-225-1111", ""),
        ("・石川 工場長 090-1234-5678\n・前田 課長 080-1234-5678", ""),
        (
            "1) London Bridge; london@a.example; 090-1234-5678\n2) Paris Plaza; paris@b.example; 080-2345-6789",
            "",
        ),
        ("1) Opening Remarks; 090-1234-5678\n2) Market Overview; 080-2345-6789", ""),
    ],
)
def test_a_list_without_headers_tells_by_its_lines_where_the_names_are(text, expected):
    assert persons(text) == expected


def test_dates_long_ago_in_each_line_of_a_list_of_persons_are_of_birth():
    seats = (
        "8B Gideon Ashworth 1968/01/25 404-555-0163 a@example.net\n"
        "8C Tamsin Ashworth 1982/09/15 404-555-0178 b@example.org\n"
        "9A Rufus Penhaligon 1978/06/22 404-555-0192 c@example.net"
    )
    found = [one.value for one in find([Piece(seats)]) if one.type in ("PERSON", "BIRTHDATE")]
    assert found[:2] == ["Gideon Ashworth", "1968/01/25"]
    assert len(found) == 6
    bought = seats.replace("1968", "2021").replace("1982", "2022").replace("1978", "2023")
    assert not [one for one in find([Piece(bought)]) if one.type == "BIRTHDATE"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> 加入希望者\t電話\n> 中井 春香\t090-3812-5567\n> 小柳 健\t080-3344-1199", "中井 春香; 小柳 健"),
        (
            "お届け先名|科目|携帯\n宇野圭吾|当座|070-6541-2151\n今井 清|普通|090-3344-1199",
            "宇野圭吾; 今井 清",
        ),
        ("届け先氏名\t重量\t電話\n大野 隆\t12kg\t090-3812-5567", "大野 隆"),
        ("ご契約者名\t契約期間\t振込先銀行\t電話\n大野 隆\t1年\tみずほ\t090-3812-5567", "大野 隆"),
        ("登録者名\t引落金融機関\t店舗\t電話\n大野 隆\t十六銀行\t柏\t090-3812-5567", "大野 隆"),
        (
            "最終来店\tお客様\t配信先アドレス\n9月\t酒井　孝\ta@example.net\n3月\t上野瑞穂\tb@example.net",
            "酒井 孝; 上野瑞穂",
        ),
        (
            rows("支払先|支払額|振込口座", "高橋美咲|8,293,226|0418179", "吉田 健一|9,129|9976249"),
            "高橋美咲; 吉田 健一",
        ),
        (rows("支払先|支払額|振込口座", "東山木材|8,293,226|0418179", "西川鉄工|9,129|9976249"), ""),
        ("受診者氏名：小川 淳 生年月日：1972/10/13 連絡先：0566-77-2911", "小川 淳"),
        ("発注者\t金額\t電話\n東山木材\t12,000円\t03-5221-4410\n西川鉄工\t9,000円\t03-5221-4411", ""),
    ],
)
def test_words_of_a_header_are_no_names_and_what_stands_below_them_is(text, expected):
    assert persons(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "見積りです。\n\n介護センター木もれび　担当：栗原 勝\nTEL 03-5221-4410",
        "+------------------+\n 三つ葉整骨院\n 工藤 奈津子\n 〒642-0017\n Tel: 03-5221-4410\n+------------------+",
        "******************\n(株)東山木材\n滝沢\nTEL 03-5221-4410\n******************",
        "Vendor: Pinecrest Academy\nPhone: 617-558-1527",
        "登録者名：東京営業所" + CALL,
        "荷主：三井倉庫" + CALL,
        "契約者は森永 乳業です。" + CALL,
        "利用者＝一般 社員" + CALL,
        "訳者：柴田 元幸",
        "検収者：松本 翔太" + CALL,
        "担当する人は西川 誠です。電話は03-5221-4410です。",
        "司会の方：原田 健一" + CALL,
        "当方は大野 隆です。電話は090-1234-5678です。",
        "最寄り：上野 広小路" + CALL,
        "取材相手：港区 役所（03-5221-4410）",
        "佐々木　由美子 / Misaki Tanaka\nTEL 03-5221-4410",
        "Support engineer: Morgan Stanley\nPhone: 617-558-1527",
        "Worker: Queue Processor",
        "Driver: Intel Graphics\nPassenger: Front Seat",
        "1) Crystal Ballroom; 03-5221-4410\n2) Amber Suite; 03-5221-4411",
        "Owner: Platform Team" + PAPER,
    ],
)
def test_firms_senders_and_whoever_works_on_something_are_no_data(text):
    assert persons(text) == ""


def test_a_postal_code_between_bars_is_known_by_the_address_in_the_next_cell():
    text = "1) 長友　ひろみ | 642-0017 | 和歌山県海南市南赤坂2868 | 済"
    assert [one.value for one in find([Piece(text)]) if one.type == "POSTAL_CODE"] == ["642-0017"]
