"""A Postfix instance of our own: high port, own queue, loopback only; it holds everything, or relays to a sink."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from bench.ports import free_port, wait_for_port

POSTFIX = "/usr/sbin/postfix"
STOP_SECONDS = 20

_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = postfix.bench.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
local_transport = error:there is no local mail here
alias_maps =
alias_database =
disable_dns_lookups = yes
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 52428800
mailbox_size_limit = 0
in_flow_delay = 0
"""
_HOLD = """\
smtpd_recipient_restrictions = check_client_access static:HOLD, permit_mynetworks, reject
relayhost = [127.0.0.1]:9
"""
_RELAY = """\
smtpd_recipient_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:{next_hop}
"""
_MASTER = """\
{port}   inet  n - n - - smtpd
cleanup  unix  n - n - 0 cleanup
qmgr     unix  n - n 300 1 qmgr
rewrite  unix  - - n - - trivial-rewrite
bounce   unix  - - n - 0 bounce
defer    unix  - - n - 0 bounce
trace    unix  - - n - 0 bounce
proxymap unix  - - n - - proxymap
smtp     unix  - - n - - smtp
relay    unix  - - n - - smtp
scache   unix  - - n - 1 scache
error    unix  - - n - - error
retry    unix  - - n - - error
showq    unix  n - n - - showq
flush    unix  n - n 1000? 0 flush
anvil    unix  - - n - 1 anvil
postlog  unix-dgram n - n - 1 postlogd
"""


def available() -> bool:
    """Whether instances can be run here: Postfix is installed, and we are root."""
    return os.access(POSTFIX, os.X_OK) and os.geteuid() == 0


def version() -> str:
    if not os.access(POSTFIX, os.X_OK):
        return "not installed: nothing is compared"
    if os.geteuid() != 0:
        return "needs root: nothing is compared"
    done = subprocess.run(
        ["/usr/sbin/postconf", "-d", "-h", "mail_version"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Postfix:
    """`with Postfix(folder) as postfix` has an instance that holds everything; with `next_hop` (a port) it relays."""

    def __init__(self, home: Path, next_hop: int | None = None) -> None:
        self.home = home
        self.port = free_port()
        self._config = home / "conf"
        for name in ("conf", "queue", "data"):
            (home / name).mkdir(parents=True)
        os.chown(home / "data", pwd.getpwnam("postfix").pw_uid, -1)
        shape = _MAIN + (_HOLD if next_hop is None else _RELAY)
        (self._config / "main.cf").write_text(shape.format(home=home, next_hop=next_hop))
        (self._config / "master.cf").write_text(_MASTER.format(port=self.port))
        with suppress(FileNotFoundError):
            shutil.copy("/etc/postfix/dynamicmaps.cf", self._config)

    def __enter__(self) -> Self:
        self._postfix("start")
        try:
            wait_for_port(self.port, 20)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        leader = self._leader()
        self._postfix("stop", check=False)
        deadline = time.monotonic() + STOP_SECONDS
        while leader and time.monotonic() < deadline:
            with suppress(ProcessLookupError):
                os.kill(leader, 0)
                time.sleep(0.1)
                continue
            return
        if leader:
            with suppress(ProcessLookupError):
                os.kill(leader, signal.SIGKILL)

    def _leader(self) -> int | None:
        try:
            return int((self.home / "queue" / "pid" / "master.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _postfix(self, command: str, *, check: bool = True) -> None:
        done = subprocess.run(
            [POSTFIX, "-c", self._config, command], capture_output=True, text=True, check=False, timeout=60
        )
        if check and done.returncode:
            raise RuntimeError(f"postfix {command} failed:\n{done.stderr}{done.stdout}")

    def held(self) -> int:
        """How many messages are held."""
        return sum(1 for path in (self.home / "queue" / "hold").rglob("*") if path.is_file())

    def empty(self) -> None:
        """Delete what is held."""
        for path in (self.home / "queue" / "hold").rglob("*"):
            if path.is_file():
                path.unlink()
