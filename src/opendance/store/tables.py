"""The tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from opendance.credits import SMALLEST


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept as text, for SQLite has no exact numbers."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Credits(TypeDecorator[Decimal]):
    """An amount of credits, kept as a whole number of the smallest unit: every database adds those exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        units = value / SMALLEST
        if units != int(units):
            raise ValueError(f"{value} credits have more decimals than {SMALLEST}")
        return int(units)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else int(value) * SMALLEST


class Base(DeclarativeBase):
    pass


class UserGroup(Base):
    """What all accounts of a group have in common. None is no limit.

    `requests_per_minute` and `max_tasks` are for each account, the `total_` ones for all accounts together.
    """

    __tablename__ = "user_groups"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    price_ratio: Mapped[Decimal] = mapped_column(ExactDecimal)
    priority: Mapped[int] = mapped_column(Integer)
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    max_tasks: Mapped[int | None] = mapped_column(Integer)
    total_requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    total_max_tasks: Mapped[int | None] = mapped_column(Integer)
    max_files: Mapped[int] = mapped_column(Integer)
    max_kept_bytes: Mapped[int] = mapped_column(BigInteger)
    own_keys: Mapped[bool] = mapped_column(Boolean)
    engines: Mapped[list[str] | None] = mapped_column(JSON)


