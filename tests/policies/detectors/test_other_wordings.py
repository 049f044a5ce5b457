"""Messages of our own, in other words than any sample: the score on them guards against fitting the detectors to samples."""

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


# Text or table; then what is to be found.
SENSITIVE = [
    ("従業員名：大野 健一\n個人番号（12桁）：6214-9832-0257", "PERSON 大野 健一; MY_NUMBER 6214-9832-0257"),
    ("大野 健一さんのマイナンバーは621498320257とのことです。", "PERSON 大野 健一; MY_NUMBER 621498320257"),
    (
        "マイナンバーを下記のとおりお送りします。\n\n６２１４　９８３２　０２５７\n",
        "MY_NUMBER 6214 9832 0257",
    ),
    ("12桁の番号は 6214 9832\n0257 でした。", "MY_NUMBER 6214 9832\n0257"),
    ("扶養家族の個番 → 6214/9832/0257", "MY_NUMBER 6214/9832/0257"),
    ("My Number: 6214-9832-0257 (please keep it safe)", "MY_NUMBER 6214-9832-0257"),
    ("621498320257（個人番号）", "MY_NUMBER 621498320257"),
    ("ﾏｲﾅﾝﾊﾞｰ 621498320257", "MY_NUMBER 621498320257"),
    ("請求書の登録番号はT5835678256246です。", "CORPORATE_NUMBER 5835678256246"),
    ("法人ナンバー ５８３５６７８２５６２４６", "CORPORATE_NUMBER 5835678256246"),
    ("T5835678256246", "CORPORATE_NUMBER 5835678256246"),
    ("経費用カード　４４８４－０７１２－３４５６－７８９７　期限 11/28", "CREDIT_CARD 4484-0712-3456-7897"),
    ("Please charge my Visa, 4484 0712 3456 7897, cvv to follow.", "CREDIT_CARD 4484 0712 3456 7897"),
    ("クレカNo.は4484071234567897、名義は私です", "CREDIT_CARD 4484071234567897"),
    ("運転免許証の番号は第 3012 3456 7810 号です。", "DRIVER_LICENSE 3012 3456 7810"),
    ("免許証No 301234567810 交付 令和3年", "DRIVER_LICENSE 301234567810"),
    ("渡航のため旅券番号をご連絡します。ＴＲ１２３４５６７です。", "PASSPORT TR1234567"),
    ("Passport no. TK 8765432, valid until 2031", "PASSPORT TK 8765432"),
    (
        "保険者番号 06139463 / 被保険者記号・番号 12345-678",
        "HEALTH_INSURANCE 06139463; HEALTH_INSURANCE_ID 12345-678",
    ),
    (
        "健康保険証\n保険者の番号：06139463\n記号：21700012 番号：345",
        "HEALTH_INSURANCE 06139463; HEALTH_INSURANCE_ID 21700012-345",
    ),
    ("年金手帳の番号は 4512 345678 になります。", "PENSION_NUMBER 4512 345678"),
    ("基礎年金No.：4512-345678", "PENSION_NUMBER 4512-345678"),
    ("お振込先は三井住友銀行 渋谷支店 普通 1234567 です。", "BANK_ACCOUNT 1234567"),
    (
        "振込口座\n銀行名：みずほ銀行\n支店名：新宿支店\n種別：当座預金\n口座番号：0012345",
        "BANK_ACCOUNT 0012345",
    ),
    ("給与は りそな銀行池袋支店（普）7654321 へ", "BANK_ACCOUNT 7654321"),
    ("ゆうちょ銀行 記号 10120 番号 12345671", "BANK_ACCOUNT 12345671"),
    ("Wire it to IBAN GB82 WEST 1234 5698 7654 32 please", "IBAN GB82 WEST 1234 5698 7654 32"),
    ("携帯は〇〇ではなく 090 1234 5678 におかけください", "PHONE 090 1234 5678"),
    ("日中の連絡先：０３（３４５６）７８９０", "PHONE 03(3456)7890"),
    ("Call me at +81 90-1234-5678 tonight", "PHONE +81 90-1234-5678"),
    ("cell (212) 555-0147", "PHONE (212) 555-0147"),
    ("ご自宅：090-8765-4321", "PHONE 090-8765-4321"),
    (
        "届け先 〒１５０－０００２ 東京都渋谷区渋谷２－２１－１　渋谷ヒカリエ８階",
        "POSTAL_CODE 150-0002; ADDRESS 東京都渋谷区渋谷2-21-1 渋谷ヒカリエ8階",
    ),
    ("自宅住所は横浜市西区みなとみらい2-2-1です。", "ADDRESS 横浜市西区みなとみらい2-2-1"),
    (
        "郵便番号: 5300001\nお住まい: 大阪市北区梅田三丁目1番3号",
        "POSTAL_CODE 5300001; ADDRESS 大阪市北区梅田三丁目1番3号",
    ),
    ("お誕生日は昭和55年3月4日と伺いました。", "BIRTHDATE 昭和55年3月4日"),
    ("生年月日（和暦）：S55.3.4", "BIRTHDATE S55.3.4"),
    ("DOB 04/03/1980", "BIRTHDATE 04/03/1980"),
    ("She was born on March 4, 1980.", "BIRTHDATE March 4, 1980"),
    ("大野健一（1980年3月4日生まれ）", "PERSON 大野健一; BIRTHDATE 1980年3月4日"),
    ("Social security no. 536-22-8145", "US_SSN 536-22-8145"),
    ("SSN 536 22 8145", "US_SSN 536 22 8145"),
    ("ログインIDは ohno、初期パスワードは「kX9#vLq2」です。", "CREDENTIAL kX9#vLq2"),
    ("DB_PASSWORD=Tr0ub4dor&3", "CREDENTIAL Tr0ub4dor&3"),
    ("pw: sunflower77", "CREDENTIAL sunflower77"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "CREDENTIAL -----BEGIN RSA PRIVATE KEY-----"),
    ("postgres://app:s3cr3tpw@db.example.com/app", "CREDENTIAL s3cr3tpw"),
    ("【社外秘】来期の計画", "CONFIDENTIAL_MARK 社外秘"),
    ("本資料は関係者外秘です。", "CONFIDENTIAL_MARK 関係者外秘"),
    ("STRICTLY CONFIDENTIAL\nBoard paper", "CONFIDENTIAL_MARK STRICTLY CONFIDENTIAL"),
    ("取扱注意でお願いします", "CONFIDENTIAL_MARK 取扱注意"),
    ("担当者：大野 健一\n問い合わせ：ohno@partner.example", "PERSON 大野 健一; EMAIL ohno@partner.example"),
    ("Patient: Maria Gonzalez\nDate of birth: 1971-02-03", "PERSON Maria Gonzalez; BIRTHDATE 1971-02-03"),
    (
        "大野 健一 090-1234-5678\n林 さくら 080-2345-6789\n",
        "PERSON 大野 健一; PHONE 090-1234-5678; PERSON 林 さくら; PHONE 080-2345-6789",
    ),
    (
        "受講者, 携帯番号, E-mail\n大野健一, 090-1234-5678, ken@partner.example\n",
        "PERSON 大野健一; PHONE 090-1234-5678; EMAIL ken@partner.example",
    ),
    (
        table("社員番号|社員名|電話|マイナンバー", "100234|大野　健一|09012345678|621498320257"),
        "PERSON 大野 健一; PHONE 09012345678; MY_NUMBER 621498320257",
    ),
    (
        table("姓|名|TEL", "大野|健一|03-3456-7890"),
        "PERSON 大野 健一; PHONE 03-3456-7890",
    ),
    (
        table("氏名|大野 健一", "生年月日|1980/3/4", "基礎年金番号|4512-345678"),
        "PERSON 大野 健一; BIRTHDATE 1980/3/4; PENSION_NUMBER 4512-345678",
    ),
    (
        table("Employee|Social Security Number|Home phone", "Ann O'Neill|536-22-8145|212-555-0147"),
        "PERSON Ann O'Neill; US_SSN 536-22-8145; PHONE 212-555-0147",
    ),
    (
        table(
            "名簿",
            "",
            "No.|ご芳名|〒|ご住所|お電話",
            "1|大野 健一|150-0002|東京都渋谷区渋谷2-21-1|03-3456-7890",
        ),
        "PERSON 大野 健一; POSTAL_CODE 150-0002; ADDRESS 東京都渋谷区渋谷2-21-1; PHONE 03-3456-7890",
    ),
    (
        table("ユーザーID|初期パスワード", "ohno|kX9#vLq2"),
        "CREDENTIAL kX9#vLq2",
    ),
    (
        "氏名：大野 健一／生年月日：1980/3/4／電話：090-1234-5678／個人番号：621498320257",
        "PERSON 大野 健一; BIRTHDATE 1980/3/4; PHONE 090-1234-5678; MY_NUMBER 621498320257",
    ),
    (
        "大野 健一 様（1980/03/04生）の基礎年金番号は4512-345678、マイナンバーは6214 9832 0257です。",
        "PERSON 大野 健一; BIRTHDATE 1980/03/04; PENSION_NUMBER 4512-345678; MY_NUMBER 6214 9832 0257",
    ),
    (
        "> 氏名: 大野 健一\n> マイナンバー: 6214-9832-\n> 0257\n",
        "PERSON 大野 健一; MY_NUMBER 6214-9832-\n> 0257",
    ),
    (
        "Employee Larry Nguyen, SSN 536-22-8145, phone 212-555-0147, born 03/04/1980.",
        "PERSON Larry Nguyen; US_SSN 536-22-8145; PHONE 212-555-0147; BIRTHDATE 03/04/1980",
    ),
    ("Larry Nguyen's SSN is 536-22-8145.", "PERSON Larry Nguyen; US_SSN 536-22-8145"),
    (
        "会員番号 氏名 電話番号 生年月日\nA-001 大野 健一 090-1234-5678 1980/3/4\n",
        "PERSON 大野 健一; PHONE 090-1234-5678; BIRTHDATE 1980/3/4",
    ),
    (
        "氏名,生年月日,マイナンバー\n大野健一,1980/3/4,621498320257\n",
        "PERSON 大野健一; BIRTHDATE 1980/3/4; MY_NUMBER 621498320257",
    ),
    ("| 氏名 | 電話 |\n|---|---|\n| 大野 健一 | 090-1234-5678 |\n", "PERSON 大野 健一; PHONE 090-1234-5678"),
    (
        "記号：12345\n番号：678\n保険者番号：06139463",
        "HEALTH_INSURANCE_ID 12345-678; HEALTH_INSURANCE 06139463",
    ),
    ("ご注文は 03-3456-7890 までお電話ください", "PHONE 03-3456-7890"),
    ("Username: ohno\nPassword: correcthorse", "CREDENTIAL correcthorse"),
]

