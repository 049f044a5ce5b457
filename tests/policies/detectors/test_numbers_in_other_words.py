"""Numbers, secrets and marks in words of mails that we wrote before we looked at what the detectors know."""

from collections import Counter
from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def table(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in lines)


# Text, and what is to be found: type and value.
IN_PROSE = [
    ("番号法に基づく番号は 6214 9832 0257 です。", "MY_NUMBER 6214 9832 0257"),
    ("> 番号法に基づく番号をお知らせください。\n> 期限は今週です。\n621498320257 になります。", "MY_NUMBER 621498320257"),
    ("マイナンバーですが、読み上げますと「6214、9832、0257」です。", "MY_NUMBER 6214、9832、0257"),
    ("個 人 番 号：6214 9832 0257", "MY_NUMBER 6214 9832 0257"),
    ("マ イ ナ ン バ ー 6214 9832 0257", "MY_NUMBER 6214 9832 0257"),
    ("個人番号に誤りがありました。\n訂正前：621498320257", "MY_NUMBER 621498320257"),
    ("個人番号の記載が漏れていました。記載すべき番号は621498320257とのことです。", "MY_NUMBER 621498320257"),
    ("カードの表面にある12桁は 6214 9832 0257 でした。マイナンバーの提出は完了です。", "MY_NUMBER 6214 9832 0257"),
    ("個人番号又は法人番号：621498320257", "MY_NUMBER 621498320257"),
    ("マイNo 621498320257", "MY_NUMBER 621498320257"),
    ("事業者登録番号 T5-8356-7825-6246", "CORPORATE_NUMBER 5-8356-7825-6246"),
    ("Corporate number (Houjin bangou): 5835678256246", "CORPORATE_NUMBER 5835678256246"),
    ("Visa ending changed. New number: 4484 0712 3456 7897, valid thru 02/29.", "CREDIT_CARD 4484 0712 3456 7897"),
    ("Customer read out his card over the phone 4484071234567897.", "CREDIT_CARD 4484071234567897"),
    ("Use the corporate one please: 4484-0712-3456-7897 (12/26).", "CREDIT_CARD 4484-0712-3456-7897"),
    ("カード 4484 0712 3456 7897 12/26", "CREDIT_CARD 4484 0712 3456 7897"),
    ("チケットは私のカードで買ってください。4484 0712 3456 7897、名義はローマ字です。", "CREDIT_CARD 4484 0712 3456 7897"),
    ("番号 第 301234567810 号\n（運転免許証）", "DRIVER_LICENSE 301234567810"),
    ("Licence 301234567810 (Japan) was verified on 3 May.", "DRIVER_LICENSE 301234567810"),
    ("Guide needs everybody's passport. Mine: TR1234567. Yours?", "PASSPORT TR1234567"),
    ("お客様は旅券番号を控えています。本日分はMH5280841の1名です。", "PASSPORT MH5280841"),
    ("団員の旅券です。\n１．田中 花子（TR1234567）", "PERSON 田中 花子; PASSPORT TR1234567"),
    (
        "健康保険\n記号　　　　　　：12345\n番号　　　　　　：678",
        "HEALTH_INSURANCE_ID 12345-678",
    ),
    ("Insurance: symbol 12345, number 6789 - from the card.", "HEALTH_INSURANCE_ID 12345-6789"),
    ("保険証の確認がありました。記号が12345、番号が678です。", "HEALTH_INSURANCE_ID 12345-678"),
    ("年金の基礎番号　4512-345678", "PENSION_NUMBER 4512-345678"),
    ("証書の基礎年金番号・年金コードは 4512-345678-1150 です。", "PENSION_NUMBER 4512-345678"),
    ("保険証は後日、年金4512-345678。", "PENSION_NUMBER 4512-345678"),
    ("種別／普通\n番号／7654321", "BANK_ACCOUNT 7654321"),
    ("受取口座を変更します。旧：7654321 新：7654322", "BANK_ACCOUNT 7654321; BANK_ACCOUNT 7654322"),
    ("For direct deposit use routing 021000021, acct 123908755, checking.", "BANK_ACCOUNT 123908755"),
    ("My social is 536-22-8145, the EIN is on the form.", "US_SSN 536-22-8145"),
    ("> Could you send the SSN again?\nSure, it's 536 22 8145.", "US_SSN 536 22 8145"),
    ("For the record, hers is 536-22-8145 (SSN).", "US_SSN 536-22-8145"),
    ("来客用の無線LANの暗号化キーは kywds073M です。", "CREDENTIAL kywds073M"),
    ("The admin pw for the router is 8YZVo8sTq8k, please change it.", "CREDENTIAL 8YZVo8sTq8k"),
    ("The password for info@ was changed to girMAV+lg0P7 today.", "CREDENTIAL girMAV+lg0P7"),
    ("タブレットのロック解除は 5937（暗証番号）です。", "CREDENTIAL 5937"),
    ("The alarm code for the warehouse is 7719. Disarm at once.", "CREDENTIAL 7719"),
    ("Safe combination / PIN 902144 (memorise it)", "CREDENTIAL 902144"),
    ("jdbc:sqlserver://sql01;user=erp;password=51e9ILjbb;encrypt=true", "CREDENTIAL 51e9ILjbb"),
    ("redis://:lySREiBSseQl@cache.internal.example:6379/0", "CREDENTIAL lySREiBSseQl"),
    ("Authorization: Basic c3ZjOnJxNnFqUVhiMEFp", "CREDENTIAL c3ZjOnJxNnFqUVhiMEFp"),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow1Bq/7Zb5hJsvu\n-----END RSA PRIVATE KEY-----",
        "CREDENTIAL -----BEGIN RSA PRIVATE KEY-----",
    ),
    ("Privileged and Confidential\nOur view is below.", "CONFIDENTIAL_MARK Privileged and Confidential"),
    ("Please treat the attached as strictly confidential.", "CONFIDENTIAL_MARK strictly confidential"),
    ("Classification: Restricted", "CONFIDENTIAL_MARK Restricted"),
    ("添付の資料は社外秘に指定されています。", "CONFIDENTIAL_MARK 社外秘"),
    ("This confidential memo covers the merger.", "CONFIDENTIAL_MARK confidential"),
    ("社内限定の資料です", "CONFIDENTIAL_MARK 社内限定"),
    ("秘密情報\n本書面の開示先は貴社に限ります。", "CONFIDENTIAL_MARK 秘密情報"),
]  # fmt: skip
IN_TABLES = [
    (  # a header of two rows
        table("社員|保険証||口座情報", "|記号|番号|口座番号", "大野 健一|12345|678|7654321"),
        "PERSON 大野 健一; HEALTH_INSURANCE_ID 12345-678; BANK_ACCOUNT 7654321",
    ),
    (  # in two languages
        table("氏名|個人番号|口座番号", "Name|Individual No.|Account No.", "大野 健一|621498320257|7654321"),
        "PERSON 大野 健一; MY_NUMBER 621498320257; BANK_ACCOUNT 7654321",
    ),
    (  # beside one another
        table("項目|1人目|2人目", "免許証番号|301234567810|301234567812", "旅券番号|TR1234567|TK7654321"),
        "DRIVER_LICENSE 301234567810; DRIVER_LICENSE 301234567812; PASSPORT TR1234567; PASSPORT TK7654321",
    ),
    (table("店舗|基礎年金番号（10桁）", "本店|4512-345678"), "PENSION_NUMBER 4512-345678"),
    (table("emp_id|ssn|bank_account|net_pay", "4711|536-22-8145|642436066|3137.50"),
     "US_SSN 536-22-8145; BANK_ACCOUNT 642436066"),
    (table("EmployeeID|myNumber", "4711|621498320257"), "MY_NUMBER 621498320257"),
    (table("旅券番号（英字2＋数字7）|期限", "TR1234567|2031"), "PASSPORT TR1234567"),
    (table("支払先|個人番号又は法人番号", "甲|621498320257", "乙|5835678256246"),
     "MY_NUMBER 621498320257; CORPORATE_NUMBER 5835678256246"),
    (table("氏名|保険者番号|記号|番号", "大野 健一|06139463|12345|678"),
     "PERSON 大野 健一; HEALTH_INSURANCE 06139463; HEALTH_INSURANCE_ID 12345-678"),
    (table("Rate|api key|State", "12|kX9vLq2bT7|OR"), "CREDENTIAL kX9vLq2bT7"),
]  # fmt: skip
CLEAN = [
    "記入例）個人番号：123456789012　口座番号：1234567",
    "（見本）個人番号 6214 9832 0257 / 口座番号 7654321",
    "For example, an account number looks like 7654321 and an SSN like 123-45-6789.",
    "文書の機密区分は「極秘」「社外秘」「一般」の3つです。",
    "社外秘の資料を送るときは上長の承認を取ってください。",
    "社外秘資料の返却期限は6月末です。",
    "部外秘の指定が外れました。",
    "この資料は社外秘の対象外です。",
    "機密情報とは、社外秘および極秘に区分された情報をいいます。",
    "The memo is no longer marked confidential.",
    "This is the public version; the confidential parts were removed.",
    "Confidential waste bins are on floor 2.",
    "Do not send confidential data by mail.",
    "Confidential papers go into the grey bin.",
    "社外秘の扱いは終わりました。自由にお使いください。",
    "社外秘の書類は鍵のかかる棚へ。",
    "社外秘に指定された文書の一覧を更新してください。",
    "極秘と書かれた箱がありました。",
    "Our GL account 5618887 is closed.",
    "account balance 1234567",
    "普通列車 1234567",
    "年金手帳の1ページ目に記載されています。問い合わせ受付 3713-151955",
    "記号 12345 の部品を 678 個",
    "測定値 4484 0712 3456 7897 1204 3312",
    "api_key = ${API_KEY}",
    "パスワードの変更方法：設定＞アカウント＞Security2",
    "アクセストークンの有効期限は3600秒です。",
    "JAN 数量\n4974909325833 55 2",
    "商標登録番号 5835678256246",
    "図書カード：4484071234567897",
    "Loyalty card 4484071234567897 has 1,240 points left.",
]


def _found(content: str | tuple[tuple[str, ...], ...]) -> Counter[tuple[str, str]]:
    piece = Piece(text=content) if isinstance(content, str) else Piece(rows=content)
    return Counter((one.type, one.value) for one in find([piece]))


@pytest.mark.parametrize(("content", "expected"), [*IN_PROSE, *IN_TABLES], ids=lambda value: str(value)[:30])
def test_a_number_a_secret_or_a_mark_is_found_in_other_words(content, expected):
    assert _found(content) == Counter(tuple(part.split(" ", 1)) for part in expected.split("; "))


@pytest.mark.parametrize("text", CLEAN, ids=lambda text: text[:30])
def test_what_is_only_talked_about_or_looks_alike_is_no_finding(text):
    assert not _found(text)


@pytest.mark.parametrize("beside", ["12.50\n{}", "{}\n4711", "340\n{}\n12", "{} 2026"])
@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("個人番号", "6214 9832 0257"),
        ("クレジットカード", "4484 0712 3456 7897"),
        ("免許証番号", "301234567810"),
    ],
)
def test_another_number_beside_it_hides_none(label, number, beside):
    assert number in {one.value for one in find([Piece(f"{label}\n" + beside.format(number))])}
