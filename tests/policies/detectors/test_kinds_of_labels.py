"""Numbers, secrets and marks whose labels stand in no list: each is told by a kind of label, or of sentence."""

from collections import Counter
from dataclasses import dataclass
from time import process_time

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


# Text, and what is to be found: type and value.
ABBREVIATED = [
    ("S.S.N. : 536-22-8145", "US_SSN 536-22-8145"),
    ("S. S. # 536-22-8145 (Texas office)", "US_SSN 536-22-8145"),
    ("T.I.N. on the form: 536-22-8145", "US_SSN 536-22-8145"),
    ("P.P. No.: TK4471829", "PASSPORT TK4471829"),
    ("P/P number - TK4471829", "PASSPORT TK4471829"),
    ("PP number: TK4471829", "PASSPORT TK4471829"),
    ("D. O. B. 3 May 1984", "BIRTHDATE 3 May 1984"),
    ("Baby of Ms. Hart, D/O/B 12 Nov 2019", "BIRTHDATE 12 Nov 2019"),
    ("D.L.N. 301234567810", "DRIVER_LICENSE 301234567810"),
    ("Mizuho Bank, Shinjuku branch, ordinary, A.C. No. 4471823", "BANK_ACCOUNT 4471823"),
    ("国年番号：4471-829310", "PENSION_NUMBER 4471-829310"),
    ("厚年基礎番号: 4471‐829310", "PENSION_NUMBER 4471-829310"),
    ("めんきょ番号 → 301234\n567810", "DRIVER_LICENSE 301234\n567810"),
    ("運転免許証№301234\n567810", "DRIVER_LICENSE 301234\n567810"),
]
ON_PAPERS = [
    ("通知カード記載番号は6214-9832-\n0257です。", "MY_NUMBER 6214-9832-\n0257"),
    ("マイナンバー通知書に載っている番号　6214-9832-\n0257", "MY_NUMBER 6214-9832-\n0257"),
    ("個人番号カード裏面記載の12桁の番号：621498320257", "MY_NUMBER 621498320257"),
    ("免許証の第○号欄：第301234567810号", "DRIVER_LICENSE 301234567810"),
    ("運転免許証の表面に書いてある12桁の番号　301234567810", "DRIVER_LICENSE 301234567810"),
    ("パスポの番号: TK4471829", "PASSPORT TK4471829"),
    ("旅券に印字の記号番号　TK4471829", "PASSPORT TK4471829"),
    ("渡航文書に記載の番号＝TK4471829", "PASSPORT TK4471829"),
    ("パスポートの一番下に印字されている番号はTK4471829です", "PASSPORT TK4471829"),
    ("red booklet (passport) = TB 6551752", "PASSPORT TB 6551752"),
    ("ねんきん定期便の番号：4471-829310", "PENSION_NUMBER 4471-829310"),
    ("年金証書に載っている番号：4471-829310", "PENSION_NUMBER 4471-829310"),
    ("厚生年金の証書番号 4471-829310", "PENSION_NUMBER 4471-829310"),
    ("年金10桁＝4471 829310", "PENSION_NUMBER 4471 829310"),
    ("Social Security card no.: 536-22-8145", "US_SSN 536-22-8145"),
    ("Social - 536-22-8145", "US_SSN 536-22-8145"),
    ("Insurer number on card: 06139463", "HEALTH_INSURANCE 06139463"),
    ("Insurer number shown on the certificate: 06139463", "HEALTH_INSURANCE 06139463"),
    ("06139463（保険証の8桁（保険者））", "HEALTH_INSURANCE 06139463"),
]
SYMBOLS = [
    ("健保組合の証：（記号）4521（番号）67890", "HEALTH_INSURANCE_ID 4521-67890"),
    ("組合員証〔記号〕4521〔番号〕678901", "HEALTH_INSURANCE_ID 4521-678901"),
    ("保険証の控え：記号4521番号678", "HEALTH_INSURANCE_ID 4521-678"),
    ("ご本人の記号番号＝61775 の 37145", "HEALTH_INSURANCE_ID 61775-37145"),
    ("保険証 記号：4521 / 番号：678901", "HEALTH_INSURANCE_ID 4521-678901"),
    ("Health insurance ID: 7893-35381", "HEALTH_INSURANCE_ID 7893-35381"),
    ("Her medical insurance number is 4521-678901.", "HEALTH_INSURANCE_ID 4521-678901"),
]
CARDS = [
    ("16 digits on the front: 4484-0712-3456-7897 valid until 02/28", "CREDIT_CARD 4484-0712-3456-7897"),
    ("Put it on the card 44840712 34567897 (11/26) as usual.", "CREDIT_CARD 44840712 34567897"),
    ("You may bill 44840712 34567897, good through 04/29.", "CREDIT_CARD 44840712 34567897"),
    ("448407 1234567897 valid till 04/29, name on it is K. Ono", "CREDIT_CARD 448407 1234567897"),
    ("表面の番号 44840712 34567897　有効期限 09/28", "CREDIT_CARD 44840712 34567897"),
    ("有効期限 09/28、控えの数字は 44840712 34567897", "CREDIT_CARD 44840712 34567897"),
]
SECRETS = [
    ("Use 68Bno9Rg6NvT as the password for now.", "CREDENTIAL 68Bno9Rg6NvT"),
    ("You get in with user admin and qW8zr4Tn as its password.", "CREDENTIAL qW8zr4Tn"),
    ("qW8zr4Tn is the password for the NAS.", "CREDENTIAL qW8zr4Tn"),
    ("I changed the password to 9VZBaZ4H4Ka last night.", "CREDENTIAL 9VZBaZ4H4Ka"),
    ("The admin password was rotated to qW8zr4Tn9 on Friday.", "CREDENTIAL qW8zr4Tn9"),
    ("管理画面にはadminとQxPz7VYL%rFQというパスワードで入れます。", "CREDENTIAL QxPz7VYL%rFQ"),
    ("ルーターはkR7vPq2mXがパスワードになっています。", "CREDENTIAL kR7vPq2mX"),
    ("共有フォルダは qW8zr4Tn9 って暗証で開きます。", "CREDENTIAL qW8zr4Tn9"),
    ("Guest wifi for the meeting.\n\nVPN password: PU7DCsyF", "CREDENTIAL PU7DCsyF"),
    ("it's admin / GOZwAu99q5k on the staging box (login / password)", "CREDENTIAL GOZwAu99q5k"),
]
MARKS = [
    ("[社内秘]", "CONFIDENTIAL_MARK 社内秘"),
    ("＜部内秘＞", "CONFIDENTIAL_MARK 部内秘"),
    ("＜園内秘＞\n献立の原価です。", "CONFIDENTIAL_MARK 園内秘"),
    ("【市外秘】売価表", "CONFIDENTIAL_MARK 市外秘"),
    ("右上に機密情報と入れてあります。", "CONFIDENTIAL_MARK 機密情報"),
    ("この表紙には極秘と印字してあります。", "CONFIDENTIAL_MARK 極秘"),
    ("Treat as Highly Confidential.", "CONFIDENTIAL_MARK Highly Confidential"),
    ("Treat this deck as Strictly Confidential.", "CONFIDENTIAL_MARK Strictly Confidential"),
]
BORN = [
    ("うまれ: 1988/06/17", "BIRTHDATE 1988/06/17"),
    ("生れ：昭和59年5月3日", "BIRTHDATE 昭和59年5月3日"),
    ("ｾｲﾈﾝｶﾞｯﾋﾟ：1988/06/17", "BIRTHDATE 1988/06/17"),
]
CLEAN = [
    "監視対象 192.168.102.125 を再起動しました。運転免許の件は別便で。",
    "パスワード：別メール参照\nアプリ ver.6.10.891",
    "API token page: see release v2.10.4471.",
    "The password was set to expire on 2026-12-01.",
    "I changed the password to something longer last night.",
    "password1234というパスワードは使わないでください。",
    "Ticket ABC-12345 is for the password reset.",
    "VPN password: unchanged.",
    "We will publish the confidential reporting hotline soon.",
    "Our confidential helpline opens in May.",
    "It was Company Confidential until March, now everybody may read it.",
    "The contract used to be Company Confidential, it is public now.",
    "極秘という表記は削除済みです。",
    "部内秘という区分は来月から廃止します。",
    "資料に極秘と書く場合は部長に相談してください。",
    "院内秘書の募集について",
    "We handle every application as strictly confidential.",
    "伝票 44840712 34567897 は11/26に出荷しました。",
    "Gift voucher 4484 0712 3456 7897, valid until 04/29",
    "賞味期限 04/29　品番 44840712 34567897",
    "16 digits on the front of the meter: 4484 0712 3456 7897",
    "記号4521の部品を番号678の棚に戻してください。",
    "パスポートの申請の受付番号 TK4471829",
    "旅券課の整理券番号 TK4471829",
    "免許証の更新予約番号 301234567810",
    "マイナンバーカードの交付予約番号：621498320257",
    "年金相談の予約番号 4471-829310",
    "教員免許状の番号 301234567810 を確認しました。",
    "保険証券番号：12345-678901",
    "A/C unit 4471823 needs a new filter.",
    "Dr. A. C. Rao, ext. 4471823, will call.",
    "うまれ変わった店舗 2019年5月3日オープン",
]


