"""Which engines have failed lately: they are tried after the others until they had a rest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opendance.errors import FAULTS
from opendance.telemetry.metrics import ENGINE_FAILURES, ENGINE_UP

_FAILURES_UNTIL_DOWN = 3
_FIRST_REST, _LONGEST_REST = 30.0, 300.0  # s


@dataclass
class _Record:
    failures: int = 0
    down_until: float = 0.0


class Health:
    """What this process saw of its engines.

    Args:
        engines: those that run here; they are up until they fail.
    """

    def __init__(self, engines: Iterable[str] = ()) -> None:
        self._records: dict[str, _Record] = {}
        for engine in engines:
            ENGINE_UP.labels(engine).set(1)
            for code in (code for code, fault in FAULTS.items() if fault == "server"):
                ENGINE_FAILURES.labels(engine, code)

    def succeeded(self, engine: str) -> None:
        """The engine made a clip."""
        self._records.pop(engine, None)
        ENGINE_UP.labels(engine).set(1)

    def failed(self, engine: str, code: str) -> None:
        """The engine failed for a reason of its own."""
        record = self._records.setdefault(engine, _Record())
        record.failures += 1
        ENGINE_FAILURES.labels(engine, code).inc()
        if record.failures >= _FAILURES_UNTIL_DOWN:
            rest = min(_LONGEST_REST, _FIRST_REST * 2 ** (record.failures - _FAILURES_UNTIL_DOWN))
            record.down_until = time.monotonic() + rest
            ENGINE_UP.labels(engine).set(0)

    def is_up(self, engine: str) -> bool:
        """Whether it did not fail several times in a row just now."""
        record = self._records.get(engine)
        return record is None or time.monotonic() >= record.down_until

    def failures(self, engine: str) -> tuple[int, float | None]:
        """How often it failed in a row, and for how many seconds it rests; None where it does not."""
        record = self._records.get(engine)
        if record is None:
            return 0, None
        left = record.down_until - time.monotonic()
        return record.failures, round(left, 1) if left > 0 else None

    def ordered(self, engines: Sequence[str]) -> list[str]:
        """The same engines: those that are up first, each part in its order."""
        return sorted(engines, key=lambda engine: not self.is_up(engine))


class Unwatched(Health):
    """Of the sandbox: it fails where that was asked for, which alerts nobody and gives no rest."""

    def succeeded(self, engine: str) -> None:
        """Nothing is noted."""

    def failed(self, engine: str, code: str) -> None:
        """Nothing is noted."""
