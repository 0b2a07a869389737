"""What keeps the process that opens files from outside from doing anything else: layers, each of which holds alone.

Which of them a machine has is told by `opendance doctor`; a process goes on with those that there are.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendance.media.landlock import close_file_system
from opendance.media.seccomp import filter_calls

MEMORY = 1280 << 20
"""Bytes of address space, of which libraries take 390 MiB. The most that a file within the rules was seen to take is
1059 MiB in all: a WebP of 6000 x 6000 with alpha, of which 740 are really in memory."""
_CPU_SECONDS = 300
_FILE_BYTES = 2 << 30
_OPEN_FILES = 64
_PR_SET_NO_NEW_PRIVS = 38
# What Python itself is refused, for systems where the kernel does not refuse it.
_FORBIDDEN = (
    "os.exec", "os.fork", "os.forkpty", "os.kill", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "socket.__new__", "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen",
)  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One of the walls.

    Attributes:
        holds: whether this system has it.
        says: what it keeps out, or why it is not there.
    """

    name: str
    holds: bool
    says: str


def confine() -> tuple[Layer, ...]:
    """Give up, for ever, what reading and writing files that are open already does not need.

    Everything that will be imported must be, and no thread must run.
    """
    layers = [_tried("limits", _limit_resources)]
    with contextlib.suppress(OSError):
        # Where memory runs out all the same, this process goes, and not the server.
        Path("/proc/self/oom_score_adj").write_text("1000")
    layers += [
        _tried("no new privileges", _refuse_privileges),
        _tried("Landlock", close_file_system),
        _tried("seccomp", filter_calls),
    ]

    def refuse(event: str, _arguments: Any) -> None:
        if event in _FORBIDDEN:
            raise PermissionError(f"{event} is not possible here")

    sys.addaudithook(refuse)
    return tuple(layers)


def _tried(name: str, build: Callable[[], str]) -> Layer:
    try:
        return Layer(name, True, build())
    except OSError as problem:
        return Layer(name, False, f"not on this system: {problem.strerror}")


def _limit_resources() -> str:
    try:
        import resource
    except ImportError:
        raise OSError(0, "Windows has no such limits") from None

    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (limit, limit))
    return f"{MEMORY >> 20} MiB of memory, {_CPU_SECONDS} s of CPU time, {_OPEN_FILES} files of {_FILE_BYTES >> 30} GiB"


def _refuse_privileges() -> str:
    if sys.platform != "linux":
        raise OSError(0, "only Linux has it")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return "no program can give it more rights"
