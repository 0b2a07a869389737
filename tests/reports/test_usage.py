"""What was used, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opendance.credits import SMALLEST
from opendance.errors import InvalidRequest
from opendance.reports.usage import dimensions_of, report_csv, report_json
from opendance.store import accounts, tasks
from opendance.store.database import Database
from opendance.store.usage import DIMENSIONS, UsageRow, usage_report
from tests.conftest import MINI, TEXT
from tests.reports.rows import row
from tests.tasks import order, waiting_task

FORMULA = tuple("=+-@\t")
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
    assert dimensions_of(written) == list(order), "and one that is named twice counts once"


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
        dimensions_of(text)


def test_only_the_dimensions_that_are_allowed_are_possible() -> None:
    assert dimensions_of("model", ("day", "model")) == ["model"]
    with pytest.raises(InvalidRequest, match=r"by: account is not possible; choose day, model$"):
        dimensions_of("account", ("day", "model"))


# ── JSON and CSV ──


@given(ROWS)
def test_as_json_every_row_is_an_object_with_its_numbers(rows: list[UsageRow]) -> None:
    shown = json.loads(json.dumps(report_json(rows)))
    assert len(shown) == len(rows)
    for given_, found in zip(rows, shown, strict=True):
        assert {name: found[name] for name in ("key", "model")} == given_.values
        assert (found["tasks"], found["seconds"]) == (given_.tasks, given_.seconds)
        assert found["credits_used"] == pytest.approx(float(given_.credits_used), rel=1e-15)
        assert found["credits_reserved"] == pytest.approx(float(given_.credits_reserved), rel=1e-15)


@given(ROWS)
def test_as_csv_nothing_is_lost_and_nothing_is_a_formula(rows: list[UsageRow]) -> None:
    text = report_csv(rows, ["model", "key"])
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
    (_, (shown, *_)) = csv.reader(io.StringIO(report_csv([row(key=name)], ["key"]), newline=""))
    assert shown == "'" + name


def test_amounts_in_csv_are_written_as_people_write_them() -> None:
    text = report_csv([row("1000000.5000", reserved="0.0001", day="2026-01-01")], ["day"])
    assert text == "day,tasks,seconds,credits_used,credits_reserved\n2026-01-01,1,4,1000000.5,0.0001\n"
    assert report_csv([], ["day"]) == "day,tasks,seconds,credits_used,credits_reserved\n"


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
        by = dimensions_of("day,model")
        found = list(csv.DictReader(io.StringIO(report_csv(await usage_report(connection, account, by=by), by))))
    assert [(line["day"], line["model"]) for line in found] == sorted(expected)
    for line in found:
        amounts = expected[line["day"], line["model"]]
        assert (int(line["tasks"]), Decimal(line["credits_reserved"])) == (len(amounts), sum(amounts))
        assert (line["seconds"], line["credits_used"]) == ("0", "0"), "nothing has ended yet"
