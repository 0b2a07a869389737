"""What pydantic finds wrong, in the project's words: where, what is wrong, what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_TOLD = 5  # problems in one message
_LONGEST_SHOWN, _LARGEST_SHOWN = 60, 10**40  # characters of a string or name, and a number, that are repeated
# How the messages end that say "must be ...", by pydantic's types of errors.
_MUST_BE = {
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_parsing_size": "an integer that is not as large",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": "a day such as 2026-11-01",
    "date_parsing": "a day such as 2026-11-01",
    "date_from_datetime_parsing": "a day such as 2026-11-01",
    "date_from_datetime_inexact": "a day such as 2026-11-01",
    "url_type": "a URL",
    "url_parsing": "a URL",
    "url_scheme": "a URL of a scheme that is possible here",
}
_MUST_BE_OF_KIND = {
    "string_type": "a string",
    "list_type": "an array",
    "tuple_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "greater than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
# What FastAPI says of a part of a form that has no file name, and so is text and no file.
_NO_FILE = "Value error, Expected UploadFile"
_FILE_NEEDED = 'must be a file with its name, such as name="file"; filename="photo.png" in its Content-Disposition'


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        where: the field, such as `image_urls[1]` or `model_params.seed`; empty where it is the whole.
        what: what is wrong with it, and what would be right.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


def problems_in(errors: Sequence[Mapping[str, Any]], *, show_values: bool = True) -> list[Problem]:
    """What the errors of a `ValidationError` say.

    Args:
        show_values: False where they can be secret; then of a string only that it is one is said.
    """
    return [Problem(_path(error["loc"]), _what(error, show_values=show_values)) for error in errors]


def in_words(errors: Sequence[Mapping[str, Any]], *, show_values: bool = True) -> str:
    """The first few problems as one message; arguments as for `problems_in`."""
    return "; ".join(map(str, problems_in(errors[:_MOST_TOLD], show_values=show_values)))


def in_words_of_request(errors: Sequence[Mapping[str, Any]]) -> str:
    """The same for what FastAPI finds in a request, whose places begin with the part: body, query, header or path."""
    problems: list[Problem] = []
    for error in errors[:_MOST_TOLD]:
        part, *loc = error["loc"]
        if error["type"] == "json_invalid":
            problems.append(Problem("", f"the body is not JSON: {error['ctx']['error']} at character {loc[0]}"))
            continue
        where = _path(loc) or f"the {part}"
        problems.append(Problem(where.title() if part == "header" else where, _what(error, show_values=True)))
    return "; ".join(map(str, problems))


def kind_of(value: object) -> str:
    """What a value is in JSON: `a string`, `null` ..."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "an array"
        case _:
            return "an object"


def shown(value: object) -> str:
    """The value as a message repeats it, if it is short; else what it is."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if abs(value) < _LARGEST_SHOWN:
            return str(value)
        case float():
            return str(value)
        case str() if len(value) <= _LONGEST_SHOWN:
            return repr(value)
        case _:
            return kind_of(value)


def _path(loc: Sequence[int | str]) -> str:
    path = ""
    for part in loc:
        name = part if isinstance(part, int) else part[:_LONGEST_SHOWN]
        path += f"[{name}]" if isinstance(name, int) else f".{name}" if path else name
    return path


def _what(error: Mapping[str, Any], *, show_values: bool) -> str:
    kind, given, facts = error["type"], error["input"], error.get("ctx", {})
    said = shown(given) if show_values or not isinstance(given, str) else kind_of(given)
    if kind in _MUST_BE:
        return f"must be {_MUST_BE[kind]}, not {said}"
    if kind in _MUST_BE_OF_KIND:
        return f"must be {_MUST_BE_OF_KIND[kind]}, not {kind_of(given)}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {facts[name]}, not {said}"
    if str(error["msg"]).startswith(_NO_FILE):
        return _FILE_NEEDED
    match kind:
        case "missing" | "missing_argument":
            return "is required"
        case "extra_forbidden" | "unexpected_keyword_argument":  # the latter of dataclasses
            return "is not taken here; leave it out"
        case "literal_error" | "enum":
            return f"{said} is not possible; choose {facts['expected'].replace(chr(39), '')}"
        case "string_too_long":
            return f"at most {facts['max_length']} characters are possible, {len(given)} given"
        case "string_too_short" | "too_short" if facts["min_length"] == 1:
            return "must not be empty"
        case "string_too_short":
            return f"at least {facts['min_length']} characters are needed, {len(given)} given"
        case "string_pattern_mismatch":
            return f"must match {facts['pattern']}, not {said}"
        case "too_long":
            return f"at most {facts['max_length']} are possible, {facts['actual_length']} given"
        case "too_short":
            return f"at least {facts['min_length']} are needed, {facts['actual_length']} given"
        case "decimal_max_digits":
            return f"at most {facts['max_digits']} digits are possible, not {said}"
        case "decimal_max_places":
            return f"at most {facts['decimal_places']} decimals are possible, not {said}"
        case "decimal_whole_digits":
            return f"at most {facts['whole_digits']} digits before the point are possible, not {said}"
        case _:  # one of our own, or one of pydantic's that says all by itself
            message = str(error["msg"]).removeprefix("Value error, ")
            return message[:1].lower() + message[1:]
