"""What was used, as a table in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.bar import Bar
from rich.table import Table

from opendance.credits import shown
from opendance.store.usage import UsageRow

_BAR = 30  # characters


def report_table(rows: Sequence[UsageRow], by: Sequence[str]) -> Table:
    """The rows with a bar for the credits of each."""
    table = Table(*by, box=None, header_style="bold")
    for name in ("tasks", "seconds", "credits"):
        table.add_column(name, justify="right")
    table.add_column("")
    most = max((row.credits_used for row in rows), default=0)
    for row in rows:
        bar = Bar(float(most or 1), 0, float(row.credits_used), width=_BAR, color="cyan")
        values = [row.values[name] or "-" for name in by]
        table.add_row(*values, str(row.tasks), str(row.seconds), shown(row.credits_used), bar)
    return table
