"""What the commands share: the program, its output, its errors, the data folder."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.markup import escape
from typer.core import TyperGroup

from opendance import __version__
from opendance.cli.printing import say, tell, tell_error
from opendance.cli.where import installation
from opendance.client import ApiProblem
from opendance.errors import ApiError, ConfigurationError
from opendance.private import only_for_owner
from opendance.settings import unknown_variables
from opendance.validation import problems_in

if TYPE_CHECKING:  # commands that ask a server need no database
    from opendance.store.database import Connection

T = TypeVar("T")
Input = TypeVar("Input", bound=BaseModel)
USAGE_ERROR, FAILURE = 2, 1
_LOG_BY_THEMSELVES = ("serve", "worker")


class Program(TyperGroup):
    """Errors in one line on stderr; exit code 1 for a failure, 2 for what was asked wrongly."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        _take_help_as_it_is(self)

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


def _take_help_as_it_is(command: Any) -> None:
    """Square brackets in the help of a command, of its options and of those below it are no markup."""
    for thing in (command, *command.params):
        thing.help = None if thing.help is None else escape(thing.help)
    for below in getattr(command, "commands", {}).values():
        _take_help_as_it_is(below)


app = typer.Typer(
    cls=Program,
    help="Self-hosted video generation, wire-compatible with the Seedance 2.0 unified API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def before_each(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True)] = False,
) -> None:
    """Options of the program itself."""
    if version:
        say(f"opendance {__version__}")
        raise typer.Exit
    if context.invoked_subcommand not in _LOG_BY_THEMSELVES:
        for problem in unknown_variables():
            tell(f"warning: {problem}")


def existing_file(path: Path, option: str = "") -> Path:
    """The file at `path`.

    Args:
        option: that names it, for the message.

    Raises:
        ConfigurationError: there is none, or it is a folder.
    """
    if path.is_file():
        return path
    problem = f"{path} is a folder; name a file in it" if path.is_dir() else f"there is no file {path}"
    raise ConfigurationError(f"{option}: {problem}" if option else problem)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise typer.BadParameter(f"must be a day such as 2026-11-26, not {text[:40]!r}") from None


Day = Annotated[datetime | None, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="UTC.")]


DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for the database and results [default: opendance-data].")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def stop(message: str, code: int) -> NoReturn:
    """End the program with one line on stderr."""
    tell_error(message)
    sys.exit(code)


def on_store(
    work: Callable[[Connection], Coroutine[Any, Any, T]], *, data_dir: Path | None = None, config: Path | None = None
) -> T:
    """Do `work` in one transaction on the database, with or without a running server.

    Raises:
        ConfigurationError: there is no installation, or a setting is wrong.
    """
    from opendance.store.database import open_database
    from opendance.upgrade import ensure_schema

    settings = installation(data_dir, config)

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


def checked(
    kind: type[Input], remove: list[str] | None = None, arguments: Collection[str] = (), /, **given: object
) -> Input:
    """The input that the admin API would take, from options; None is not given.

    Args:
        remove: limits to set to none.
        arguments: fields that no option gives, but an argument.

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
        name = _ARGUMENTS.get(field, field).upper() if field in arguments else f"--{option}"
        raise ConfigurationError(f"{name}: {first.what}") from None


# No limit to be without.
_ALWAYS_THERE = {
    "name",
    "user_group",
    "enabled",
    "price_ratio",
    "priority",
    "max_files",
    "max_kept_bytes",
    "own_keys",
}
# Named otherwise than in the API.
_ARGUMENTS = {"credits": "amount"}
_OPTIONS = {"models": "model", "engines": "engine", "user_group": "group", "expires": "days"}
