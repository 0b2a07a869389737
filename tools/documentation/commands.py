"""The page of the command line, from the program itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer.main
from tools.documentation.markdown import code, linked, sentence, table

from opendance.cli import program

_HEAD = """# Command line

Every command, with what it takes. `opendance COMMAND --help` tells the same, and `opendance --install-completion` completes commands in
your shell. What they work on - a server, or a data folder - and what goes together: [commands.md](../commands.md). This page is made
from the code.

"""


def page() -> str:
    """The page, in Markdown."""
    return _HEAD + "\n".join(_section(path, command) for path, command in all_commands())


def all_commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name, such as `opendance keys create`."""
    yield from _below("opendance", typer.main.get_command(program(())))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    children: dict[str, Any] = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in sorted(children.items()):
        if not child.hidden:
            yield from _below(f"{path} {name}", child)


def _section(path: str, command: Any) -> str:
    words = "\n\n".join(" ".join(part.split()) for part in _plain(inspect.cleandoc(command.help or "")).split("\n\n"))
    shown = [parameter for parameter in command.params if not parameter.hidden and parameter.name != "help"]
    arguments = [_usage(parameter) for parameter in shown if parameter.param_type_name == "argument"]
    heading = f"## {path}\n\n{words}\n"
    usage = (
        f"\n```text\n{' '.join([path, *arguments, '[OPTIONS]' if len(arguments) < len(shown) else '']).strip()}\n```\n"
    )
    rows = [_row(parameter) for parameter in shown]
    return heading + usage + ("\n" + table(["", "default", ""], rows) if rows else "")


def _usage(argument: Any) -> str:
    name = argument.name.upper() + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _row(parameter: Any) -> tuple[str, str, str]:
    is_argument = parameter.param_type_name == "argument"
    names = [parameter.name.upper()] if is_argument else [*parameter.opts, *parameter.secondary_opts]
    words = sentence(_plain(parameter.help or ""))
    if parameter.multiple:
        words += " Several times."
    if parameter.envvar:
        words += f" Also by {code(parameter.envvar)}."
    return ", ".join(map(code, names)), _default(parameter), words


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    value = parameter.default
    if value is None or value in ((), [], "") or callable(value):
        return ""
    if getattr(parameter, "is_bool_flag", False):
        return (
            code(parameter.opts[0]) if value else code(parameter.secondary_opts[0]) if parameter.secondary_opts else ""
        )
    return code(str(getattr(value, "value", value)))


def _plain(help_text: str) -> str:
    """Words of a help text without the marks for Rich, and with what stands in angle brackets as it is."""
    return linked(help_text.replace("\\[", "[").replace("\b", "").replace("<", "&lt;"))
