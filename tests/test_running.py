from __future__ import annotations

from collections.abc import Callable
from typing import cast

from opendance.engines.base import Host
from opendance.queue.base import Lane
from opendance.running import _turn_gates


class LoadingHost:
    """A host that is loaded, or has a problem, when a test says so."""

    def __init__(self) -> None:
        self.is_loaded, self.problem = False, cast("str | None", None)
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def become(self, *, is_loaded: bool, problem: str | None = None) -> None:
        self.is_loaded, self.problem = is_loaded, problem
        for listener in self._listeners:
            listener()


def is_open(lane: Lane) -> bool:
    return lane.gate._opened.is_set()


def test_a_lane_stays_open_while_a_process_that_has_ended_is_replaced() -> None:
    host, lane = LoadingHost(), Lane(frozenset({"seedance-2.0-text-to-video"}), 1)
    _turn_gates({"previs": lane}, {"previs": cast(Host, host)}, alone=False)
    assert not is_open(lane)  # other processes may be ready before it
    host.become(is_loaded=True)
    assert is_open(lane)
    host.become(is_loaded=False)
    assert is_open(lane)
    host.become(is_loaded=False, problem="no weights")
    assert not is_open(lane)
    host.become(is_loaded=True)
    assert is_open(lane)


def test_a_process_that_is_alone_begins_tasks_while_its_engine_is_loaded() -> None:
    host, lane = LoadingHost(), Lane(frozenset({"seedance-2.0-text-to-video"}), 1)
    _turn_gates({"previs": lane}, {"previs": cast(Host, host)}, alone=True)
    assert is_open(lane)
    host.become(is_loaded=False, problem="no weights")
    assert not is_open(lane)
