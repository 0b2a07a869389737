"""A request for a video that may be wrong: all that is, and what can be asked for without it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from opendance.api.rules import problems_of
from opendance.api.unified.request import (
    ELSEWHERE,
    NAMES,
    NO_NULL,
    NO_NULL_IN_PARAMS,
    VideoGenerationRequest,
    asks_elsewhere,
    with_model,
)
from opendance.errors import MOST_PROBLEMS, Problem
from opendance.net.addresses import IPNetwork
from opendance.order import Order
from opendance.validation import problems_in

_ROUNDS = 8  # each takes away at least one field that is wrong
_NOT_GIVEN = {"prompt": ""}  # fields without a default, to go on with
_KINDS = {name: kind for kind, name in NAMES.media.items()}
_CODES = {"missing": "missing_field", "out_of_range": "out_of_range", "string_too_long": "url_too_long"}


@dataclass(frozen=True)
class Leniently:
    """What was read.

    Attributes:
        order: what is asked for by all that is right; None where there is no model.
        prompt_is_good: whether the prompt can be read.
    """

    order: Order | None
    problems: tuple[Problem, ...]
    prompt_is_good: bool


def read_leniently(
    fields: Mapping[str, Any], callback_allow: tuple[IPNetwork, ...] = (), aliases: Mapping[str, str] | None = None
) -> Leniently:
    """The request of these fields, with everything that is wrong with it; arguments as for `parse_request`."""
    left, problems = dict(fields), list[Problem]()
    for name in (name for name in ELSEWHERE if asks_elsewhere(left, name)):
        instead = ELSEWHERE[name][0]
        message = f"is no field here, and would have no effect; {instead}"
        problems.append(Problem(name, "unknown_field", message, {"instead": instead}))
        del left[name]
    _take_away_nulls(left, problems)
    request = _validated(left, problems, aliases or {})
    if request is None:
        return Leniently(None, tuple(problems), prompt_is_good=False)
    if request.seed is not None and request.model_params.seed not in (None, request.seed):
        message = "it is another one than model_params.seed; leave one of the two out"
        problems.append(Problem("seed", "seed_conflict", message))
    order = request.order()
    told = {problem.path for problem in problems}
    problems += [
        each
        for each in problems_of(order, NAMES, callback_allow)
        if each.path not in told and not _names_what_was_taken_away(each, told)
    ]
    bad_prompt = any(problem.path == "prompt" and problem.code != "reference_not_given" for problem in problems)
    return Leniently(order, tuple(problems[:MOST_PROBLEMS]), prompt_is_good=not bad_prompt)


def _names_what_was_taken_away(problem: Problem, told: Collection[str]) -> bool:
    """Whether files that the prompt names are missing only because their list is wrong, which is told already."""
    if problem.code != "reference_not_given":
        return False
    name = NAMES.media[problem.params["kind"]]
    return any(path == name or path.startswith(f"{name}[") for path in told)


def _take_away_nulls(fields: dict[str, Any], problems: list[Problem]) -> None:
    message = "must not be null; leave it out instead"
    for name in NO_NULL:
        if name in fields and fields[name] is None:
            problems.append(Problem(name, "must_not_be_null", message))
            del fields[name]
    params = fields.get("model_params")
    if not isinstance(params, dict):
        return
    kept = dict(cast("dict[str, Any]", params))
    for name in NO_NULL_IN_PARAMS:
        if kept.get(name, 0) is None:
            problems.append(Problem(f"model_params.{name}", "must_not_be_null", message))
            del kept[name]
    fields["model_params"] = kept


def _validated(
    fields: dict[str, Any], problems: list[Problem], aliases: Mapping[str, str]
) -> VideoGenerationRequest | None:
    """The request without the fields that are wrong; None where one of them is the model."""
    for _ in range(_ROUNDS):
        try:
            return VideoGenerationRequest.model_validate(with_model(fields, aliases))
        except ValidationError as error:
            errors = error.errors()
        words = problems_in(errors)
        problems += [
            _too_many(each.where, each.what, told.get("ctx", {}), str(fields.get("model", "")))
            if told["type"] == "too_long" and each.where in _KINDS
            else Problem(each.where, _code_of(each.where, told["type"]), each.what, _facts(told))
            for each, told in list(zip(words, errors, strict=True))[:MOST_PROBLEMS]
        ]
        for told in errors:
            _take_away(fields, told["loc"])
        if any(told["loc"][:1] == ("model",) for told in errors):
            return None
    return None


def _too_many(path: str, message: str, bounds: Mapping[str, Any], model: str) -> Problem:
    """More files than any model takes: told as those are that one model does not take."""
    facts = {"given": bounds["actual_length"], "least": 0, "most": bounds["max_length"], "model": model}
    return Problem(path, "media_count", message, {"kind": _KINDS[path], **facts})


def _code_of(path: str, kind: str) -> str:
    return "prompt_too_long" if (path, kind) == ("prompt", "string_too_long") else _CODES.get(kind, "invalid_value")


def _facts(error: Mapping[str, Any]) -> dict[str, Any]:
    facts: Mapping[str, Any] = error.get("ctx", {})
    return {name: value for name, value in facts.items() if isinstance(value, str | int | float)}


def _take_away(fields: dict[str, Any], loc: Sequence[str | int]) -> None:
    """Take what is wrong out of the fields, so that the rest can be read."""
    match list(loc):
        case ["model_params", str(name), *_] if isinstance(fields.get("model_params"), dict):
            fields["model_params"] = {
                key: value for key, value in cast("dict[str, Any]", fields["model_params"]).items() if key != name
            }
        case [str(name), *_] if name in _NOT_GIVEN:
            fields[name] = _NOT_GIVEN[name]
        case [str(name), *_]:
            fields.pop(name, None)
        case _:
            fields.clear()
