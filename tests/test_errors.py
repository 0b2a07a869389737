from __future__ import annotations

import ast
import inspect
import json
import re
import string
from collections import defaultdict
from pathlib import Path

import pytest

import opendance
from opendance import errors

TYPES = {"invalid_request_error", "authentication_error", "insufficient_quota", "rate_limit_error", "api_error"}
SOURCE = json.loads((Path(__file__).parent / "api" / "source_facts.json").read_text("utf-8"))["responses"]


def derived(kind: type[Exception]) -> list[type[Exception]]:
    """All classes below `kind` that stand in the module of errors."""
    found = [below for child in kind.__subclasses__() for below in (child, *derived(child))]
    return [one for one in found if one.__module__ == errors.__name__]


API_ERRORS = [kind for kind in derived(errors.ApiError) if issubclass(kind, errors.ApiError)]
BY_NAME = {kind.__name__: kind for kind in API_ERRORS}


def template(kind: type[errors.ApiError]) -> str:
    """The message that is the class's docstring, with names in braces."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].split())


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def placeholders(kind: type[errors.ApiError]) -> set[str]:
    return names_in(template(kind))


def keywords(kind: type[errors.ApiError]) -> set[str]:
    """What must be given to make one."""
    return placeholders(kind).union(*map(names_in, kind.headers.values()))


def made(kind: type[errors.ApiError]) -> errors.ApiError:
    return kind(**{name: f"<{name}>" for name in keywords(kind)})


def tree() -> dict[str, tuple[str, str]]:
    """The tree in the module's docstring: of each class the one that it is derived from, and what is said of it."""
    lines = re.findall(r"^ {4}([│ ├└─]*)(\w+)(?: +(.*))?$", (errors.__doc__ or "").split("\n\n")[1], re.MULTILINE)
    above: list[str] = []
    found: dict[str, tuple[str, str]] = {}
    for branch, name, said in lines:
        del above[len(branch) // 3 :]
        found[name] = (above[-1] if above else "Exception", said)
        above.append(name)
    return found


@pytest.mark.rule("ER-400", "ER-401", "ER-402", "ER-403", "ER-429", "ER-500")
@pytest.mark.parametrize("status", [status for status in SOURCE if status != "200"])
def test_the_errors_have_the_status_code_and_type_of_the_source(status: str) -> None:
    theirs = SOURCE[status]["example"]["error"]
    assert [kind.type for kind in API_ERRORS if (str(kind.status), kind.code) == (status, theirs["code"])] == [
        theirs["type"]
    ]


@pytest.mark.parametrize("kind", API_ERRORS)
def test_an_api_error_says_all_that_it_is_told(kind: type[errors.ApiError]) -> None:
    error = made(kind)
    assert 400 <= error.status < 600
    assert error.type in TYPES
    assert error.message
    for name in placeholders(kind):
        assert f"<{name}>" in error.message
    assert not set("{}\n") & set(error.message)
    assert str(error) == error.message


@pytest.mark.parametrize("kind", API_ERRORS)
def test_its_headers_are_filled_in(kind: type[errors.ApiError]) -> None:
    error = made(kind)
    assert set(error.headers) == set(kind.headers)
    for name, value in error.headers.items():
        assert value == re.sub(r"\{(\w+)\}", r"<\1>", kind.headers[name])


def test_the_errors_with_headers_are_these() -> None:
    assert {kind.__name__: dict(kind.headers) for kind in API_ERRORS if kind.headers} == {
        "RequestTooLarge": {"Connection": "close"},
        "Unauthorized": {"WWW-Authenticate": "Bearer"},
        "MethodNotAllowed": {"Allow": "{allowed}"},
        "RangeNotSatisfiable": {"Content-Range": "bytes */{size}"},
        "RateLimitExceeded": {"Retry-After": "{retry_after}"},
        "NotReady": {"Retry-After": "5"},
    }


# What the source document shows; it is shorter than what we say.
FROM_SOURCE = {answer["example"]["error"]["message"] for status, answer in SOURCE.items() if status != "200"}


@pytest.mark.parametrize("kind", API_ERRORS)
def test_what_the_documentation_shows_is_what_the_error_says(kind: type[errors.ApiError]) -> None:
    pattern = re.sub(r"\\\{.*?\\\}", ".*", re.escape(template(kind)))
    assert re.fullmatch(pattern, kind.example) or kind.example in FROM_SOURCE
    assert kind.when[0].isupper()
    assert not kind.when.endswith(".")
    # What is derived from another may mean the same, more exactly.
    assert [other for other in API_ERRORS if other.when == kind.when and not issubclass(other, kind)] == []


@pytest.mark.parametrize("kind", API_ERRORS)
def test_what_is_told_may_have_braces(kind: type[errors.ApiError]) -> None:
    names = placeholders(kind)
    told = kind(**dict.fromkeys(keywords(kind), "{0} {x}"))
    assert told.message.count("{0} {x}") == len(names)


def test_a_code_means_one_thing() -> None:
    by_code: dict[str, list[type[errors.ApiError]]] = defaultdict(list)
    for kind in API_ERRORS:
        by_code[kind.code].append(kind)
    for code, kinds in by_code.items():
        # What is derived from another may keep its code: it means the same, more exactly.
        assert [kind for kind in kinds if not any(issubclass(kind, other) for other in kinds if other is not kind)] == kinds[:1], code  # fmt: skip


def test_the_tree_shows_every_error_with_its_status_and_code() -> None:
    stands = tree()
    assert {name: above for name, (above, _) in stands.items()} == {
        kind.__name__: kind.__base__.__name__
        for kind in (errors.OpendanceError, *derived(errors.OpendanceError))
        if kind.__base__ is not None
    }
    assert {name: stands[name][1] for name in BY_NAME} == {
        name: f"{kind.status} {kind.code}" for name, kind in BY_NAME.items()
    }


def test_every_error_is_raised_somewhere_and_told_what_its_message_has_place_for() -> None:
    """A name that is missing would become an internal error, just when something else went wrong."""
    wrong: list[str] = []
    seen: set[str] = set()
    root = Path(opendance.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.is_relative_to(root / "client"):
            continue  # the client has errors of its own
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            # `raise LinkInvalid` makes one too, without a call.
            made_of = node.exc if isinstance(node, ast.Raise) else node.func if isinstance(node, ast.Call) else None
            name = ast.unparse(made_of).rpartition(".")[2] if made_of else ""
            if name in BY_NAME:
                seen.add(name)
                given = {one.arg for one in node.keywords} if isinstance(node, ast.Call) else set()
                if given != keywords(BY_NAME[name]):
                    wrong.append(f"{path.name}:{node.lineno}: {name}")
    assert wrong == []
    assert seen == set(BY_NAME)


@pytest.mark.parametrize("code", sorted(errors.TASK_ERROR_CODES))
def test_a_task_error_keeps_its_code_and_message(code: str) -> None:
    error = errors.TaskError(code, "what went wrong", retry=True)
    assert (error.code, error.message, error.retry) == (code, "what went wrong", True)
    assert str(error) == "what went wrong"
    assert errors.TaskError(code, "x").retry is False


@pytest.mark.parametrize("code", ["made_up", "", "SERVICE_ERROR", "rate_limit_exceeded"])
def test_a_task_error_refuses_a_code_that_clients_do_not_know(code: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(code))):
        errors.TaskError(code, "x")
