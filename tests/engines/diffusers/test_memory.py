"""How a model is laid out, and what it takes, without any of what it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opendance.catalog import Tier
from opendance.engines.diffusers import memory
from opendance.engines.diffusers.cards import CARDS, Card, card_of, described, estimate, in_words, layout_on, tables
from opendance.engines.diffusers.memory import Layout, Layouts, layout_for
from opendance.engines.diffusers.models import ROWS

LAYOUTS: Layouts = ((60.0, Layout("none", "none")), (30.0, Layout("none", "model")), (0.0, Layout("int8", "group")))
H3 = ROWS["minimax_h3"]
BY_NAME = {card.name: card for card in CARDS}


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


@pytest.mark.parametrize(
    ("card", "layout", "longest"),
    [
        ("24 GB", Layout("int8", "group"), H3.longest), ("48 GB", Layout("int8", "model"), 12),
        ("80 GB", Layout("none", "model"), H3.longest), ("141 GB", Layout("none", "model"), H3.longest),
        ("192 GB", Layout("none", "none"), H3.longest),
    ],
)  # fmt: skip
def test_both_large_parts_of_minimax_h3_lie_whole_on_the_largest_cards_only(
    card: str, layout: Layout, longest: float
) -> None:
    made = estimate(H3, BY_NAME[card])
    assert (made.layout, made.longest) == (layout, longest)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_a_longer_clip_needs_more_and_a_layout_that_saves_more_needs_less(row: memory.Parts) -> None:
    assert isinstance(row, type(H3))
    layouts = [layout for _, layout in row.parts.layouts(seconds=5)]
    for layout in layouts:
        assert row.parts.needed(layout, 15) > row.parts.needed(layout, 5)
    needed = [row.parts.needed(layout, 5) for layout in layouts]
    assert needed == sorted(needed, reverse=True)
    card = BY_NAME["80 GB"]
    assert estimate(row, card, seconds=5).seconds >= estimate(row, card, seconds=4).seconds
    assert estimate(row, card, tier=Tier.MINI).seconds < estimate(row, card, tier=Tier.STANDARD).seconds


def test_processes_share_the_memory_that_the_container_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory", lambda: 200 * memory.GIB)
    assert (memory.main_memory_gib(), memory.main_memory_gib(8)) == (200.0, 25.0)


def test_apple_silicon_keeps_nothing_elsewhere() -> None:
    for row in ROWS.values():
        for card in (card for card in CARDS if card.apple):
            assert layout_on(row, card).offload == "none"


def test_a_card_is_known_by_the_name_that_its_driver_tells() -> None:
    assert card_of("NVIDIA H100 80GB HBM3", 79).teraflop == 989
    assert card_of("NVIDIA H100 PCIe", 79).teraflop == 756
    assert card_of("NVIDIA GeForce RTX 4070 Ti SUPER", 15).teraflop == 80
    assert card_of("a card of next year", 80).teraflop <= 989


def test_a_pair_of_cards_needs_no_room_for_the_text_encoder_where_the_clip_is_drawn() -> None:
    parts = ROWS["wan2_2"].parts
    saved = parts.needed(Layout("none", "none"), 5) - parts.needed(Layout("none", "pair"), 5)
    assert saved == pytest.approx(parts.text_encoder)


def test_published_times_are_near_what_is_estimated() -> None:
    # Wan 2.1's README: some 4 minutes for 5 s of 480p on an RTX 4090.
    assert 3 * 60 < estimate(ROWS["wan2_1_1_3b"], BY_NAME["24 GB"]).seconds < 6 * 60


@pytest.mark.parametrize(("seconds", "words"), [(4, "4 s"), (89, "89 s"), (720, "12 min"), (12_600, "3.5 h")])
def test_an_estimate_is_told_roughly(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


# ── the documentation ──

DOCS = (Path(__file__).parents[3] / "docs" / "engines.md").read_text(encoding="utf-8")
TABLES = (
    ("wan2_1_1_3b", "ltx_video_2b", "wan2_2_5b"),
    ("hunyuan_video_1_5", "mochi_1", "wan2_2"),
    ("ltx2", "ltx2_3", "ltx2_5"),
    ("minimax_h3",),
)


@pytest.mark.parametrize("names", TABLES, ids=str)
def test_the_tables_of_the_documentation_are_what_the_function_says(names: tuple[str, ...]) -> None:
    assert tables(tuple(ROWS[name] for name in names)) in DOCS


def test_every_model_has_a_table_and_its_licence_in_the_documentation() -> None:
    assert sorted(name for names in TABLES for name in names) == sorted(ROWS)
    for row in ROWS.values():
        assert re.search(rf"\| `{row.name}` \|.*\| {re.escape(str(row.licence))} \|", DOCS), row.name


def test_a_card_that_is_too_small_says_no() -> None:
    assert described(H3, Card("4 GB", 3.5, 10, "a small one")) == "no"
