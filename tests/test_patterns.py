"""No pattern of the package grows faster than its text."""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

import pytest

import opendance
from opendance.prompt.lexicon import lexicon
from opendance.safety.rules import load_rules
from opendance.search.need import load_needs

SHORT, LONG = 150, 1200  # letters: eight times as many
# Linear takes eight times as long, quadratic sixty-four times; what takes less than the floor, s, is no matter.
MOST, FLOOR = 20.0, 0.002
FILLERS = (
    " ",
    "\n",
    "a",
    "A",
    "1",
    "@",
    ".",
    ",",
    "-",
    "_",
    "/",
    "'",
    '"',
    "(",
    ":",
    "a ",
    "1 ",
    "a.",
    "a,b",
    "图",
    "あ",
    "이",
    "。",
)
NOT_OURS = {"opendance.store.migrations.env"}  # runs when it is imported


def _modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(opendance.__path__, "opendance."):
        if module.name in NOT_OURS or ".migrations.versions" in module.name or module.name.endswith("__main__"):
            continue
        try:
            yield importlib.import_module(module.name)
        except ImportError:  # of an extra that is not installed
            continue


def _inside(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """Patterns in a module's value: alone, in containers, in the attributes of our own objects."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4:
        if isinstance(value, dict):
            for each in value.values():
                yield from _inside(each, depth + 1)
        elif isinstance(value, list | tuple | set | frozenset):
            for each in value:
                yield from _inside(each, depth + 1)
        elif type(value).__module__.startswith("opendance.") and hasattr(value, "__dict__"):
            for each in vars(value).values():
                yield from _inside(each, depth + 1)


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that is there once the package is imported and its data loaded, by where it stands."""
    places = dict(_in_place())
    loaded = {"lexicon": lexicon(), "rules": load_rules(), "needs": load_needs()}
    for module in _modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(_inside(value)):
                places.setdefault(f"{module.__name__}.{name}[{number}]", pattern)
    for name, value in loaded.items():
        for number, pattern in enumerate(_inside(value)):
            places.setdefault(f"{name}[{number}]", pattern)
    once: dict[str, str] = {}
    for place, pattern in places.items():
        once.setdefault(pattern.pattern, place)
    return {place: re.compile(text, places[place].flags) for text, place in once.items()}


def _in_place() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Patterns that are spelled out where they are used, such as `re.sub(r"...", ...)`."""
    for path in sorted(Path(opendance.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value) == "re"
                and node.func.attr in ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
                and isinstance(node.args[0], ast.Constant)
            ):
                yield f"{path.name}:{node.lineno}", re.compile(str(node.args[0].value), re.IGNORECASE)


def _literals(tree: Any) -> Iterator[str]:
    """Runs of letters that the pattern spells out."""
    run = ""
    for code, argument in tree:
        if code is codes.LITERAL:
            run += chr(argument)
            continue
        if run:
            yield run
            run = ""
        for part in argument if isinstance(argument, list | tuple) else [argument]:
            for inner in part if isinstance(part, list) else [part]:
                if isinstance(inner, parser.SubPattern):
                    yield from _literals(inner)
    if run:
        yield run


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    started = time.thread_time()
    for _match in itertools.islice(pattern.finditer(text), 10):
        pass
    return time.thread_time() - started


def _too_much(pattern: re.Pattern[str], short: str, long: str, times: int) -> bool:
    seconds = min(_seconds(pattern, long) for _ in range(times))
    return seconds > FLOOR and seconds > MOST * min(_seconds(pattern, short) for _ in range(times))


def grows(pattern: re.Pattern[str]) -> str | None:
    """A text, in words, that makes the pattern take more than its share; None where there is none."""
    spelled = list(dict.fromkeys(itertools.islice(_literals(parser.parse(pattern.pattern, pattern.flags)), 30)))[:5]
    for prefix in ("", *spelled, "1", "a 5"):
        for filler in (*FILLERS, *spelled):
            long = prefix + filler * (LONG // len(filler)) + "\x01"
            if _seconds(pattern, long) < FLOOR:
                continue
            short = prefix + filler * (SHORT // len(filler)) + "\x01"
            # Again and again, so that a slow moment of the machine is no fault of the pattern.
            if all(_too_much(pattern, short, long, times) for times in (1, 2, 4, 8, 16)):
                return f"{prefix!r} and then {filler!r} again and again: more than {MOST:g} times as long"
    return None


def test_no_pattern_grows_faster_than_its_text() -> None:
    all_of_them = patterns()
    assert len(all_of_them) > 100
    slow = [f"{place}: {how}" for place, pattern in all_of_them.items() if (how := grows(pattern))]
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize("slow", [r"image\s*(?:#|no)?\s*\d", pytest.param(r"\S+@[^.]+\.x", marks=pytest.mark.thorough)])
def test_a_pattern_that_grows_is_found(slow: str) -> None:
    assert grows(re.compile(slow)) is not None
