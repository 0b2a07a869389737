"""The clip says where it comes from: by its invisible mark, and by its manifest."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from opendance.engines.registry import EngineFacts
from opendance.media.finish import Finish, finish_video
from opendance.media.watermark import watermark_in_clip, watermark_of
from opendance.order import Order
from opendance.pipeline.folder import Folder
from opendance.pipeline.steps.render import Rendered, title_of
from opendance.provenance.certificates import Credentials
from opendance.provenance.manifest import Origin
from opendance.provenance.manifest import sign as write_manifest


@dataclass(frozen=True)
class Signed:
    """What was added.

    Attributes:
        bytes: that the manifest takes.
        marked: whether the picture has its mark; None where an earlier release did not tell.
    """

    bytes: int
    marked: bool | None = None


async def sign(
    folder: Folder,
    rendered: Rendered,
    facts: EngineFacts | None,
    task_id: str,
    order: Order,
    credentials: Credentials,
    *,
    created: float,
) -> Signed:
    """Mark the clip where its engine did not, and write it with its manifest.

    Args:
        facts: what is known of the engine; None where this process does not know it.
        created: when it was asked for, unix time.

    Raises:
        c2pa.C2paError: the certificate is none that C2PA allows.
    """
    engine, watermark, title = rendered.engine, watermark_of(task_id), title_of(order.prompt)
    finish = Finish(*rendered.size, order.num_frames, order.generate_audio, title, engine, watermark)
    marked = await _marked(folder.clip, finish, measures=facts is not None and facts.only_by_name)
    origin = Origin(
        title=title,
        engine=engine,
        model=order.model,
        learned=facts is None or facts.learned,
        inputs=Counter({"text": 1}) + Counter(link.kind for link in order.links),
        created=created,
        watermark=watermark if marked else None,
    )
    await asyncio.to_thread(write_manifest, folder.clip, folder.signed, origin, credentials)
    return Signed(folder.signed.stat().st_size - folder.clip.stat().st_size, marked)


async def _marked(clip: Path, finish: Finish, *, measures: bool) -> bool:
    """Whether the picture has its mark; an engine that does not see to it by itself gets it done for it.

    Args:
        measures: the engine measures the service, and shows nothing: its clips are not marked.
    """
    watermark = await asyncio.to_thread(watermark_in_clip, clip)
    # A mark of another task, such as that of a video the user gave, is taken off when the clip gets its own.
    if watermark.is_there and watermark.number in (finish.watermark, None):
        return True
    if measures:
        return False
    part = clip.with_suffix(".part")
    await asyncio.to_thread(finish_video, clip, part, finish)
    part.replace(clip)
    return (await asyncio.to_thread(watermark_in_clip, clip)).is_there
