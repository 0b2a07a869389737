"""The sandbox keeps the contract of what gives jobs to an engine."""

from __future__ import annotations

import inspect

from opendance.engines.base import Host
from opendance.engines.sandbox import SandboxHost
from opendance.engines.upstream.base import Submission
from opendance.fate import read_fate


def test_it_has_all_that_a_host_has() -> None:
    host: Host = SandboxHost()
    assert all(hasattr(host, name) for name, _ in inspect.getmembers(Host) if not name.startswith("_"))


def test_the_host_of_a_fate_makes_its_clips_with_the_same_engine() -> None:
    host = SandboxHost()
    assert host.with_fate(None) is host
    assert host.with_fate(read_fate("stuck")).render_blank == host.render_blank


async def test_a_slow_one_has_ended_once_its_time_is_over() -> None:
    host = SandboxHost(now=lambda: 100.0)
    assert await host.has_ended(Submission("task-0", "100.0", 90.0))
    assert not await host.has_ended(Submission("task-0", "100.5", 90.0))
    assert not await host.has_ended(Submission("task-0", "inf", 90.0))
    assert await host.abandon(Submission("task-0", "inf", 90.0))
