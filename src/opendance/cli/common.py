"""What the commands share: the program, its output, its errors, the data folder."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from opendance.client import ApiProblem
from opendance.errors import ApiError, ConfigurationError
from opendance.private import only_for_owner
from opendance.settings import load_settings
from opendance.store.database import Connection
from opendance.validation import problems_in

T = TypeVar("T")
Input = TypeVar("Input", bound=BaseModel)
USAGE_ERROR, FAILURE = 2, 1


class Program(TyperGroup):
    """Errors in one line on stderr; exit code 1 for a failure, 2 for what was asked wrongly."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            stop(str(error), USAGE_ERROR)
        except ApiError as error:
            stop(error.message, USAGE_ERROR)
        except ApiProblem as error:
            stop(error.message, USAGE_ERROR if error.status == 400 else FAILURE)


app = typer.Typer(
    cls=Program,
    help="Self-hosted video generation, wire-compatible with the Seedance 2.0 unified API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# What is piped to another program is not cut to the width of a terminal that is not there. Names and prompts are the
# users' own: [red] and :cat: in them stay as they are.
out = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 200, markup=False, emoji=False)
err = Console(stderr=True)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for the database and results [default: opendance-data].")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def stop(message: str, code: int) -> NoReturn:
    """End the program with one line on stderr."""
    err.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    sys.exit(code)


def on_store(
    work: Callable[[Connection], Coroutine[Any, Any, T]], *, data_dir: Path | None = None, config: Path | None = None
) -> T:
    """Do `work` in one transaction on the database, with or without a running server."""
    from opendance.store.database import open_database
    from opendance.upgrade import ensure_schema

    settings = load_settings(config, data_dir=data_dir)

    async def run() -> T:
        database = open_database(settings.database)
        try:
            async with database.write() as connection:
                return await work(connection)
        finally:
            await database.close()

    with only_for_owner():
        ensure_schema(settings)
        return asyncio.run(run())


def checked(kind: type[Input], remove: list[str] | None = None, /, **given: object) -> Input:
    """The input that the admin API would take, from options; None is not given.

    Args:
        remove: limits to set to none.

    Raises:
        ConfigurationError: an option is not valid, by its name.
    """
    values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    limits = [name for name in kind.model_fields if name not in _ALWAYS_THERE]
    for name in (name.replace("-", "_") for name in remove or ()):
        if name not in limits:
            raise ConfigurationError(f"--remove: there is no limit {name}; there are {', '.join(limits)}")
        values[name] = None
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = problems_in(error.errors())[0]
        field = first.where.partition("[")[0]
        option = _OPTIONS.get(field, field).replace("_", "-")
        raise ConfigurationError(f"--{option}: {first.what}") from None


# No limit to be without.
_ALWAYS_THERE = {
    "name",
    "user_group",
    "enabled",
    "price_ratio",
    "priority",
    "max_files",
    "max_kept_bytes",
}
# Named otherwise than in the API.
_OPTIONS = {"models": "model", "engines": "engine", "user_group": "group", "expires": "days"}
