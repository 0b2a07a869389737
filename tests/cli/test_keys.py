"""opendance keys."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opendance.errors import Unauthorized
from opendance.store import keys
from tests.cli.conftest import DATABASE, Told, kept
from tests.conftest import MINI, TEXT
from tests.databases import opened

pytestmark = pytest.mark.usefixtures("installation")

Read = Callable[..., Any]


def answer_to(folder: Path, key: str) -> str:
    """What a server would say to this key."""

    async def ask() -> str:
        async with opened(folder / DATABASE) as database, database.read() as connection:
            try:
                return (await keys.authenticate(connection, key.strip())).key.name
            except Unauthorized as error:
                return error.message

    return asyncio.run(ask())


def test_a_key_is_printed_alone_and_never_again(told: Told, read: Read, folder: Path) -> None:
    key = told("keys", "create", "--name", "one")
    assert re.fullmatch(r"od-[\w-]{43}\n", key)
    assert answer_to(folder, key) == "one"
    (listed,) = read("keys", "list")
    assert (listed["name"], listed["state"], listed["revoked"], listed["models"]) == ("one", "active", None, None)
    table = told("keys", "list")
    assert f" {listed['prefix']}… " in table
    assert key.startswith(listed["prefix"])
    assert key.strip() not in json.dumps(listed) + table


def test_a_test_key_can_be_told_from_others(told: Told, read: Read, folder: Path) -> None:
    key = told("keys", "create", "--name", "ci", "--test")
    told("keys", "create", "--name", "live")
    assert re.fullmatch(r"od-test-[\w-]{43}\n", key)
    assert answer_to(folder, key) == "ci"
    listed = {each["name"]: each["prefix"] for each in read("keys", "list")}
    assert key.startswith(listed["ci"])
    assert listed["ci"].startswith("od-test-")
    assert not listed["live"].startswith("od-test-")


def test_a_key_belongs_to_the_account_that_is_named_or_else_to_the_first(told: Told, read: Read) -> None:
    told("keys", "create", "--name", "before there are accounts")
    ann = told("accounts", "create", "--name", "Ann").strip()
    told("keys", "create", "--name", "by name", "--account", "Ann")
    told("keys", "create", "--name", "by id", "--account", ann)
    told("keys", "create", "--name", "of the first")
    owners = {account["id"]: account["name"] for account in read("accounts", "list")}
    assert {key["name"]: owners[key["account_id"]] for key in read("keys", "list")} == {
        "before there are accounts": "default", "by name": "Ann", "by id": "Ann", "of the first": "default",
    }  # fmt: skip


def test_limits_of_a_key_are_set_changed_and_removed(told: Told, read: Read) -> None:
    told("keys", "create", "--name", "k", "--model", TEXT, "--model", MINI, "--days", "2", "--credit-limit", "2.5", "--max-tasks", "3")  # fmt: skip
    (made,) = read("keys", "list")
    assert (made["models"], made["credit_limit"], made["max_tasks"]) == ([TEXT, MINI], 2.5, 3)
    assert made["expires"] == pytest.approx(time.time() + 2 * 86_400, abs=3600)
    assert told("keys", "update", "k", "--name", "other", "--model", MINI, "--off") == f"changed {made['id']}\n"
    (changed,) = read("keys", "list")
    assert changed == made | {"name": "other", "models": [MINI], "enabled": False, "state": "off"}
    limits = ("models", "expires", "credit-limit", "max_tasks", "requests-per-minute")
    told("keys", "update", made["id"], "--on", *(f"--remove={limit}" for limit in limits))
    (freed,) = read("keys", "list")
    assert [freed[name.replace("-", "_")] for name in limits] == [None] * 5
    assert freed["state"] == "active"


def test_a_rotated_key_is_a_new_one_and_the_old_one_works_as_long_as_is_said(told: Told, folder: Path) -> None:
    first = told("keys", "create", "--name", "k")
    second = told("keys", "rotate", "k")
    assert [answer_to(folder, key) for key in (first, second)] == ["k", "k"]
    third = told("keys", "rotate", "k", "--overlap-hours", "0")
    assert "not known" in answer_to(folder, first)
    assert "replaced by a new one" in answer_to(folder, second)
    assert answer_to(folder, third) == "k"


def test_a_revoked_key_is_refused_and_stays_listed(told: Told, refused: Told, read: Read, folder: Path) -> None:
    key = told("keys", "create", "--name", "one")
    (listed,) = read("keys", "list")
    assert told("keys", "revoke", "one") == f"revoked {listed['id']} (one)\n"
    assert "was revoked" in answer_to(folder, key)
    assert [each["state"] for each in read("keys", "list")] == ["revoked"]
    assert " revoked " in told("keys", "list")
    assert "no active key 'one'" in refused("keys", "revoke", "one")


def test_of_two_keys_with_a_name_the_id_must_be_given(told: Told, refused: Told, read: Read) -> None:
    for _ in range(2):
        told("keys", "create", "--name", "twin")
    ids = [key["id"] for key in read("keys", "list")]
    words = refused("keys", "revoke", "twin")
    assert "2 keys are named 'twin'" in words
    assert all(each in words for each in ids)
    told("keys", "revoke", ids[1])
    assert [key["state"] for key in read("keys", "list")] == ["active", "revoked"]


@pytest.mark.parametrize("name", ["[/]", "[bold]k", ":key:"])
def test_names_are_shown_as_they_are(told: Told, name: str) -> None:
    told("accounts", "create", "--name", name)
    told("keys", "create", "--name", name)
    assert told("keys", "list").count(f" {name} ") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "--name", ""), "--name: must not be empty"),
        (("create", "--name", "x", "--model", "gpt"), "--model: there is no gpt; the models are seedance-2.0-"),
        (("create", "--name", "x", "--account", "nobody"), "no account 'nobody'"),
        (("create", "--name", "x", "--days", "-1"), "'--days'"),
        (("create", "--name", "x", "--days", "1e9"), "--days: must be less than"),
        (("create", "--name", "x", "--credit-limit", "0.00001"), "--credit-limit: at most 4 decimals are possible"),
        (("update", "nope", "--off"), "no active key 'nope'"),
        (
            ("update", "k", "--remove", "name"),
            "--remove: there is no limit name; there are requests_per_minute, max_tasks, models, expires",
        ),
        (("rotate", "nope"), "no active key 'nope'"),
        (("rotate", "k", "--overlap-hours", "9000"), "--overlap-hours: must be at most 8760"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    told: Told, refused: Told, arguments: tuple[str, ...], words: str
) -> None:
    told("keys", "create", "--name", "k")
    before = kept()
    assert words in refused("keys", *arguments)
    assert kept() == before
