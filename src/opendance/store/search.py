"""Phrases in tasks: what is searched of a task, and the index that finds those that have one.

A phrase is found wherever it stands in a task's id, title or tags or in the first characters of its prompt, in whatever
width and case. Tasks that have ended are in an index of their grams: every two characters that follow each other, and
every one alone, so that two or one Han character are enough. The index names candidates; which of them have the phrase
is looked at in their text. Tasks that wait or run are not in it: an order costs nothing for being found later, and
there are few of them, which are looked at as they are.

On SQLite the index is an FTS5 table without content. Its tokenizer makes trigrams: with a gap between every two
characters, those are our grams. The rows of an account have numbers of a range of its own, so that a search reads no
other's. On PostgreSQL it is a GIN index of numbers, in which the account is mixed.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    Insert,
    Integer,
    Text,
    TypeDecorator,
    and_,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from opendance.store.database import Connection
from opendance.store.tables import Task, TaskSearch

SEARCHED_CHARACTERS = 2000  # of a prompt
SEARCHED_TASKS = 20_000  # of an account: those that ended last
_FIELD, _TAG = "\x1e", "\x1f"  # stand between what is searched, and around each tag; no text has them
_GAP = "\x1d"
_MOST_GRAMS = 32  # that the index is asked for: more would find no fewer candidates
_COMMON = 4000  # candidates over which looking at task by task is quicker
_RANGE = 2**31  # numbers of an account's rows on SQLite


def normalised(text: str) -> str:
    """The text as it is compared: alike in width and case, all space between words being one space."""
    if not text.isascii():
        text = text.encode(errors="replace").decode()  # half of a pair of surrogates is no character
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.casefold().replace("\0", " ").split())  # our separators count as space


def searched_text(task_id: str, title: str | None, tags: Iterable[str] | None, prompt: str) -> str:
    """What is searched of a task."""
    shown = (task_id, normalised(title or ""), normalised(prompt[:SEARCHED_CHARACTERS]))
    return _FIELD.join((*shown, f"{_TAG}{_TAG.join(map(normalised, tags or ()))}{_TAG}"))


def tag_phrase(tag: str) -> str:
    """What is in the text of each task with this tag, and of no other."""
    return f"{_TAG}{normalised(tag)}{_TAG}"


# ── the index ──


class _Grams(TypeDecorator[tuple[str, str]]):
    """(account id, text) as the index keeps it."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: tuple[str, str] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        account_id, text = value
        if dialect.name == "postgresql":
            return _numbers(account_id, {*text, *_pairs(text)})
        return f"{_GAP}{_GAP.join(text)}{_GAP}"


# It is no table of SQLite's own kind, so it is not among those of `tables`.
_INDEX = table("task_grams", column("rowid"), column("grams", _Grams), column("task_grams"))
_ADD, _ADD_GRAMS = insert(TaskSearch), insert(_INDEX)


async def index_task(
    connection: Connection, account_id: str, task_id: str, *, title: str | None, tags: list[str] | None, prompt: str
) -> None:
    """Let the task, which has ended, be found. Its account is locked."""
    row: dict[str, Any] = {
        "task_id": task_id,
        "account_id": account_id,
        "text": searched_text(task_id, title, tags, prompt),
    }
    if connection.dialect.name == "sqlite":
        first = _first_number(account_id)
        last = select(func.max(TaskSearch.id)).where(TaskSearch.id.between(first, first + _RANGE - 1))
        row["id"] = ((await connection.execute(last)).scalar() or first) + 1
    number = (await connection.execute(_ADD.returning(TaskSearch.id), row)).scalar_one()
    await connection.execute(_ADD_GRAMS, {"rowid": number, "grams": (account_id, row["text"])})


def grams_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Insert, list[dict[str, Any]]]:
    """What is added to the index for rows of `task_search`."""
    return _ADD_GRAMS, [{"rowid": row["id"], "grams": (row["account_id"], row["text"])} for row in rows]