def _found(piece: Piece) -> Counter[str]:
    return Counter(f"{one.type} {one.value}" for one in find([piece]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [*ABBREVIATED, *ON_PAPERS, *SYMBOLS, *CARDS, *SECRETS, *MARKS, *BORN],
    ids=lambda text: text[:30],
)
def test_a_label_of_a_known_kind_needs_no_list(text, expected):
    assert _found(Piece(text)) == Counter([expected])


@pytest.mark.parametrize("text", CLEAN, ids=lambda text: text[:30])
def test_what_has_the_looks_of_such_a_label_is_left_alone(text):
    assert not _found(Piece(text))


def _customers(header: str) -> tuple[tuple[str, ...], ...]:
    return (
        ("氏名", header, "電話"),
        ("大野 健一", "1984/05/03", "080-4471-8293"),
        ("石原 千尋", "S46.11.23", "080-4471-8294"),
        ("栗原 航", "1999年1月3日", "080-4471-8295"),
    )


def _births(header: str) -> list[int]:
    rows = _customers(header)
    typed = "\n".join("\t".join(row) for row in rows)
    return [
        sum(one.type == "BIRTHDATE" for one in find([piece]))
        for piece in (Piece(rows=rows), Piece(text=typed))
    ]


@pytest.mark.parametrize("header", ["B.D.", "B/D", "ﾀﾝｼﾞｮｳﾋﾞ", "うまれ", "バースディ", "Geburtstag"])
def test_a_column_of_births_is_one_whatever_its_header(header):
    assert _births(header) == [3, 3]


@pytest.mark.parametrize(
    "header", ["入社", "最終来店", "契約年月", "資格取得", "保証満了", "Hired", "Last order", "点検"]
)
def test_a_column_of_other_dates_is_none_of_births(header):
    assert _births(header) == [0, 0]


def test_dates_of_the_last_years_are_no_births_without_a_header_that_says_so():
    rows = (
        ("氏名", "ジュニア", "電話"),
        *(("大野 健一", f"20{year}/05/03", "080-4471-8293") for year in (18, 21, 24, 26)),
    )
    assert not [one for one in find([Piece(rows=rows)]) if one.type == "BIRTHDATE"]


def test_dates_beside_no_persons_are_no_births():
    rows = (
        ("品名", "世代", "価格"),
        *((f"機種{year}", f"19{year}/05/03", "12,000") for year in (60, 71, 82, 93)),
    )
    assert not _found(Piece(rows=rows))


_INDIVIDUAL = ("789002638846", "278570760805", "752587003530", "156903988045")


def test_a_list_of_individual_numbers_needs_no_header():
    text = "\n".join(f"{at}) 当座 | 37021{at}2 | {number} | B5{at}" for at, number in enumerate(_INDIVIDUAL))
    found = [one.value for one in find([Piece(text)]) if one.type == "MY_NUMBER"]
    assert found == list(_INDIVIDUAL)


@pytest.mark.parametrize(
    "numbers",
    [
        _INDIVIDUAL[:3],
        (*_INDIVIDUAL[:3], "156903988046"),
        (*_INDIVIDUAL[:2], "789002638840", *_INDIVIDUAL[2:]),
    ],
    ids=["few", "last without check digit", "one within without check digit"],
)
def test_a_list_in_which_a_check_digit_may_be_chance_is_none(numbers):
    assert not _found(Piece("\n".join(f"{at}) | {number} | B5{at}" for at, number in enumerate(numbers))))


def test_one_column_is_read_as_lines_so_a_number_may_go_on_in_the_next_row():
    rows = (("控え",), ("通知カード記載番号は6214-9832-",), ("0257です",))
    assert _found(Piece(rows=rows)) == Counter(["MY_NUMBER 6214-9832-\n0257"])


_SECONDS = 15  # of a slow machine; a second or two elsewhere


@pytest.mark.parametrize("line", ["password ", "S.S.N. No. ", "password to X1 is the password "])
def test_labels_that_are_repeated_thousands_of_times_are_read_within_bounds(line):
    before = process_time()
    find([Piece((line * 8_000)[:60_000])])
    assert process_time() - before < _SECONDS
