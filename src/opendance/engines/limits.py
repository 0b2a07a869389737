"""What an engine can make by itself: routes choose by it, and what is missing is made up in `media.finish`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from opendance.catalog import FRAME_RATE, MAX_DURATION, Mode, Quality, Tier
from opendance.job import Job
from opendance.order import Order
from opendance.plan import AssetKind

_KINDS: tuple[AssetKind, ...] = ("image", "video", "audio")


@dataclass(frozen=True)
class Demand:
    """What a clip asks of the engine that makes it, and all that its time depends on.

    Attributes:
        seconds: length of the clip, s.
        sound: whether it is to have sound.
        images, videos, audios: assets of each kind; of image-to-video the images are its frames.
        size: width and height of the finished clip, px; None while the ratio is not chosen.
    """

    mode: Mode
    tier: Tier
    quality: Quality
    seconds: float
    sound: bool = True
    images: int = 0
    videos: int = 0
    audios: int = 0
    size: tuple[int, int] | None = None

    @classmethod
    def of_order(cls, order: Order) -> Demand:
        """What an order asks for."""
        model = order.catalog_model
        images, videos, audios = (len(order.links_of(kind)) for kind in _KINDS)
        return cls(model.mode, model.tier, order.quality, order.duration, order.generate_audio, images, videos, audios)

    @classmethod
    def of_job(cls, job: Job) -> Demand:
        """What a job asks for."""
        images, videos, audios = (sum(asset.kind == kind for asset in job.assets) for kind in _KINDS)
        seconds = job.num_frames / FRAME_RATE
        return cls(job.mode, job.tier, job.quality, seconds, job.generate_audio, images, videos, audios, job.size)


@dataclass(frozen=True)
class Limits:
    """What an engine can make by itself.

    An engine states it as `EngineFacts.limits`; where it depends on what the engine is told, its options have an
    attribute `limits` instead. What is not said has no limit but the API's own.

    Attributes:
        modes: that it makes.
        shortest: s of the shortest clip that it draws; a shorter one is drawn so long and cut.
        longest: s of the longest clip that it draws.
        slowest: how many times its length a clip may be stretched, by slowing it, to what was asked for; what would
            take more is not asked of it. 2 at most.
        frame_rates: frames a second that it draws, its own first; others are converted to the API's 24.
        sizes: widths and heights that it draws well, landscape, the largest first; none: any.
        sound: whether it makes sound.
        frames: of image-to-video: 1, the first frame; 2, also the last.
        images, videos, audios: references of each kind that it reads; `references`: of all kinds together.
        seeds: whether the seed makes a difference.
    """

    modes: frozenset[Mode] = frozenset(Mode)
    shortest: float = 0.0
    longest: float = MAX_DURATION
    slowest: float = 20 / 19
    frame_rates: tuple[float, ...] = (FRAME_RATE,)
    sizes: tuple[tuple[int, int], ...] = ()
    sound: bool = True
    frames: int = 2
    images: int = 9
    videos: int = 3
    audios: int = 3
    references: int = 15
    seeds: bool = True

    @property
    def longest_made(self) -> float:
        """s of the longest clip that can be made of what it draws."""
        return self.longest * self.slowest

    def drawn(self, seconds: float) -> float:
        """s that it draws for a clip of `seconds`: what is too long is cut, what is too short slowed down."""
        return min(max(seconds, self.shortest), self.longest)

    def refusal(self, demand: Demand) -> str | None:
        """Why it cannot make such a clip, whatever is made up for it; None where it can."""
        if demand.mode not in self.modes:
            return f"it makes no {demand.mode.value} videos"
        if demand.seconds > self.longest_made + 1e-6:
            return f"it makes {math.floor(self.longest_made)} s at most, not {demand.seconds:g}"
        return None

    def unread(self, demand: Demand) -> int:
        """How many of the assets it does not read; they are left out."""
        if demand.mode is Mode.IMAGE:
            return max(0, demand.images - self.frames)
        if demand.mode is Mode.TEXT:
            return 0
        read = (
            min(demand.images, self.images) + min(demand.videos, self.videos) + min(demand.audios, self.audios)
        )  # fmt: skip
        return demand.images + demand.videos + demand.audios - min(read, self.references)


def by_limits(engines: Sequence[tuple[str, Limits]], demand: Demand) -> tuple[str, ...]:
    """The engines that can make such a clip: those that read all its assets first, else in the order given.

    Args:
        engines: names and limits, best first.
    """
    able = [each for each in engines if each[1].refusal(demand) is None]
    return tuple(name for name, _ in sorted(able, key=lambda each: each[1].unread(demand) > 0))