async def forget_indexed(connection: Connection, task_ids: Collection[str]) -> None:
    """These tasks are found no more."""
    query = select(TaskSearch.id, TaskSearch.account_id, TaskSearch.text).where(TaskSearch.task_id.in_(task_ids))
    rows = (await connection.execute(query)).all()
    if connection.dialect.name == "sqlite":
        for row in rows:  # FTS5 must be given what it was given then
            gone = {"task_grams": "delete", "rowid": row.id, "grams": (row.account_id, row.text)}
            await connection.execute(_ADD_GRAMS, gone)
    else:
        await connection.execute(delete(_INDEX).where(_INDEX.c.rowid.in_([row.id for row in rows])))
    await connection.execute(delete(TaskSearch).where(TaskSearch.id.in_([row.id for row in rows])))


async def indexed_with(connection: Connection, account_id: str, phrases: Sequence[str]) -> ColumnElement[bool]:
    """A condition on the account's tasks: they have ended, and have each of the phrases.

    Args:
        phrases: normalised, or of `tag_phrase`; not empty.
    """
    oldest = select(TaskSearch.id).where(TaskSearch.account_id == account_id).order_by(TaskSearch.id.desc())
    oldest = oldest.offset(SEARCHED_TASKS).limit(1)
    sqlite = connection.dialect.name == "sqlite"
    over = (await connection.execute(oldest)).scalar() or (_first_number(account_id) if sqlite else 0)
    position = func.instr if sqlite else func.strpos
    has_them = and_(*(position(TaskSearch.text, phrase) > 0 for phrase in phrases))
    candidates = select(_INDEX.c.rowid).where(_INDEX.c.rowid > over)
    if sqlite:
        match = _INDEX.c.task_grams.op("MATCH")(_all_of(phrases))
        candidates = candidates.where(match, _INDEX.c.rowid < _first_number(account_id) + _RANGE)
        many = select(func.count()).select_from(candidates.limit(_COMMON + 1).subquery())
        if (await connection.execute(many)).scalar_one() > _COMMON:
            return exists().where(TaskSearch.task_id == Task.id, TaskSearch.id > over, has_them)
        are_candidates = TaskSearch.id.in_(candidates)
    else:
        numbers = literal(_numbers(account_id, _grams_of(phrases)), ARRAY(Integer()))
        candidates = candidates.where(_INDEX.c.grams.op("@>")(numbers))
        # An array, so that the index is asked first: the planner would as soon look at the text of every task.
        are_candidates = TaskSearch.id == func.any(func.array(candidates.scalar_subquery()))
    return Task.id.in_(select(TaskSearch.task_id).where(are_candidates, has_them))


def _pairs(text: str) -> Iterable[str]:
    return map("".join, pairwise(text))


def _grams_of(phrases: Sequence[str]) -> list[str]:
    """What the index is asked for."""
    grams = dict.fromkeys(gram for phrase in phrases for gram in (_pairs(phrase) if len(phrase) > 1 else phrase))
    return list(grams)[:_MOST_GRAMS]


def _all_of(phrases: Sequence[str]) -> str:
    """The grams in the words of FTS5, which wants all of them."""
    tokens = (_GAP.join(gram) if len(gram) > 1 else f"{_GAP}{gram}{_GAP}" for gram in _grams_of(phrases))
    return " ".join('"' + token.replace('"', '""') + '"' for token in tokens)


def _numbers(account_id: str, grams: Iterable[str]) -> list[int]:
    """The grams as numbers of 32 bits. Some share one: whoever has them is a candidate."""
    account = zlib.crc32(account_id.encode())
    return [zlib.crc32(gram.encode(), account) - 2**31 for gram in grams]


def _first_number(account_id: str) -> int:
    """Below the numbers of the account's rows on SQLite; that two accounts may share a range does no harm."""
    return zlib.crc32(account_id.encode()) * _RANGE
