"""The page of every engine's options, from the models that read `[engine.NAME]`."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from tools.documentation.markdown import code, linked, sentence, table
from tools.documentation.settings import written

from opendance.engines.configured import CommonOptions
from opendance.engines.registry import ENGINES, EngineFacts

_HEAD = """# Options of engines

What `[engine.NAME]` of the settings file, or `OPENDANCE_ENGINE__NAME__OPTION`, can say. Which engine to choose, what each needs, and how
they go together: [engines.md](../engines.md). This page is made from the code.

## Every engine

"""


def page() -> str:
    """The page, in Markdown."""
    parts = [_HEAD + _options(CommonOptions)]
    parts += [_engine(facts) for facts in ENGINES.values()]
    return "\n".join(parts)


def _engine(facts: EngineFacts) -> str:
    modes = ", ".join(sorted(facts.modes))
    words = f"## {facts.name}\n\n{sentence(facts.summary)} Modes: {modes}."
    if facts.install:
        words += f" Needs {code(facts.install)}."
    if facts.licence:
        words += f" Licence of the weights: {facts.licence}."
    if facts.options is None:
        return words + "\n\nIt has no options of its own.\n"
    return words + "\n\n" + _options(options_of(facts.options))


def options_of(path: str) -> type[BaseModel]:
    """The model that `EngineFacts.options` names, as `module:class`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _options(model: type[BaseModel]) -> str:
    rows = [
        (
            code(name),
            _type(field.annotation),
            _default(field.get_default(call_default_factory=True)),
            _words(model, name),
        )
        for name, field in model.model_fields.items()
    ]
    return table(["option", "type", "default", ""], rows)


def _words(model: type[BaseModel], name: str) -> str:
    """What an option says; a model that gives it another default leaves the words to the one that it is made of."""
    fields: list[dict[str, Any]] = [getattr(each, "model_fields", {}) for each in model.__mro__]
    told = (of_one[name].description for of_one in fields if name in of_one and of_one[name].description)
    return sentence(linked(next(told, "")))


def _type(annotation: Any) -> str:
    """The type in few words."""
    arguments: list[Any] = [each for each in get_args(annotation) if each not in (type(None), Ellipsis)]
    origin: Any = get_origin(annotation)
    if inspect.isclass(annotation) and not arguments:
        return _name_of(annotation)
    if origin is dict:
        return "table"
    if origin in (tuple, frozenset, list):
        return "list of " + " or ".join(dict.fromkeys([_type(each) for each in arguments]))
    if origin is Literal:
        return ", ".join(code(str(each)) for each in arguments)
    if origin is Annotated:
        return _type(arguments[0])
    return " or ".join(dict.fromkeys([_type(each) for each in arguments])) or "text"


def _name_of(kind: type[Any]) -> str:
    if issubclass(kind, Enum):
        return ", ".join(code(str(each.value)) for each in kind)
    if issubclass(kind, BaseModel):
        return "table of " + ", ".join(code(name) for name in kind.model_fields)
    return _WORDS.get(kind.__name__, kind.__name__)


_WORDS = {
    "str": "text", "int": "integer", "float": "number", "bool": "boolean", "Path": "path", "SecretStr": "secret",
    "AnyHttpUrl": "URL", "IPv4Network": "network", "IPv6Network": "network", "Decimal": "number",
}  # fmt: skip


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "needed"
    if isinstance(value, (tuple, frozenset, list, dict, BaseModel)):
        value = _listed(value)
    text = written(value)
    return code(text) if text else "none"


def _listed(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, dict):
        items = cast(dict[Any, Any], value).items()
        return "{" + ", ".join(f"{written(key)} = {_listed(each)}" for key, each in items) + "}"
    if isinstance(value, (tuple, list, frozenset)):
        return ", ".join(_listed(each) for each in cast(Iterable[Any], value))
    return written(value)
