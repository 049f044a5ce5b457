"""init, doctor and up, up to the point where processes start."""

import socket
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mailhold import examination, heartbeats, startup
from mailhold.directory.models import OwnDomain, Person, SetupLink
from mailhold.management.commands import up
from mailhold.models import Heartbeat

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def prepared(monkeypatch):
    """The tables exist already in a test; the rest of the start has tests of its own."""
    monkeypatch.setattr(startup, "prepare", lambda say: None)


def init(monkeypatch, *options, stdin=""):
    monkeypatch.setattr("sys.stdin", StringIO(stdin))
    out = StringIO()
    call_command("init", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_init_with_nothing_given_prints_a_one_time_link(prepared, monkeypatch):
    assert "/setup/" in init(monkeypatch)
    assert SetupLink.objects.count() == 1


@pytest.mark.django_db
def test_init_makes_the_administrator_from_options_without_asking(prepared, monkeypatch):
    options = (
        "--admin-address",
        "Ada@Example.Test",
        "--admin-name",
        "Ada",
        "--admin-password-stdin",
        "--language",
        "en",
    )
    said = init(monkeypatch, *options, stdin="correct horse battery\n")
    ada = Person.objects.get(email="ada@example.test")
    assert (ada.name, ada.language, ada.is_superuser, ada.is_staff) == ("Ada", "en", True, True)
    assert ada.check_password("correct horse battery")
    assert "correct horse" not in said


@pytest.mark.django_db
def test_init_takes_everything_from_the_environment(prepared, monkeypatch, tmp_path):
    (tmp_path / "password").write_text("correct horse battery\n")
    monkeypatch.setenv("MAILHOLD_ADMIN_ADDRESS", "ada@example.test")
    monkeypatch.setenv("MAILHOLD_ADMIN_PASSWORD_FILE", str(tmp_path / "password"))
    init(monkeypatch)
    assert Person.objects.get().check_password("correct horse battery")


@pytest.mark.django_db
def test_init_again_changes_nothing(prepared, monkeypatch, admin):
    said = init(
        monkeypatch,
        "--admin-address",
        "eve@example.test",
        "--admin-password-stdin",
        stdin="another horse battery\n",
    )
    assert "administrator already" in said
    assert not Person.objects.filter(email="eve@example.test").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "password"), [("ada@example.test", "12345"), ("ada", "correct horse battery")]
)
def test_init_refuses_a_weak_password_and_a_wrong_address(prepared, monkeypatch, address, password):
    with pytest.raises(CommandError):
        init(monkeypatch, "--admin-address", address, "--admin-password-stdin", stdin=password)
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_init_adds_own_domains_once(prepared, monkeypatch):
    for _ in range(2):
        init(monkeypatch, "--domain", "Example.CO.JP", "--domain", "example.net")
    assert set(OwnDomain.objects.values_list("name", flat=True)) == {"example.co.jp", "example.net"}


@pytest.mark.django_db
def test_a_setup_link_is_offered_only_while_there_is_no_administrator(admin):
    assert startup.setup_address() is None
    Person.objects.update(is_active=False)
    assert "/setup/" in startup.setup_address()


@pytest.mark.django_db(transaction=True)
def test_preparing_twice_is_the_same_as_once(settings, tmp_path):
    settings.STATIC_ROOT, settings.DATA_DIR, settings.START_STEPS = tmp_path / "static", tmp_path, []
    said = []
    startup.prepare(said.append)
    startup.prepare(said.append)
    assert len(said) == 1
    assert (tmp_path / "static" / "admin" / "css" / "base.css").exists()


def test_a_taken_port_is_said_before_anything_starts():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(CommandError, match=f"MAILHOLD_SMTP_BIND: {address} cannot be used"):
            up.ensure_ports_free("unix:/tmp/x", [address])


def test_what_takes_in_work_is_stopped_first():
    assert [program.name for program in up.programs(2)] == ["smtp", "smtp", "web", "dispatch", "worker"]


def test_where_to_click_is_said_once_and_only_when_everything_listens(settings):
    said = []
    with socket.socket() as web, socket.socket() as smtp:
        for listener in (web, smtp):
            listener.bind(("127.0.0.1", 0))
        binds = [f"127.0.0.1:{listener.getsockname()[1]}" for listener in (web, smtp)]
        announce = up.Announcement("Click here.", said.append, binds)
        web.listen()
        announce()
        assert said == []
        smtp.listen()
        announce()
        announce()
    assert said == ["Click here."]


