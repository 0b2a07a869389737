"""The settings of this process as the operator sees them: each with its source, and no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, cast

from pydantic import Field, SecretStr
from typing_extensions import TypedDict

from opendance.settings import Settings, Source

_NAMES_OF_SECRETS = re.compile(r"key|token|secret|password|credential|authorization", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"(?<=//)[^/@\s]+(?=@)")
_HIDDEN = "…"


class SettingRow(TypedDict):
    """A setting."""

    name: str
    variable: Annotated[str, Field(description="Of the environment.")]
    value: Annotated[Any, Field(description="Null of what is secret; secrets inside a value are shown as `…`.")]
    is_set: Annotated[bool, Field(description="Whether it is anything but its default.")]
    secret: bool
    source: Source
    default: Any
    meaning: str
    toml: Annotated[str, Field(description="The line of a settings file that says what it is now.")]


def setting_rows(settings: Settings) -> list[SettingRow]:
    """Every setting, in the order of the documentation."""
    rows: list[SettingRow] = []
    for name, field in Settings.model_fields.items():
        value: object = getattr(settings, name)
        secret = isinstance(value, SecretStr) or name in ("admin_key", "metrics_token")
        told = None if secret else _told(value)
        default = None if field.default_factory is not None or secret else _told(field.default)
        written = _HIDDEN if secret else told
        rows.append(
            {
                "name": name,
                "variable": f"OPENDANCE_{name.upper()}",
                "value": told,
                "is_set": settings.source_of(name) != "default" or (secret and value is not None),
                "secret": secret,
                "source": settings.source_of(name),
                "default": default,
                "meaning": field.description or "",
                "toml": f"{name} = {json.dumps(written, ensure_ascii=False)}" if written is not None else f"# {name} =",
            }
        )
    return rows


def _told(value: object) -> Any:
    """The value as JSON, without what is secret in it."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case Mapping():
            table = cast("Mapping[str, object]", value)
            return {str(name): _told_of_table(str(name), each) for name, each in table.items()}
        case list() | tuple():
            return [_told(each) for each in cast("list[object]", value)]
        case SecretStr():
            return _HIDDEN
        case _:
            return _SECRET_IN_URL.sub(_HIDDEN, str(value))


def _told_of_table(name: str, value: object) -> Any:
    is_table = isinstance(value, Mapping)
    return _HIDDEN if _NAMES_OF_SECRETS.search(name) and not is_table else _told(cast(object, value))
