"""How a model is laid out, without any of what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.engines.diffusers import memory
from opendance.engines.diffusers.memory import CARDS, LTX2, MINIMAX_H3, Layout, Layouts, described, layout_for

LAYOUTS: Layouts = ((60.0, Layout("none", "none")), (30.0, Layout("none", "model")), (0.0, Layout("int8", "group")))


@pytest.mark.parametrize(
    ("gpu", "layout"),
    [
        (80.0, Layout("none", "none")), (60.0, Layout("none", "none")), (59.9, Layout("none", "model")),
        (8.0, Layout("int8", "group")), (None, Layout("none", "none")),
    ],
)  # fmt: skip
def test_the_first_layout_that_fits_the_gpu_is_taken(gpu: float | None, layout: Layout) -> None:
    assert layout_for(LAYOUTS, gpu) == layout


def test_what_the_operator_says_comes_before_it() -> None:
    assert layout_for(LAYOUTS, 80.0, quantization="float8") == Layout("float8", "none")
    assert layout_for(LAYOUTS, 8.0, quantization="none", offload="none") == Layout("none", "none")


def test_on_a_cpu_whole_components_have_nowhere_to_go() -> None:
    assert layout_for(LAYOUTS, None, offload="model") == Layout("none", "none")


# ── the tables of docs/engines.md ──


@pytest.mark.parametrize(
    ("card", "layout", "longest"),
    [
        ("24 GB", Layout("int8", "group"), 15), ("48 GB", Layout("int8", "model"), 12),
        ("80 GB", Layout("none", "model"), 15), ("141 GB", Layout("none", "model"), 15),
        ("192 GB", Layout("none", "none"), 15),
    ],
)  # fmt: skip
def test_both_large_parts_of_minimax_h3_lie_whole_on_the_largest_cards_only(
    card: str, layout: Layout, longest: int
) -> None:
    assert layout_for(MINIMAX_H3.layouts(seconds=10), CARDS[card]) == layout
    assert MINIMAX_H3.longest(layout, CARDS[card], most=15) == longest


def test_a_longer_clip_needs_more_memory_and_a_layout_that_saves_more_needs_less() -> None:
    layouts = [layout for _, layout in MINIMAX_H3.layouts(seconds=10)]
    for layout in layouts:
        assert MINIMAX_H3.needed(layout, 15) > MINIMAX_H3.needed(layout, 5)
    needed = [MINIMAX_H3.needed(layout, 10) for layout in layouts]
    assert needed == sorted(needed, reverse=True)


def test_processes_share_the_memory_that_the_container_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory", lambda: 200 * memory.GIB)
    assert (memory.main_memory_gib(), memory.main_memory_gib(8)) == (200.0, 25.0)


def test_the_table_of_the_documentation_is_what_the_function_says() -> None:
    text = (Path(__file__).parents[3] / "docs" / "engines.md").read_text(encoding="utf-8")
    for card, gib in CARDS.items():
        assert f"| {card} | {described(MINIMAX_H3, gib)} | {described(LTX2, gib)} |" in text
