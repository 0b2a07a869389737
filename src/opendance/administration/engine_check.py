"""Whether an engine works: a short clip, with what it took. The command line and the operator's page ask for it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, MODELS, AspectRatio, Mode, Model, Quality, Tier, pixels_for
from opendance.engines.base import CannotLoad, Host, StillWorking
from opendance.engines.host import EngineHost
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import EngineElsewhere, TaskError
from opendance.job import Clip, Job
from opendance.machine import peak_memory
from opendance.media.probe import ClipFacts, probe_clip
from opendance.prompt import plan_prompt

_log = logging.getLogger(__name__)
PROMPT = "A cat walks over a sunny field, birds are singing"
_SECONDS, _QUALITY = 4, Quality.P480  # of the clip that the page asks for: the smallest of the API
_PATIENCE = 1800.0  # s for one clip of an engine, however slow


@dataclass(frozen=True)
class CheckedClip:
    """A clip that was made to see whether an engine works.

    Attributes:
        problem: why there is none, or what is wrong with it; None where it is what was asked for.
        clip, facts, size: what the engine told, what the file is, and its bytes; None where there is none.
    """

    model: str
    problem: str | None
    clip: Clip | None = None
    facts: ClipFacts | None = None
    size: int | None = None


def cheapest_models(modes: Collection[Mode]) -> list[Model]:
    """A model of each mode, of the cheapest tier."""
    return [model for model in MODELS.values() if model.tier is Tier.MINI and model.mode in modes]


def check_job(model: Model, folder: Path, output: Path, *, prompt: str, seconds: int, quality: Quality) -> Job:
    """The job of a check. A model that needs a picture gets one that is drawn here.

    Args:
        folder: where the engine may write.
        output: the file that it is to leave.
        seconds: of video.
    """
    assets = () if model.mode is Mode.TEXT else (_a_picture(folder),)
    return Job(
        plan=plan_prompt(prompt, seconds=seconds, aspect_ratio="16:9", mode=model.mode, assets=assets),
        assets=assets,
        tier=model.tier,
        mode=model.mode,
        model=model.id,
        quality=quality,
        size=pixels_for(AspectRatio.R16_9, quality),
        num_frames=seconds * FRAME_RATE,
        seed=1,
        generate_audio=True,
        title=prompt,
        work_folder=str(folder),
        output=str(output),
    )


def judged(job: Job, clip: Clip) -> CheckedClip:
    """The clip of a job, with what is wrong with it."""
    output = Path(job.output)
    try:
        facts = probe_clip(output)
    except TaskError as error:
        return refused(job, error)
    expected = (*job.size, job.num_frames, FRAME_RATE, True)
    is_right = (facts.width, facts.height, facts.num_frames, facts.frame_rate, facts.has_audio) == expected
    problem = None if is_right else "the clip is not what was asked for"
    return CheckedClip(job.model, problem, clip, facts, output.stat().st_size)


def refused(job: Job, error: TaskError) -> CheckedClip:
    """That there is no clip of a job, and why."""
    return CheckedClip(job.model, f"{error.code}: {error.message}")


def _a_picture(folder: Path) -> Asset:
    """A sky over a field."""
    path = folder / "picture.png"
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:240] = np.linspace((90, 140, 220), (200, 220, 250), 240)[:, None]
    picture[240:] = np.linspace((120, 160, 80), (50, 90, 40), 240)[:, None]
    Image.fromarray(picture).save(path)
    return Asset("image", 1, width=640, height=480, path=str(path), source_path=str(path))


@dataclass
class EngineCheck:
    """A check of an engine that runs here.

    Attributes:
        started: unix time.
        made: once it has ended.
    """

    engine: str
    started: float
    made: CheckedClip | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class EngineChecks:
    """Has engines of this process make a clip beside their tasks, one of each at a time; the last of each is kept.

    A check waits for a place as a task does, and is no task: nobody is charged, and nothing of it is kept.

    Args:
        hosts: the engines of this process.
        modes: what each engine makes.
        work: folder for what is made meanwhile.
    """

    def __init__(self, hosts: Mapping[str, Host], modes: Mapping[str, Collection[Mode]], work: Path) -> None:
        self._hosts, self._modes, self._work = hosts, modes, work
        self._last: dict[str, EngineCheck] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def last(self, engine: str) -> EngineCheck | None:
        """The check that runs, or ended last."""
        return self._last.get(engine)

    def memory(self, engine: str) -> int | None:
        """Bytes that a process of the engine ever had at most; None where nobody tells."""
        host = self._hosts.get(engine)
        processes = host.process_ids if isinstance(host, EngineHost) else []
        return max((peak for process in processes if (peak := peak_memory(process)) is not None), default=None)

    async def check(self, engine: str, *, patience: float) -> EngineCheck:
        """Begin a check where none runs, and give it once it has ended, or as it stands then.

        Args:
            patience: s to wait for its end.

        Raises:
            EngineElsewhere: it does not run in this process.
        """
        if engine not in self._hosts:
            raise EngineElsewhere(engine=engine)
        if engine not in self._running:
            self._last[engine] = EngineCheck(engine, time.time())
            self._running[engine] = asyncio.create_task(self._make(self._last[engine]))
        check = self._last[engine]
        with suppress(TimeoutError):
            await asyncio.wait_for(check.ended.wait(), patience)
        return check

    async def close(self) -> None:
        """End what runs."""
        running = list(self._running.values())
        for making in running:
            making.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _make(self, check: EngineCheck) -> None:
        model = cheapest_models(self._modes[check.engine])[0]
        try:
            self._work.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="check-", dir=self._work) as folder:
                check.made = await self._clip(check.engine, model, Path(folder))
        except asyncio.CancelledError:
            check.made = CheckedClip(model.id, "it was stopped with the server")
            raise
        except CannotLoad as error:
            check.made = CheckedClip(model.id, str(error))
        except StillWorking:
            problem = "it did not finish within the engine's patience; what it began may go on there"
            check.made = CheckedClip(model.id, problem)
        except TimeoutError:
            problem = f"it did not finish in {_PATIENCE / 60:g} minutes; what it began may go on there"
            check.made = CheckedClip(model.id, problem)
        except OSError as error:
            check.made = CheckedClip(model.id, f"nothing can be written here: {error}")
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not look like a clip without a problem
            _log.exception("the check of %s failed unexpectedly", check.engine)
            check.made = CheckedClip(model.id, f"it failed unexpectedly ({type(error).__name__}); the log tells more")
        finally:
            self._running.pop(check.engine, None)
            check.ended.set()

    async def _clip(self, engine: str, model: Model, folder: Path) -> CheckedClip:
        def prepare() -> Job:
            return check_job(model, folder, folder / "clip.mp4", prompt=PROMPT, seconds=_SECONDS, quality=_QUALITY)

        async def nothing(_share: float) -> None:
            pass

        job = await asyncio.to_thread(prepare)
        request = UpstreamRequest(f"check-{secrets.token_hex(8)}")
        try:
            async with asyncio.timeout(_PATIENCE):
                clip = await self._hosts[engine].render(job, request, nothing, asyncio.Event())
        except TaskError as error:
            return refused(job, error)
        return await asyncio.to_thread(judged, job, clip)