def test_the_addresses_to_click_are_those_of_this_installation(settings):
    settings.BASE_URL, settings.DEMO, settings.SMARTHOST = "https://hold.example.test", True, ""
    shown = up.addresses_to_click("https://hold.example.test/setup/x/")
    assert all(f"https://hold.example.test/{page}" in shown for page in ("setup/x/", "demo/", "mailbox/"))
    settings.DEMO, settings.SMARTHOST = False, "smtp://mail.example.test"
    assert "/demo/" not in up.addresses_to_click(None)
    assert "/mailbox/" not in up.addresses_to_click(None)
    assert "/setup/" not in up.addresses_to_click(None)


def test_children_know_that_this_is_a_demo():
    assert up.child_settings({}, demo=True)["MAILHOLD_DEMO"] == "1"
    assert up.child_settings({"MAILHOLD_DEMO": "1"}, demo=False)["MAILHOLD_DEMO"] == "0"


@pytest.mark.django_db
def test_a_heartbeat_is_one_row_for_each_process():
    heartbeats.beat("worker", NOW)
    heartbeats.beat("worker", NOW + timedelta(seconds=5))
    assert Heartbeat.objects.count() == 1
    assert heartbeats.newest("worker") == NOW + timedelta(seconds=5)
    assert heartbeats.newest("dispatcher") is None


@pytest.mark.django_db
def test_heartbeats_of_processes_long_gone_are_swept_out():
    Heartbeat.objects.create(kind="worker", instance="gone:1", at=NOW - timedelta(days=2))
    heartbeats.beat("dispatcher", NOW)
    assert heartbeats.newest("worker") is None


def well():
    return None


def ill():
    return "The key ring opens nothing."


def doctor(*options):
    out = StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.django_db
def test_a_doctor_who_finds_nothing_says_so(settings):
    settings.DOCTOR_CHECKS, settings.READINESS_CHECKS = [f"{__name__}.well"], []
    code, said = doctor()
    assert code == 0
    assert "All is well." in said


@pytest.mark.django_db
def test_a_doctor_names_each_problem_and_ends_with_1(settings):
    settings.DOCTOR_CHECKS, settings.READINESS_CHECKS = [f"{__name__}.ill"], []
    code, said = doctor()
    assert code == 1
    assert "PROBLEM  ill: The key ring opens nothing." in said


@pytest.mark.django_db
def test_a_doctor_reports_a_wrong_setting(settings):
    settings.DOCTOR_CHECKS, settings.READINESS_CHECKS, settings.NOTICE_ADDRESS = [], [], "nobody"
    code, said = doctor()
    assert code == 1
    assert "MAILHOLD_NOTICE_ADDRESS" in said


@pytest.mark.django_db
def test_a_doctor_of_a_stopped_installation_does_not_ask_for_processes(settings):
    settings.DOCTOR_CHECKS, settings.READINESS_CHECKS = [], [f"{__name__}.ill"]
    assert doctor("--stopped")[0] == 0
    assert doctor()[0] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "check",
    [
        examination.migrations,
        examination.durability,
        examination.integrity,
        examination.shared_cache,
        examination.clock,
        examination.disk_writes,
        examination.newest_content,
        examination.smarthost,
    ],
)
def test_a_fresh_installation_passes(check):
    assert check() is None


def test_a_full_disk_is_said(monkeypatch):
    monkeypatch.setattr(examination, "LEAST_FREE_BYTES", 1 << 62)
    assert "free" in examination.disk_space()


def test_a_data_directory_that_cannot_be_written_is_said(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert "cannot be written" in examination.disk_writes()


def test_a_smarthost_that_nobody_answers_for_is_said(settings):
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        settings.SMARTHOST = f"smtp://127.0.0.1:{trial.getsockname()[1]}"
        assert "The smarthost cannot be used" in examination.smarthost()


@pytest.mark.parametrize(("vendor", "answer"), [("sqlite", 1), ("postgresql", "off")])
def test_a_database_that_can_forget_what_it_committed_is_said(monkeypatch, vendor, answer):
    monkeypatch.setattr(examination.connection, "vendor", vendor)
    monkeypatch.setattr(examination, "_value", lambda statement: answer)
    assert "accepted mail can be lost" in examination.durability()


def test_a_clock_that_is_wrong_is_said(monkeypatch):
    monkeypatch.setattr(examination.connection, "vendor", "postgresql")
    monkeypatch.setattr(examination, "_value", lambda statement: datetime.now(UTC) - timedelta(minutes=5))
    assert "differ by 300 seconds" in examination.clock()


def test_a_damaged_file_is_said(monkeypatch):
    monkeypatch.setattr(examination.connection, "vendor", "sqlite")
    monkeypatch.setattr(examination, "_value", lambda statement: "row 3 missing from index")
    assert "damaged" in examination.integrity()
