"""A model as a row of a table: all that drawing with it needs. Importing this needs neither torch nor diffusers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opendance.catalog import FRAME_RATE, Mode, Tier
from opendance.engines.diffusers.memory import Parts, Work
from opendance.engines.limits import Limits

NOT_READ = "not read"


@dataclass(frozen=True)
class Licence:
    """Under what the weights may be used.

    Attributes:
        name: as its package or card states it.
        source: where that stands; `NOT_READ` where nobody of this project has read it.
        open: whether it is a licence that allows any use, such as Apache-2.0.
        terms: whom or what it shuts out, in a sentence; empty: nothing that was found.
    """

    name: str
    source: str = NOT_READ
    open: bool = False
    terms: str = ""

    def __str__(self) -> str:
        return f"{self.name}{': ' * bool(self.terms)}{self.terms} ({self.source})"


@dataclass(frozen=True)
class Drawing:
    """How one kind of request is drawn.

    Attributes:
        pipeline: class of diffusers.
        weights: id on the hub; empty: those of the row's text.
        first, last, images, footage: arguments that take the first frame, the last, a list of reference images, and the
            frames that are given with those that are to be drawn; empty: it takes none.
        places: argument with the numbers of the frames that `first` gets as a list, where `last` is the same.
        mask: argument that tells which frames of `footage` are to be drawn.
        arguments: further ones of each call.
    """

    pipeline: str
    weights: str = ""
    first: str = ""
    last: str = ""
    images: str = ""
    footage: str = ""
    places: str = ""
    mask: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Spent:
    """What a tier spends: denoising steps, and the canvas' short edge at 720p, px."""

    steps: int
    short_edge: int


@dataclass(frozen=True)
class Row:
    """A model.

    Attributes:
        name: of the engine.
        title: as the tags of a clip name it.
        summary: what it is, in a line.
        text, image, reference: how each mode is drawn; None: it is not.
        transformer_file: a single file with the transformer alone, `owner/name:file` on the hub.
        parts: what it weighs.
        work: what a step computes.
        tiers: what each spends.
        max_pixels: of its canvas.
        multiple: what both sides are multiples of, px.
        frame_rate: frames a second that it draws.
        step: (a, b): it decodes a n + b frames.
        shortest, longest: s of a clip that it draws.
        sound: whether it makes sound.
        images, videos, audios: references of each kind that it reads, at most.
        references: of all kinds together.
        exact: modules that stay as they are when weights are quantised.
        float32: components that are always exact to 32 bits.
        quantized: components whose weights are quantised.
        negative: what it is told not to draw.
        distilled: whether it needs no guidance, so that a step is one pass.
        engine: `module:class` that draws it, where a row alone does not tell all.
        options: `module:class` of what its engine can be told, where it is more than every row's.
        size_gb: of its download, GB.
    """

    name: str
    title: str
    summary: str
    licence: Licence
    text: Drawing
    parts: Parts
    work: Work
    tiers: Mapping[Tier, Spent]
    max_pixels: int
    size_gb: float
    image: Drawing | None = None
    reference: Drawing | None = None
    transformer_file: str = ""
    multiple: int = 16
    frame_rate: float = FRAME_RATE
    step: tuple[int, int] = (4, 1)
    shortest: float = 0.0
    longest: float = 5.0
    sound: bool = False
    images: int = 0
    videos: int = 0
    audios: int = 0
    references: int = 0
    exact: tuple[str, ...] = ()
    float32: tuple[str, ...] = ()
    quantized: tuple[str, ...] = ("transformer", "text_encoder")
    negative: str = ""
    distilled: bool = False
    engine: str = "opendance.engines.diffusers.generic:Generic"
    options: str = ""

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that it makes with the weights of its own."""
        drawings = {Mode.TEXT: self.text, Mode.IMAGE: self.image, Mode.REFERENCE: self.reference}
        return frozenset(mode for mode, drawing in drawings.items() if drawing is not None)

    @property
    def frames(self) -> int:
        """Of image-to-video: 1, the first frame; 2, also the last."""
        return 2 if self.image is not None and self.image.last else 1

    @property
    def limits(self) -> Limits:
        """What it makes by itself, with the weights of its own."""
        sides = sorted(((spent.short_edge * 16 // 9, spent.short_edge) for spent in self.tiers.values()), reverse=True)
        return Limits(
            modes=self.modes,
            shortest=self.shortest,
            longest=self.longest,
            frame_rates=(self.frame_rate,),
            sizes=tuple(dict.fromkeys(sides)),
            sound=self.sound,
            frames=self.frames,
            images=self.images,
            videos=self.videos,
            audios=self.audios,
            references=self.references,
        )

    def repositories(self) -> tuple[str, ...]:
        """The ids on the hub that its weights are of, those of the text first."""
        drawings = [drawing for drawing in (self.text, self.image, self.reference) if drawing is not None]
        return tuple(dict.fromkeys(drawing.weights or self.text.weights for drawing in drawings))
