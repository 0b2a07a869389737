from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opendance.machine import GIB, cores, give_way, memory

POD = "kubepods/burstable/pod1/c2"


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture(autouse=True)
def a_large_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """64 cores and 256 GiB."""
    pages = {"SC_PHYS_PAGES": 256 * GIB // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sysconf", pages.__getitem__, raising=False)


def test_without_a_cgroup_it_is_what_the_machine_has(tmp_path: Path) -> None:
    assert (cores(tmp_path), memory(tmp_path)) == (64, 256 * GIB)


def test_the_cores_that_a_process_is_bound_to_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.machine._bound", lambda: 3)
    assert cores(tmp_path) == 3
    quota = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "800000 100000\n"}
    assert cores(tree(tmp_path, quota)) == 3


@pytest.mark.parametrize(("quota", "number"), [("200000 100000", 2), ("150000 100000", 2), ("20000 100000", 1), ("max 100000", 64)])  # fmt: skip
def test_a_container_sees_its_own_cgroup_of_version_2(tmp_path: Path, quota: str, number: int) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.max": f"{quota}\n",
            "sys/fs/cgroup/memory.max": f"{4 * GIB}\n",
        },
    )
    assert (cores(root), memory(root)) == (number, 4 * GIB)


def test_the_least_limit_of_all_cgroups_above_counts(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": f"0::/{POD}\n",
            f"sys/fs/cgroup/{POD}/memory.max": "max\n",
            f"sys/fs/cgroup/{POD}/cpu.max": "max 100000\n",
            "sys/fs/cgroup/kubepods/burstable/pod1/memory.max": f"{2 * GIB}\n",
            "sys/fs/cgroup/kubepods/memory.max": f"{8 * GIB}\n",
            "sys/fs/cgroup/kubepods/cpu.max": "400000 100000\n",
        },
    )
    assert (cores(root), memory(root)) == (4, 2 * GIB)


@pytest.mark.parametrize("seen", [POD, ""])
def test_version_1_as_the_machine_and_as_a_container_sees_it(tmp_path: Path, seen: str) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": f"9:memory:/{POD}\n4:cpu,cpuacct:/{POD}\n1:name=systemd:/{POD}\n",
            f"sys/fs/cgroup/memory/{seen}/memory.limit_in_bytes": f"{3 * GIB}\n",
            f"sys/fs/cgroup/cpu,cpuacct/{seen}/cpu.cfs_quota_us": "250000\n",
            f"sys/fs/cgroup/cpu,cpuacct/{seen}/cpu.cfs_period_us": "100000\n",
        },
    )
    assert (cores(root), memory(root)) == (3, 3 * GIB)


def test_version_1_without_limits(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "9:memory:/\n1:cpu:/\n0::/\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        },
    )
    assert (cores(root), memory(root)) == (64, 256 * GIB)


linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


@linux
def test_a_thread_gives_way_with_what_it_starts_and_the_others_of_its_process_do_not() -> None:
    before = niceness()
    with ThreadPoolExecutor(1, initializer=give_way) as making:
        assert making.submit(niceness).result() == max(10, before)
        asked = [sys.executable, "-c", "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"]
        started = making.submit(subprocess.run, asked, capture_output=True, check=True)
        assert int(started.result().stdout) == max(10, before)
    assert niceness() == before


@linux
def test_whoever_gives_way_more_already_goes_on_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.machine._BEHIND", 3)
    with ThreadPoolExecutor(1, initializer=lambda: os.setpriority(os.PRIO_PROCESS, 0, 19)) as making:
        making.submit(give_way).result()
        assert making.submit(niceness).result() == 19
