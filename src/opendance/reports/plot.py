"""What was used, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from opendance.errors import ConfigurationError
from opendance.store.usage import UsageRow

_FEWEST = 8  # places on the axis, so that one day is no wall


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
