"""Reports as people and programs read them: JSON, CSV, a table, a picture."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from opendance import reports
from opendance.credits import SMALLEST
from opendance.errors import ConfigurationError, InvalidRequest
from opendance.store import accounts, tasks
from opendance.store.audit import AuditRecord, list_audit, record
from opendance.store.database import Database
from opendance.store.usage import DIMENSIONS, UsageRow, usage_report
from tests.conftest import MINI, TEXT
from tests.tasks import order, waiting_task

FORMULA = tuple("=+-@\t")


def row(used: str = "0", *, tasks: int = 1, seconds: int = 4, reserved: str = "0", **values: str) -> UsageRow:
    return UsageRow(values, tasks, seconds, Decimal(used), Decimal(reserved))


AMOUNTS = st.integers(0, 10**16).map(lambda units: units * SMALLEST)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ROWS = st.lists(
    st.builds(
        lambda key, model, tasks, seconds, used, reserved: UsageRow(
            {"key": key, "model": model}, tasks, seconds, used, reserved
        ),
        TEXTS, TEXTS, st.integers(0, 10**9), st.integers(0, 10**9), AMOUNTS, AMOUNTS,
    ),
    max_size=8,
)  # fmt: skip


# ── dimensions ──


@given(st.sampled_from([order for size in range(1, 6) for order in permutations(DIMENSIONS, size)]), st.data())
def test_dimensions_are_read_in_their_order(order: tuple[str, ...], data: st.DataObject) -> None:
    spaces = st.sampled_from(["", " ", "\t"])
    written = ",".join(data.draw(spaces) + name + data.draw(spaces) for name in (*order, order[0]))
    assert reports.dimensions_of(written) == list(order), "and one that is named twice counts once"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour", "by: colour is not possible; choose day, model, key, status, account"),
        ("day,colour,taste", "by: colour is not possible"),
        ("", r"by: \(empty\) is not possible"),
        ("day,", r"by: \(empty\) is not possible"),
        ("Day", "by: Day is not possible"),
    ],
)
def test_what_is_no_dimension_is_told(text: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        reports.dimensions_of(text)


def test_only_the_dimensions_that_are_allowed_are_possible() -> None:
    assert reports.dimensions_of("model", ("day", "model")) == ["model"]
    with pytest.raises(InvalidRequest, match=r"by: account is not possible; choose day, model$"):
        reports.dimensions_of("account", ("day", "model"))


# ── JSON and CSV ──


@given(ROWS)
def test_as_json_every_row_is_an_object_with_its_numbers(rows: list[UsageRow]) -> None:
    shown = json.loads(json.dumps(reports.report_json(rows)))
    assert len(shown) == len(rows)
    for given_, found in zip(rows, shown, strict=True):
        assert {name: found[name] for name in ("key", "model")} == given_.values
        assert (found["tasks"], found["seconds"]) == (given_.tasks, given_.seconds)
        assert found["credits_used"] == pytest.approx(float(given_.credits_used), rel=1e-15)
        assert found["credits_reserved"] == pytest.approx(float(given_.credits_reserved), rel=1e-15)


@given(ROWS)
def test_as_csv_nothing_is_lost_and_nothing_is_a_formula(rows: list[UsageRow]) -> None:
    text = reports.report_csv(rows, ["model", "key"])
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert head == ["model", "key", "tasks", "seconds", "credits_used", "credits_reserved"]
    assert len(lines) == len(rows)
    for given_, (model, key, *numbers) in zip(rows, lines, strict=True):
        for name, shown in (("model", model), ("key", key)):
            value = given_.values[name]
            plain = value.replace("\r", " ")
            assert shown == ("'" + plain if plain.startswith(FORMULA) else plain)
            assert not shown.startswith(FORMULA)
        assert [int(numbers[0]), int(numbers[1])] == [given_.tasks, given_.seconds]
        assert [Decimal(amount) for amount in numbers[2:]] == [given_.credits_used, given_.credits_reserved]


@pytest.mark.parametrize("name", ["=1+1", "+49", "-cmd", "@SUM(A1)", "\tx"])
def test_a_name_that_a_spreadsheet_would_compute_gets_an_apostrophe(name: str) -> None:
    (_, (shown, *_)) = csv.reader(io.StringIO(reports.report_csv([row(key=name)], ["key"]), newline=""))
    assert shown == "'" + name


def test_amounts_in_csv_are_written_as_people_write_them() -> None:
    text = reports.report_csv([row("1000000.5000", reserved="0.0001", day="2026-01-01")], ["day"])
    assert text == "day,tasks,seconds,credits_used,credits_reserved\n2026-01-01,1,4,1000000.5,0.0001\n"
    assert reports.report_csv([], ["day"]) == "day,tasks,seconds,credits_used,credits_reserved\n"


# ── the table ──


def lines_of(rows: list[UsageRow], by: list[str]) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=200, markup=False, emoji=False).print(reports.report_table(rows, by))
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


# ── the picture ──


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
    reports.plot_report(
        [row("10", model="a"), row("40", model="b"), row("20", model="c")], ["model"], tmp_path / "x.png"
    )
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
    reports.plot_report(rows, ["day", "key"], tmp_path / "x.png")
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
        reports.plot_report(rows, by, folder / "x.svg")
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
    reports.plot_report([], ["day"], tmp_path / "x.png")
    assert heights(drawn(tmp_path / "x.png"), BLUE) == []


@pytest.mark.parametrize("name", ["nowhere/x.png", "x.xyz"])
def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=f"--plot: cannot write {name}: "):
        reports.plot_report([row("1", day="2026-01-01")], ["day"], Path(name))
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigurationError, match=r"--plot: .*pip install 'opendance\[plot\]'"):
        reports.plot_report([], ["day"], tmp_path / "x.png")


# ── from the database ──

TASKS = st.lists(
    st.tuples(
        st.sampled_from([TEXT, MINI]),
        st.integers(19_000, 19_002),  # days since 1970
        st.sampled_from([0, 1, 43_200, 86_399]),  # s of the day
        st.integers(1, 10**6).map(lambda units: units * SMALLEST),
    ),
    max_size=10,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TASKS)
async def test_a_report_sums_the_tasks_by_what_is_asked(
    database: Database, made: list[tuple[str, int, int, Decimal]]
) -> None:
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    async with database.write() as connection:
        account = await accounts.create_account(connection, name=f"account {time.monotonic_ns()}")
        for model, day, seconds, reserved in made:
            task = waiting_task(
                account, order(model), created=day * 86_400 + seconds, credits_reserved=reserved,
            )  # fmt: skip
            await tasks.create_task(connection, task)
            expected[datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d"), model].append(reserved)
        by = reports.dimensions_of("day,model")
        found = list(
            csv.DictReader(io.StringIO(reports.report_csv(await usage_report(connection, account, by=by), by)))
        )
    assert [(line["day"], line["model"]) for line in found] == sorted(expected)
    for line in found:
        amounts = expected[line["day"], line["model"]]
        assert (int(line["tasks"]), Decimal(line["credits_reserved"])) == (len(amounts), sum(amounts))
        assert (line["seconds"], line["credits_used"]) == ("0", "0"), "nothing has ended yet"


async def test_the_audit_log_as_csv_is_the_rows_as_they_are_kept(database: Database) -> None:
    details: list[dict[str, Any]] = [{}, {"name": 'the "猫", twice\nover'}, {"nested": {"list": [1, None, 2.5]}}]
    async with database.write() as connection:
        for detail in details:
            await record(connection, "admin.x", actor="command line", account_id="acct-1", detail=detail)
        await record(connection, "filter", actor="content filter", task_id="task-1", detail={"a": 1})
        rows = await list_audit(connection, limit=10)
    text = reports.audit_csv(rows)
    assert "猫" in text, "as it was written, not escaped"
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [json.loads(line["detail"]) for line in table] == [*details, {"a": 1}]
    assert Counter((line["kind"], line["actor"], line["account_id"], line["task_id"]) for line in table) == Counter(
        {("admin.x", "command line", "acct-1", ""): 3, ("filter", "content filter", "", "task-1"): 1}
    )
    for kept, line in zip(rows, table, strict=True):
        assert int(line["id"]) == kept.id
        at = datetime.fromisoformat(line["at"])
        assert at.tzinfo == UTC
        assert at.timestamp() == pytest.approx(kept.at, abs=0.001)


def test_times_in_the_audit_log_are_utc_with_milliseconds() -> None:
    text = reports.audit_csv([AuditRecord(7, 1_700_000_000.1239, "filter", "x", None, None, {})])
    assert text.splitlines() == [
        "id,at,kind,actor,account_id,task_id,detail",
        "7,2023-11-14T22:13:20.123+00:00,filter,x,,,{}",
    ]
    assert reports.audit_csv([]).splitlines() == ["id,at,kind,actor,account_id,task_id,detail"]
