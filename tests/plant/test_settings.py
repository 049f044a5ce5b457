"""Wrong settings stop the start, with the sentence that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from django.core.exceptions import ImproperlyConfigured

from mailhold import checks, env
from mailhold.binds import Bind, BindError, ensure_free, parse_bind
from mailhold.databases import database_from_url

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def variable(monkeypatch):
    monkeypatch.delenv("MAILHOLD_TRIAL", raising=False)
    return lambda value, name="MAILHOLD_TRIAL": monkeypatch.setenv(name, value)


def test_a_value_comes_from_the_environment(variable):
    variable("x")
    assert env.text("MAILHOLD_TRIAL", "y") == "x"


def test_a_secret_comes_from_a_file(variable, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    variable(str(tmp_path / "secret"), "MAILHOLD_TRIAL_FILE")
    assert env.text("MAILHOLD_TRIAL") == "s3cret"


def test_a_secret_file_that_is_not_there_stops_the_start(variable):
    variable("/nowhere/secret", "MAILHOLD_TRIAL_FILE")
    with pytest.raises(ImproperlyConfigured, match="MAILHOLD_TRIAL_FILE names /nowhere/secret"):
        env.text("MAILHOLD_TRIAL")


def test_a_value_and_a_file_at_once_stop_the_start(variable):
    variable("x")
    variable("/nowhere", "MAILHOLD_TRIAL_FILE")
    with pytest.raises(ImproperlyConfigured, match="both set"):
        env.text("MAILHOLD_TRIAL")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: env.number("MAILHOLD_TRIAL", 1), "many"),
        (lambda: env.number("MAILHOLD_TRIAL", 1, least=1), "0"),
        (lambda: env.switch("MAILHOLD_TRIAL", False), "perhaps"),
        (lambda: env.numbers("MAILHOLD_TRIAL", "60"), "60,x"),
        (lambda: env.networks("MAILHOLD_TRIAL", ""), "10.0.0.1/8"),
    ],
)
def test_a_value_of_the_wrong_kind_names_its_variable(variable, read, value):
    variable(value)
    with pytest.raises(ImproperlyConfigured, match="MAILHOLD_TRIAL"):
        read()


def test_a_generated_key_stays_the_same_and_is_ours_alone(tmp_path):
    first = env.generated("MAILHOLD_TRIAL", tmp_path / "key", env.new_key)
    assert env.generated("MAILHOLD_TRIAL", tmp_path / "key", env.new_key) == first
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("127.0.0.1:2525", Bind("127.0.0.1", 2525)),
        ("[::1]:465+tls", Bind("::1", 465, implicit_tls=True)),
        (":25", Bind("", 25)),
        ("mail.example.test:587", Bind("mail.example.test", 587)),
    ],
)
def test_forms_of_addresses_to_listen_on(text, bind):
    assert parse_bind(text) == bind


@pytest.mark.parametrize(
    "text", ["", "2525", "::1:25", "a:b", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:25+ssl", "a:２5"]
)
def test_what_is_no_address_to_listen_on(text):
    with pytest.raises(BindError):
        parse_bind(text)


def test_a_port_that_is_taken_is_said_in_a_sentence(taken_port):
    with pytest.raises(BindError, match="another process listens there"):
        ensure_free(Bind("127.0.0.1", taken_port))


def test_an_address_of_another_machine_is_said_in_a_sentence():
    with pytest.raises(BindError, match="no such address"):
        ensure_free(Bind("192.0.2.1", 2525))


@pytest.fixture
def taken_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def words(check):
    return [message.msg for message in check(None)]


def test_the_settings_of_a_fresh_installation_pass_all_checks():
    assert [problem for check in checks.ALL for problem in words(check)] == []


@pytest.mark.parametrize(
    ("check", "changes", "sentence"),
    [
        (
            checks.smtp_addresses,
            {"SMTP_BIND": ["127.0.0.1"]},
            "MAILHOLD_SMTP_BIND: '127.0.0.1' must be HOST:PORT",
        ),
        (checks.smtp_addresses, {"SMTP_BIND": []}, "MAILHOLD_SMTP_BIND must name"),
        (checks.smtp_addresses, {"SMTP_BIND": [":465+tls"]}, "needs MAILHOLD_SMTP_TLS_CERT"),
        (checks.certificate, {"SMTP_TLS_CERT": "/x.pem"}, "must be given together"),
        (
            checks.certificate,
            {"SMTP_TLS_CERT": "/x.pem", "SMTP_TLS_KEY": "/y.pem"},
            "names /x.pem, which is not there",
        ),
        (checks.smarthost, {"SMARTHOST": "mail.example.net"}, "MAILHOLD_SMARTHOST"),
        (
            checks.notice_address,
            {"NOTICE_ADDRESS": "mailhold"},
            "MAILHOLD_NOTICE_ADDRESS must be a mail address",
        ),
        (checks.base_url, {"BASE_URL": "mail.example.test"}, "MAILHOLD_BASE_URL must be http:// or https://"),
        (checks.base_url, {"BASE_URL": "https://example.test/mail"}, "no path"),
        (
            checks.passwords_in_the_clear,
            {"SMTP_AUTH_WITHOUT_TLS": True, "SMTP_BIND": ["0.0.0.0:25"]},
            "shows passwords",
        ),
    ],
)
def test_a_wrong_setting_is_said_in_a_sentence(settings, check, changes, sentence):
    for name, value in changes.items():
        setattr(settings, name, value)
    (found,) = words(check)
    assert sentence in found


def test_passwords_in_the_clear_are_no_matter_on_one_machine(settings):
    settings.SMTP_AUTH_WITHOUT_TLS, settings.SMTP_BIND = True, ["127.0.0.1:25", "[::1]:25", "localhost:26"]
    assert words(checks.passwords_in_the_clear) == []


@pytest.fixture
def key_pairs(tmp_path):
    """Two authorities' certificates for the same name, as files."""
    for name in ("first", "second"):
        issued = trustme.CA().issue_cert("mail.example.test")
        issued.private_key_pem.write_to_path(tmp_path / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
    return tmp_path


def test_certificate_and_key_of_one_pair_pass(settings, key_pairs):
    settings.SMTP_TLS_CERT, settings.SMTP_TLS_KEY = str(key_pairs / "first.pem"), str(key_pairs / "first.key")
    assert words(checks.certificate) == []


def test_certificate_and_key_of_two_pairs_do_not_work_together(settings, key_pairs):
    settings.SMTP_TLS_CERT, settings.SMTP_TLS_KEY = (
        str(key_pairs / "first.pem"),
        str(key_pairs / "second.key"),
    )
    (found,) = words(checks.certificate)
    assert "do not work together" in found


def test_keys_that_others_can_read_are_a_warning(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "sealing.keys").write_text("x")
    (tmp_path / "sealing.keys").chmod(0o644)
    (found,) = words(checks.data_directory)
    assert "can be read by others" in found


def test_a_data_directory_that_is_not_there_is_an_error(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    (found,) = words(checks.data_directory)
    assert "cannot be written" in found


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MAILHOLD_TIME_ZONE": "Asia/Tokyoo"}, "MAILHOLD_TIME_ZONE must be a name such as Asia/Tokyo"),
        ({"MAILHOLD_LANGUAGE": "fr"}, "MAILHOLD_LANGUAGE must be ja or en"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with"),
        ({"MAILHOLD_DOMAINS": ","}, "MAILHOLD_DOMAINS must name"),
        ({"MAILHOLD_SMTP_BIND": "25"}, "MAILHOLD_SMTP_BIND: '25' must be HOST:PORT"),
    ],
)
def test_a_command_with_a_wrong_setting_ends_with_the_sentence_and_no_traceback(tmp_path, changes, sentence):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAILHOLD_", "DATABASE_URL"))
    }
    given = {**kept, "MAILHOLD_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), **changes}
    done = subprocess.run(
        [sys.executable, "-m", "mailhold", "check"], env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_postgresql_settings_come_from_the_address():
    found = database_from_url("postgres://mail%40hold:p%2Fw@db.example.test:5433/mail?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "mail@hold",
        "p/w",
        "db.example.test",
        5433,
        "mail",
    )
    assert found["OPTIONS"] == {"server_side_binding": True, "sslmode": "require"}


def test_a_sqlite_database_without_a_file_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="must name a file"):
        database_from_url("sqlite:///")
