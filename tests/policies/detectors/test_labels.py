"""Every label word with every way of writing it, and the words that say a number is something harmless."""

from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


WAYS = [
    "{label}: {value}", "{label}は{value}です。", "{label} → {value}", "{label}\n{value}", "【{label}】{value}", "{label}（{value}）",
    "・{label}＝{value}", "{label}につきましては{value}となります", "■{label}\n\u3000{value}", "{label}「{value}」", "{label} - {value}",
]  # fmt: skip
LABELS = {
    "MY_NUMBER": ("6214-9832-0257", "個人番号|マイナンバー|ﾏｲﾅﾝﾊﾞｰ|マイナンバーカード番号|個番|本人の個人番号|My Number|MN"),
    "CORPORATE_NUMBER": ("5835678256246", "法人番号|法人No.|インボイス番号|適格請求書発行事業者登録番号|Corporate Number"),
    "CREDIT_CARD": ("4484 0712 3456 7897", "クレジットカード番号|カードNo.|決済カード|法人カード|VISA|Card number"),
    "DRIVER_LICENSE": ("301234567810", "運転免許証番号|免許番号|免許証の番号|運転免許|Driver's License No."),
    "PASSPORT": ("TR1234567", "パスポート番号|旅券番号|旅券No.|旅券の番号|Passport Number"),
    "HEALTH_INSURANCE": ("06139463", "保険者番号|保険者No.|保険者|健保の保険者番号"),
    "HEALTH_INSURANCE_ID": ("12345・678", "記号番号|記号・番号|被保険者証記号番号|保険証番号|被保険者番号"),
    "PENSION_NUMBER": ("4512-345678", "基礎年金番号|年金番号|年金手帳番号|基礎年金No."),
    "BANK_ACCOUNT": ("1234567", "口座番号|振込先|給与振込口座|お振込先口座|返金先|銀行口座|口座No."),
    "US_SSN": ("536-22-8145", "SSN|Social Security Number|Social Security No.|Soc. Sec. No."),
    "PHONE": ("090-1234-5678", "TEL|Tel.|お電話番号|携帯|緊急連絡先|Phone|Mobile|ケータイ|℡"),
    "BIRTHDATE": ("S55.3.4", "生年月日|お誕生日|DOB|Date of Birth|出生日|生年月日（和暦）"),
    "PERSON": ("大野　健一", "氏名|お名前|社員名|顧客名|フルネーム|契約者氏名|Full name|ご芳名|患者名"),
    "ADDRESS": ("大阪市北区梅田三丁目1番3号", "住所|ご自宅住所|現住所|お届け先|居住地|本籍地|お届け先住所"),
    "CREDENTIAL": ("kX9#vLq2", "パスワード|初期パスワード|ログインパスワード|password|PW"),
}  # fmt: skip
HARMLESS = [
    "ご注文番号",
    "受注番号",
    "伝票番号",
    "送り状No.",
    "お問い合わせ番号",
    "追跡番号",
    "資産番号",
    "見積番号",
    "請求書番号",
    "契約番号",
    "整理番号",
    "案件ID",
    "品番",
    "型式",
    "シリアル番号",
    "部品番号",
    "図番",
    "ロット番号",
    "受付番号",
    "予約番号",
    "会員番号",
    "社員番号",
    "診察券番号",
    "申込番号",
    "稟議番号",
    "取引ID",
    "車台番号",
    "工番",
    "連番",
    "検索キー",
    "設備番号",
    "検体番号",
    "コンテナ番号",
    "Order No.",
    "Tracking number",
    "Invoice no.",
    "Contract ref",
    "Part number",
    "SKU",
    "Serial number",
    "Ticket",
    "Voucher",
    "Lot no.",
    "Booking ref",
    "Customer ID",
    "PO number",
    "Transaction ID",
    "Drawing no.",
    "RMA",
    "Policy number",
    "Equipment ID",
    "Inventory number",
]
# Each could be the number of somebody: check digits and issuer fit.
NUMBERS = ("621498320257", "6214-9832-0257", "5835678256246", "4484-0712-3456-7897", "301234567810", "TR1234567", "06139463",
           "4512-345678", "1234567", "536-22-8145", "123-4567", "12345-678")  # fmt: skip
ABOUT = "マイナンバー・旅券・口座・クレジットカード・免許証・年金番号の件は別途ご連絡します。\n\n"


@pytest.mark.parametrize("kind", LABELS)
def test_each_label_speaks_for_its_value_in_each_way_of_writing(kind):
    value, labels = LABELS[kind]
    for label in labels.split("|"):
        for way in WAYS:
            text = way.format(label=label, value=value)
            found = [one.type for one in find([Piece(f"お世話になります。\n{text}\nよろしくお願いします。")])]
            assert found == [kind], text


@pytest.mark.parametrize("kind", LABELS)
def test_each_label_speaks_for_its_column_and_for_the_cell_beside_it(kind):
    value, labels = LABELS[kind]
    for label in labels.split("|"):
        below = (("No.", label, "備考"), ("1", value, "済"))
        beside = (("部署", "営業"), (label, value), ("備考", "済"))
        for rows in (below, beside):
            assert [one.type for one in find([Piece(rows=rows)])] == [kind], rows


@pytest.mark.parametrize("label", HARMLESS)
@pytest.mark.parametrize("before", ["", ABOUT], ids=["alone", "in a message about personal data"])
def test_a_number_that_is_called_something_else_is_left_alone(label, before):
    for number in NUMBERS:
        for way in ("{}: {}", "{} {}", "{}は{}です。", "{}\n{}", "【{}】{}", "{}（{}）"):
            text = before + way.format(label, number)
            assert find([Piece(text)]) == [], text


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("MY_NUMBER", "個人番号 621498320257", "個人番号 621498320258"),
        ("CORPORATE_NUMBER", "法人番号 5835678256246", "法人番号 6835678256246"),
        ("CREDIT_CARD", "カード番号 4484071234567897", "カード番号 4484071234567898"),
        ("CREDIT_CARD", "カード番号 4484071234567897", "カード番号 9484071234567892"),
        ("DRIVER_LICENSE", "免許証番号 301234567810", "免許証番号 301234567820"),
        ("HEALTH_INSURANCE", "保険者番号 06139463", "保険者番号 06139464"),
        ("US_SSN", "SSN 536-22-8145", "SSN 666-22-8145"),
        ("IBAN", "IBAN GB82WEST12345698765432", "IBAN GB83WEST12345698765432"),
    ],
)
def test_a_check_digit_or_a_range_that_does_not_fit_is_no_value(kind, right, wrong):
    assert [one.type for one in find([Piece(right)])] == [kind]
    assert find([Piece(wrong)]) == []