CLEAN = [
    "ご注文番号 6214-9832-0257 の商品を発送しました。",
    "荷物の追跡は 621498320257 でお願いします。",
    "送り状No: 6214-9832-0257",
    "シリアル番号 4484071234567897",
    "Contract number 4484 0712 3456 7897",
    "Use the test card 4242 4242 4242 4242 with any date.",
    "テスト用カードは 5555555555554444 です。",
    "稟議書番号 5835678256246",
    "製品コード TR1234567 の在庫を確認してください。",
    "図番 TK8765432 改訂2",
    "ロットNo. 301234567810",
    "案件ID 06139463",
    "会議は2026年3月4日 15:30から、会議室 123-4567 です。",
    "2026/03/04 にリリースしました。",
    "見積金額は 1,234,567円（税込）です。",
    "お支払いは普通郵便でなく宅配便で。伝票 1234567",
    "この文書は社外秘ではありません。",
    "社外秘の指定は解除されました。",
    "This document is not confidential.",
    "It is no longer confidential.",
    "This message may contain confidential information.",
    "秘密保持契約書（NDA）のひな形をお送りします。",
    "パスワードは別途お送りします。",
    "パスワードを忘れた方はこちら https://example.com/reset",
    "Please reset your password: it has expired.",
    "The password is required for all users.",
    "添付ファイルの解凍パスワード：Zip20260304",
    "マイナンバーの提出期限は3月4日です。",
    "個人番号ではありません: 621498320257",
    "Version 10.20.30.4001, build 20260304",
    "IP 192.168.100.200、ポート 8080",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    "ISBN 978-4-87311-778-2",
    "JANコード 4901234567894",
    "東京都の人口は1400万人です。",
    "新宿区のイベントに参加します。",
    "田中様\nいつもお世話になっております。山田です。",
    "Dear Mr Smith,\nThank you for your order 536-22-8145.",
    "名前を付けて保存してください。",
    "担当の者から折り返しご連絡します。",
    "社員番号：100234 の件",
    "ファイル名：report.xlsx",
    "商品名：山田 醤油",
    "Product name: Super Widget",
    "Build: a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
    "型番 AB1234567、数量 3",
    "電話会議は10時からです。",
    "部屋番号 1204 に集合",
    "問い合わせ番号：0312-3456-7890",
    "契約No.090-1234-5678-01",
    "合計 6214 9832 0257 個",
    "この資料は社外秘に該当しません。",
    "極秘情報は含まれていません。",
    "Nothing here is confidential.",
    "Confidential? No, public.",
    "機密情報の取り扱い研修のお知らせ",
    "Zoom ミーティングID: 812 3456 7890 パスコード: 123456",
    "製造番号 T5835678256246",
    "電話番号: なし",
    "生年月日：未記入",
    "出席者：大野 健一、林 さくら",
    "誕生日は3月4日です",
]


def _expected(text: str) -> Counter[tuple[str, str]]:
    return Counter(tuple(part.split(" ", 1)) for part in text.split("; "))


def _found(content: str | tuple[tuple[str, ...], ...]) -> Counter[tuple[str, str]]:
    piece = Piece(text=content) if isinstance(content, str) else Piece(rows=content)
    return Counter(
        (one.type, one.value) for one in find([piece], own_domains=frozenset({"mailhold.example"}))
    )


@pytest.mark.parametrize(("content", "expected"), SENSITIVE, ids=lambda value: str(value)[:30])
def test_what_is_sensitive_is_found_in_words_of_our_own(content, expected):
    assert _found(content) == _expected(expected)


@pytest.mark.parametrize("text", CLEAN, ids=lambda text: text[:30])
def test_what_only_looks_sensitive_is_left_alone(text):
    assert not _found(text)
