"""What every test shares: a data directory of its own, no network beyond this machine, and the people."""

import atexit
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

# Before Django reads its settings: a test must never touch the data of an installation beside it.
if "MAILHOLD_DATA_DIR" not in os.environ:
    _data_dir = tempfile.mkdtemp(prefix="mailhold-test-")
    os.environ["MAILHOLD_DATA_DIR"] = _data_dir
    atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
os.environ.setdefault("MAILHOLD_ORGANISATION", "Example Trading")
sys.path.insert(0, str(Path(__file__).parent))  # tests/shared_files.py and tests/live are imported by name

import hypothesis
import pytest

# How long something takes is a matter of `make bench`: a test machine may be as busy as it likes.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_CHEAP_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
_LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", ""}


# Tests that open a database: in this process pytest-django refuses it to all others, and whole installations have one.
_WITH_DATABASE = {"django_db", "live"}
_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}


def pytest_addoption(parser):
    parser.addoption(
        "--second-database",
        action="store_true",
        help="leave out what a run on another database has said already: tests that open none, and those of pages alone",
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("second_database"):
        kept = [item for item in items if _asks_the_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def _asks_the_database(item):
    marks = {mark.name for mark in item.iter_markers()}
    opened = marks & _WITH_DATABASE or _DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    return bool(opened) and "pages" not in marks


def pytest_configure(config):
    from django.conf import settings

    config.addinivalue_line(
        "markers", "real_hasher: uses the password hashers of the product instead of a fast one"
    )
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, as in an installation: threads with connections of their own wait for each other there.
        database.setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / f"test-{os.getpid()}.sqlite3")
    # WhiteNoise warns of a missing folder for collected files; tests collect none.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # Tables of the cache are not made by migrations; no test needs a cache that other processes share.
    settings.CACHES = {
        **settings.CACHES,
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"},
    }


@pytest.fixture(autouse=True)
def _cheap_passwords(request, settings):
    if "real_hasher" not in request.keywords:
        settings.PASSWORD_HASHERS = [_CHEAP_HASHER, *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _empty_cache():
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    """No test talks to a machine other than this one."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(real):
        def call(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in _LOOPBACK:
                raise AssertionError(f"A test tried to reach {address[0]}.")
            return real(self, address)

        return call

    monkeypatch.setattr(socket.socket, "connect", guarded(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex))


def _person(address, **fields):
    from mailhold.directory.models import Person

    return Person.objects.create_user(address, "correct horse battery", language="en", **fields)


@pytest.fixture
def bob(db):
    """Alice's manager, who approves."""
    return _person("bob@example.test", name="Bob Baker")


@pytest.fixture
def alice(db, bob):
    """The sender."""
    return _person("alice@example.test", name="Alice Archer", manager=bob)


@pytest.fixture
def carol(db, bob):
    """A peer of Alice."""
    return _person("carol@example.test", name="Carol Carter", manager=bob)


@pytest.fixture
def mallory(db):
    """A person with an account and no right to anything of the others."""
    return _person("mallory@example.test", name="Mallory Miller")


@pytest.fixture
def admin(db):
    """An administrator."""
    return _person("admin@example.test", name="Ada Admin", is_staff=True, is_superuser=True)
