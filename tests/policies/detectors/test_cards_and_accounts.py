"""Cards that one pays with, accounts that one pays to, and numbers and amounts that look like them."""

from dataclasses import dataclass

import pytest

from mailhold.mime.inspection import inspect
from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


LABELS_OF_CARDS = [
    "ご利用カード：{}",
    "ご利用のカード　{}",
    "ご登録カード：{}",
    "ご登録のカード番号は{}です。",
    "登録済みカード→{}",
    "決済カード：{}",
    "ご決済カード　{}",
    "お支払いカード：{}",
    "お支払い用カード {}",
    "支払カード番号={}",
    "引き落としカード：{}",
    "ご請求カード：{}",
    "カード情報：{}",
    "カード情報は次のとおりです。\n{}",
    "ご使用カード({})",
    "新しいカード：{}",
    "The card on file is {}.",
    "Card on file: {}",
    "PAN {}",
    "PAN: {}",
    "Primary account number: {}",
    "Please charge it to {}.",
    "Card used: {}",
    "Card to charge: {}",
]
WRITTEN = [
    "4484071234567897",
    "4484 0712 3456 7897",
    "4484-0712-3456-7897",
    "4484　0712　3456　7897",
    "４４８４－０７１２－３４５６－７８９７",
    "3427-897372-22203",
    "3427 897372 22203",
    "3427　897372　22203",
    "3427－897372－22203",
    "342789737222203",
]
LABELS_OF_OTHERS = [
    "出願番号：{}",
    "出願番号 {}",
    "特許番号：{}",
    "特許出願番号は{}です。",
    "特願 {}",
    "特許第 {} 号",
    "意匠登録番号 {}",
    "商願：{}",
    "国際出願番号　{}",
    "PCT application no. {}",
    "Patent No. {}",
    "Application number: {}",
    "FedEx {}",
    "DHL Express: {}",
    "ヤマト運輸 {}",
    "ゆうパック　{}",
    "e-Taxの利用者識別番号：{}",
    "利用者カード {}",
    "図書館の利用者カード番号 {}",
]
SIXTEEN = [
    "4484 0712 3456 7897",
    "5391 2832 9980 5802",
    "4484071234567897",
    "0312 3456 7890 1234",
    "0901 2345 6789 0123",
]
ACCOUNTS = [
    ("三菱UFJ銀行 渋谷支店 普通預金 1234567", ["1234567"]),
    ("普通預金 7654321", ["7654321"]),
    ("振込先：当座預金 2300001 名義 カ)サンカイ", ["2300001"]),
    ("口座残高の確認先：みずほ銀行 本店 普通 7654321", ["7654321"]),
    ("引落口座（普通預金）7654321 借入金の返済用", ["7654321"]),
]
AMOUNTS = [
    "普通預金残高 1234567",
    "普通預金の残高は 1234567 です。",
    "仕訳：借方 普通預金 1500000 / 貸方 売掛金 1500000",
    "当座預金 2300000 を短期借入金へ振替",
    "普通預金 3200000 現金 150000 売掛金 880000",
    "月末の当座預金残 4100250",
    "試算表 普通預金 5120000",
]
LICENCES = [
    ("運転免許証番号 301234567810", True),
    ("普通自動車免許 301234567810", True),
    ("大型免許証の番号：301234567810", True),
    ("免許証　301234567810", True),
    ("Driver's license 301234567810", True),
    ("教員免許状の番号 301234567810 を確認しました。", False),
    ("調理師免許番号 301234567810", False),
    ("小型船舶操縦免許 301234567810", False),
    ("酒類販売業免許 301234567810", False),
    ("無線の免許番号 301234567810", False),
    ("Software licence number 301234567810 expires in June.", False),
    ("Fishing license no. 301234567810", False),
    ("Adobe license: 301234567810", False),
]


def of_type(kind, text):
    return [one.value for one in find([Piece(text)]) if one.type == kind]


@pytest.mark.parametrize("number", WRITTEN)
@pytest.mark.parametrize("label", LABELS_OF_CARDS)
def test_a_card_that_one_pays_with_is_found(label, number):
    assert len(of_type("CREDIT_CARD", label.format(number))) == 1


