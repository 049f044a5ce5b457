"""The process in which messages are looked into talks to nobody, starts nothing and writes nothing."""

import os
import platform
import socket
import sys
from pathlib import Path

import pytest

from policies.sandbox import Bounds, Sandbox

# The real process, with one more thing that it can be asked for.
CHILD = """
import ctypes, errno, os, socket, subprocess
from policies import sandboxed

def attempt(request, content):
    try:
        return repr(eval(request["code"], globals(), {"content": content})).encode()
    except OSError as error:
        return f"{errno.errorcode[error.errno]} {error}".encode()

LIBRARY = ctypes.CDLL(None, use_errno=True).syscall
sandboxed._JOBS["attempt"] = attempt

if __name__ == "__main__":
    sandboxed.main()
"""
NUMBERS = {
    "x86_64": {"socket": 41, "connect": 42, "execve": 59},
    "aarch64": {"socket": 198, "connect": 203, "execve": 221},
}
MACHINE = platform.machine()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("child")
    (folder / "child_of_tests.py").write_text(CHILD, encoding="utf-8")
    sys.path.insert(0, str(folder))
    made = Sandbox(Bounds(cpu_seconds=5, seconds=60.0), module="child_of_tests")
    yield made
    made.close()
    sys.path.remove(str(folder))


@pytest.fixture
def attempted(sandbox):
    return lambda code: sandbox.call({"do": "attempt", "code": code}, b"x").decode()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('127.0.0.1', {port}), 1)",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "socket.getaddrinfo('localhost', 25)",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {{}})",
        "os.fork()",
        "os.kill({parent}, 0)",
    ],
)
def test_it_can_talk_to_nobody_and_start_nothing(attempted, listener, code):
    answer = attempted(code.format(port=listener.getsockname()[1], parent=os.getpid()))
    assert answer.startswith("EPERM"), answer
    assert "refused while messages are looked into" in answer
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}, 'w')",
        "open({path!r}, 'a')",
        "os.open({path!r}, os.O_CREAT | os.O_RDWR)",
        "os.mkdir({path!r})",
        "os.remove({kept!r})",
        "os.rename({kept!r}, {path!r})",
        "os.truncate({kept!r}, 0)",
    ],
)
def test_it_can_change_no_file(attempted, tmp_path, code):
    kept, path = tmp_path / "kept", tmp_path / "new"
    kept.write_text("kept")
    answer = attempted(code.format(path=str(path), kept=str(kept)))
    assert answer.startswith("EPERM"), answer
    assert (kept.read_text(), path.exists()) == ("kept", False)


def test_it_can_read_what_it_needs_to_run(attempted):
    assert attempted("len(open(os.__file__).read()) > 0") == "True"
    assert attempted("__import__('this').s[:3]") == "'Gur'"


@pytest.mark.skipif(MACHINE not in NUMBERS, reason=f"the kernel's fence is not built for {MACHINE}")
@pytest.mark.parametrize(
    ("name", "arguments"), [("socket", "2, 1, 0"), ("connect", "0, 0, 0"), ("execve", "b'/bin/true', 0, 0")]
)
def test_the_kernel_refuses_it_too(attempted, name, arguments):
    assert attempted(f"LIBRARY({NUMBERS[MACHINE][name]}, {arguments}), ctypes.get_errno()") == "(-1, 1)"


@pytest.mark.skipif(MACHINE not in NUMBERS, reason=f"the kernel's fence is not built for {MACHINE}")
def test_the_process_that_reads_real_mail_stands_behind_it():
    made = Sandbox(Bounds())
    try:
        made.call({"do": "read"}, b"Subject: x\r\n\r\nx\r\n")
        status = Path(f"/proc/{made._child.pid}/status").read_text()
    finally:
        made.close()
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


def test_a_message_that_is_read_meanwhile_is_read_as_ever(sandbox, attempted):
    assert attempted("socket.socket()").startswith("EPERM")
    assert b'"subject":"x"' in sandbox.call({"do": "read"}, b"Subject: x\r\n\r\nx\r\n")
