"""The audit log, which only grows: a row can be removed once it is old, and never be changed. Longer secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_LEAST = 30 * 86_400  # s that every row is kept
_SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit BEGIN "
    "SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit "
    f"WHEN OLD.at > CAST(strftime('%s', 'now') AS REAL) - {_LEAST} BEGIN "
    "SELECT RAISE(ABORT, 'rows of the audit log are kept for 30 days at least'); END",
)
_POSTGRESQL_TRIGGERS = (
    f"""CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.at <= extract(epoch FROM now()) - {_LEAST} THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
    "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
)


def upgrade() -> None:
    with op.batch_alter_table("server_secrets") as secrets:  # a signing key with its certificates is longer
        secrets.alter_column("value", existing_type=sa.String(200), type_=sa.Text, existing_nullable=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("account_id", sa.String(40)),
        sa.Column("task_id", sa.String(60)),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("audit_by_account", "audit", ["account_id", "id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)
