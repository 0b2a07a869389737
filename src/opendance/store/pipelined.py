"""A connection to PostgreSQL in pipeline mode: any number of statements go out at once, and their answers come back.

psycopg brings the connection, the waiting and the types. Its cursors are left out: each costs as much CPU as a
statement's whole way through libpq, and a transaction has a dozen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.abc import PQGen, Transformer
from psycopg.adapt import PyFormat
from psycopg.adapt import Transformer as MakeTransformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.json import Json
from psycopg.waiting import READY_R, WAIT_R, WAIT_RW

from opendance.store import statements

_FLOAT = 701  # the type's number; what it is told for
_UNKNOWN = 0  # the database tells by the statement
_MOST_PREPARED = 500  # statements of a connection; beyond, they are sent whole
_FATAL, _TUPLES = ExecStatus.FATAL_ERROR, ExecStatus.TUPLES_OK
_SYNC, _ABORTED = ExecStatus.PIPELINE_SYNC, ExecStatus.PIPELINE_ABORTED


@dataclass(frozen=True)
class Plain:
    """A statement without values that is no query: BEGIN, COMMIT, ROLLBACK, LISTEN."""

    sql: str


Request = statements.Ready | Plain


class Failed(Exception):
    """One of several statements failed, and those behind it were not run.

    Attributes:
        request: which.
        error: why.
    """

    def __init__(self, request: Request, error: psycopg.Error) -> None:
        super().__init__(str(error))
        self.request, self.error = request, error


class PipelinedConnection:
    """A connection that runs what it is given in order; each exchange is one round trip.

    Attributes:
        is_lost: the database or the network ended it.
    """

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection, self._pgconn = connection, connection.pgconn
        self._transformer: Transformer = MakeTransformer(connection)
        self._prepared: dict[tuple[str, tuple[bool, ...]], bytes] = {}
        self._numbers = count(1)
        self._is_broken = self.is_lost = False
        self._pgconn.enter_pipeline_mode()

    @classmethod
    async def open(cls, **where: Any) -> PipelinedConnection:
        """Connect.

        Raises:
            psycopg.OperationalError: the database is away.
        """
        return cls(await AsyncConnection[Any].connect(**where, autocommit=True, client_encoding="UTF8"))

    @property
    def is_usable(self) -> bool:
        """Whether anything more can be asked of it."""
        return not self._is_broken and not self._connection.closed

    async def close(self) -> None:
        """Close it, whatever it is at."""
        self._is_broken = True
        self._pgconn.finish()

    async def exchange(self, requests: Sequence[Request]) -> list[statements.StatementResult | None]:
        """Run them in order and give what each gave; None for what is plain.

        Raises:
            Failed: one of them failed; those behind it were not run. The transaction, if there is one, has failed too.
            psycopg.OperationalError: the connection was lost.
        """
        expected: list[
            tuple[Request | None, bool]
        ] = []  # (whose answer comes next, whether it is only its preparation)
        try:
            for request in requests:
                expected += self._send(request)
            answers = await self._connection.wait(_answers(self._pgconn))
        except BaseException as error:
            # Whatever came of it: answers that nobody reads would be taken for those of the next.
            await self.close()
            self.is_lost = isinstance(error, psycopg.OperationalError)
            raise
        return self._read(expected, answers)

    def _send(self, request: Request) -> list[tuple[Request, bool]]:
        pgconn = self._pgconn
        if isinstance(request, Plain):
            pgconn.send_query_params(request.sql.encode(), None)
            return [(request, False)]
        values = [_as_text(value, self._transformer) for value in request.values]
        floats = request.floats
        if not request.shape.expands:
            name = self._prepared.get((request.sql, floats))
            if name is not None:
                pgconn.send_query_prepared(name, values)
                return [(request, False)]
            if len(self._prepared) < _MOST_PREPARED:
                name = b"s%d" % next(self._numbers)
                pgconn.send_prepare(name, request.sql.encode(), _types(floats))
                pgconn.send_query_prepared(name, values)
                self._prepared[request.sql, floats] = name
                return [(request, True), (request, False)]
        pgconn.send_query_params(request.sql.encode(), values, _types(floats))
        return [(request, False)]

    def _read(
        self, expected: list[tuple[Request | None, bool]], answers: list[PGresult]
    ) -> list[statements.StatementResult | None]:
        results: list[statements.StatementResult | None] = []
        failure: Failed | None = None
        for (request, is_preparation), answer in zip(expected, answers, strict=True):
            assert request is not None
            status = answer.status
            if status in (_FATAL, _ABORTED):
                if is_preparation and not isinstance(request, Plain):  # then it is none
                    self._prepared.pop((request.sql, request.floats), None)
                if failure is None:
                    failure = Failed(request, error_from_result(answer, "utf-8"))
            elif failure is None and not is_preparation:
                results.append(None if isinstance(request, Plain) else self._result(request, answer))
        if failure is not None:
            raise failure
        return results

    def _result(self, request: statements.Ready, answer: PGresult) -> statements.StatementResult:
        rowcount = answer.command_tuples or 0
        if answer.status != _TUPLES:
            return request.shape.result((), (), [], rowcount)
        fields = range(answer.nfields)
        self._transformer.set_pgresult(answer)
        rows: list[Any] = self._transformer.load_rows(0, answer.ntuples, tuple)
        names = [(answer.fname(field) or b"").decode() for field in fields]
        return request.shape.result(names, [answer.ftype(field) for field in fields], rows, rowcount)


def _types(floats: tuple[bool, ...]) -> list[int]:
    return [_FLOAT if is_float else _UNKNOWN for is_float in floats]


def _as_text(value: Any, transformer: Transformer) -> bytes | None:
    """A value as PostgreSQL reads it.

    Raises:
        psycopg.DataError: a text has the character U+0000, which none can have there.
    """
    match value:
        case None:
            return None
        case str():
            if "\0" in value:
                raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            return value.encode()
        case bool():
            return b"t" if value else b"f"
        case Json():
            return json.dumps(value.obj).encode()
        case int() | float():
            return repr(value).encode()
        case _:  # lists, and whatever else psycopg knows
            dumped = transformer.get_dumper(value, PyFormat.TEXT).dump(value)
            return None if dumped is None else bytes(dumped)


def _answers(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """Send what was put into the pipeline, and read what comes back up to its end."""
    pgconn.pipeline_sync()
    while pgconn.flush():
        ready = yield WAIT_RW
        if ready & READY_R:  # a database that waits for us to read reads nothing more
            pgconn.consume_input()
    answers: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            yield WAIT_R
            pgconn.consume_input()
        answer = pgconn.get_result()
        if answer is None:  # between the answers of two statements
            if pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection to the database was lost")
            continue
        if answer.status == _SYNC:
            return answers
        answers.append(answer)
