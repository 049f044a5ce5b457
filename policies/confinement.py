"""What the process in which messages are looked into may not do: talk to anybody, start programs, change files.

Two fences. The kernel refuses the system calls (seccomp, on Linux with an x86-64 or ARM processor), whoever makes them.
Python refuses the same, and the writing of files, by an audit hook: everywhere, and with a sentence for the log. Pure.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Any

_REFUSED = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.spawn",
    "os.posix_spawn",
    "os.kill",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "shutil.",
    "tempfile.",
    "ctypes.dlopen",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
# Of each processor: its number for the kernel, and those of socket, connect, bind, sendto, sendmsg, execve, execveat,
# ptrace, process_vm_writev, io_uring_setup. On x86-64 all numbers from 2^30 on are refused too: they mean the same.
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 44, 46, 59, 322, 101, 311, 425), 0x40000000),
    "aarch64": (0xC00000B7, (198, 203, 200, 206, 211, 221, 281, 117, 271, 425), 0xFFFFFFFF),
}


def confine() -> bool:
    """Put up the fences, for good; return whether the kernel's stands too. Import everything that is needed before."""
    by_kernel = _confine_by_kernel()
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)
    return by_kernel


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED) or (event == "open" and arguments[2] & _WRITES):
        raise PermissionError(errno.EPERM, f"{event} is refused while messages are looked into")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _confine_by_kernel() -> bool:
    known = _CALLS.get(platform.machine())
    if known is None or not sys.platform.startswith("linux"):
        return False
    instructions = _instructions(*known)
    buffer = ctypes.create_string_buffer(instructions)
    program = _Program(len(instructions) // 8, ctypes.addressof(buffer))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    return bool(
        prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        and prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0
    )


def _instructions(processor: int, calls: tuple[int, ...], most: int) -> bytes:
    """Return the filter: another processor's calls and `calls` are refused, all others allowed."""
    # Where a jump goes is counted in instructions from the next one on; the refusal stands last.
    after = len(calls) + 1
    code = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 0, after + 2, processor), (_LOAD, 0, 0, 0)]
    code.append((_JUMP_AT_LEAST, after, 0, most))
    code += [(_JUMP_EQUAL, after - 1 - place, 0, call) for place, call in enumerate(calls)]
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
