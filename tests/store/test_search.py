"""Phrases in tasks, on both databases; what the index says is judged by looking into every text."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import text

from opendance.store import search
from opendance.store.accounts import create_account
from opendance.store.database import Database
from opendance.store.library import change_library
from opendance.store.listing import Filter, list_tasks
from opendance.store.retention import forget_tasks
from opendance.store.search import normalised, searched_text, tag_phrase
from opendance.store.tasks import TaskRecord, create_task, get_task
from opendance.task import Status
from tests.tasks import finish, order, waiting_task


@pytest.mark.parametrize(
    ("text_", "compared"),
    [
        ("  A\tCat \n walks ", "a cat walks"),
        ("ＡＢＣ　１２", "abc 12"),
        ("Straße", "strasse"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("e\u0301", "é"),
        ("a\x1eb\x1fc\0d", "a b c d"),
        ("half \ud83d", "half ?"),
    ],
)
def test_texts_are_alike_in_width_and_case(text_: str, compared: str) -> None:
    assert normalised(text_) == compared
    assert normalised(compared) == compared


def test_a_long_prompt_is_searched_as_far_as_its_limit() -> None:
    text_ = searched_text("task-1", None, None, "x" * (search.SEARCHED_CHARACTERS - 1) + "yz")
    assert "xy" in text_
    assert "yz" not in text_


async def new_account(database: Database, name: str) -> str:
    async with database.write() as connection:
        return await create_account(connection, name=name)


async def add(database: Database, task: TaskRecord, status: Status = Status.FAILED) -> TaskRecord:
    """The task as it is asked for, or as it has ended."""
    async with database.write() as connection:
        await create_task(connection, task)
        if status.terminal:
            await finish(connection, task.id, status)
    return task


async def found(database: Database, account: str, phrase: str | None = None, **which: object) -> set[str]:
    """Prompts of the tasks that have the phrase."""
    async with database.read() as connection:
        tasks = await list_tasks(connection, account, Filter(search=phrase, **which), limit=1000)  # type: ignore[arg-type]
    return {task.order.prompt for task in tasks}


@pytest.mark.parametrize("status", [Status.PENDING, Status.FAILED], ids=["live", "ended"])
async def test_phrases_are_found_in_prompt_title_tags_and_id(database: Database, status: Status) -> None:
    account = await new_account(database, "a")
    ids = [f"task-unified-1000000000-{tail}" for tail in ("00000001", "00000002")]
    cat = waiting_task(account, order(prompt="A Cat walks"), title="My Harbour", tags=["Sea Side"], id=ids[0])
    han = waiting_task(account, order(prompt="一只猫在花园里走"), created=2e9, id=ids[1])
    for task in (cat, han):
        await add(database, task, status)
    for phrase in (
        "cat",
        "CAT WALKS",
        "ｃａｔ",
        " cat  walks ",
        "t w",
        "harbour",
        "sea side",
        cat.id,
        cat.id[-4:],
        "w",
    ):
        assert await found(database, account, phrase) == {"A Cat walks"}, phrase
    for phrase in ("花园", "猫", "一只猫在花园里走"):
        assert await found(database, account, phrase) == {"一只猫在花园里走"}, phrase
    for phrase in ("walks cat", "side harbour", "园花", "犬", '"', "cat*", "%", "_", "' OR 1=1 --", "cat AND walks"):
        assert await found(database, account, phrase) == set(), phrase
    for phrase in (None, "", "  ", "a"):
        assert "A Cat walks" in await found(database, account, phrase)
    assert await found(database, account, tag="ｓｅａ SIDE") == {"A Cat walks"}
    assert await found(database, account, "cat", tag="sea side") == {"A Cat walks"}
    for tag in ("sea", "my harbour", "a cat walks"):
        assert await found(database, account, tag=tag) == set(), tag


@pytest.mark.parametrize("common", [search._COMMON, 2], ids=["rare", "common"])
async def test_the_index_finds_exactly_what_has_the_phrase(
    database: Database, monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(search, "_COMMON", common)
    account, rng = await new_account(database, "a"), random.Random(5)
    texts: dict[str, str] = {}
    async with database.write() as connection:
        for number in range(60):
            prompt = "".join(rng.choices("ab 猫'\"", k=rng.randint(1, 12))) + "-"
            task = waiting_task(account, order(prompt=prompt), created=1e9 + number, id=f"task-unified-1000000000-{number:06}")  # fmt: skip
            await create_task(connection, task)
            await finish(connection, task.id, Status.FAILED)
            texts[prompt] = searched_text(task.id, None, None, prompt)
    for _ in range(60):
        phrase = "".join(rng.choices("ab 猫'\"", k=rng.randint(1, 4)))
        expected = {prompt for prompt, text_ in texts.items() if normalised(phrase) in text_}
        assert await found(database, account, phrase) == expected, phrase


async def test_an_account_finds_nothing_of_another(database: Database) -> None:
    mine, other = await new_account(database, "mine"), await new_account(database, "other")
    await add(database, waiting_task(mine, order(prompt="my cat")))
    await add(database, waiting_task(other, order(prompt="other cat"), created=2e9))
    assert await found(database, mine, "cat") == {"my cat"}
    assert await found(database, other, "cat") == {"other cat"}


async def test_only_the_newest_of_those_that_have_ended_are_searched(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCHED_TASKS", 3)
    account = await new_account(database, "a")
    for number in range(5):
        await add(database, waiting_task(account, order(prompt=f"cat {number}")))
    assert await found(database, account, "cat") == {"cat 2", "cat 3", "cat 4"}
    assert len(await found(database, account)) == 5


async def entries(database: Database) -> list[int]:
    """How many rows the search and its index have."""
    counted: Iterable[str] = ("SELECT count(*) FROM task_search", "SELECT count(*) FROM task_grams {}")
    async with database.read() as connection:
        match = "WHERE task_grams MATCH '\"t\x1da\"'" if connection.dialect.name == "sqlite" else ""
        return [(await connection.execute(text(query.format(match)))).scalar_one() for query in counted]


async def test_what_is_renamed_or_forgotten_is_found_no_more(database: Database) -> None:
    account = await new_account(database, "a")
    task = await add(database, waiting_task(account, order(prompt="cat"), title="Harbour"))
    stays = await add(database, waiting_task(account, order(prompt="dog")))
    async with database.write() as connection:
        read = await get_task(connection, account, task.id)
        assert read is not None
        assert (await change_library(connection, read, title="Sea", tags=["x"])) == replace(read, title="Sea", tags=["x"])  # fmt: skip
    assert await found(database, account, "harbour") == set()
    assert await found(database, account, "sea", tag="x") == {"cat"}
    assert await entries(database) == [2, 2]
    async with database.write() as connection:
        await forget_tasks(connection, [task.id])
    assert await found(database, account, "cat") == set()
    assert await found(database, account, stays.id) == {"dog"}
    assert await entries(database) == [1, 1]
    await add(database, waiting_task(account, order(prompt="bird")))
    assert await found(database, account, "ir") == {"bird"}


def test_a_tag_is_no_part_of_another_nor_of_a_title() -> None:
    text_ = searched_text("task-1", "sea", ["Sea Side", "sun"], "sea")
    assert tag_phrase("sun") in text_
    assert tag_phrase("sea") not in text_
