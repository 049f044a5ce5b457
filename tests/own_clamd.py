"""A real clamd of our own: in the foreground, on 127.0.0.1 and on a socket, knowing one signature and nothing else."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest

NAME = "Mailhold.Test.Marker"
# What the signature is for; it is harmless, and in no scanner's database but ours.
MARKER = b"mailhold-test-marker-5b0e3f2d9c"
STREAM_BYTES = 200_000
START_SECONDS = 60.0
# Where Debian puts it, which is in the path of root alone.
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


class Clamd:
    """The running daemon; `with Clamd(folder) as clamd` stops it at the end. Skips the test where there is none."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("clamd", path=_PLACES)
        if program is None:
            pytest.skip("no clamd here (apt-get install clamav-daemon)")
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with closing(socket.create_server(("127.0.0.1", 0))) as probe:
            self.port = probe.getsockname()[1]
        self.tcp = f"127.0.0.1:{self.port}"
        self.unix = str(folder / "clamd.sock")
        database = folder / "database"
        database.mkdir()
        (database / "own.ndb").write_text(f"{NAME}:0:*:{MARKER.hex()}\n", encoding="ascii")
        lines = [
            "Foreground yes",
            f"DatabaseDirectory {database}",
            f"TemporaryDirectory {folder}",
            "TCPAddr 127.0.0.1",
            f"TCPSocket {self.port}",
            f"LocalSocket {self.unix}",
            f"LogFile {folder / 'clamd.log'}",
            f"StreamMaxLength {STREAM_BYTES}",
            "MaxThreads 2",
            "SelfCheck 3600",
            *options,
        ]
        self._settings = folder / "clamd.conf"
        self._settings.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def __enter__(self) -> Self:
        # Nothing here comes from outside.
        self._process = subprocess.Popen(
            [self._program, "--config-file", str(self._settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                log = self._folder / "clamd.log"
                pytest.fail(
                    f"clamd did not start: {log.read_text(errors='replace') if log.exists() else 'no log'}"
                )
            time.sleep(0.1)
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(16) == b"PONG\0"
        except OSError:
            return False
