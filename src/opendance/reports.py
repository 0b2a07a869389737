"""Reports in forms that people and programs read: usage as JSON, CSV, a table with bars, a picture; audit as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.bar import Bar
from rich.table import Table

from opendance.credits import shown
from opendance.errors import ConfigurationError, InvalidRequest
from opendance.store.audit import AuditRecord
from opendance.store.usage import DIMENSIONS, Dimension, UsageRow

_BAR = 30  # characters
_FEWEST = 8  # places on the axis, so that one day is no wall


def dimensions_of(text: str, allowed: Sequence[Dimension] = DIMENSIONS) -> list[Dimension]:
    """The dimensions that "day,model" names, in its order.

    Raises:
        InvalidRequest: one of them is none.
    """
    known: dict[str, Dimension] = {str(name): name for name in allowed}
    names = dict.fromkeys(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in known]:
        raise InvalidRequest(problem=f"by: {unknown[0] or '(empty)'} is not possible; choose {', '.join(known)}")
    return [known[name] for name in names]


def report_json(rows: Sequence[UsageRow]) -> list[dict[str, Any]]:
    """The rows as JSON objects."""
    return [
        {
            **row.values,
            "tasks": row.tasks,
            "seconds": row.seconds,
            "credits_used": float(row.credits_used),
            "credits_reserved": float(row.credits_reserved),
        }
        for row in rows
    ]


def report_csv(rows: Sequence[UsageRow], by: Sequence[str]) -> str:
    """The rows as CSV with a head line.

    Names are the users' own: one that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*by, "tasks", "seconds", "credits_used", "credits_reserved"])
    for row in rows:
        names = [_for_spreadsheets(row.values[name]) for name in by]
        writer.writerow([*names, row.tasks, row.seconds, shown(row.credits_used), shown(row.credits_reserved)])
    return out.getvalue()


def _for_spreadsheets(name: str) -> str:
    # Not every Python quotes a carriage return, and what follows it would begin a line.
    plain = name.replace("\r", " ")
    return f"'{plain}" if plain.startswith(tuple("=+-@\t")) else plain


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


def plot_report(rows: Sequence[UsageRow], by: Sequence[str], target: Path) -> None:
    """Draw the credits of each row: a bar for each value of the first dimension, stacked by the others.

    Raises:
        ConfigurationError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigurationError("--plot: drawing needs matplotlib: pip install 'opendance[plot]'") from None
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplots()
    places = list(dict.fromkeys(row.values[by[0]] or "-" for row in rows))
    if by[0] == "day" and places:  # days without tasks are shown too
        first, last = date.fromisoformat(places[0]), date.fromisoformat(places[-1])
        places = [str(first + timedelta(days=day)) for day in range((last - first).days + 1)]
    series = list(dict.fromkeys(" · ".join(row.values[name] or "-" for name in by[1:]) for row in rows))
    base = dict.fromkeys(places, 0.0)
    for label in series:
        heights = dict.fromkeys(places, 0.0)
        for row in rows:
            if " · ".join(row.values[name] or "-" for name in by[1:]) == label:
                heights[row.values[by[0]] or "-"] += float(row.credits_used)
        axes.bar(places, list(heights.values()), bottom=list(base.values()), label=label or None, width=0.7)
        base = {place: base[place] + heights[place] for place in places}
    axes.set_ylabel("credits")
    axes.set_title(f"Credits used by {', '.join(by)}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.7, max(len(places), _FEWEST) - 0.3)
    if len(places) > _FEWEST:
        axes.tick_params(axis="x", rotation=60)
    if len(by) > 1:
        figure.legend(loc="outside right upper", frameon=False)
    try:
        figure.savefig(target, dpi=120)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"--plot: cannot write {target}: {error}") from None


def audit_csv(rows: Sequence[AuditRecord]) -> str:
    """Rows of the audit log as CSV; times in UTC, details as JSON."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "at", "kind", "actor", "account_id", "task_id", "detail"])
    for row in rows:
        at = datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds")
        detail = json.dumps(row.detail, ensure_ascii=False)
        writer.writerow([row.id, at, row.kind, row.actor, row.account_id, row.task_id, detail])
    return text.getvalue()
