"""Lists of what commands tell: as a table where it fits into the terminal, else row below row."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.table import Table

from opendance.cli.printing import out

_ANY_WIDTH = 100_000


def print_list(table: Table) -> None:
    """The table; where it is wider than the terminal, its rows below each other, so that no id is cut."""
    wide = out.options.update(max_width=_ANY_WIDTH)
    if table.row_count == 0 or out.measure(table, options=wide).maximum <= out.width:
        out.print(table)
        return
    names = [str(column.header) for column in table.columns[1:]]
    for first, *others in zip(*(column.cells for column in table.columns), strict=True):
        facts = [f"{name} {cell}" for name, cell in zip(names, others, strict=True) if cell != "-"]
        out.print(first, soft_wrap=True)
        out.print("    " + ", ".join(facts), soft_wrap=True)


def moment(seconds: float) -> str:
    """A time, UTC.

    Args:
        seconds: unix time.
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
