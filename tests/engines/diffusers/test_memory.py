"""How a model is laid out, without any of what it needs."""

from __future__ import annotations

import pytest

from opendance.engines.diffusers import memory
from opendance.engines.diffusers.memory import Layout, Layouts, Parts, layout_for

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

CARDS = {"24 GB": 22.3, "48 GB": 44.6, "80 GB": 79.2, "96 GB": 89.3, "141 GB": 131.1, "192 GB": 178.6}  # GiB of each
H3 = Parts(transformer=61.8, text_encoder=62.1, others=5.0, working=3.0, working_each=0.7)


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
    assert layout_for(H3.layouts(seconds=10), CARDS[card]) == layout
    assert H3.longest(layout, CARDS[card], most=15) == longest


def test_a_longer_clip_needs_more_memory_and_a_layout_that_saves_more_needs_less() -> None:
    layouts = [layout for _, layout in H3.layouts(seconds=10)]
    for layout in layouts:
        assert H3.needed(layout, 15) > H3.needed(layout, 5)
    needed = [H3.needed(layout, 10) for layout in layouts]
    assert needed == sorted(needed, reverse=True)


def test_processes_share_the_memory_that_the_container_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory", lambda: 200 * memory.GIB)
    assert (memory.main_memory_gib(), memory.main_memory_gib(8)) == (200.0, 25.0)
