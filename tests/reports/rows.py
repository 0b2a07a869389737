"""Lines of a report."""

from __future__ import annotations

from decimal import Decimal

from opendance.store.usage import UsageRow


def row(used: str = "0", *, tasks: int = 1, seconds: int = 4, reserved: str = "0", **values: str) -> UsageRow:
    return UsageRow(values, tasks, seconds, Decimal(used), Decimal(reserved))
