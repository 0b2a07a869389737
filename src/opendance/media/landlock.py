"""Landlock: no way to the file system, to TCP, and to other processes' sockets and signals, whoever the process is.

Where the filter of system calls holds, nothing of this is left to ask for; this is the second wall, and the kernel
builds it of other stones. No rule is added: what the process works on was opened before, by somebody else.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_CREATE, _RESTRICT = 444, 446  # the same on all architectures
_ASK_VERSION = 1
# include/uapi/linux/landlock.h: how many rights there are to handle, by the version that brought the last of them.
_FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
_NET_SINCE, _NET_RIGHTS = 4, 2  # bind and connect with TCP
_SCOPE_SINCE, _SCOPES = 6, 2  # abstract sockets, signals


def ruleset_for(version: int) -> bytes:
    """`struct landlock_ruleset_attr` with all that a kernel of this version can take away."""
    rights = max(number for since, number in _FILE_RIGHTS if version >= since)
    words = [(1 << rights) - 1]
    if version >= _NET_SINCE:
        words.append((1 << _NET_RIGHTS) - 1)
    if version >= _SCOPE_SINCE:
        words.append((1 << _SCOPES) - 1)
    return struct.pack(f"={len(words)}Q", *words)


def close_file_system() -> str:
    """From now on this thread, and those that it starts, can open nothing; for ever. No new privileges must be set.

    Returns:
        What is closed.

    Raises:
        OSError: the kernel has none, or it is switched off.
    """
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "only Linux has it")
    version = _call(_CREATE, None, 0, _ASK_VERSION)
    attributes = ruleset_for(version)
    ruleset = _call(_CREATE, attributes, len(attributes), 0)
    try:
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    closed = ["no file can be opened"]
    closed += ["no TCP connection made"] * (version >= _NET_SINCE)
    closed += ["no other process signalled"] * (version >= _SCOPE_SINCE)
    return f"{', '.join(closed)} (version {version})"


def _call(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    given = [ctypes.c_ulong(each) if isinstance(each, int) else ctypes.c_char_p(each) for each in arguments]
    answer: int = libc.syscall(ctypes.c_long(number), *given)
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer
