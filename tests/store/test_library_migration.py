"""Tasks of the release before are in lists and searches as those of this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, insert

from opendance.catalog import Quality
from opendance.store.listing import Filter, list_tasks
from tests.databases import of_release, opened
from tests.tasks import order, waiting_task


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where there is no database yet."""
    if request.param == "sqlite":
        return tmp_path / "old.sqlite3"
    server = request.getfixturevalue("postgresql")
    return server.empty_database()


def row_of(table: Table, **values: Any) -> dict[str, Any]:
    """A row with something in every column that must have it."""
    made = {column.name: ("" if column.type.python_type is str else 0) for column in table.c if not column.nullable}
    return made | values


async def test_what_had_ended_before_is_found(place: Path | str) -> None:
    accounts = ("acct-1", "acct-2")
    with of_release(place, "0009") as connection:
        tables = MetaData()
        tables.reflect(connection, only=("accounts", "tasks"))
        for account in accounts:
            row = row_of(tables.tables["accounts"], id=account, name=account, enabled=True)
            connection.execute(insert(tables.tables["accounts"]), row)
        for number in range(12):
            status = "pending" if number == 0 else "completed"
            asked = order(prompt=f"A Cat, 猫, number-{number:02}", quality=Quality.P480)
            task = waiting_task(accounts[number % 2], asked, id=f"task-unified-1000000000-{number:06}")
            values = {"id": task.id, "account_id": task.account_id, "status": status, "created": 1e9, "finished": 1e9}
            row = row_of(tables.tables["tasks"], order=asked.as_json(), price_ratio="1", model=asked.model, **values)
            connection.execute(insert(tables.tables["tasks"]), row)
    async with opened(place) as database, database.read() as connection:
        for phrase, expected in (("CAT", 6), ("猫", 6), ("number-00", 1), ("number-04", 1), ("number-05", 0)):
            which = Filter(search=phrase, quality=Quality.P480)
            assert len(await list_tasks(connection, accounts[0], which, limit=20)) == expected, phrase
