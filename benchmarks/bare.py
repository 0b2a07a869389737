"""The bare applications that `api.py` compares with: FastAPI, one table, one row a request.

On SQLite through SQLAlchemy, on PostgreSQL through psycopg's own pool without anything between.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from psycopg.types.json import Json
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import JSON, event, insert, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_CONNECTIONS = 10  # as many as ours


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[float]
    request: Mapped[dict[str, Any]] = mapped_column(JSON)


def on_sqlite(path: str) -> FastAPI:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/rows")
    async def create(request: Request) -> JSONResponse:
        body = await request.json()
        async with engine.begin() as connection:
            await connection.execute(insert(Row), {"created": time.time(), "request": body})
        return JSONResponse({"request": body})

    @app.get("/rows/{row_id}")
    async def read(row_id: int) -> JSONResponse:
        async with engine.connect() as connection:
            row = (await connection.execute(select(Row.__table__).where(Row.id == row_id))).mappings().first()
        return JSONResponse(dict(row) if row else {"id": None})

    return app


def on_postgresql(url: str) -> FastAPI:
    pool = AsyncConnectionPool(
        url, min_size=_CONNECTIONS, open=False, kwargs={"autocommit": True, "row_factory": dict_row}
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with pool:
            async with pool.connection() as connection:
                await connection.execute("CREATE TABLE rows (id BIGSERIAL PRIMARY KEY, created FLOAT, request JSON)")
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/rows")
    async def create(request: Request) -> JSONResponse:
        body = await request.json()
        async with pool.connection() as connection:
            await connection.execute("INSERT INTO rows (created, request) VALUES (%s, %s)", (time.time(), Json(body)))
        return JSONResponse({"request": body})

    @app.get("/rows/{row_id}")
    async def read(row_id: int) -> JSONResponse:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT * FROM rows WHERE id = %s", (row_id,))
            row = await cursor.fetchone()
        return JSONResponse(row or {"id": None})

    return app


if __name__ == "__main__":
    place = sys.argv[2]
    application = on_postgresql(place) if place.startswith("postgresql:") else on_sqlite(place)
    uvicorn.run(application, port=int(sys.argv[1]), log_level="error")
