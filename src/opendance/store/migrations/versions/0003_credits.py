"""Credits: groups, balances, the ledger with its triggers, limits, the fair queue, idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ENDS = sa.text("kind IN ('settle', 'refund')")

# What SQLite can add to a table that exists, in words that PostgreSQL takes too.
_COLUMNS = {
    "accounts": (
        "enabled BOOLEAN NOT NULL DEFAULT TRUE",
        "balance BIGINT NOT NULL DEFAULT 0 CONSTRAINT balance_not_negative CHECK (balance >= 0)",
        "live_tasks INTEGER NOT NULL DEFAULT 0",
        "requests_per_minute INTEGER",
        "max_tasks INTEGER",
        "finish_tag BIGINT NOT NULL DEFAULT 0",
    ),
    "api_keys": (
        "enabled BOOLEAN NOT NULL DEFAULT TRUE",
        "credit_limit BIGINT",
        "used BIGINT NOT NULL DEFAULT 0",
        "live_tasks INTEGER NOT NULL DEFAULT 0",
        "requests_per_minute INTEGER",
        "max_tasks INTEGER",
        "last_used FLOAT",
        "previous_sha256 VARCHAR(64)",
        "previous_ends FLOAT",
    ),
    "tasks": (
        "reserved_units BIGINT NOT NULL DEFAULT 0",
        "credits_used BIGINT",
        "price_ratio VARCHAR(40) NOT NULL DEFAULT '1'",
        "price_lines JSON",
        "key_id VARCHAR(40)",
        "start_tag BIGINT NOT NULL DEFAULT 0",
        "queue_cost BIGINT NOT NULL DEFAULT 0",
        "queue_rank INTEGER NOT NULL DEFAULT 0",
    ),
}
_OPENED = "CASE NEW.kind WHEN 'reserve' THEN 1 WHEN 'settle' THEN -1 WHEN 'refund' THEN -1 ELSE 0 END"
_MOVE = f"""
    UPDATE accounts SET balance = balance + NEW.amount, live_tasks = live_tasks + {_OPENED} WHERE id = NEW.account_id;
    UPDATE api_keys SET used = used - NEW.amount, live_tasks = live_tasks + {_OPENED} WHERE id = NEW.key_id;
"""  # noqa: S608 - all of it stands here
_SQLITE_TRIGGERS = (
    f"CREATE TRIGGER ledger_moves_credits AFTER INSERT ON ledger BEGIN {_MOVE} END",
    "CREATE TRIGGER ledger_keeps_rows BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END",
    "CREATE TRIGGER ledger_keeps_values BEFORE UPDATE ON ledger BEGIN "
    "SELECT RAISE(ABORT, 'the ledger only grows'); END",
)
_POSTGRESQL_TRIGGERS = (
    f"CREATE FUNCTION ledger_moves_credits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_MOVE} RETURN NEW; END $$",
    "CREATE TRIGGER ledger_moves_credits AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_moves_credits()",
    """CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'the ledger only grows' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    "CREATE TRIGGER ledger_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
)


def upgrade() -> None:
    groups = op.create_table(
        "user_groups",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("price_ratio", sa.String(40), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("requests_per_minute", sa.Integer),
        sa.Column("max_tasks", sa.Integer),
        sa.Column("total_requests_per_minute", sa.Integer),
        sa.Column("total_max_tasks", sa.Integer),
        sa.Column("max_files", sa.Integer, nullable=False),
        sa.Column("engines", sa.JSON),
    )
    op.bulk_insert(
        groups,
        [
            {"name": "default", "price_ratio": "1", "priority": 1, "max_files": 100},
            {"name": "vip", "price_ratio": "1", "priority": 4, "max_files": 500},
        ],
    )
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.execute("UPDATE tasks SET reserved_units = CAST(ROUND(CAST(credits_reserved AS NUMERIC) * 10000) AS BIGINT)")
    op.execute("ALTER TABLE tasks DROP COLUMN credits_reserved")
    op.execute("ALTER TABLE tasks RENAME COLUMN reserved_units TO credits_reserved")
    op.create_index("accounts_by_group", "accounts", ["user_group"])
    op.create_index("api_keys_by_previous", "api_keys", ["previous_sha256"], unique=True)
    op.drop_index("tasks_by_status", "tasks")
    op.create_index("tasks_by_turn", "tasks", ["status", "start_tag", "queue_rank", "created", "id"])
    clocks = op.create_table(
        "queue_clocks",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("virtual_time", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(clocks, [{"name": "tasks", "virtual_time": 0}])
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("task_id", sa.String(60)),
        sa.Column("key_id", sa.String(40)),
        sa.Column("reason", sa.Text),
        sa.Column("reference", sa.String(200)),
        sa.Column("lines", sa.JSON),
        sa.Column("created", sa.Float, nullable=False),
        sa.UniqueConstraint("task_id", "kind", name="ledger_one_of_a_kind"),
        sa.UniqueConstraint("account_id", "reference", name="ledger_one_of_a_reference"),
        sa.CheckConstraint(
            "CASE kind WHEN 'topup' THEN amount > 0 WHEN 'reserve' THEN amount <= 0 AND task_id IS NOT NULL "
            "WHEN 'settle' THEN amount >= 0 AND task_id IS NOT NULL "
            "WHEN 'refund' THEN amount >= 0 AND task_id IS NOT NULL WHEN 'adjust' THEN amount <> 0 ELSE FALSE END",
            name="ledger_signs",
        ),
    )
    op.create_index("ledger_one_end", "ledger", ["task_id"], unique=True, sqlite_where=_ENDS, postgresql_where=_ENDS)
    op.create_index("ledger_by_account", "ledger", ["account_id", "id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("task_id", sa.String(60), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("idempotency_keys_by_time", "idempotency_keys", ["created"])