class Account(Base):
    """Who owns keys and tasks.

    `balance` is the sum of the account's rows in the ledger: a trigger of the database keeps it so, and a check keeps
    it from going below zero; `live_tasks` counts reservations that are open. `finish_tag` is where the account's place
    in the queue begins, see `turns`.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        Index("accounts_by_group", "user_group"),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    user_group: Mapped[str] = mapped_column(String(40))
    created: Mapped[float] = mapped_column(Float)
    enabled: Mapped[bool] = mapped_column(Boolean)
    balance: Mapped[Decimal] = mapped_column(Credits)
    live_tasks: Mapped[int] = mapped_column(Integer)
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    max_tasks: Mapped[int | None] = mapped_column(Integer)
    finish_tag: Mapped[int] = mapped_column(BigInteger)


class ApiKey(Base):
    """A key: only its SHA-256 is kept (the key itself is 256 random bits, so no slow hash is needed).

    A rotated key has two for a while: `previous_sha256` works until `previous_ends`. `used` is what the key's rows in
    the ledger took and `live_tasks` how many of them are open, kept by a trigger.
    """

    __tablename__ = "api_keys"
    __table_args__ = (Index("api_keys_by_previous", "previous_sha256", unique=True),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[float] = mapped_column(Float)
    expires: Mapped[float | None] = mapped_column(Float)
    revoked: Mapped[float | None] = mapped_column(Float)
    models: Mapped[list[str] | None] = mapped_column(JSON)
    enabled: Mapped[bool] = mapped_column(Boolean)
    credit_limit: Mapped[Decimal | None] = mapped_column(Credits)
    used: Mapped[Decimal] = mapped_column(Credits)
    live_tasks: Mapped[int] = mapped_column(Integer)
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    max_tasks: Mapped[int | None] = mapped_column(Integer)
    last_used: Mapped[float | None] = mapped_column(Float)
    previous_sha256: Mapped[str | None] = mapped_column(String(64))
    previous_ends: Mapped[float | None] = mapped_column(Float)


_PARKED = text("parked_until IS NOT NULL")
_AWAITING = text("awaits IS NOT NULL")
_LISTED = ("status", "model", "quality", "aspect_ratio", "engine", "favourite", "hidden", "kept", "take_group")
_ENDED = text("finished IS NOT NULL")
_WITH_RESULT = "result_key IS NOT NULL AND swept IS NULL AND "


class Task(Base):
    """A video that was asked for. `revision` grows by one with every change that a client can see.

    `updated` is when something of it changed that its owner can see: event streams of an account go by it.

    `wire` is the API that it came by: its callback speaks that one's words. `quality` and `aspect_ratio` say what
    `order` says, for lists. `title`, `tags`, `favourite`, `hidden` and `kept` are its owner's: what is kept is not
    swept. `result_bytes` is the size of the video, `pictures` whether those of it are stored. Tasks of one `take_group`
    ask for the same but the seed; those of earlier releases have none.

    `start_tag`, `queue_cost` and `queue_rank` are its place in the queue, see `turns`. `credits_used` and `price_lines`
    say what the ledger's closing row says, so that a query needs one row. `result_link` is what the object store
    signed, None where this server hands the result out itself. `swept` is when the result was given up, and while its
    objects may still be there the task is `removing`. What its owner deleted has no `result_key` any more; what the
    sweep took is told until its links have ended.

    `engine` is what made it, or makes it at an upstream; `substitute` says that it was not the first of its route.
    A task that goes on once something outside has happened is parked: it has no owner, and the reconciler looks at it
    at `parked_until`; `parks` counts how often that was so. What it waits for is the upstream that `engine` names, or
    the task that `awaits` names.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_parked", "parked_until", sqlite_where=_PARKED, postgresql_where=_PARKED),
        Index("tasks_awaiting", "awaits", sqlite_where=_AWAITING, postgresql_where=_AWAITING),
        # What lists of an account's tasks walk: with all that they filter by, so that only what is shown is read.
        Index("tasks_by_account", "account_id", "created", "id", *_LISTED),
        Index(
            "tasks_by_account_ended",
            "account_id",
            "finished",
            "id",
            "created",
            *_LISTED,
            sqlite_where=_ENDED,
            postgresql_where=_ENDED,
        ),
        Index("tasks_kept", "account_id", sqlite_where=text("kept = 1"), postgresql_where=text("kept")),
        Index("tasks_being_removed", "id", sqlite_where=text("removing = 1"), postgresql_where=text("removing")),
        Index("tasks_by_turn", "status", "start_tag", "queue_rank", "created", "id"),
        Index(
            "tasks_with_result",
            "finished",
            sqlite_where=text(f"{_WITH_RESULT} kept = 0"),
            postgresql_where=text(f"{_WITH_RESULT} NOT kept"),
        ),
        Index("tasks_by_finish", "finished"),
        Index("tasks_by_account_updated", "account_id", "updated"),
        Index("tasks_by_take", "account_id", "take_group", "created", "id", "status", "hidden"),
    )
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    user_group: Mapped[str] = mapped_column(String(40))
    wire: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(60))
    quality: Mapped[str] = mapped_column(String(10))
    aspect_ratio: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    progress: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    order: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(BigInteger)
    estimated_time: Mapped[int] = mapped_column(Integer)
    credits_reserved: Mapped[Decimal] = mapped_column(Credits)
    credits_used: Mapped[Decimal | None] = mapped_column(Credits)
    price_ratio: Mapped[Decimal] = mapped_column(ExactDecimal)
    price_lines: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    key_id: Mapped[str | None] = mapped_column(String(40))
    base_url: Mapped[str] = mapped_column(String(2048))
    created: Mapped[float] = mapped_column(Float)
    started: Mapped[float | None] = mapped_column(Float)
    finished: Mapped[float | None] = mapped_column(Float)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    result_key: Mapped[str | None] = mapped_column(String(200))
    result_link: Mapped[str | None] = mapped_column(Text)
    result_bytes: Mapped[int | None] = mapped_column(BigInteger)
    pictures: Mapped[bool] = mapped_column(Boolean)
    swept: Mapped[float | None] = mapped_column(Float)
    removing: Mapped[bool] = mapped_column(Boolean)
    updated: Mapped[float] = mapped_column(Float)
    title: Mapped[str | None] = mapped_column(String(200))
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    favourite: Mapped[bool] = mapped_column(Boolean)
    hidden: Mapped[bool] = mapped_column(Boolean)
    kept: Mapped[bool] = mapped_column(Boolean)
    take_group: Mapped[str | None] = mapped_column(String(32))
    trace: Mapped[str | None] = mapped_column(String(60))
    cancel_requested: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(Integer)
    start_tag: Mapped[int] = mapped_column(BigInteger)
    queue_cost: Mapped[int] = mapped_column(BigInteger)
    queue_rank: Mapped[int] = mapped_column(Integer)
    engine: Mapped[str | None] = mapped_column(String(60))
    substitute: Mapped[bool] = mapped_column(Boolean)
    parked_until: Mapped[float | None] = mapped_column(Float)
    parks: Mapped[int] = mapped_column(Integer)
    awaits: Mapped[str | None] = mapped_column(String(60))


