import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from audit.models import Event
from audit.tags import Tag
from mailhold.gateway import throttle
from mailhold.gateway.exceptions import LoginRefusedError, LoginThrottledError
from mailhold.gateway.models import LoginFailure
from mailhold.gateway.sign_in import Credentials, SignedIn, sign_in

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALICE = throttle.account_key("alice@example.test")
CLIENT = throttle.client_key("192.0.2.7")
ROOT = Path(__file__).resolve().parents[2]


def fail(times, at=NOW, account=ALICE, client=CLIENT):
    for _ in range(times):
        throttle.count_failure(account, client, at)


def blocked(at=NOW, account=ALICE, client=CLIENT):
    return throttle.is_blocked(account, client, at)


@pytest.mark.django_db
def test_account_is_blocked_at_the_tenth_failure_for_ten_minutes():
    fail(9)
    assert not blocked()
    fail(1)
    assert blocked(client=throttle.client_key("198.51.100.1"))
    assert blocked(NOW + timedelta(minutes=9))
    assert not blocked(NOW + timedelta(minutes=11))


@pytest.mark.django_db
def test_failures_of_an_earlier_window_do_not_count():
    fail(9)
    fail(9, NOW + timedelta(minutes=10))
    assert not blocked(NOW + timedelta(minutes=10))


@pytest.mark.django_db
def test_client_that_tries_many_accounts_is_blocked():
    for number in range(throttle.MOST_PER_CLIENT):
        assert not blocked()
        fail(1, account=throttle.account_key(f"a{number}@example.test"))
    assert blocked()
    assert not blocked(client=throttle.client_key("198.51.100.1"))


@pytest.mark.django_db
def test_rows_that_nobody_needs_are_removed():
    fail(1)
    fail(1, NOW + timedelta(days=2), account="account:b@example.test")
    assert not LoginFailure.objects.filter(key=ALICE).exists()


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        ("192.0.2.7", "ip:192.0.2.7"),
        ("2001:db8:1:2:3::4", "ip:2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::5", "ip:2001:db8:1:2::/64"),
    ],
)
def test_client_is_its_address_or_its_network(peer, key):
    assert throttle.client_key(peer) == key


def test_key_of_any_account_fits_the_column():
    key = throttle.account_key("\0" + "あ" * 5000)
    assert len(key) <= LoginFailure._meta.get_field("key").max_length
    assert "\0" not in key


class People:
    """Stands for the directory: one account, and a note of who was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, address, password):
        self.asked.append(address)
        return SignedIn(1, frozenset({address})) if password == "right" else None


def try_to_sign_in(people, password, at=NOW, address="alice@example.test"):
    return sign_in(Credentials(address, password), "192.0.2.7", people, lambda: at)


@pytest.mark.django_db
def test_right_password_signs_in_and_clears_the_account():
    people = People()
    for _ in range(9):
        with pytest.raises(LoginRefusedError):
            try_to_sign_in(people, "wrong")
    assert try_to_sign_in(people, "right").person_id == 1
    assert not LoginFailure.objects.filter(key=ALICE).exists()
    assert LoginFailure.objects.get(key=CLIENT).failures == 9


@pytest.mark.django_db
def test_right_password_is_not_even_compared_while_blocked():
    people = People()
    for _ in range(10):
        with pytest.raises(LoginRefusedError):
            try_to_sign_in(people, "wrong")
    with pytest.raises(LoginThrottledError):
        try_to_sign_in(people, "right")
    assert len(people.asked) == 10
    assert try_to_sign_in(people, "right", NOW + timedelta(minutes=11)).person_id == 1


@pytest.mark.django_db
def test_failed_login_is_on_record():
    with pytest.raises(LoginRefusedError):
        try_to_sign_in(People(), "wrong")
    event = Event.objects.get()
    assert (event.tag, event.actor, event.channel, event.ip_address, event.details) == (
        Tag.LOGIN_FAILED,
        "alice@example.test",
        "smtp",
        "192.0.2.7",
        {},
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "password"), [("a\0@x.test", "right"), ("a@x.test", "right\0")])
def test_nul_is_in_no_account(address, password):
    people = People()
    with pytest.raises(LoginRefusedError):
        try_to_sign_in(people, password, address=address)
    assert people.asked == []
    assert "\0" not in Event.objects.get().actor


@pytest.mark.django_db(transaction=True)
def test_failures_at_the_same_moment_are_all_counted():
    def fail_in_thread():
        try:
            for _ in range(3):
                with transaction.atomic():
                    fail(1)
        finally:
            connection.close()

    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads share a SQLite database in memory by table locks, without waiting")
    threads = [threading.Thread(target=fail_in_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row.key: row.failures for row in LoginFailure.objects.all()} == {ALICE: 12, CLIENT: 12}


# What a second process of the gateway does; the database is the one of the first.
PROCESS = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from django.db import connection, transaction
from mailhold.gateway import throttle
from mailhold.gateway.models import LoginFailure

now = datetime(2026, 11, 24, 12, tzinfo=UTC)
if sys.argv[1] == "make":
    with connection.schema_editor() as editor:
        editor.create_model(LoginFailure)
for _ in range(int(sys.argv[2])):
    with transaction.atomic():
        throttle.count_failure("account:alice@example.test", "ip:192.0.2.7", now)
print(throttle.is_blocked("account:alice@example.test", "ip:192.0.2.7", now))
print(list(LoginFailure.objects.values_list("failures", flat=True)))
"""


def test_processes_count_together(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "mailhold.settings",
        "MAILHOLD_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "PYTHONPATH": str(ROOT),
    }

    def process(*arguments):
        command = [sys.executable, "-c", PROCESS, *map(str, arguments)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def output(running):
        text = running.communicate(timeout=60)[0]
        assert running.returncode == 0
        return text.split("\n")

    assert output(process("make", 1))[0] == "False"
    both = [process("use", 4), process("use", 5)]
    outputs = [output(running) for running in both]
    assert ["True", "[10, 10]", ""] in outputs
