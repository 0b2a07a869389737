"""What `opendance engines get` writes into a settings file, and `remove` takes away."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

import tomlkit

from opendance.catalog import MODELS, Mode
from opendance.errors import ConfigurationError


def _begin(name: str) -> str:
    return f"# {name}: written by opendance engines get"


def _end(name: str) -> str:
    return f"# {name}: end"


def block(name: str, options: Mapping[str, str]) -> str:
    """`[engine.NAME]` with these options, between two lines by which it is found again."""
    lines = [f"{option} = {json.dumps(value, ensure_ascii=False)}" for option, value in options.items()]
    return "\n".join([_begin(name), f"[engine.{name}]", *lines, _end(name)]) + "\n"


def tables_of(text: str) -> dict[str, Any]:
    """What a settings file says.

    Raises:
        ConfigurationError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"--config: {error}") from None


def with_block(text: str, name: str, options: Mapping[str, str]) -> str | None:
    """A settings file with this engine; None where it has a table for it that was not written here."""
    without = without_block(text, name)
    if name in tables_of(without).get("engine", {}):
        return None
    return (without.rstrip("\n") + "\n\n" if without.strip() else "") + block(name, options)


def without_block(text: str, name: str) -> str:
    """A settings file without what was written for this engine."""
    begin, end = text.find(_begin(name)), text.find(_end(name))
    if begin < 0 or end < begin:
        return text
    kept = text[:begin].rstrip("\n") + "\n\n" + text[end + len(_end(name)) :].lstrip("\n")
    return kept.strip("\n") + "\n" if kept.strip() else ""


def with_routes(text: str, name: str, modes: Collection[Mode]) -> tuple[str, list[str]]:
    """A settings file whose routes ask this engine first, and the keys that were changed for it.

    A file without routes has no need of them: what is set up is asked. What a key names and the engine does not make is
    passed over by the router, so that `default` and the tiers may name it as well.

    Args:
        modes: that it makes.
    """
    document = tomlkit.parse(text)
    routes = cast("dict[str, Any]", document.get("routes", {}))
    refused = {mode.value for mode in Mode if mode not in modes}
    refused |= {model.id for model in MODELS.values() if model.mode not in modes}
    changed = [key for key, names in routes.items() if key not in refused and name not in _listed(names)]
    for key in changed:
        routes[key] = [name, *_listed(routes[key])]
    return tomlkit.dumps(document), changed  # pyright: ignore[reportUnknownMemberType]


def without_routes(text: str, name: str) -> tuple[str, list[str]]:
    """A settings file whose routes do not name this engine, and the keys that were changed for it.

    A key that named no other goes, so that the next more general one decides.
    """
    document = tomlkit.parse(text)
    routes = cast("dict[str, Any]", document.get("routes", {}))
    changed = [key for key, names in routes.items() if name in _listed(names)]
    for key in changed:
        if rest := [each for each in _listed(routes[key]) if each != name]:
            routes[key] = rest
        else:
            del routes[key]
    return tomlkit.dumps(document), changed  # pyright: ignore[reportUnknownMemberType]


def _listed(names: Any) -> list[str]:
    """The engines of a key, which may be one without brackets."""
    return [part.strip() for part in names.split(",")] if isinstance(names, str) else list(names)


def replace_text(file: Path, text: str) -> None:
    """Write a settings file at once, so that no reader sees half of it."""
    part = file.with_name(file.name + ".part")
    part.write_text(text, encoding="utf-8")
    if file.exists():
        part.chmod(file.stat().st_mode)
    part.replace(file)
