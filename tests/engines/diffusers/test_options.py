"""What the engines on GPUs can be told, without any of what they need."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from opendance.catalog import Mode, Tier
from opendance.engines.diffusers.options import (
    DiffusersOptions,
    LTX2Options,
    LTX23Options,
    LTX25Options,
    MiniMaxH3Options,
    options_of,
)
from opendance.engines.registry import engine_facts, engine_options
from opendance.errors import ConfigurationError

ALL = [tier.value for tier in Tier]
MODELS = [MiniMaxH3Options, LTX2Options]
SPENT = {tier.value: {"steps": 10 + number, "short_edge": 128 + number} for number, tier in enumerate(Tier)}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(
    "given", [given for count in (1, 2, 3) for given in itertools.permutations(ALL, count) if "standard" in given]
)
def test_a_tier_that_is_not_given_spends_what_the_standard_one_does(
    kind: type[DiffusersOptions], given: tuple[str, ...]
) -> None:
    options = kind.model_validate({"tiers": {name: SPENT[name] for name in given}})
    for tier in Tier:
        wanted = tier.value if tier.value in given else "standard"
        effort = options.effort(tier)
        assert {"steps": effort.steps, "short_edge": effort.short_edge} == SPENT[wanted]


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("given", [(), ("fast",), ("fast", "mini")])
def test_tiers_without_the_standard_one_are_refused(kind: type[DiffusersOptions], given: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="say what standard spends: a tier that is not given spends as much"):
        kind.model_validate({"tiers": {name: SPENT[name] for name in given}})


@pytest.mark.parametrize("name", ["minimax_h3", "ltx2"])
def test_the_operator_is_told_which_option_is_wrong(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"engine\.{name}: tiers: .*say what standard spends"):
        engine_options(engine_facts(name, "engines"), {"tiers": {"mini": SPENT["mini"]}})


@pytest.mark.rule("MO-02")
@pytest.mark.parametrize("kind", MODELS)
def test_as_they_come_a_cheaper_tier_spends_less(kind: type[DiffusersOptions]) -> None:
    options = kind()  # pyright: ignore[reportCallIssue]
    standard, fast, mini = (options.effort(tier) for tier in (Tier.STANDARD, Tier.FAST, Tier.MINI))
    assert standard.steps > fast.steps >= mini.steps
    assert standard.short_edge >= fast.short_edge > mini.short_edge


@pytest.mark.parametrize(
    "wrong",
    [
        {"tiers": {"standard": {"steps": 0, "short_edge": 128}}},
        {"tiers": {"standard": {"steps": 10, "short_edge": 8}}},
        {"tiers": {"standard": {"steps": 10}}},
        {"tiers": {"standard": {"steps": 10, "short_edge": 128, "canvas": 1}}},
        {"tiers": {"standard": {"steps": 10, "short_edge": 128}, "luxury": {"steps": 10, "short_edge": 128}}},
        {"cache": 1},
        {"max_pixels": 10},
        {"made_up": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", MODELS)
def test_what_makes_no_sense_is_refused(kind: type[DiffusersOptions], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(wrong)


@pytest.mark.parametrize("word", ["none", "null", "", None])
def test_ltx2_can_do_without_distilled_weights(word: str | None) -> None:
    assert LTX2Options.model_validate({"distilled": word}).distilled is None


def test_options_are_read_without_torch_or_diffusers() -> None:
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('torch', 'diffusers', 'transformers')))\n"  # importing one raises
        "from opendance.engines.diffusers.options import MiniMaxH3Options\n"
        "print(MiniMaxH3Options().weights)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "MiniMaxAI/MiniMax-H3"), done.stderr


def changes(options: DiffusersOptions, *jobs: tuple[Mode, Tier]) -> int:
    """How often something is loaded between these jobs."""
    loaded = [options.loaded_for(*job) for job in jobs]
    return sum(one != other for one, other in itertools.pairwise(loaded))


@pytest.mark.parametrize(
    ("options", "by_mode", "by_tier"),
    [
        (MiniMaxH3Options(), 1, 0),  # references have a transformer of their own; a LoRA lies beside the weights
        (LTX2Options(), 0, 1),  # fast and mini have distilled weights
        (LTX2Options(distilled=None), 0, 0),
        (LTX2Options(distilled="Lightricks/LTX-2"), 0, 0),
        (LTX23Options(), 0, 1),
        (LTX25Options(), 0, 1),  # one repository, two transformers
        (options_of("wan2_2")(), 2, 0),  # each mode has weights of its own
        (options_of("ltx_video_2b")(), 0, 0),
    ],
)
def test_what_is_loaded_changes_with_mode_or_tier_as_the_weights_do(
    options: DiffusersOptions, by_mode: int, by_tier: int
) -> None:
    assert changes(options, *((mode, Tier.FAST) for mode in Mode)) == by_mode
    assert changes(options, *((Mode.TEXT, tier) for tier in Tier)) == by_tier
