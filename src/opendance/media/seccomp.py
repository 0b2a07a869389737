"""A filter of system calls: what a process may ask of the kernel once it only works on files that it was handed.

All that is not listed is refused, so there is no call that takes a path, an address or a program: no open, no stat, no
socket, no exec, no new process. Threads are possible, decoders use them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

# Linux 6.12: arch/x86/entry/syscalls/syscall_64.tbl, and scripts/syscall.tbl for arm64. By name: x86_64, aarch64; None:
# there is none.
_CALLS: dict[str, tuple[int, int | None]] = {
    # what was handed over
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "pwrite64": (18, 68),
    "preadv": (295, 69), "pwritev": (296, 70), "lseek": (8, 62), "close": (3, 57),
    "recvmsg": (47, 212),
    # memory
    "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226), "madvise": (28, 233),
    "brk": (12, 214), "membarrier": (324, 283),
    # threads
    "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293), "set_tid_address": (218, 96),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getcpu": (309, 168), "gettid": (186, 178),
    "exit": (60, 93), "exit_group": (231, 94),
    # signals to itself
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    # the time, and who it is
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "gettimeofday": (96, 169), "time": (201, None), "getrusage": (98, 165), "sysinfo": (99, 179), "uname": (63, 160),
    "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getrandom": (318, 278),
}  # fmt: skip
_CLONE, _TGKILL, _PRCTL = (56, 220), (234, 131), (157, 167)
_CLONE_THREAD, _PR_SET_NAME = 0x10000, 15

_COLUMNS = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}  # column, AUDIT_ARCH, number of seccomp(2)
_SET_MODE_FILTER, _TSYNC = 1, 1
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
# A library that meets a call that "is not there" takes an older one; one that is "not permitted" is an error to it.
_REFUSE = _ERRNO | errno.ENOSYS
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; of the low half of the first argument
_LOAD, _EQUALS, _HAS_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JSET|K, BPF_RET|K


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_for(machine: str, process_id: int) -> bytes:
    """The filter as a program for the kernel, a row of `struct sock_filter`.

    Args:
        machine: x86_64 or aarch64.
        process_id: the process that may get signals: its own, for abort(3).

    Raises:
        OSError: the numbers of this machine's calls are not known here.
    """
    if machine not in _COLUMNS:
        raise OSError(errno.ENOSYS, f"there is no list of system calls for {machine}")
    column, architecture, _ = _COLUMNS[machine]
    numbers = sorted({number for row in _CALLS.values() if (number := row[column]) is not None})
    only = (
        (_CLONE, _HAS_BITS, _CLONE_THREAD),
        (_TGKILL, _EQUALS, process_id),
        (_PRCTL, _EQUALS, _PR_SET_NAME),
    )
    rows = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUALS, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL_PROCESS),  # calls of another architecture have other numbers
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number in numbers:
        rows += [(_EQUALS, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for call, comparison, value in only:
        rows += [
            (_EQUALS, 0, 4, call[column]),
            (_LOAD, 0, 0, _ARGUMENT),
            (comparison, 0, 1, value),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        ]
    rows.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *row) for row in rows)


def filter_calls() -> str:
    """From now on this process can make no other calls, nor can its threads; for ever. No new privileges must be set.

    Returns:
        What is closed.

    Raises:
        OSError: this system has no such filters.
    """
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "only Linux has them")
    machine = platform.machine()
    program = filter_for(machine, os.getpid())
    given = _Program(len(program) // 8, program)
    libc = ctypes.CDLL(None, use_errno=True)
    number = ctypes.c_long(_COLUMNS[machine][2])
    if libc.syscall(number, ctypes.c_ulong(_SET_MODE_FILTER), ctypes.c_ulong(_TSYNC), ctypes.byref(given)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code) if code else "a thread of the process cannot be filtered")
    return "no path, address, program or process can be asked for"
