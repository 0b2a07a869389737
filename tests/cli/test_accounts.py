"""opendance accounts, groups, admin-key."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opendance import administration as admin
from tests.cli.conftest import DATABASE, Told, kept
from tests.databases import opened

pytestmark = pytest.mark.usefixtures("installation")

Read = Callable[..., Any]


def is_admin_key(folder: Path, key: str) -> bool:
    async def ask() -> bool:
        async with opened(folder / DATABASE) as database, database.read() as connection:
            return await admin.is_admin_key(connection, key, None)

    return asyncio.run(ask())


def test_an_account_is_made_and_only_its_id_is_printed(told: Told, read: Read) -> None:
    account = told("accounts", "create", "--name", " Ann ", "--group", "vip", "--credits", "12.5", "--max-tasks", "3")
    assert re.fullmatch(r"acct-[0-9a-f]{16}\n", account)
    (found,) = read("accounts", "list")
    assert found["id"] == account.strip()
    assert (found["name"], found["user_group"], found["balance"]) == ("Ann", "vip", 12.5)
    assert (found["max_tasks"], found["requests_per_minute"], found["enabled"]) == (3, None, True)


def test_what_is_not_given_of_an_account_stays(told: Told, read: Read) -> None:
    account = told("accounts", "create", "--name", "Ann", "--max-tasks", "3", "--requests-per-minute", "60").strip()
    assert told("accounts", "update", "Ann", "--group", "vip", "--off") == f"changed {account}\n"
    (found,) = read("accounts", "list")
    assert (found["user_group"], found["enabled"], found["max_tasks"], found["name"]) == ("vip", False, 3, "Ann")
    told("accounts", "update", account, "--name", "Bea", "--on", "--remove", "max-tasks", "--remove", "requests_per_minute")  # fmt: skip
    (found,) = read("accounts", "list")
    assert (found["name"], found["enabled"]) == ("Bea", True)
    assert (found["max_tasks"], found["requests_per_minute"]) == (None, None)


def test_accounts_are_shown_in_a_table(told: Told) -> None:
    told("accounts", "create", "--name", "Ann", "--credits", "1000000.5", "--max-tasks", "7")
    told("accounts", "create", "--name", "Bea")
    told("accounts", "update", "Bea", "--off")
    shown = [[cell.strip() for cell in line.split("│")] for line in told("accounts", "list").splitlines()]
    rows = {row[2]: row[3:8] for row in shown if len(row) > 8}
    assert rows == {"Ann": ["default", "on", "1000000.5", "-", "7"], "Bea": ["default", "off", "0", "-", "-"]}


@pytest.mark.parametrize("name", ["[/]", "[red]Ann[/red]", ":cat:", "Ann [gpu]"])
def test_names_are_shown_as_they_are(told: Told, name: str) -> None:
    told("accounts", "create", "--name", name)
    assert f" {name} " in told("accounts", "list")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("accounts", "create", "--name", "Ann"), "account 'Ann' exists already"),
        (("accounts", "create", "--name", " "), "--name: must not be empty"),
        (("accounts", "create", "--name", "x", "--group", "nope"), "no group 'nope'; there are default"),
        (("accounts", "create", "--name", "x", "--credits", "much"), "--credits: must be a number"),
        (("accounts", "create", "--name", "x", "--credits", "-1"), "--credits: must be at least 0"),
        (("accounts", "create", "--name", "x", "--max-tasks", "0"), "--max-tasks: must be at least 1"),
        (("accounts", "create", "--name", "x", "--max-tasks", "many"), "'--max-tasks'"),
        (("accounts", "create"), "Missing option '--name'"),
        (("accounts", "update", "nobody", "--off"), "no account 'nobody'"),
        (("accounts", "update", "Ann", "--remove", "colour"), "--remove: there is no limit colour; there are"),
        (
            ("accounts", "update", "Ann", "--remove", "enabled"),
            "there is no limit enabled; there are requests_per_minute, max_tasks",
        ),
        (("groups", "set", "vip", "--remove", "max-files"), "--remove: there is no limit max_files; there are"),
        (("groups", "set", "Gold!"), "must be small letters, digits, - and _, such as gold-2"),
        (("groups", "set", "gold", "--priority", "0"), "--priority: must be at least 1"),
        (("groups", "set", "gold", "--price-ratio", "-0.1"), "--price-ratio: must be at least 0"),
        (("groups", "set", "gold", "--engine", "warp"), "--engine: there is no warp; the engines are previs"),
        (("groups", "remove", "nope"), "no group 'nope'"),
        (("groups", "remove", "default"), "default cannot be removed, 1 accounts are in it"),
        (("admin-key", "remove"), "no admin key 'made'; one in the settings is removed there"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    told: Told, refused: Told, arguments: tuple[str, ...], words: str
) -> None:
    told("accounts", "create", "--name", "Ann")
    before = kept()
    assert words in refused(*arguments)
    assert kept() == before


def test_groups_are_made_changed_and_removed(told: Told, read: Read) -> None:
    def gold() -> dict[str, Any]:
        (found,) = [group for group in read("groups", "list") if group["name"] == "gold"]
        return found

    made = told("groups", "set", "gold", "--price-ratio", "0.85", "--max-tasks", "9", "--engine", "previs", "--engine", "blank")  # fmt: skip
    assert made == "set gold\n"
    assert (gold()["price_ratio"], gold()["priority"], gold()["max_tasks"]) == (0.85, 1, 9)
    assert (gold()["engines"], gold()["max_files"]) == (["previs", "blank"], 100)
    told(
        "groups",
        "set",
        "gold",
        "--priority",
        "4",
        "--total-max-tasks",
        "20",
        "--max-files",
        "0",
        "--no-own-keys",
        "--remove",
        "engines",
    )
    assert (gold()["price_ratio"], gold()["priority"], gold()["max_tasks"]) == (0.85, 4, 9)
    assert (gold()["engines"], gold()["max_files"], gold()["total_max_tasks"]) == (None, 0, 20)
    (row,) = [line for line in told("groups", "list").splitlines() if " gold " in line]
    assert [cell.strip() for cell in row.split("│")][1:-1] == [
        "gold",
        "0.85",
        "4",
        "-",
        "9",
        "-",
        "20",
        "0",
        "10",
        "no",
        "all",
    ]
    assert told("groups", "remove", "gold") == "removed gold\n"
    assert "gold" not in {group["name"] for group in read("groups", "list")}


def test_the_admin_key_is_printed_alone_and_replaces_the_one_before(told: Told, folder: Path) -> None:
    first, second = (told("admin-key", "create") for _ in range(2))
    for key in (first, second):
        assert re.fullmatch(r"od-admin-[\w-]{43}\n", key)
    assert [is_admin_key(folder, key.strip()) for key in (first, second)] == [False, True]
    assert told("admin-key", "remove") == "removed\n"
    assert not is_admin_key(folder, second.strip())


def test_the_data_are_where_the_option_the_file_or_the_environment_says(told: Told, folder: Path) -> None:
    (folder / "settings.toml").write_text(f'data_dir = "{folder / "by file"}"\n')
    for place in ("option", "file", "variable"):
        told("migrate", "up", "--data-dir", folder / f"by {place}")
    told("accounts", "create", "--name", "option", "--data-dir", folder / "by option")
    told("accounts", "create", "--name", "file", "--config", folder / "settings.toml")
    told("accounts", "create", "--name", "variable", OPENDANCE_DATA_DIR=str(folder / "by variable"))
    for place in ("option", "file", "variable"):
        shown = told("accounts", "list", "--data-dir", folder / f"by {place}")
        assert [name for name in ("option", "file", "variable") if f" {name} " in shown] == [place]
    assert " option " not in told("accounts", "list")