class TaskInput(Base):
    """What a task names of its account: an upload, by its id, or another task's result, by that task's id.

    It is needed while the task is live, and while it is kept.
    """

    __tablename__ = "task_inputs"
    __table_args__ = (Index("task_inputs_by_source", "source_id"),)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(60), primary_key=True)


class TaskSearch(Base):
    """What is searched of a task that has ended; see `search`, and there for the index of it, `task_grams`."""

    __tablename__ = "task_search"
    __table_args__ = (Index("task_search_by_account", "account_id", "id"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), unique=True)
    account_id: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)


class QueueClock(Base):
    """The virtual time of the fair queue: the start tag of the task that was begun last."""

    __tablename__ = "queue_clocks"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    virtual_time: Mapped[int] = mapped_column(BigInteger)


_ENDS = text("kind IN ('settle', 'refund')")


class LedgerEntry(Base):
    """One movement of credits. Rows are only ever added: triggers refuse every change.

    A task has at most one row of a kind, and at most one that ends it. `reference` makes a top-up unrepeatable.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("task_id", "kind", name="ledger_one_of_a_kind"),
        UniqueConstraint("account_id", "reference", name="ledger_one_of_a_reference"),
        Index("ledger_one_end", "task_id", unique=True, sqlite_where=_ENDS, postgresql_where=_ENDS),
        Index("ledger_by_account", "account_id", "id"),
        CheckConstraint(
            "CASE kind WHEN 'topup' THEN amount > 0 WHEN 'reserve' THEN amount <= 0 AND task_id IS NOT NULL "
            "WHEN 'settle' THEN amount >= 0 AND task_id IS NOT NULL "
            "WHEN 'refund' THEN amount >= 0 AND task_id IS NOT NULL WHEN 'adjust' THEN amount <> 0 ELSE FALSE END",
            name="ledger_signs",
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal] = mapped_column(Credits)
    task_id: Mapped[str | None] = mapped_column(String(60))
    key_id: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(String(200))
    lines: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    created: Mapped[float] = mapped_column(Float)


class CallbackSecret(Base):
    """What signs an account's callbacks; it must be known whole, so it is kept whole. After a rotation both sign."""

    __tablename__ = "callback_secrets"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(100))
    previous: Mapped[str | None] = mapped_column(String(100))
    previous_ends: Mapped[float | None] = mapped_column(Float)


class Delivery(Base):
    """A callback to deliver; `due` is when it is tried next, or, while it is tried, when the claim on it ends."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_by_task", "task_id", "created"),
        Index("deliveries_by_due", "status", "due"),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    url: Mapped[str] = mapped_column(String(2048))
    host: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(20))
    due: Mapped[float] = mapped_column(Float)
    created: Mapped[float] = mapped_column(Float)
    finished: Mapped[float | None] = mapped_column(Float)


class DeliveryAttempt(Base):
    """One try of a delivery: how the receiver answered, or why it could not."""

    __tablename__ = "delivery_attempts"
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    started: Mapped[float] = mapped_column(Float)
    seconds: Mapped[float] = mapped_column(Float)
    status_code: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)


class IdempotencyKey(Base):
    """A creation that is not to be repeated."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_by_time", "created"),)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    task_id: Mapped[str] = mapped_column(String(60))
    created: Mapped[float] = mapped_column(Float)


