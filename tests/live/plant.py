"""A whole installation for tests: own data, own database, own ports, and the processes that `mailhold up` runs."""

import os
import secrets
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
from live.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]

# How a process of each kind shows in the process list.
COMMANDS = {
    "smtp": ["mailhold", "smtp"],
    "web": ["gunicorn"],
    "dispatch": ["mailhold", "dispatch"],
    "worker": ["mailhold", "worker"],
}


class Plant:
    """`with Plant(tmp_path) as plant` has a running installation; without `sink` mail goes to the built-in mailbox."""

    def __init__(self, folder, *, sink=None, demo=False, **env):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data_dir = self.folder / "data"
        self.smtp_port, self.web_port = free_ports(2)
        self.base_url = f"http://127.0.0.1:{self.web_port}"
        self.log = self.folder / "up.log"
        self.demo = demo
        self.process = None
        self._database, self._drop = make_database(self.folder)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAILHOLD_")}
        self.env = {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "mailhold.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self._database,
            "MAILHOLD_DATA_DIR": str(self.data_dir),
            "MAILHOLD_STATIC_DIR": str(static_dir()),
            "MAILHOLD_WEB_BIND": f"127.0.0.1:{self.web_port}",
            "MAILHOLD_SMTP_BIND": f"127.0.0.1:{self.smtp_port}",
            "MAILHOLD_LANGUAGE": "en",
            **({"MAILHOLD_SMARTHOST": f"smtp://127.0.0.1:{sink.port}?tls=off"} if sink else {}),
            **{name: str(value) for name, value in env.items()},
        }

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        try:
            self.stop()
        finally:
            self._drop()
            # pytest shows this only where the test failed.
            print(self.log_text())

    def start(self, seconds=90.0):
        """Start `mailhold up` and wait until it is ready."""
        command = [sys.executable, "-P", "-m", "mailhold", "up", *(["--demo"] if self.demo else [])]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_ready(seconds)

    def wait_ready(self, seconds=90.0):
        """Wait until /readyz answers 200 and the SMTP port is open."""
        answer = "nothing"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"mailhold up ended:\n{self.log_text()}"
            answer = self._readiness()
            if answer == "ready" and self._smtp_open():
                return
            time.sleep(0.2)
        raise AssertionError(f"Not ready after {seconds} s, last answer {answer}:\n{self.log_text()}")

    def _readiness(self):
        try:
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=10):
                return "ready"
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()
        except OSError as error:
            return str(error)

    def _smtp_open(self):
        try:
            socket.create_connection(("127.0.0.1", self.smtp_port), 5).close()
        except OSError:
            return False
        return True

    def stop(self, seconds=90.0):
        """Stop it as an operator would; whatever is left afterwards is an error and is killed."""
        if self.process is None:
            return
        members = self.members()
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        # The kernel ends tied processes a moment after their parents.
        _, left = psutil.wait_procs(members, timeout=5)
        for member in left:
            member.kill()
        assert not left, f"Still running after the stop: {left}"

    def members(self):
        """Every process of this installation."""
        if self.process is None or self.process.poll() is not None:
            return []
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def pids(self, kind):
        """The process identifiers of one kind (smtp, web, dispatch, worker) with those that it started, oldest first."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            if _is_kind(child, kind):
                found += [child, *child.children(recursive=True)]
        return [member.pid for member in sorted(found, key=lambda member: (member.create_time(), member.pid))]

    def kill(self, kind, which=0):
        """End one process of `kind` with SIGKILL (0: the oldest, -1: the newest); return its identifier."""
        pid = self.pids(kind)[which]
        psutil.Process(pid).kill()
        return pid

    def send(self, sender, recipients, content, *, user=None, password=None, **options):
        """Send `content` (bytes) by SMTP; return the refused recipients as smtplib does."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, "client.example.test", timeout=60) as client:
            if user:
                client.login(user, password)
            return client.sendmail(sender, recipients, content, **options)

    def visitor(self, language="en"):
        """A new session with the pages."""
        return Visitor(self.base_url, language)

    def manage(self, *arguments, stdin=None, check=True):
        """Run a mailhold command in this installation; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "mailhold", *arguments],
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or done.returncode == 0, (
            f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout

    def log_text(self):
        """What all processes wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def _is_kind(process, kind):
    words = COMMANDS[kind]
    try:
        line = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    return any(line[start : start + len(words)] == words for start in range(len(line)))


def static_dir():
    """The files of the pages, gathered once for all installations that tests start."""
    return Path(os.environ["MAILHOLD_DATA_DIR"]) / "static-of-plants"


def free_ports(count):
    """Return so many ports that nothing listens on now."""
    trials = [socket.socket() for _ in range(count)]
    try:
        for trial in trials:
            trial.bind(("127.0.0.1", 0))
        return [trial.getsockname()[1] for trial in trials]
    finally:
        for trial in trials:
            trial.close()


def make_database(folder):
    """Return the address of a database of its own, and what removes it: a file, or one on the server of DATABASE_URL."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        return f"sqlite:///{folder / 'plant.sqlite3'}", lambda: None
    name = f"plant_{secrets.token_hex(6)}"
    _execute(given, f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(given)._replace(path=f"/{name}")), lambda: _execute(
        given, f"DROP DATABASE {name} WITH (FORCE)"
    )


def _execute(url, statement):
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
