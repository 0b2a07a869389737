"""The docs say what is there, with its right default, and nothing that is not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import TypeAdapter
from tools.documentation import settings as settings_page

import opendance
import opendance.telemetry.metrics
from opendance.app import create_app
from opendance.drawings.own import read_drawings
from opendance.drawings.posing import moves
from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.people.gear import gears
from opendance.engines.previs.people.looks import Role
from opendance.engines.previs.people.tables import clothes, heads
from opendance.engines.previs.places.sets import read_sets
from opendance.errors import TASK_ERROR_CODES, ApiError
from opendance.pipeline.steps import STEPS
from opendance.prompt.word_tables import read_people, read_places, read_verbs
from opendance.settings import Settings
from opendance.typed_toml import read_toml
from tests.drawings.test_own import problem_of

ROOT = Path(__file__).parent.parent
PAGES = {
    path.relative_to(ROOT / "docs" if path.parent != ROOT else ROOT).as_posix(): path.read_text("utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
EVERYTHING = "\n".join(PAGES.values())
# Of the command line and of builds, not of the server.
OF_CLIENTS = {"OPENDANCE_BASE_URL", "OPENDANCE_API_KEY", "OPENDANCE_BUILD_OFFLINE"}


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every row of every table of a page."""
    yield from cells_of(PAGES[page])


def cells_of(markdown: str) -> Iterator[list[str]]:
    for line in markdown.splitlines():
        if line.startswith("|") and not set(line) <= set("|-: "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


# ── settings ──


def test_the_page_of_settings_has_each_with_its_default_and_its_words() -> None:
    told = {row[0]: row[1:] for row in cells_of(settings_page.page())}
    for name, field in Settings.model_fields.items():
        default, words = told.pop(f"`{settings_page.variable(name, field)}`")
        assert words, name
        if field.default_factory is None and (value := settings_page.written(field.default)):
            assert default == f"`{value}`"
    assert set(told) == {"variable"}


def test_no_page_names_a_setting_that_is_none() -> None:
    named = set(re.findall(r"OPENDANCE_[A-Z0-9]+(?:_[A-Z0-9]+)*", EVERYTHING)) - OF_CLIENTS
    assert {name.removeprefix("OPENDANCE_").lower() for name in named} <= set(Settings.model_fields)


# ── steps, metrics ──


def test_every_step_is_told_in_its_order_and_nothing_else() -> None:
    names = [step.name for step in STEPS]
    line = re.search(r"- `stage` \(while `processing`\):.*?\.\n", PAGES["api.md"], re.DOTALL)
    assert line
    assert [name for name in ticked(line[0]) if name not in ("stage", "processing")] == names
    walk = PAGES["architecture.md"].partition("pipeline.run")[2].partition("pipeline.ending")[0]
    assert re.findall(r"^    ([a-z]+) +\S", walk, re.MULTILINE) == names


def test_every_metric_is_told_with_its_labels_and_nothing_else() -> None:
    told = dict(re.findall(r"`(opendance_[a-z_]+)(?:\{([^}=]*)\})?", PAGES["operating.md"]))
    told |= dict(re.findall(r"`(opendance_[a-z_]+)\{([^}=]*)\}", PAGES["operating.md"]))
    families = {family.name: family for family in REGISTRY.collect() if family.name.startswith("opendance_")}
    exported = {name + "_total" if families[name].type == "counter" else name for name in families}
    assert set(told) == exported
    collectors = {c._name: c for c in REGISTRY._collector_to_names if getattr(c, "_name", "").startswith("opendance_")}  # type: ignore[attr-defined]
    for name, labels in told.items():
        known = collectors[name.removesuffix("_total")]._labelnames
        assert tuple(filter(None, labels.split(","))) == tuple(known), name


# ── routes and errors ──


def test_every_route_is_told_and_nothing_else(tmp_path: Path) -> None:
    document = create_app(Settings(data_dir=tmp_path)).openapi()
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    told = {name for row in rows("api.md") for name in ticked(row[0]) if re.match(r"[A-Z]+ /", name)}
    assert told == routes


def errors_told() -> dict[str, set[str]]:
    """Codes of the table of answers, by status."""
    found: dict[str, set[str]] = {}
    for row in rows("api.md"):
        if re.fullmatch(r"\d{3}", row[0]):
            found.setdefault(row[0], set()).update(ticked(row[1]))
    return found


def all_errors(base: type[ApiError]) -> Iterator[type[ApiError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from all_errors(kind)


def test_every_error_is_told_with_its_status_and_nothing_else() -> None:
    expected: dict[str, set[str]] = {}
    for kind in all_errors(ApiError):
        expected.setdefault(str(kind.status), set()).add(kind.code)
    assert errors_told() == expected


def test_every_error_stands_in_one_row_of_the_table() -> None:
    codes = [code for row in rows("api.md") if re.fullmatch(r"\d{3}", row[0]) for code in ticked(row[1])]
    assert sorted(codes) == sorted({kind.code for kind in all_errors(ApiError)})


def test_every_code_of_a_task_is_told_and_nothing_else() -> None:
    section = PAGES["api.md"].partition("A task that is not completed")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {code for cell in cells for code in ticked(cell)} - {"error.code"} == TASK_ERROR_CODES


# ── samples of tables ──


def samples() -> dict[str, str]:
    """What docs/previs.md adds to each table, by the table's place in the package."""
    return dict(re.findall(r"```toml\n# (\S+\.toml)\n(.*?)```", PAGES["previs.md"], re.DOTALL))


READERS: dict[str, Callable[[Path], Mapping[str, object]]] = {
    "prompt/people.toml": read_people,
    "prompt/places.toml": read_places,
    "prompt/verbs.toml": read_verbs,
    "engines/previs/places/sets.toml": read_sets,
    "engines/previs/people/looks.toml": lambda file: read_toml(file, LOOKS)["roles"],
    "drawings/own/instruments.toml": lambda file: read_drawings(file.parent),
}
LOOKS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def test_there_is_a_sample_for_each_kind_of_table() -> None:
    assert set(samples()) == set(READERS)


@pytest.mark.parametrize("table", READERS)
def test_a_sample_goes_into_its_table_as_it_stands(table: str, tmp_path: Path) -> None:
    file = tmp_path / Path(table).name
    before = (Path(opendance.__file__).parent / table).read_text("utf-8")
    file.write_text(before, "utf-8")
    known = READERS[table](file)
    file.write_text(before + samples()[table], "utf-8")
    assert len(READERS[table](file)) == len(known) + 1


def test_the_drawing_of_the_sample_is_as_good_as_any(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text(samples()["drawings/own/instruments.toml"], "utf-8")
    [drawing] = read_drawings(tmp_path).values()
    assert problem_of(drawing) is None
    assert moves(drawing, "rest")


def test_the_role_of_the_sample_wears_and_holds_what_there_is() -> None:
    [line] = tomllib.loads(samples()["engines/previs/people/looks.toml"]).values()
    role = TypeAdapter(Role).validate_python(line)
    assert {each.partition(" ")[0] for each in role.wears} <= set(clothes())
    assert role.hat in heads().hats
    assert role.does in actions()
    assert role.holds in gears()