class TaskEvent(Base):
    """Every change of a task that a client can see, for event streams that resume."""

    __tablename__ = "task_events"
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    progress: Mapped[int] = mapped_column(Integer)


class TaskStage(Base):
    """The journal: what each finished step of a task gave and what steps keep beside it, for whoever goes on."""

    __tablename__ = "task_stages"
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    result: Mapped[Any] = mapped_column(JSON)
    seconds: Mapped[float] = mapped_column(Float)
    finished: Mapped[float] = mapped_column(Float)


class UploadedFile(Base):
    """A file that a user uploaded, to be named in requests until it ends; one that is `kept` does not end.

    `media` is what was measured of it, None where that could not be or was not yet.
    """

    __tablename__ = "uploaded_files"
    __table_args__ = (
        Index("uploaded_files_by_account", "account_id", "created"),
        Index("uploaded_files_by_end", "expires"),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(200))
    original_name: Mapped[str] = mapped_column(String(200))
    upload_path: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    mime_type: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(200))
    created: Mapped[float] = mapped_column(Float)
    expires: Mapped[float] = mapped_column(Float)
    sha256: Mapped[str | None] = mapped_column(String(64))
    media: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    kept: Mapped[bool] = mapped_column(Boolean)


class StudioSession(Base):
    """A browser that is signed in: bound to a key, whose limits and end are its own. Of the token only the SHA-256 is
    kept. Until `admin_until` it may do what the operator may.
    """

    __tablename__ = "studio_sessions"
    __table_args__ = (Index("studio_sessions_by_account", "account_id", "created"),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    key_id: Mapped[str] = mapped_column(ForeignKey("api_keys.id"))
    created: Mapped[float] = mapped_column(Float)
    last_used: Mapped[float] = mapped_column(Float)
    browser: Mapped[str] = mapped_column(String(200))
    admin_until: Mapped[float | None] = mapped_column(Float)


class StudioLink(Base):
    """A link that signs a browser in, once; of its secret only the SHA-256 is kept."""

    __tablename__ = "studio_links"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    admin: Mapped[bool] = mapped_column(Boolean)
    created: Mapped[float] = mapped_column(Float)
    ends: Mapped[float] = mapped_column(Float)
    used: Mapped[float | None] = mapped_column(Float)


class EngineSpeed(Base):
    """How fast this machine makes video: a moving average of wall seconds for one second of video."""

    __tablename__ = "engine_speeds"
    engine: Mapped[str] = mapped_column(String(40), primary_key=True)
    tier: Mapped[str] = mapped_column(String(20), primary_key=True)
    quality: Mapped[str] = mapped_column(String(10), primary_key=True)
    seconds_per_second: Mapped[float] = mapped_column(Float)
    samples: Mapped[int] = mapped_column(Integer)


class EngineState(Base):
    """How an engine stands in a process that has it, as that process told it last, at `updated`."""

    __tablename__ = "engine_states"
    process: Mapped[str] = mapped_column(String(100), primary_key=True)
    engine: Mapped[str] = mapped_column(String(40), primary_key=True)
    updated: Mapped[float] = mapped_column(Float)
    loaded: Mapped[bool] = mapped_column(Boolean)
    problem: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(Integer)
    rests_until: Mapped[float | None] = mapped_column(Float)
    slots: Mapped[int] = mapped_column(Integer)


class ServerSecret(Base):
    """Secrets that this server made for itself, such as the one that signs links."""

    __tablename__ = "server_secrets"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AuditEntry(Base):
    """A row of the audit log. Triggers refuse changes, and the removal of rows that are younger than 30 days."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_account", "account_id", "id"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[float] = mapped_column(Float)
    kind: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[str | None] = mapped_column(String(40))
    task_id: Mapped[str | None] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
