"""Several engines of one kind under names of their own, and what all engines can be told."""

from __future__ import annotations

from typing import Any

import pytest

from opendance.catalog import MODELS, Mode
from opendance.engines.configured import Engines
from opendance.engines.hosts import make_hosts
from opendance.engines.limits import Demand
from opendance.engines.routes import read_routes
from opendance.errors import ConfigurationError
from opendance.job import Completion
from opendance.settings import Settings

SERVERS = {"kind": "vllm_omni", "servers": "http://gpu-1:8091"}
TEXT, REFERENCE, FAST = (
    MODELS[f"seedance-2.0{name}-to-video"] for name in ("-text", "-reference", "-fast-text")
)  # fmt: skip


def test_a_mode_and_a_tier_have_servers_of_their_own() -> None:
    engines = Engines({"h3": SERVERS, "fast-h3": SERVERS | {"servers": "http://gpu-2:8091", "steps": 8}})
    table = {"default": ("h3",), "fast": ("fast-h3", "h3"), "reference-to-video": ("h3",)}
    routes = read_routes(table, engines)
    assert [routes.of(model) for model in (TEXT, FAST, REFERENCE)] == [("h3",), ("fast-h3", "h3"), ("h3",)]
    assert (engines["fast-h3"].name, engines["fast-h3"].code) == ("fast-h3", "vllm_omni")
    assert getattr(engines.options("fast-h3"), "steps", None) == 8
    hosts = make_hosts(Settings(), engines, ["h3", "fast-h3"])
    assert [hosts[name].slots for name in ("h3", "fast-h3")] == [2, 2]


def test_an_engine_of_a_kind_is_set_up_and_so_serves_all_where_no_route_says_otherwise() -> None:
    assert read_routes({}, Engines({"h3": SERVERS})).of(TEXT) == ("h3",)


def test_what_every_engine_can_be_told_is_none_of_its_own_options() -> None:
    engines = Engines({"h3": SERVERS | {"sound": "silence", "slowest": "2"}, "previs": {"slowest": 1.5}})
    assert engines.completion("h3") == Completion("silence", 2.0)
    assert engines.limits("previs").slowest == 1.5
    assert "sound" not in engines.table("h3")


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"warp": {}}, r"engine: there is no 'warp'; there are previs, .*or say in \[engine.warp\] which kind it is"),
        ({"warp": {"kind": "wrap"}}, r"engine.warp.kind: there is no 'wrap'; there are previs"),
        ({"ark": {"kind": "evolink"}}, r"engine.ark.kind: ark is a kind itself; choose another name"),
        ({"a+b": SERVERS}, r"engine.a\+b: write small letters"),
        ({"previs": {"sound": "loud"}}, r"engine.previs: sound: "),
        ({"h3": SERVERS | {"step": 8}}, r"engine.h3: step: is not taken here"),
    ],
)
def test_wrong_tables(tables: dict[str, dict[str, Any]], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Engines(tables)


def test_of_a_route_those_are_asked_that_can_make_the_clip() -> None:
    engines = Engines({"h3": SERVERS})
    routes = read_routes({"default": ("h3", "previs")}, engines)
    short = Demand(Mode.TEXT, TEXT.tier, TEXT.qualities[0], seconds=5)
    assert routes.able(TEXT, short) == ("h3", "previs")
