"""The tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Float, ForeignKey, Index, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept as text, for SQLite has no exact numbers."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    pass


class Account(Base):
    """Who owns keys and tasks."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    user_group: Mapped[str] = mapped_column(String(40))
    created: Mapped[float] = mapped_column(Float)


class ApiKey(Base):
    """A key: only its SHA-256 is kept (the key itself is 256 random bits, so no slow hash is needed)."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[float] = mapped_column(Float)
    expires: Mapped[float | None] = mapped_column(Float)
    revoked: Mapped[float | None] = mapped_column(Float)
    models: Mapped[list[str] | None] = mapped_column(JSON)


class Task(Base):
    """A video that was asked for. `revision` grows by one with every change that a client can see."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_by_account", "account_id", "created", "id"),
        Index("tasks_by_status", "status", "created", "id"),
    )
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    user_group: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    progress: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(BigInteger)
    estimated_time: Mapped[int] = mapped_column(Integer)
    credits_reserved: Mapped[Decimal] = mapped_column(ExactDecimal)
    created: Mapped[float] = mapped_column(Float)
    started: Mapped[float | None] = mapped_column(Float)
    finished: Mapped[float | None] = mapped_column(Float)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    result_key: Mapped[str | None] = mapped_column(String(200))
    cancel_requested: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(Integer)


class TaskEvent(Base):
    """Every change of a task that a client can see, for event streams that resume."""

    __tablename__ = "task_events"
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    progress: Mapped[int] = mapped_column(Integer)


class TaskStage(Base):
    """The journal: what each finished stage of a task gave, so that a restart goes on after it."""

    __tablename__ = "task_stages"
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    result: Mapped[Any] = mapped_column(JSON)
    seconds: Mapped[float] = mapped_column(Float)
    finished: Mapped[float] = mapped_column(Float)


class UploadedFile(Base):
    """A file that a user uploaded, to be named in requests until it ends."""

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


class EngineSpeed(Base):
    """How fast this machine makes video: a moving average of wall seconds for one second of video."""

    __tablename__ = "engine_speeds"
    engine: Mapped[str] = mapped_column(String(40), primary_key=True)
    tier: Mapped[str] = mapped_column(String(20), primary_key=True)
    quality: Mapped[str] = mapped_column(String(10), primary_key=True)
    seconds_per_second: Mapped[float] = mapped_column(Float)
    samples: Mapped[int] = mapped_column(Integer)


class ServerSecret(Base):
    """Secrets that this server made for itself, such as the one that signs links."""

    __tablename__ = "server_secrets"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
