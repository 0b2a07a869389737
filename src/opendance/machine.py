"""How many cores and how much memory this process has: what its container allows, else what the machine has; and who
of those that share them waits for whom.

A container sees the cores and the memory of its whole node; what it may use of them stands in its cgroup.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Generator
from pathlib import Path

GIB = 1 << 30
_UNKNOWN = 4 * GIB  # where neither a cgroup nor the system says how much there is
_UNLIMITED = 1 << 60  # cgroups of version 1 write a number near 2 ** 63
_ROOT = Path("/")
_BEHIND = 10  # of 19 steps behind everybody else: where all cores are wanted, a ninth of what they get


def cores(root: Path = _ROOT) -> int:
    """How many cores this process may use, at least 1: those it is bound to, and no more than the quota of its cgroup.

    Args:
        root: of the file system.
    """
    quotas = [quota for folder in _folders(root, "cpu") if (quota := _quota(folder)) is not None]
    return max(1, min(_bound(), *(math.ceil(quota) for quota in quotas)) if quotas else _bound())


def memory(root: Path = _ROOT) -> int:
    """How much memory this process may use, bytes: the limit of its cgroup, else what the machine has.

    Args:
        root: of the file system.
    """
    names = ("memory.max", "memory.limit_in_bytes")
    limits = [
        limit
        for folder in _folders(root, "memory")
        for name in names
        if (limit := _number(folder / name)) is not None and limit < _UNLIMITED
    ]
    return min([*limits, _physical()])


def give_way() -> None:
    """From now on this thread and what it starts come after those that answer requests, who need a core at once and for
    a moment only. Where cores are free it is as quick as before.

    On Linux it is the thread, elsewhere the process, and nothing where the system knows no such thing (Windows). It
    holds among those that share cores as equals: of one container, unit, or session.
    """
    if sys.platform == "win32":
        return
    os.setpriority(os.PRIO_PROCESS, 0, max(_BEHIND, os.getpriority(os.PRIO_PROCESS, 0)))


def _bound() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return _UNKNOWN


def _folders(root: Path, controller: str) -> Generator[Path]:
    """The cgroup of this process and those above it: each of them may have a limit."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    mounts = root / "sys/fs/cgroup"
    for line in lines:
        _, names, path = line.split(":", 2)
        if not names:
            tops = [mounts, mounts / "unified"]
        elif controller in names.split(","):
            tops = [mounts / names, mounts / controller]
        else:
            continue
        for top in tops:
            folder = top / path.lstrip("/")
            # What a container sees is mounted at its own cgroup: the path, which is the machine's, leads nowhere there.
            yield from (each for each in (folder, *folder.parents) if each == top or top in each.parents)


def _quota(folder: Path) -> float | None:
    """Cores: in version 2 "150000 100000" or "max 100000", in version 1 a file for each, of which -1 is no quota."""
    try:
        quota, period = (folder / "cpu.max").read_text().split()
    except (OSError, ValueError):
        quota_us, period_us = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    else:
        quota_us, period_us = (int(quota) if quota.isdigit() else None), int(period)
    if quota_us is None or not period_us or quota_us <= 0:
        return None
    return quota_us / period_us


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def peak_memory(process: int) -> int | None:
    """The most memory that a process ever had, bytes; None where the system does not tell, or it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0]) * 1024 if peaks else None
