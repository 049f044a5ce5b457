"""`mailhold people` and `mailhold key`."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from audit.models import Event
from mailhold.directory import api_keys, application_passwords
from mailhold.directory.models import ApiKey, ApplicationPassword, Person


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def run(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("address,name\nalice@example.test,Alice\n", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_import_says_what_it_did(file):
    assert run("people", "import", str(file)).startswith("New: 1, changed: 0")
    assert Person.objects.get().name == "Alice"
    assert Event.objects.get().channel == "command"


@pytest.mark.django_db
def test_check_says_what_import_would_do_and_changes_nothing(file):
    assert "nothing was changed" in run("people", "import", str(file), "--check")
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_import_refuses_a_bad_file_with_line_and_sentence(file):
    file.write_text("address\nnobody\n", encoding="utf-8")
    with pytest.raises(
        CommandError, match=r"Line 2: “nobody” is not a mail address\.\nNothing was changed\."
    ):
        run("people", "import", str(file))


@pytest.mark.django_db
def test_import_names_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run("people", "import", str(tmp_path / "no.csv"))


def test_import_can_deactivate_who_is_missing(file, mallory):
    assert "deactivated: 1" in run("people", "import", str(file), "--deactivate-missing")
    mallory.refresh_from_db()
    assert not mallory.is_active


def test_list_shows_people_with_their_managers(alice):
    assert "alice@example.test\tAlice Archer\t\tbob@example.test\tyes\n" in run("people", "list")


def test_an_application_password_is_printed_once_and_works(alice):
    printed = run("people", "app-password", "Alice@example.test", "--label", "phone").strip()
    assert application_passwords.verify(alice.email, printed) == alice
    assert ApplicationPassword.objects.get().label == "phone"


def test_an_application_password_is_taken_from_standard_input_and_not_printed(alice, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a chosen password\n"))
    assert run("people", "app-password", alice.email, "--stdin") == ""
    assert application_passwords.verify(alice.email, "a chosen password") == alice


def test_a_short_password_is_taken_with_a_warning(alice, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("alicepw\n"))
    run("people", "app-password", alice.email, "--stdin")
    assert "short" in capsys.readouterr().err
    assert application_passwords.verify(alice.email, "alicepw") == alice


def test_a_password_of_nothing_from_standard_input_is_refused(alice, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(CommandError, match="at least 6 characters"):
        run("people", "app-password", alice.email, "--stdin")


@pytest.mark.django_db
@pytest.mark.parametrize("words", [("people", "app-password"), ("key", "create")])
def test_an_unknown_address_is_a_sentence(words):
    with pytest.raises(CommandError, match="nobody with the address"):
        run(*words, "no@example.test")


def test_a_key_is_printed_once_listed_without_its_secret_and_revoked(alice):
    key = run("key", "create", alice.email, "--label", "script").strip()
    assert api_keys.person_for(key) == alice
    row = ApiKey.objects.get()
    listed = run("key", "list")
    assert listed.startswith(f"{row.pk}\talice@example.test\tscript\t2")
    assert key not in listed
    run("key", "revoke", str(row.pk))
    assert api_keys.person_for(key) is None
    with pytest.raises(CommandError, match="no key with the number"):
        run("key", "revoke", str(row.pk))
