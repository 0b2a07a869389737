"""The audit log as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from opendance.store.audit import AuditRecord


def audit_csv(rows: Sequence[AuditRecord]) -> str:
    """Rows of the audit log as CSV; times in UTC, details as JSON."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "at", "kind", "actor", "account_id", "task_id", "detail"])
    for row in rows:
        at = datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds")
        detail = json.dumps(row.detail, ensure_ascii=False)
        writer.writerow([row.id, at, row.kind, row.actor, row.account_id, row.task_id, detail])
    return text.getvalue()
