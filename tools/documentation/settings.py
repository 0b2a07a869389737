"""The page of all settings, from `opendance.settings.Settings`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from pydantic.fields import FieldInfo
from tools.documentation.markdown import code, linked, table

from opendance.settings import Settings

_HEAD = """# Settings

Environment variables, or a TOML file given with `--config`: the same names in small letters, without the prefix.
`OPENDANCE_PORT=9000` is `port = 9000`, and `OPENDANCE_ENGINE__LTX2__WEIGHTS=…` is `weights = "…"` below `[engine.ltx2]`. A variable that
begins with `OPENDANCE_` and is no setting has no effect; `opendance doctor` names such, with the nearest right name.

Programs of clients read `OPENDANCE_BASE_URL` and `OPENDANCE_API_KEY`; the build reads `OPENDANCE_BUILD_OFFLINE`
([operating.md](../operating.md#by-hash)). OpenTelemetry and clouds have variables of their own, which are read as they are.

This page is made from the code.

"""


def page() -> str:
    """The page, in Markdown."""
    rows = ((code(variable(name, field)), default(field), linked(field.description or "")) for name, field in fields())
    return _HEAD + table(["variable", "default", "what it says"], rows)


def fields() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting, in the order of the code."""
    yield from Settings.model_fields.items()


def variable(name: str, field: FieldInfo) -> str:
    """The name in the environment; of a table of names with the place for them."""
    inner = "__…" if str(field.annotation).startswith("dict") and name != "model_aliases" else ""
    return f"OPENDANCE_{name.upper()}{inner}"


def default(field: FieldInfo) -> str:
    """The default as it is written in the environment; a dash where the words say what is taken."""
    if field.default_factory is not None:
        return "-" if "efault: " in (field.description or "") else "none"
    value = written(field.default)
    return code(value) if value else "-" if "efault: " in (field.description or "") else "none"


def written(value: Any) -> str:
    """A value as it is written in the environment; empty for none."""
    match value:
        case bool():
            return str(value).lower()
        case None | () | []:
            return ""
        case (IPv4Network() | IPv6Network(), *networks):
            return ", ".join(map(str, (value[0], *networks)))
        case Enum():
            return str(value.value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
