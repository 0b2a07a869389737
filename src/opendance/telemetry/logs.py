"""Log lines that say whose request and which task they are about, as text or as JSON, and that hold no secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal
from urllib.parse import quote

import stamina
import stamina.instrumentation
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from opendance.background import OUTAGES_TOLD, reason_of

_log = logging.getLogger(__name__)
Format = Literal["text", "json"]
_IDS: ContextVar[dict[str, str]] = ContextVar("ids", default={})  # noqa: B039 - it is replaced, never changed
_NOT_SHOWN = [*RESERVED_ATTRS, "color_message"]  # uvicorn says it twice
_QUIET = ("alembic", "sqlalchemy", "httpx", "procrastinate", "opentelemetry")
# Who says that a database is away: libraries tell it at every attempt, with their whole traceback.
_OF_DATABASES = ("psycopg", "psycopg_pool", "procrastinate")
_AWAY = ("OperationalError", "InterfaceError", "ConnectorException", "PoolTimeout", "TimeoutError")
# Keys and signing secrets as this service makes them, bearer headers, passwords in addresses, signatures of links.
_SECRETS = re.compile(
    r"\b(?:od-|whsec_)[\w+/=-]{20,}|(?<=Bearer )\S+|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)|(?<=[?&]signature=)[^\s&\"'#]+"
    r"|(?<=[?&]mark=)[^\s&\"'#]+|(?<=[?&]sig=)[^\s&\"'#]+|(?<=X-Amz-Signature=)\w+|(?<=X-Goog-Signature=)\w+",
    re.IGNORECASE,
)
_CONFIGURED: set[str] = set()


@contextmanager
def about(**ids: str) -> Generator[None]:
    """Lines of this block carry these ids: `request_id`, `task_id`, `account_id`."""
    token = _IDS.set({**_IDS.get(), **ids})
    try:
        yield
    finally:
        _IDS.reset(token)


def note(**ids: str) -> None:
    """Lines from here on, until the block of `about` ends, carry these ids too."""
    _IDS.set({**_IDS.get(), **ids})


def hide(*secrets: str) -> None:
    """These are secrets too, whatever they look like: those that the operator chose."""
    _CONFIGURED.update(form for secret in secrets if secret for form in (secret, quote(secret, safe="")))


def without_secrets(text: str) -> str:
    """`text` with what must not be read by whoever reads logs taken out."""
    for secret in _CONFIGURED:
        text = text.replace(secret, "[secret]")
    return _SECRETS.sub("[secret]", text)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{name}={value}" for name, value in _IDS.get().items() if value not in record.getMessage())
        return without_secrets(super().format(record)) + (f" [{ids}]" if ids else "")


class _Json(JsonFormatter):
    def __init__(self) -> None:
        renamed = {"levelname": "level", "name": "logger", "exc_info": "exception"}
        super().__init__(
            "%(levelname)s %(name)s %(message)s", rename_fields=renamed, timestamp="time", reserved_attrs=_NOT_SHOWN
        )

    def format(self, record: logging.LogRecord) -> str:
        for name, value in _IDS.get().items():
            setattr(record, name, value)
        return without_secrets(super().format(record))


class _OutagesOnce(logging.Filter):
    """What libraries say of a database that is away: in a line, once and then rarely."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in _OF_DATABASES:
            return True
        error = record.exc_info[1] if record.exc_info else None
        if error is None:  # psycopg's pool tells of every attempt in words alone
            return record.name.startswith("procrastinate") or OUTAGES_TOLD.is_news(record.getMessage())
        if type(error).__name__ not in _AWAY:
            return True
        reason = reason_of(error)
        record.msg, record.args = f"{record.getMessage().splitlines()[0]}: {reason}", ()
        record.exc_info = record.exc_text = None
        return OUTAGES_TOLD.is_news(reason)


def set_up_logging(level: str, form: Format) -> None:
    """Our log lines, on stderr; of libraries only what is wrong."""
    handler = logging.StreamHandler()
    handler.addFilter(_OutagesOnce())
    handler.setFormatter(_Json() if form == "json" else _Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for quiet in _QUIET:
        logging.getLogger(quiet).setLevel(logging.WARNING)
    stamina.instrumentation.set_on_retry_hooks([_tell_retry])


def _tell_retry(details: stamina.instrumentation.RetryDetails) -> None:
    """What is tried again, and why: one line, while the hooks that come with stamina show whole arguments."""
    reason = (str(details.caused_by).strip().splitlines() or [type(details.caused_by).__name__])[0]
    about = "" if details.name.startswith("<") else f"{details.name}: "  # a block of code has no name of its own
    if OUTAGES_TOLD.is_news(reason):
        _log.warning("%s%s; it is tried again in %.1f s", about, reason, details.wait_for)
