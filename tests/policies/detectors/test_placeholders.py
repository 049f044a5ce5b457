"""What stands where a secret is to be put in is none; a secret that looks a little like that is one."""

from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


PLACEHOLDERS = [
    "YOUR_ACCESS_KEY",
    "your-api-token",
    "your_secret_key_here",
    "YourStrongPassword",
    "<your-password>",
    "<YOUR PASSWORD>",
    "[your_token]",
    "changeme",
    "CHANGE_ME",
    "change-this-password",
    "xxxxxxxx",
    "XXXX-XXXX-XXXX",
    "****",
    "********",
    "${PASSWORD}",
    "$DB_PASSWORD",
    "%DB_PASSWORD%",
    "{{ api_key }}",
    "{{secrets.API_KEY}}",
    "secrets.DB_PASSWORD",
    "process.env.DB_PASS",
    'os.environ["DB_PASS"]',
    "password here",
    "password_here",
    "INSERT-KEY-HERE",
    "enter_password",
    "REDACTED",
    "[REDACTED]",
    "<hidden>",
    "example_password",
    "dummy-secret",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "TODO",
    "（別途）",
    "●●●●●●",
]
WORDS = ["パスワード：{}", "password: {}", "PASSWORD={}", 'api_key = "{}"', "AWS_SECRET_ACCESS_KEY={}"]
TOKENS_OF_DOCUMENTATION = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "sk-XXXXXXXXXXXXXXXXXXXXXXXX",
    "xoxb-0000000000-XXXXXXXXXXXX",
    "postgres://user:password@localhost/db",
    "postgres://app:${DB_PASS}@db/app",
    "https://your-user:your-token@git.partner.example/repo.git",
    "curl -u user:password https://partner.example/",
    "curl -u $USER:$TOKEN https://partner.example/",
    "mysql -uroot -p sales",
    "Authorization: Bearer <token>",
    "Authorization: Bearer YOUR_ACCESS_TOKEN",
    "docker run -p 8080:80 nginx",
]
SECRETS = [
    ("password: yourself77Lake", "yourself77Lake"),
    ("パスワード：Example2026!", "Example2026!"),
    ("password: hereWeGo#19", "hereWeGo#19"),
    ("api_key = kX9vLq2bT7hereZ", "kX9vLq2bT7hereZ"),
    ("PGPASSWORD=plum-Anchor-9 psql -h db01", "plum-Anchor-9"),
    ("curl -u deploy:Zebra77lamp https://stg.partner.example/api", "Zebra77lamp"),
    ("mysql -h db01 -uroot -pR00tlilac77 sales", "R00tlilac77"),
    ("sshpass -p 'Quay_31lamp' ssh root@10.0.0.4", "Quay_31lamp"),
    ("ghp_a8Kq2LmZ0pXw9Rt4Vb7Nc1Ys6Df3Gh5Jk2Ql", "ghp_a8Kq2LmZ0pXw9Rt4Vb7Nc1Ys6Df3Gh5Jk2Ql"),
    ("AKIAQ3EGRIVC7XJ2TZ5M", "AKIAQ3EGRIVC7XJ2TZ5M"),
]
LIKENED = [
    "パスワードを password123 のような単純なものにしないでください。",
    "パスワードに Abcd1234 などは使えません。",
    "パスワードは8文字以上、英大小文字と数字を含めてください（例：Abc12345）。",
    "A password like Summer2024 is too easy to guess.",
    "Never use a password such as Welcome123.",
]


def secrets(text):
    return [one.value for one in find([Piece(text)]) if one.type == "CREDENTIAL"]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_a_placeholder_is_no_secret(words, placeholder):
    assert secrets(words.format(placeholder)) == []


@pytest.mark.parametrize("text", TOKENS_OF_DOCUMENTATION)
def test_tokens_and_commands_of_documentation_hold_no_secret(text):
    assert secrets(text) == []


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_that_is_only_like_a_placeholder_is_found(text, secret):
    assert secrets(text) == [secret]


@pytest.mark.parametrize("text", LIKENED)
def test_a_password_that_shows_what_not_to_choose_is_none(text):
    assert secrets(text) == []
