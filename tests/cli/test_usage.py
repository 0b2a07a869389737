"""opendance usage."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import cv2
import pytest

from opendance.store import accounts, keys, tasks
from tests.cli.conftest import DATABASE, Told
from tests.conftest import MINI, TEXT
from tests.databases import opened
from tests.tasks import order, waiting_task

Read = Callable[..., Any]
DAY = 86_400


@pytest.fixture(autouse=True)
def used(folder: Path) -> None:
    """Three tasks under way: two of Ann, one of them three days old, and one of somebody with an odd name."""

    async def fill() -> None:
        async with opened(folder / DATABASE) as database, database.write() as connection:
            for name, model, reserved, age in (
                ("Ann", TEXT, "30", 3), ("Ann", MINI, "10.5", 0), ("[/] :cat:", MINI, "2", 0),
            ):  # fmt: skip
                found = await accounts.find_account(connection, name)
                owner = found.id if found else await accounts.create_account(connection, name=name)
                key_id, _ = await keys.create_key(connection, owner, name=f"key of {name}")
                task = waiting_task(
                    owner, order(model), created=time.time() - age * DAY, credits_reserved=Decimal(reserved), key_id=key_id,
                )  # fmt: skip
                await tasks.create_task(connection, task)

    asyncio.run(fill())


def days_ago(number: int) -> str:
    return datetime.fromtimestamp(time.time() - number * DAY, UTC).strftime("%Y-%m-%d")


def test_usage_is_told_by_what_is_asked(read: Read) -> None:
    assert [(row["day"], row["tasks"], row["credits_reserved"]) for row in read("usage")] == [
        (days_ago(3), 1, 30.0),
        (days_ago(0), 2, 12.5),
    ]
    by_model = {row["model"]: row["tasks"] for row in read("usage", "--by", "model")}
    assert by_model == {TEXT: 1, MINI: 2}
    pairs = read("usage", "--by", " account, status ")
    assert [(row["account"], row["status"], row["tasks"]) for row in pairs] == [
        ("Ann", "pending", 2),
        ("[/] :cat:", "pending", 1),
    ]


def test_usage_is_of_an_account_and_of_as_many_days_as_are_asked(read: Read) -> None:
    assert [row["tasks"] for row in read("usage", "--account", "Ann", "--by", "account")] == [2]
    assert [row["tasks"] for row in read("usage", "--days", "1", "--by", "account")] == [1, 1]
    assert [row["tasks"] for row in read("usage", "--days", "3", "--by", "account")] == [1, 1]
    assert [row["tasks"] for row in read("usage", "--days", "4", "--by", "account")] == [2, 1]
    assert [row["tasks"] for row in read("usage", "--days", "36500", "--by", "account")] == [2, 1]


def test_the_table_shows_names_as_they_are(told: Told) -> None:
    shown = told("usage", "--by", "account,model")
    assert shown.split()[:5] == ["account", "model", "tasks", "seconds", "credits"]
    assert "[/] :cat:" in shown
    assert MINI in shown


def test_as_csv_it_has_a_head_line(told: Told) -> None:
    assert told("usage", "--csv").startswith("day,tasks,seconds,credits_used,credits_reserved\n")
    rows = list(csv.DictReader(io.StringIO(told("usage", "--csv", "--by", "key"))))
    assert [(row["key"], row["credits_reserved"]) for row in rows] == [
        ("key of Ann", "40.5"),
        ("key of [/] :cat:", "2"),
    ]


def test_it_is_drawn(told: Told, folder: Path) -> None:
    target = folder / "usage.png"
    assert told("usage", "--by", "day,account", "--plot", target) == f"saved {target}\n"
    assert cv2.imread(str(target)).shape[:2] == (600, 1200)


def test_a_picture_without_a_suffix_is_a_png_and_told_as_such(told: Told, folder: Path) -> None:
    assert told("usage", "--plot", "mine") == "saved mine.png\n"
    assert cv2.imread(str(folder / "mine.png")) is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "colour"), "by: colour is not possible; choose day, model, key, status, account"),
        (("--by", "day,"), "by: (empty) is not possible"),
        (("--account", "nobody"), "no account 'nobody'"),
        (("--days", "0"), "'--days'"),
        (("--plot", "nowhere/x.png"), "--plot: cannot write nowhere/x.png"),
        (("--plot", "."), "--plot: . is a folder; name a file in it, such as usage.png"),
        (("--plot", "x.xyz"), "--plot: cannot write x.xyz: Format 'xyz' is not supported"),
    ],
)
def test_a_wrong_question_is_told(refused: Told, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused("usage", *arguments)
