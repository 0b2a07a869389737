"""What was used, as a picture that another library reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
import pytest

from opendance.errors import ConfigurationError
from opendance.reports.plot import plot_report
from opendance.store.usage import UsageRow
from tests.reports.rows import row


def drawn(path: Path) -> Any:
    """(height, width, 3), read by another library than it was drawn with."""
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def heights(picture: Any, colour: tuple[int, int, int]) -> list[int]:
    """How high the bars of this colour (R, G, B) are, left to right, in pixels."""
    columns = (np.abs(picture.astype(int) - colour[::-1]).max(axis=2) < 12).sum(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], columns > 0, [0]])))
    return [int(np.median(columns[a:b])) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 40]


BLUE, ORANGE = (31, 119, 180), (255, 127, 14)


def test_bars_are_as_high_as_the_credits(tmp_path: Path) -> None:
    plot_report([row("10", model="a"), row("40", model="b"), row("20", model="c")], ["model"], tmp_path / "x.png")
    picture = drawn(tmp_path / "x.png")
    assert picture.shape == (600, 1200, 3)
    low, high, middle = heights(picture, BLUE)
    assert high > 200
    assert (low / high, middle / high) == (pytest.approx(0.25, abs=0.02), pytest.approx(0.5, abs=0.02))


def test_what_shares_a_place_is_stacked(tmp_path: Path) -> None:
    rows = [
        row("10", day="2026-01-01", key="a"),
        row("30", day="2026-01-01", key="b"),
        row("20", day="2026-01-02", key="b"),
    ]
    plot_report(rows, ["day", "key"], tmp_path / "x.png")
    picture = drawn(tmp_path / "x.png")
    (blue,) = heights(picture, BLUE)
    first, second = heights(picture, ORANGE)
    assert (blue / first, second / first) == (pytest.approx(1 / 3, abs=0.03), pytest.approx(2 / 3, abs=0.03))
    column = int(np.flatnonzero((np.abs(picture.astype(int) - BLUE[::-1]).max(axis=2) < 12).sum(axis=0) == blue)[0]) + 5
    above = {colour: np.flatnonzero(np.abs(picture[:, column].astype(int) - colour[::-1]).max(axis=1) < 12).mean() for colour in (BLUE, ORANGE)}  # fmt: skip
    assert above[ORANGE] < above[BLUE], "the second stands on the first"


def words_of(rows: list[UsageRow], by: list[str], folder: Path) -> str:
    """The SVG, with its words as words."""
    with mpl.rc_context({"svg.fonttype": "none"}):
        plot_report(rows, by, folder / "x.svg")
    return (folder / "x.svg").read_text()


def test_days_without_tasks_have_their_place_too(tmp_path: Path) -> None:
    words = words_of([row("1", day="2026-02-27"), row("1", day="2026-03-02")], ["day"], tmp_path)
    for day in ("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"):
        assert words.count(f">{day}<") == 1
    assert "2026-02-26" not in words
    assert ">Credits used by day<" in words


def test_the_legend_names_what_is_stacked(tmp_path: Path) -> None:
    rows = [
        row("1", day="2026-01-01", key="a key", status="failed"),
        row("1", day="2026-01-01", key="", status="pending"),
    ]
    words = words_of(rows, ["day", "key", "status"], tmp_path)
    assert ">a key · failed<" in words
    assert ">- · pending<" in words


def test_no_rows_are_a_picture_without_bars(tmp_path: Path) -> None:
    plot_report([], ["day"], tmp_path / "x.png")
    assert heights(drawn(tmp_path / "x.png"), BLUE) == []


@pytest.mark.parametrize("name", ["nowhere/x.png", "x.xyz"])
def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=f"--plot: cannot write {name}: "):
        plot_report([row("1", day="2026-01-01")], ["day"], Path(name))
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigurationError, match=r"--plot: .*pip install 'opendance\[plot\]'"):
        plot_report([], ["day"], tmp_path / "x.png")
