"""The pages and tables that are made from the code: nothing is missing in them, in any language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.documentation import commands, engines, errors, metrics, routes
from tools.documentation.tables import LANGUAGES, TABLES, with_tables

from opendance.catalog import MODELS, PIXELS
from opendance.engines.registry import ENGINES
from opendance.errors import ApiError

DOCS = Path(__file__).parents[2] / "docs"


def test_every_command_has_a_section_with_all_that_it_takes() -> None:
    page = commands.page()
    found = dict(commands.all_commands())
    assert {"opendance generate", "opendance keys create", "opendance engines get"} <= set(found)
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == list(found)
    for path, command in found.items():
        section = page.partition(f"## {path}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            assert (
                parameter.hidden
                or parameter.name == "help"
                or f"`{parameter.opts[0]}`" in section
                or parameter.name.upper() in section
            )


def test_every_option_of_every_engine_is_told_in_words() -> None:
    page = engines.page()
    for name, facts in ENGINES.items():
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for option in engines.options_of(facts.options).model_fields if facts.options else ():
            [row] = re.findall(rf"^\| `{option}` \|(.*)\|$", section, re.MULTILINE)
            assert row.rpartition("|")[2].strip(), f"{name}: {option} has no words"


def test_every_route_has_a_section() -> None:
    sections = set(re.findall(r"^### `(.+)`$", routes.page(), re.MULTILINE))
    assert sections == {
        f"{method.upper()} {path}" for path, methods in routes.document()["paths"].items() for method in methods
    }


def test_every_error_and_every_metric_has_a_row() -> None:
    page = errors.page()
    assert all(f"| `{kind.code}` |" in page for kind in errors.all_errors(ApiError))
    assert "| `opendance_tasks_ended_total` | counter | `status`, `model` |" in metrics.page()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_request_is_told_in_each_language_with_the_same_tables(language: str) -> None:
    folder = DOCS if language == "en" else DOCS / language
    markdown = (folder / "request.md").read_text("utf-8")
    assert set(re.findall(r"<!-- table: (\w+) -->", markdown)) == set(TABLES)
    page = with_tables(markdown, language)  # type: ignore[arg-type]
    assert "<!--" not in page
    fields = routes.document()["components"]["schemas"]["VideoGenerationRequest"]["properties"]
    assert all(f"| `{name}` |" in page for name in (*MODELS, *fields))
    assert all("x".join(map(str, size)) in page for sizes in PIXELS.values() for size in sizes.values())


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_translation_says_that_it_is_one_and_has_each_section(language: str) -> None:
    for name in ("index.md", "request.md"):
        page, original = (folder / name for folder in (DOCS / language, DOCS))
        text = page.read_text("utf-8")
        assert f"](../{name})" in text.partition("\n## ")[0]
        assert len(re.findall(r"^## ", text, re.MULTILINE)) == len(
            re.findall(r"^## ", original.read_text("utf-8"), re.MULTILINE)
        )
