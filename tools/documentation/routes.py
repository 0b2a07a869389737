"""The page of all routes, from the OpenAPI document that a server answers at /openapi.json."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tools.documentation.markdown import code, sentence, table

from opendance.app import create_app
from opendance.settings import load_settings

_HEAD = """# Routes

Every route of a server, with its parameters, its body and the statuses that it answers; errors are [errors.md](errors.md). A running server
has the same as a page to try it at `/docs`, and as an OpenAPI document at `/openapi.json`; `opendance openapi` prints the document without
a server. In few words, with what is ours alone: [api.md](../api.md). This page is made from the code.

"""


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    with tempfile.TemporaryDirectory() as folder:
        return create_app(load_settings(data_dir=Path(folder))).openapi()


def page() -> str:
    """The page, in Markdown."""
    sections: dict[str, list[str]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            [group] = operation["tags"]
            sections.setdefault(group, []).append(_route(f"{method.upper()} {path}", operation))
    return _HEAD + "\n".join(f"## {group}\n\n" + "\n".join(routes) for group, routes in sections.items())


def _route(name: str, operation: dict[str, Any]) -> str:
    parts = [f"### {code(name)}", sentence(operation["summary"])]
    parts += [" ".join(part.split()) for part in operation.get("description", "").split("\n\n") if part]
    rows = [_parameter(each) for each in operation.get("parameters", ())]
    rows += _fields(operation["requestBody"]) if "requestBody" in operation else []
    if rows:
        parts.append(table(["", "where", "type", ""], rows).rstrip())
    parts.append("Answers " + ", ".join(sorted(operation["responses"])) + ".")
    return "\n\n".join(parts) + "\n"


def _parameter(parameter: dict[str, Any]) -> tuple[str, str, str, str]:
    name = code(parameter["name"]) + (" (needed)" if parameter.get("required") else "")
    return (
        name,
        parameter["in"],
        words_of_type(parameter["schema"]),
        _words(parameter["schema"], parameter.get("description", "")),
    )


def _fields(body: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """The fields of a body, of the first of the forms that it can have."""
    where, content = next(iter(body["content"].items()))
    schema = _resolved(content["schema"])
    needed = schema.get("required", ())
    return [
        (
            code(name) + (" (needed)" if name in needed else ""),
            f"body ({where})",
            words_of_type(field),
            _words(field, ""),
        )
        for name, field in schema.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def words_of_type(schema: dict[str, Any]) -> str:
    """The type in few words: what can be chosen, or what of how much."""
    schema = _resolved(schema)
    if "enum" in schema:
        return ", ".join(code(str(value)) for value in schema["enum"])
    if "const" in schema:
        return code(str(schema["const"]))
    either: list[dict[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or []
    if either:
        kinds = [words_of_type(each) for each in either]
        return " or ".join(dict.fromkeys([kind for kind in kinds if kind]))
    name = str(schema.get("type", ""))
    if name == "array":
        name = f"list of {words_of_type(schema.get('items', {})) or 'anything'}"
    least, most = schema.get("minimum", schema.get("minItems")), schema.get("maximum", schema.get("maxItems"))
    bounds = " to ".join(str(value) for value in (least, most) if value is not None)
    if not bounds:
        return name
    return f"{name}, {bounds if None not in (least, most) else ('at most ' if least is None else 'at least ') + bounds}"


def _words(schema: dict[str, Any], words: str) -> str:
    schema = _resolved(schema)
    words = sentence(words or schema.get("description", ""))
    value = schema.get("default")
    return words + (
        f" Default: {code(str(value).lower() if isinstance(value, bool) else str(value))}." if value is not None else ""
    )
