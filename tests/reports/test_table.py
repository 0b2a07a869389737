"""What was used, as a table."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from opendance.reports.table import report_table
from opendance.store.usage import UsageRow
from tests.reports.rows import row


def lines_of(rows: list[UsageRow], by: list[str]) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=200, markup=False, emoji=False).print(report_table(rows, by))
    return out.getvalue().splitlines()


def test_the_table_has_a_line_for_each_row() -> None:
    head, first, second = lines_of(
        [row("30.5000", tasks=3, seconds=12, day="2026-01-01", key="[k]"), row(day="2026-01-02", key="")],
        ["day", "key"],
    )
    assert head.split() == ["day", "key", "tasks", "seconds", "credits"]
    assert first.split()[:5] == ["2026-01-01", "[k]", "3", "12", "30.5"]
    assert second.split() == ["2026-01-02", "-", "1", "4", "0"], "a name that is none is a dash"


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_bars_are_as_long_as_the_credits_to_the_most(amounts: list[int]) -> None:
    _, *lines = lines_of([row(str(amount), day=f"{number}") for number, amount in enumerate(amounts)], ["day"])
    most = max(amounts) or 1
    for amount, line in zip(amounts, lines, strict=True):
        whole, part = line.count("█"), any(eighth in line for eighth in "▏▎▍▌▋▊▉")
        share = amount / most * 30
        assert whole == int(share) or abs(share - round(share)) < 1 / 8
        assert whole + part <= 30
        assert (whole == 30) == (amount == most and amount > 0) or share > 30 - 1 / 8


def test_without_rows_there_is_only_the_head() -> None:
    assert [line.split() for line in lines_of([], ["model"])] == [["model", "tasks", "seconds", "credits"]]
