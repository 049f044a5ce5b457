"""The password of a file that lies in the mail, or in another one, is no secret of its own; any other password is."""

import io
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
import pyzipper

from policies.detectors.find import find
from policies.looked_into import Examination
from policies.sandboxed import examine
from policies.wire import decode

PASSWORD = "Tango!88x"
REQUEST = {"passwords": [], "find": True, "own_domains": []}


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def examined(text, *, password=PASSWORD):
    packed = io.BytesIO()
    with pyzipper.AESZipFile(packed, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("a.txt", "電話 090-1234-5678")
    message = EmailMessage()
    message["From"] = "alice@mailhold.example"
    message.set_content(text)
    message.add_attachment(packed.getvalue(), maintype="application", subtype="zip", filename="a.zip")
    return decode(Examination, examine(REQUEST, message.as_bytes()))


# However the mail names it.
OF_A_FILE_WITHIN = [
    "Password: Tango!88x",
    "pw → Tango!88x",
    "パスワードは「Tango!88x」です。",
    "Please use Tango!88x as the passphrase.",
    "本日のパスワードです。\n\nTango!88x\n\nご確認ください。",
    "ID は不要です。パスワード：Ｔａｎｇｏ！８８ｘ",
    "Type 'Tango!88x' when asked for the secret word; the passphrase is Tango!88x.",
    "開くときの暗証番号は Tango!88x になります。",
]
OF_ANOTHER_FILE = [
    "Unzip with Tango!88x",
    "Unzip it using the password Tango!88x.",
    "The workbook is locked; the password is Tango!88x.",
    "The attached is password-protected. Password: Tango!88x",
    "Password for the attachment - Tango!88x",
    "Password to open the spreadsheet: Tango!88x",
    "The code to open the sheet is 77821.",
    "Passcode for the PDF: 77821",
    "Extraction password = Tango!88x",
    "解凍キーは Tango!88x です。",
    "開封用の文字列：Tango!88x",
    "ZIPのPWは Tango!88x です。",
    "圧縮ファイルのPass：Tango!88x",
    "資料を開くパスワードは Tango!88x です。",
    "添付の資料はパスワード付きです。PW: Tango!88x",
    "添付のExcelにはパスワードを設定しています。\nパスワード：Tango!88x",
    "ファイルは暗号化してあります。\nPW：Tango!88x",
    "先ほどお送りしたファイルのパスワードをお知らせします。\n\nパスワード：Tango!88x",
    "別メールでお送りした資料のパスワードです。\n\nTango!88x",
    "The file I sent earlier is encrypted.\nPassword: Tango!88x",
    "Here is the password for the file in my last mail:\n\nTango!88x",
    "The PDF is protected with the following password: Tango!88x",
]
OF_SOMETHING_ELSE = [
    ("添付の手順書をご覧ください。VPNのパスワード：Tango!88x", "Tango!88x"),
    ("サーバーのログインID: root、パスワード: Tango!88x", "Tango!88x"),
    ("ファイルサーバーのパスワードは Tango!88x です。", "Tango!88x"),
    ("添付の資料はパスワード付きです。\n\n管理画面のID: admin\n管理画面のPW: Tango!88x", "Tango!88x"),
    ("The attached PDF is encrypted.\n\nDatabase login: app\nDatabase password: Tango!88x", "Tango!88x"),
    ("See the attached guide. The Wi-Fi password is Tango!88x.", "Tango!88x"),
]


def secrets(text):
    return [one.value for one in find([Piece(text)]) if one.type == "CREDENTIAL"]


@pytest.mark.parametrize("text", OF_A_FILE_WITHIN)
def test_what_opened_a_file_of_the_mail_is_no_secret(text):
    looked_into = examined(text)
    assert looked_into.inspection.files[0].opened
    assert [one.type for one in looked_into.findings] == ["PHONE"]


def test_another_secret_beside_it_stays_one():
    found = examined("Password: Tango!88x\n\nデータベースのパスワード：kX9#vLq2").findings
    assert [one.value for one in found if one.type == "CREDENTIAL"] == ["kX9#vLq2"]


def test_what_opened_a_file_does_not_leave_the_process_that_opened_it():
    assert examined("Password: Tango!88x").inspection.opened_by == ()


@pytest.mark.parametrize("text", OF_ANOTHER_FILE)
def test_the_password_of_a_file_that_is_elsewhere_is_no_secret(text):
    assert secrets(text) == []


@pytest.mark.parametrize(("text", "secret"), OF_SOMETHING_ELSE)
def test_a_password_of_something_else_in_a_mail_with_files_is_a_secret(text, secret):
    assert secrets(text) == [secret]
