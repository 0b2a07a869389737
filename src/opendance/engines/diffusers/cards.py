"""What a model takes on a card: the one place that the tables of docs/engines.md and `engines recommend` come from.

All of it is arithmetic. Weights are those of the configurations. A step computes what `memory.Work` says, at 40 % of
the dense bfloat16 operations that the card's maker states; of GeForce cards, whose sums in 32 bits run at half the
speed, at 70 % of those (Wan 2.1 1.3B then takes some of the 4 minutes on an RTX 4090 that its README tells). Weights
that are not on the card come at 20 GB a second: once a clip where parts take turns, in each step where groups of layers
are streamed. Decoding and encoding are another tenth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from opendance.catalog import Tier
from opendance.engines.diffusers.memory import USUAL, Layout, layout_for
from opendance.engines.diffusers.row import Row

_REACHED, _REACHED_GEFORCE = 0.4, 0.7  # of what the maker says
_LEAST = 4.0  # s of the shortest clip of the API: a card that draws less draws nothing
_BUS = 20e9 / (1 << 30)  # GiB/s of PCIe 4.0 with 16 lanes
_BEHIND = 1.1  # decoding and encoding
SHARED = 0.75
"""Of main memory, that Apple silicon gives its GPU."""


@dataclass(frozen=True)
class Card:
    """A kind of GPU.

    Attributes:
        name: how much it has, as it is sold.
        gib: what is free on it.
        teraflop: 1e12 operations a second, dense, in 16 bits.
        example: which card these are of.
        apple: whether its memory is the machine's own, so that nothing can wait elsewhere.
    """

    name: str
    gib: float
    teraflop: float
    example: str
    apple: bool = False

    @property
    def reached(self) -> float:
        """1e12 operations a second that a model reaches."""
        is_geforce = re.search(r"RTX [345]0[5-9]0", self.example.upper()) is not None
        return self.teraflop * (_REACHED_GEFORCE if is_geforce else _REACHED)


# Memory is in GiB, less 4 % that driver and desktop keep. Operations as NVIDIA and Apple say.
CARDS: tuple[Card, ...] = (
    Card("8 GB", 7.2, 30, "RTX 4060"),
    Card("12 GB", 11.0, 58, "RTX 4070"),
    Card("16 GB", 14.9, 44, "RTX 4060 Ti"),
    Card("24 GB", 22.3, 165, "RTX 4090"),
    Card("48 GB", 44.6, 362, "L40S"),
    Card("80 GB", 79.2, 989, "H100"),
    Card("96 GB", 89.3, 503, "RTX PRO 6000"),
    Card("141 GB", 131.1, 989, "H200"),
    Card("192 GB", 178.6, 2250, "B200"),
    Card("16 GB Apple", 16 * SHARED, 9, "M4", apple=True),
    Card("36 GB Apple", 36 * SHARED, 28, "M3 Max", apple=True),
    Card("64 GB Apple", 64 * SHARED, 34, "M4 Max", apple=True),
)
# Names as drivers tell them, the longer first; what is not among them counts by its memory.
_TERAFLOP = (
    ("H100 PCIE", 756), ("H100", 989), ("H200", 989), ("H800", 989), ("GH200", 989), ("B200", 2250), ("B100", 1750),
    ("A100", 312), ("A800", 312), ("L40S", 362), ("L40", 181), ("L4", 121), ("A6000", 155), ("A40", 150), ("A10", 125),
    ("RTX PRO 6000", 503), ("RTX 6000 ADA", 364), ("5090", 209), ("5080", 113), ("5070 TI", 88), ("5070", 62),
    ("5060 TI", 47), ("5060", 38), ("4090", 165), ("4080", 97), ("4070 TI", 80), ("4070", 58), ("4060 TI", 44),
    ("4060", 30), ("3090", 71), ("3080", 60), ("3060", 25), ("V100", 125), ("T4", 65),
    ("M4 MAX", 34), ("M3 MAX", 28), ("M4 PRO", 17), ("M3 ULTRA", 57), ("M2 ULTRA", 54), ("M2 MAX", 27), ("M4", 9),
    ("M3", 7), ("M2", 7), ("M1", 5),
)  # fmt: skip


def is_known(name: str) -> bool:
    """Whether the speed of the card of this name is known."""
    return any(part in name.upper() for part, _ in _TERAFLOP)


def card_of(name: str, gib: float, *, apple: bool = False) -> Card:
    """The card of this name, as its driver tells it, with so much memory free.

    One that is not known is counted as the slowest of those sold with as much memory.
    """
    teraflop = next((each for part, each in _TERAFLOP if part in name.upper()), None)
    if teraflop is None:
        alike = [card.teraflop for card in CARDS if card.apple == apple and card.gib <= gib * 1.1]
        teraflop = min(alike[-2:], default=CARDS[0].teraflop)
    return Card(f"{gib:.0f} GiB", gib, teraflop, name, apple)


@dataclass(frozen=True)
class Estimate:
    """What a clip takes.

    Attributes:
        layout: how the model lies on the card.
        gib, main_gib: of GPU and main memory.
        seconds: of time; from the first step to the written clip.
        longest: s of the longest clip that fits; 0: none.
    """

    layout: Layout
    gib: float
    main_gib: float
    seconds: float
    longest: float

    @property
    def fits(self) -> bool:
        """Whether anything can be drawn."""
        return self.longest > 0


def usual_seconds(row: Row) -> float:
    """s of the clip that a layout is chosen for: 10, or the longest that the model draws."""
    return min(USUAL, row.longest)


def layout_on(row: Row, card: Card) -> Layout:
    """How a model lies on a card by itself."""
    if not card.apple:
        return layout_for(row.parts.layouts(seconds=usual_seconds(row)), card.gib)
    whole = Layout("none", "none")
    return whole if row.parts.needed(whole, usual_seconds(row)) <= card.gib else Layout("int8", "none")


def estimate(row: Row, card: Card, *, seconds: float | None = None, tier: Tier = Tier.STANDARD) -> Estimate:
    """What a clip takes on a card, at the tier's own canvas and without references.

    Args:
        seconds: of the clip; default: `usual_seconds`.
    """
    asked = usual_seconds(row) if seconds is None else seconds
    drawn = min(max(asked, row.shortest), row.longest)
    layout = layout_on(row, card)
    parts, spent = row.parts, row.tiers[tier]
    short = spent.short_edge
    size = (min(short * 16 / 9, row.max_pixels / short), short)
    step = row.work.flop((round(size[0]), short), round(drawn * row.frame_rate)) / (card.reached * 1e12)
    moved = sum(parts.large(layout)[:2]) / _BUS
    if layout.offload == "group":
        step = max(step, parts.large(layout)[0] / _BUS * row.work.passes)
    total = spent.steps * step * _BEHIND + (moved if layout.offload == "model" else 0.0)
    longest = parts.longest(layout, card.gib, most=row.longest)
    if longest < max(_LEAST, row.shortest):
        longest = 0
    return Estimate(layout, parts.needed(layout, drawn), parts.main_memory(layout), total, longest)


_EXACT = {"none": "bfloat16", "int8": "8-bit", "float8": "8-bit", "float8_dynamic": "8-bit"}
_WHERE = {"none": "whole", "model": "parts take turns", "group": "groups of layers", "pair": "on two cards"}


def in_words(seconds: float) -> str:
    """A time, rounded as an estimate is: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def described(row: Row, card: Card) -> str:
    """How a model lies on a card, what it takes and how long, in words: a cell of the tables in docs/engines.md.

    Memory is that of the card and the main memory beside it; of Apple silicon, where they are one, the GPU's.
    """
    made = estimate(row, card)
    if not made.fits:
        return "no"
    laid = f"{_EXACT[made.layout.quantization]}, {_WHERE[made.layout.offload]}"
    limit = "" if made.longest >= row.longest else f"; {made.longest:g} s at most"
    main = "" if card.apple else f" + {made.main_gib:.0f}"
    return f"{laid}, {made.gib:.0f}{main} GiB, {in_words(made.seconds)}{limit}"


def tables(rows: tuple[Row, ...]) -> str:
    """The table of docs/engines.md for these models, a line for each card."""
    heads = [f"{row.title}, {usual_seconds(row):.3g} s" for row in rows]
    lines = ["| card | " + " | ".join(heads) + " |", "|---" * (len(rows) + 1) + "|"]
    for card in CARDS:
        cells = [described(row, card) for row in rows]
        if set(cells) != {"no"}:
            lines.append(f"| {card.name} ({card.example}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)
