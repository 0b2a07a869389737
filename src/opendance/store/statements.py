"""Statements of SQLAlchemy Core for a driver: compiled once, their values put in order, their rows given back.

SQLAlchemy's own way from a statement to the driver builds a context for each execution, and on PostgreSQL a greenlet
around it: together several times what the driver itself takes. Here a statement that is a constant of its module costs
one look-up by its identity and one call for each value that is not what the database keeps; a statement that is built
for one execution costs its cache key as well, as in SQLAlchemy.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable, Float, Insert
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Processor = Callable[[Any], Any] | None
_MOST_SHAPES = 2000  # that are kept; a release has some hundred
_MISSING = object()
_AT_ONCE = (16, 8, 4, 2)  # rows of one insert: each number is a text of its own, which the database keeps prepared
_NUMBERED = re.compile(r"\$(\d+)")


class StatementResult(IteratorResult[Any]):
    """What a statement gave, whole.

    Attributes:
        rowcount: rows that it changed or gave.
    """

    rowcount: int

    def __init__(self, columns: SimpleResultMetaData, rows: Iterable[Any], rowcount: int) -> None:
        super().__init__(columns, iter(rows))
        self.rowcount = rowcount


class Shape:
    """A statement as the driver gets it, for any values.

    Attributes:
        sql: with the driver's marks for values.
        names: of its values, in their order.
        processors: make of each value what the database keeps.
        floats: which values are floats, where the database cannot tell by itself.
        expands: whether the text depends on its values: on how many are in a list.
    """

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        assert not compiled.insert_prefetch, "no column has a default of Python's"
        self.compiled, self._dialect = compiled, dialect
        self.sql = compiled.string
        self.expands = bool(compiled.post_compile_params or compiled.literal_execute_params)
        self.names = tuple(compiled.positiontup or ())
        processors: Mapping[str, Any] = compiled._bind_processors  # pyright: ignore
        self.processors: tuple[Processor, ...] = tuple(cast(Any, processors.get(name)) for name in self.names)
        binds = compiled.binds
        self.floats = tuple(name in binds and isinstance(binds[name].type, Float) for name in self.names)
        self._columns: tuple[SimpleResultMetaData, tuple[tuple[int, Callable[[Any], Any]], ...]] | None = None
        self._of_rows: dict[int, Shape] = {}

    def of_rows(self, count: int) -> Shape:
        """This insert of one row, with numbered marks, as one of so many rows."""
        if count not in self._of_rows:
            head, values, row = self.sql.partition(" VALUES ")
            assert values, "an insert of the values of one row"
            assert not self.compiled.effective_returning, "nobody reads what it gives: write insert(...).inline()"
            shape = self._of_rows[count] = copy.copy(self)
            shape.names, shape.floats = self.names * count, self.floats * count
            shape.sql = head + values + ", ".join(self._numbered(row, index) for index in range(count))
        return self._of_rows[count]

    def _numbered(self, row: str, index: int) -> str:
        """The marks of the row, as those of another behind it."""
        return _NUMBERED.sub(lambda mark: f"${int(mark[1]) + index * len(self.names)}", row)

    def result(self, names: Sequence[str], types: Sequence[Any], rows: list[Any], rowcount: int) -> StatementResult:
        """What the driver gave, as what SQLAlchemy's types make of it.

        Args:
            names, types: of the columns, as the driver calls them.
        """
        if self._columns is None:
            self._columns = self._read_columns(names, types)
        columns, processors = self._columns
        if processors and rows:
            rows = [_processed(row, processors) for row in rows]
        return StatementResult(columns, rows, rowcount)

    def _read_columns(
        self, names: Sequence[str], types: Sequence[Any]
    ) -> tuple[SimpleResultMetaData, tuple[tuple[int, Callable[[Any], Any]], ...]]:
        known: Sequence[Any] = self.compiled._result_columns  # pyright: ignore
        if len(known) != len(names):  # a text, which says nothing of what it gives
            return SimpleResultMetaData(names), ()
        processors: list[tuple[int, Callable[[Any], Any]]] = []
        for index, (column, code) in enumerate(zip(known, types, strict=True)):
            of_column: TypeEngine[Any] = column.type
            processor = of_column.dialect_impl(self._dialect).result_processor(self._dialect, code)
            if processor is not None:
                processors.append((index, processor))
        return SimpleResultMetaData([column.keyname for column in known]), tuple(processors)


def _processed(row: Sequence[Any], processors: Iterable[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for index, processor in processors:
        values[index] = processor(values[index])
    return tuple(values)


@dataclass(frozen=True)
class Ready:
    """One execution.

    Attributes:
        sql: as it goes to the driver.
        values: in their order.
    """

    shape: Shape
    sql: str
    values: list[Any]

    @cached_property
    def floats(self) -> tuple[bool, ...]:
        """As in `Shape`, for these values."""
        if len(self.shape.floats) == len(self.values) and not self.shape.expands:
            return self.shape.floats
        return tuple(isinstance(value, float) for value in self.values)


class Statements:
    """Compiles statements for one database, each once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._shapes: dict[Any, Shape] = {}
        self._known: WeakKeyDictionary[Executable, dict[tuple[str, ...], tuple[Shape, dict[str, Any]]]]
        self._known = WeakKeyDictionary()

    def ready(self, statement: Executable, parameters: Mapping[str, Any] | None) -> Ready:
        """The statement with these values.

        Raises:
            KeyError: a value is missing.
        """
        keys = tuple(parameters) if parameters else ()
        known = self._known.get(statement)
        if known is None:
            known = self._known[statement] = {}
        if keys not in known:
            known[keys] = self._compiled(statement, sorted(keys))
        shape, own = known[keys]
        given = {**own, **parameters} if parameters else own
        if shape.expands:
            return self._expanded(shape, given)
        values = [
            given[name] if processor is None else processor(given[name])
            for name, processor in zip(shape.names, shape.processors, strict=True)
        ]
        if any(value is _MISSING for value in values):
            missing = next(name for name in shape.names if given[name] is _MISSING)
            raise KeyError(f"no value for {missing} of: {shape.sql}")
        return Ready(shape, shape.sql, values)

    def ready_rows(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> list[Ready]:
        """The insert with all of these rows, which name the same columns, in few statements.

        Raises:
            KeyError: a value is missing.
        """
        single = [self.ready(statement, row) for row in rows]
        done: list[Ready] = []
        for count in _AT_ONCE:
            while len(single) >= count:
                several, single = single[:count], single[count:]
                shape = several[0].shape.of_rows(count)
                done.append(Ready(shape, shape.sql, [value for each in several for value in each.values]))
        return done + single

    def _compiled(self, statement: Any, keys: list[str]) -> tuple[Shape, dict[str, Any]]:
        """Its shape, and the values that it brings itself."""
        cache_key = statement._generate_cache_key()
        shape = None if cache_key is None else self._shapes.get((cache_key.key, tuple(keys)))
        if shape is None:
            compiled = statement._compiler(
                self._dialect, cache_key=cache_key, column_keys=keys, for_executemany=False, schema_translate_map=None
            )
            shape = Shape(compiled, self._dialect)
            if cache_key is not None:
                if len(self._shapes) >= _MOST_SHAPES:
                    self._shapes.clear()
                self._shapes[cache_key.key, tuple(keys)] = shape
        own: Any = shape.compiled.construct_params(
            extracted_parameters=None if cache_key is None else cache_key.bindparams,
            escape_names=False,
            _check=False,
            _collected_params=None if cache_key is None else cache_key.params,
        )
        for name, bind in shape.compiled.binds.items():
            if bind.required and name not in keys:
                own[name] = _MISSING
            elif bind.required:
                own.pop(name, None)
        return shape, own

    @staticmethod
    def _expanded(shape: Shape, given: dict[str, Any]) -> Ready:
        """With a mark for each value of its lists."""
        expanded = shape.compiled._process_parameters_for_postcompile(given)  # pyright: ignore
        processors: dict[str, Any] = {**shape.compiled._bind_processors, **expanded.processors}  # pyright: ignore
        all_values = {**given, **expanded.additional_parameters}
        values = [
            all_values[name] if (processor := processors.get(name)) is None else processor(all_values[name])
            for name in expanded.positiontup or ()
        ]
        return Ready(shape, expanded.statement, values)
