"""The audit log as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from opendance.reports.audit import audit_csv
from opendance.store.audit import AuditRecord, list_audit, record
from opendance.store.database import Database


async def test_the_audit_log_as_csv_is_the_rows_as_they_are_kept(database: Database) -> None:
    details: list[dict[str, Any]] = [{}, {"name": 'the "猫", twice\nover'}, {"nested": {"list": [1, None, 2.5]}}]
    async with database.write() as connection:
        for detail in details:
            await record(connection, "admin.x", actor="command line", account_id="acct-1", detail=detail)
        await record(connection, "filter", actor="content filter", task_id="task-1", detail={"a": 1})
        rows = await list_audit(connection, limit=10)
    text = audit_csv(rows)
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
    text = audit_csv([AuditRecord(7, 1_700_000_000.1239, "filter", "x", None, None, {})])
    assert text.splitlines() == [
        "id,at,kind,actor,account_id,task_id,detail",
        "7,2023-11-14T22:13:20.123+00:00,filter,x,,,{}",
    ]
    assert audit_csv([]).splitlines() == ["id,at,kind,actor,account_id,task_id,detail"]
