from __future__ import annotations

import pytest

from opendance.catalog import MODELS
from opendance.engines.configured import Engines
from opendance.engines.health import Health
from opendance.engines.hosts import engines_here
from opendance.engines.registry import engine_facts, engine_options
from opendance.engines.routes import read_routes
from opendance.errors import ConfigurationError
from opendance.settings import Settings, load_settings

TEXT, FAST, MINI = (MODELS[f"seedance-2.0{tier}-text-to-video"] for tier in ("", "-fast", "-mini"))
IMAGE = MODELS["seedance-2.0-mini-image-to-video"]


def test_without_a_word_the_embedded_engine_serves_all() -> None:
    routes = read_routes({}, Engines({}))
    assert {routes.engine_for(model) for model in MODELS.values()} == {"previs"}
    assert set(routes.lanes(["previs"])) == {"previs+blank"}


def test_an_engine_that_is_set_up_takes_the_place_of_the_embedded_one() -> None:
    assert read_routes({}, Engines({"ltx2": {}})).of(TEXT) == ("ltx2",)


def test_the_most_specific_key_decides() -> None:
    routes = read_routes(
        {"default": ("previs",), "mini": ("ltx2",), "image-to-video": ("ark",), FAST.id: ("evolink", "ark")},
        Engines({}),
    )
    assert [routes.of(model) for model in (TEXT, MINI, IMAGE, FAST)] == [
        ("previs",), ("ltx2",), ("ark",), ("evolink", "ark"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"best": ("previs",)}, "routes.best: write a model such as"),
        ({"fast": ("ltx3",)}, "routes.fast: there is no 'ltx3'; there are previs, blank, minimax_h3"),
        ({"fast": ()}, "routes.fast: name at least one engine"),
    ],
)
def test_wrong_routes(table: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_routes(table, Engines({}))


@pytest.mark.parametrize(
    ("engine", "table", "words"),
    [
        ("ark", {"api_kee": "x"}, "engine.ark: api_kee: is not taken here"),
        ("evolink", {}, "engine.evolink: base_url: is required"),
        (
            "minimax_h3",
            {"tiers": {"mini": {"steps": 0, "short_edge": 96}}},
            "tiers.mini.steps: must be ",
        ),
        ("vllm_omni", {"servers": "nowhere"}, r"engine.vllm_omni: servers\[0\]: must be a URL"),
        ("previs", {"x": 1}, "engine.previs: previs has no options, not x"),
    ],
)
def test_wrong_options(engine: str, table: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        engine_options(engine_facts(engine, ""), table)


def test_a_key_of_an_upstream_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDANCE_ENGINE__ARK__API_KEY", "very-secret")
    settings = load_settings()
    options = engine_options(engine_facts("ark", ""), settings.engine["ark"])
    assert "very-secret" not in repr(options)


def test_an_engine_that_no_route_leads_to_is_refused() -> None:
    settings = Settings(engines=("ark",))
    with pytest.raises(ConfigurationError, match="no route leads to ark"):
        engines_here(settings, read_routes({}, Engines({})))


def test_engines_that_rest_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("opendance.engines.health.time.monotonic", lambda: now)
    health = Health()
    for _ in range(3):
        assert health.ordered(["a", "b"]) == ["a", "b"]
        health.failed("a", "service_error")
    assert health.ordered(["a", "b"]) == ["b", "a"]
    now += 31
    assert health.ordered(["a", "b"]) == ["a", "b"]
    health.failed("a", "service_error")
    now += 31
    assert not health.is_up("a"), "twice as long the second time"
    health.succeeded("a")
    assert health.is_up("a")
