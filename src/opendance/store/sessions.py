"""Browsers that are signed in to the Studio, and the links that sign one in once. Secrets are kept as SHA-256 only."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from opendance.errors import LinkEnded, LinkUsed, Problem, Unauthorized
from opendance.store.database import Connection
from opendance.store.keys import Caller, caller_of_key, create_key, sha256_of
from opendance.store.signed_in import SessionRecord
from opendance.store.tables import ApiKey, StudioLink, StudioSession

ADMIN_SECONDS = 8 * 3600.0
"""How long a session that was raised may do what the operator may."""
_TOKEN, _LINK = "os_", "ol_"
_KEY_OF_LINKS = "studio"  # the name of the key that sessions by link are bound to, whose secret nobody knows
_LINKS_KEPT = 86_400.0  # s after its end that a link is known for what it was


_TOUCH_EVERY = 60.0  # s
SESSION_COLUMNS = [getattr(StudioSession, name) for name in SessionRecord.__dataclass_fields__]


async def new_session(
    connection: Connection, account_id: str, key_id: str, *, browser: str, admin_until: float | None = None
) -> str:
    """Make a session and give its token: the only time that it can be seen."""
    token, now = _TOKEN + secrets.token_urlsafe(32), time.time()
    await connection.execute(
        insert(StudioSession).values(
            id=f"session-{secrets.token_hex(6)}",
            sha256=sha256_of(token),
            account_id=account_id,
            key_id=key_id,
            created=now,
            last_used=now,
            browser=browser,
            admin_until=admin_until,
        )
    )
    return token


async def authenticate_session(connection: Connection, token: str, *, lasts: float) -> Caller:
    """Who is signed in with this token.

    Args:
        lasts: how long a session is good without being used, s.

    Raises:
        Unauthorized: there is no such session, it has ended, or its key or account is not good any more.
    """
    row = (await connection.execute(_BY_TOKEN, {"digest": sha256_of(token)})).first()
    if row is None:
        raise Unauthorized(problem="this session has ended; sign in again")
    session = session_of(row)
    if session.last_used + lasts < time.time():
        raise Unauthorized(problem="this session was not used for long and has ended; sign in again")
    return replace(await caller_of_key(connection, session.key_id), session=session)


_BY_TOKEN = select(*SESSION_COLUMNS).where(StudioSession.sha256 == bindparam("digest"))


def is_session_touch_due(session: SessionRecord) -> bool:
    """Whether the session's last use should be noted."""
    return time.time() - session.last_used >= _TOUCH_EVERY


async def renew_session(connection: Connection, session_id: str, *, admin_until: float | None) -> str:
    """Raise or lower a session: it has another token from now on, which is given."""
    token = _TOKEN + secrets.token_urlsafe(32)
    values = {"sha256": sha256_of(token), "admin_until": admin_until}
    await connection.execute(update(StudioSession).where(StudioSession.id == session_id).values(**values))
    return token


async def touch_session(connection: Connection, session_id: str) -> None:
    """Note that the session was used now."""
    await connection.execute(update(StudioSession).where(StudioSession.id == session_id).values(last_used=time.time()))


async def list_sessions(connection: Connection, account_id: str, *, since: float) -> list[tuple[SessionRecord, str]]:
    """The account's sessions that were used since then (unix time), each with the name of its key; newest first."""
    query = (
        select(*SESSION_COLUMNS, ApiKey.name.label("key_name"))
        .join(ApiKey, ApiKey.id == StudioSession.key_id)
        .where(StudioSession.account_id == account_id, StudioSession.last_used >= since, ApiKey.revoked.is_(None))
        .order_by(StudioSession.created.desc(), StudioSession.id)
    )
    return [(session_of(row[:-1]), row.key_name) for row in await connection.execute(query)]


def session_of(values: Sequence[Any]) -> SessionRecord:
    """A session from the values of `SESSION_COLUMNS`."""
    return SessionRecord(*values)


async def end_session(connection: Connection, account_id: str, session_id: str) -> bool:
    """End the account's session; gives whether there was one."""
    mine = (StudioSession.id == session_id) & (StudioSession.account_id == account_id)
    return (await connection.execute(delete(StudioSession).where(mine))).rowcount > 0


async def forget_old_sessions(connection: Connection, *, before: float, limit: int) -> int:
    """Forget sessions that were not used since then, and links that ended a day before; gives how many."""
    old = select(StudioSession.id).where(StudioSession.last_used < before).limit(limit)
    sessions = await connection.execute(delete(StudioSession).where(StudioSession.id.in_(old)))
    ended = select(StudioLink.sha256).where(StudioLink.ends < time.time() - _LINKS_KEPT).limit(limit)
    links = await connection.execute(delete(StudioLink).where(StudioLink.sha256.in_(ended)))
    return max(sessions.rowcount, links.rowcount)


async def new_link(connection: Connection, account_id: str, *, admin: bool, seconds: float) -> tuple[str, float]:
    """Make a link's secret, the only time that it can be seen; gives it and when it ends (unix time).

    Args:
        admin: whether its session may do what the operator may.
    """
    link, now = _LINK + secrets.token_urlsafe(32), time.time()
    values = {"sha256": sha256_of(link), "account_id": account_id, "admin": admin, "created": now}
    await connection.execute(insert(StudioLink).values(**values, ends=now + seconds, used=None))
    return link, now + seconds


async def use_link(connection: Connection, link: str) -> tuple[str, bool]:
    """Use a link, which works once; gives its account and whether its session may do what the operator may.

    Raises:
        Unauthorized: there is none of this secret.
        LinkUsed: it was used before.
        LinkEnded: its time is over.
    """
    now, this = time.time(), StudioLink.sha256 == sha256_of(link)
    good = this & StudioLink.used.is_(None) & (StudioLink.ends > now)
    used = update(StudioLink).where(good).values(used=now).returning(StudioLink.account_id, StudioLink.admin)
    row = (await connection.execute(used)).first()
    if row is not None:
        return row.account_id, bool(row.admin)
    known = (await connection.execute(select(StudioLink.used, StudioLink.ends).where(this))).first()
    if known is None:
        raise Unauthorized(problem="this link is not known here; `opendance link` prints a new one")
    at = known.ends if known.used is None else known.used
    moment = datetime.fromtimestamp(int(at), UTC).isoformat()
    error = LinkEnded(at=moment) if known.used is None else LinkUsed(at=moment)
    error.details = (Problem("link", error.code, error.message, {"at": at}),)
    raise error


async def key_of_links(connection: Connection, account_id: str) -> str:
    """The id of the key that the account's sessions by link are bound to; made where there is none that works."""
    now = time.time()
    works = ApiKey.revoked.is_(None) & ApiKey.enabled & or_(ApiKey.expires.is_(None), ApiKey.expires > now)
    mine = (ApiKey.account_id == account_id) & (ApiKey.name == _KEY_OF_LINKS)
    known = select(ApiKey.id).where(mine, works).order_by(ApiKey.created).limit(1)
    key_id: str | None = (await connection.execute(known)).scalar()
    if key_id is None:
        key_id, _ = await create_key(connection, account_id, name=_KEY_OF_LINKS)
    return key_id
