"""Passwords as people write them beside their files."""

import io
import time

import pytest
import pyzipper
from made_files import mail

from mailhold.mime.files.passwords import password_guesses
from mailhold.mime.inspection import inspect, password_candidates


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("パスワード: abc123", "abc123"),
        ("ファイルを開くには 1192-kamakura と入力してください。", "1192-kamakura"),
        ("添付はabc12345で開けます。", "abc12345"),
        ("「himitsu」がパスワードになります。", "himitsu"),
        ("暗証は以下です。\n\n    Kx7-pQ9z\n", "Kx7-pQ9z"),
        ("Use k8#mQ2 as the password.", "k8#mQ2"),
        ("The archive opens with Xy7!ab.", "Xy7!ab"),
        ("Please enter k8#mQ2 when asked.", "k8#mQ2"),
        ("パスワード：Pw304283", "Pw304283"),
        ("開くためのキー：9dR5lesk", "9dR5lesk"),
        ("パスワードは Tokyo-2024! です。", "Tokyo-2024!"),
        ("パスワードはTokyo2024です", "Tokyo2024"),
        ("パスは2024abcです。よろしくお願いします。", "2024abc"),
        ("解凍パスワード：ｘｙｚ９８７", "xyz987"),
        ("解凍パスワードは「k8#mQ2」となります。", "k8#mQ2"),
        ("添付ファイルのパスワードは次の通りです。\n\n  q7Zt-55\n\nよろしく", "q7Zt-55"),
        ("パスワードを以下にお送りします。\n「さくら2024」", "さくら2024"),
        ("パスワード\n20241124", "20241124"),
        ("■パスワード（解凍用）：a1b2c3d4", "a1b2c3d4"),
        ("PW:9f8e7d", "9f8e7d"),
        ("pw=9f8e7d", "9f8e7d"),
        ("P.W: 9f8e7d", "9f8e7d"),
        ("PWD → zz-11-yy", "zz-11-yy"),
        ("暗証番号は 7391 です", "7391"),
        ("解凍キー：hello-world", "hello-world"),
        ("合言葉は『山と川』", "山と川"),
        ("パスワード【Xy12Zz】", "Xy12Zz"),
        ("The password is Secret42.", "Secret42"),
        ("The password is: Secret42", "Secret42"),
        ("Password for the attached file: S3cr3t!", "S3cr3t!"),
        ("The password for the zip is S3cr3t!", "S3cr3t!"),
        ('Use the passphrase "correct horse" to open it.', "correct horse"),
        ("passcode - 004217", "004217"),
        ("Password:\r\n\r\nabcdefgh\r\n", "abcdefgh"),
        ("Please use password <Qwerty-1> for it", "Qwerty-1"),
        ("Your pass: (p4ss)", "p4ss"),
        ("password: ends.with.dot.", "ends.with.dot"),
        ("password: really!", "really!"),
    ],
)
def test_a_password_is_found_as_people_write_it(text, password):
    assert password in password_candidates(text)


def test_the_one_right_behind_the_label_comes_first():
    text = "注文番号 AB-1234 の件です。\nパスワードは zX81-spec です。\n電話 03-1234-5678"
    assert password_candidates(text)[0] == "zX81-spec"


@pytest.mark.parametrize("text", ["", "We meet on 2024-11-24 at 10:30, code A1B2.", "パスポートは A123 です"])
def test_a_text_that_names_no_password_gives_none(text):
    assert password_candidates(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "password" * 50_000,
        "password " + "(" * 200_000,
        "パスワード：" + " " * 200_000,
        "pw" + "「" * 200_000,
        "password for " + "for is " * 50_000,
        "パスワード" + "は:=、" * 60_000,
        "'\"" * 100_000 + "password",
    ],
)
def test_no_text_takes_long(text):
    started = time.process_time()
    password_candidates(text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text", ["合図はいつもの Kx7pQ9z2 でお願いします。", "Kx7pQ9z2", "（Kx7pQ9z2）", "As agreed: Kx7pQ9z2."]
)
def test_what_looks_like_a_password_is_tried_though_nobody_calls_it_one(text):
    assert "Kx7pQ9z2" in password_guesses(text)


def test_guesses_come_last_and_are_few():
    text = "password: Real-Secret1\n" + "\n".join(f"code{number}abc" for number in range(50))
    guesses = password_guesses(text)
    assert guesses[0] == "Real-Secret1"
    assert len(guesses) < 30


def test_a_file_opens_with_a_password_in_any_wording():
    packed = io.BytesIO()
    with pyzipper.AESZipFile(packed, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"Kx7pQ9z2")
        archive.writestr("a.txt", "090-1111-2222")
    found = inspect(mail(("a.zip", packed.getvalue()), text="合図はいつもの Kx7pQ9z2 でお願いします。"))
    assert (found.files[0].opened, found.opened_by) == (True, ("Kx7pQ9z2",))
