"""What an engine gets and what it gives back. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from opendance.asset import Asset
from opendance.catalog import Mode, Quality, Tier
from opendance.plan import AssetKind, Plan


@dataclass(frozen=True)
class Completion:
    """How what an engine cannot make is made up for.

    Attributes:
        sound: of a clip that comes without: what previs' sound stage makes of the plan, or silence.
        slowest: how many times longer than it was drawn a clip may be made, by slowing it; 2 at most.
    """

    sound: Literal["stage", "silence"] = "stage"
    slowest: float = 20 / 19


USUAL_COMPLETION: Final = Completion()


@dataclass(frozen=True)
class Job:
    """One clip to make.

    Attributes:
        size: width and height of the finished clip in pixels.
        num_frames: frames at `catalog.FRAME_RATE`; the clip has exactly as many.
        seed: the same plan and seed give the same clip.
        work_folder: the engine may write here, and nowhere else.
        output: the file to leave, an MP4.
        assets: what the user gave, as our own copies.
        watermark: the number that the invisible watermarks of the clip are to carry; None: it gets none.
        content_filter: whether content is to be filtered strictly, for upstreams that do it themselves.
        completion: how what the engine cannot make is made up for.
    """

    plan: Plan
    tier: Tier
    quality: Quality
    size: tuple[int, int]
    num_frames: int
    seed: int
    generate_audio: bool
    title: str
    work_folder: str
    output: str
    assets: tuple[Asset, ...] = ()
    mode: Mode = Mode.TEXT
    model: str = ""
    content_filter: bool = True
    watermark: int | None = None
    completion: Completion = USUAL_COMPLETION

    def asset(self, kind: AssetKind, number: int) -> Asset:
        """The asset that a plan names.

        Raises:
            StopIteration: there is none.
        """
        return next(asset for asset in self.assets if (asset.kind, asset.number) == (kind, number))


@dataclass(frozen=True)
class Clip:
    """A finished clip on disk.

    Attributes:
        seconds_taken: wall time of the engine, s.
        notes: what the operator should know of how it was made.
        usage: what an upstream says it used, such as tokens.
        timings: s of the parts of the work, by their names.
    """

    path: str
    seconds_taken: float
    notes: tuple[str, ...] = ()
    usage: dict[str, Any] = field(default_factory=dict[str, Any])
    timings: dict[str, float] = field(default_factory=dict[str, float])


# How both go to the process of an engine and back.
JOB: Final[TypeAdapter[Job]] = TypeAdapter(Job)
CLIP: Final[TypeAdapter[Clip]] = TypeAdapter(Clip)