@pytest.mark.parametrize("label", ["ご登録カード", "お支払いカード番号", "決済カード", "Card on file", "PAN"])
def test_a_card_is_found_below_its_header(label):
    rows = (("予約", label, "期限"), ("Y-1", "3427-897372-22203", "04/28"))
    assert [one.type for one in find([Piece(rows=rows)])] == ["CREDIT_CARD"]


@pytest.mark.parametrize("number", SIXTEEN)
@pytest.mark.parametrize("label", LABELS_OF_OTHERS)
def test_numbers_of_applications_parcels_and_the_like_are_none(label, number):
    assert not find([Piece(label.format(number))])


@pytest.mark.parametrize(("text", "numbers"), ACCOUNTS)
def test_an_account_is_found(text, numbers):
    assert of_type("BANK_ACCOUNT", text) == numbers


@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_on_an_account_is_none(text):
    assert not of_type("BANK_ACCOUNT", text)


def test_a_trial_balance_holds_no_accounts():
    rows = (("勘定科目", "借方", "貸方"), ("普通預金", "1500000", ""), ("売掛金", "", "1500000"))
    assert not find([Piece(rows=rows)])


@pytest.mark.parametrize(("text", "found"), LICENCES)
def test_only_a_licence_to_drive_is_one(text, found):
    assert bool(of_type("DRIVER_LICENSE", text)) == found


@pytest.mark.parametrize("tab", ["\t", "&#9;", "<span style='white-space:pre'>\t</span>"])
def test_a_table_typed_with_tabs_into_html_keeps_its_columns(tab):
    lines = [
        ("会員名", "誕生日", "金融機関", "本支店", "種目", "口座No.", "マイナンバー（個人番号）"),
        ("大野 健一", "1980年3月4日", "静岡銀行", "高松支店", "当座", "5138683", "621498320257"),
        ("林 さくら", "1961/07/14", "りそな銀行", "渋谷支店", "普通", "1813732", "621498320257"),
    ]
    html = "<br>\r\n".join(tab.join(line) for line in lines)
    message = f"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>表<br>\r\n{html}</p>"
    found = [one.type for one in find(inspect(message.encode()).pieces)]
    assert {kind: found.count(kind) for kind in found} == {
        "PERSON": 2,
        "BIRTHDATE": 2,
        "BANK_ACCOUNT": 2,
        "MY_NUMBER": 2,
    }


@pytest.mark.parametrize("frame", ["━━━━━━", "＝＝＝＝＝＝", "★☆★☆★☆", "■□■□■□", "──────", "******"])
def test_what_stands_between_lines_is_read_as_any_other_text(frame):
    text = f"{frame}\nお支払いカード：4484-0712-3456-7897\n振込先：みずほ銀行 本店 普通 7654321\nパスワード：kX9#vLq2\n{frame}"
    assert [one.type for one in find([Piece(text)])] == ["CREDIT_CARD", "BANK_ACCOUNT", "CREDENTIAL"]


@pytest.mark.parametrize("edges", ["┏━┓┃┗", "╔═╗║╚", "┌─┐│└"])
def test_what_stands_in_a_box_is_read_as_any_other_text(edges):
    left, line, right, side, below = edges
    rows = [
        "個人番号　6214 9832 0257",
        "基礎年金番号　4512-345678",
        "免許証番号　301234567810",
        "初期PW　kX9#vLq2",
    ]
    text = "\n".join([left + line * 20 + right, *(f"{side} {row} {side}" for row in rows), below + line * 20])
    found = [one.type for one in find([Piece(text)])]
    assert found == ["MY_NUMBER", "PENSION_NUMBER", "DRIVER_LICENSE", "CREDENTIAL"]


def test_a_signature_in_a_box_names_no_person():
    text = "┏━━━━━━━━━━┓\n株式会社山海物産\n大野 健一\nTEL 03-3456-7890\n┗━━━━━━━━━━┛"
    assert not of_type("PERSON", text)
