"""What is known of the model behind a server: its lengths, rates and references, by which a route chooses."""

from __future__ import annotations

import pytest

from opendance.catalog import Mode, Quality, Tier
from opendance.engines.configured import Engines
from opendance.engines.limits import Demand, Limits
from opendance.engines.registry import engine_facts, engine_options
from opendance.engines.upstream.families import NAMES, family_of
from opendance.errors import ConfigurationError

SERVERS = {"kind": "vllm_omni", "servers": "http://127.0.0.1:8091"}


def limits_of(**table: object) -> Limits:
    return Engines({"here": SERVERS | table}).limits("here")


def test_a_family_makes_what_its_model_draws() -> None:
    assert limits_of().longest == 15, "MiniMax H3's servers take 15 s"
    wan = limits_of(family="wan2_2")
    assert (wan.frame_rates, round(wan.longest, 2), wan.sound, wan.frames) == ((16,), 5.06, False, 1)
    assert wan.refusal(Demand(Mode.TEXT, Tier.FAST, Quality.P720, 10)) == "it makes 5 s at most, not 10"
    assert limits_of(family="ltx2").sound


def test_the_operator_knows_the_model_better() -> None:
    told = limits_of(family="other", frame_rate=30, longest=6, modes=["image-to-video"])
    assert (told.frame_rates, told.longest, told.modes) == ((30,), 6, frozenset({Mode.IMAGE}))
    assert limits_of(family="wan2_2", modes='["text-to-video"]').modes == {Mode.TEXT}


def test_a_server_passes_on_less_than_a_model_reads() -> None:
    read = {name: family_of(name, "vllm_omni").limits for name in ("wan2_2", "ltx2", "minimax_h3")}
    assert {name: (each.images, each.videos, each.audios) for name, each in read.items()} == {
        "wan2_2": (3, 1, 0), "ltx2": (1, 0, 0), "minimax_h3": (9, 3, 3),
    }  # fmt: skip
    assert family_of("wan2_2", "sglang").limits.images == 1


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_of_every_family_is_a_grid_of_its_own(name: str) -> None:
    family = family_of(name, "vllm_omni")
    assert family.short_edge % 16 == 0
    assert family.short_edge**2 < family.max_pixels


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"family": "wan"}, "family: there is no 'wan'; there are minimax_h3, ltx2, "),
        ({"frame_rate": 16}, "MiniMax H3 draws 24 frames a second"),
        ({"family": "other", "frame_rate": 0}, "frame_rate: must be "),
        ({"longest": 3}, "longest: minimax_h3 makes clips of 4 s and more"),
        ({"family": "other", "longest": 0.1}, "longest: must be "),
        ({"family": "other", "modes": []}, "modes: "),
        ({"family": "hunyuan_video_1_5", "modes": ["reference-to-video"]}, "modes: hunyuan_video_1_5 makes "),
        ({"family": "other", "modes": ["text"]}, r"modes\["),
    ],
)
def test_what_is_wrong_is_told(table: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        engine_options(engine_facts("vllm_omni", ""), {"servers": "http://127.0.0.1:1", **table})
