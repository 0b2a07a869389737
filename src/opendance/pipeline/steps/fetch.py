"""Every file that the order names, side by side, into the task's folder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from opendance.cancelling import all_done
from opendance.catalog import MAX_AUDIO_BYTES, MAX_IMAGE_BYTES, MAX_VIDEO_BYTES
from opendance.errors import AddressRefused, FetchError, LinkExpired, TaskError, TooLarge
from opendance.media.rules import INVALID
from opendance.order import Link
from opendance.pipeline.folder import Folder
from opendance.pipeline.inputs import InputFiles
from opendance.pipeline.step import Report
from opendance.plan import AssetKind

_MOST: dict[AssetKind, int] = {"image": MAX_IMAGE_BYTES, "video": MAX_VIDEO_BYTES, "audio": MAX_AUDIO_BYTES}


async def fetch(
    links: Sequence[Link], folder: Folder, inputs: InputFiles, report: Report, cancel: asyncio.Event
) -> dict[str, int]:
    """The size of each file in bytes, by the label of its link.

    Raises:
        TaskError: the first file that could not be had: which, from where, and why.
        WorkCancelled: `cancel` was set.
    """

    async def on_done(left: int) -> None:
        await report(1 - left / len(links))

    sizes = await all_done([_fetch(link, folder, inputs) for link in links], cancel, on_done)
    return {link.label: size for link, size in zip(links, sizes, strict=True)}


async def _fetch(link: Link, folder: Folder, inputs: InputFiles) -> int:
    try:
        return await inputs.fetch(
            link.url, folder.source(link), max_bytes=_MOST[link.kind]
        )  # MD-07, IMG-04, VID-04, AUD-03
    except FileNotFoundError:
        raise TaskError("resource_not_found", f"{link.label}: the uploaded file was deleted") from None
    except AddressRefused as error:
        raise TaskError("invalid_parameters", f"{link.label}: {error.reason}") from None
    except TooLarge as error:
        raise TaskError(INVALID[link.kind], f"{link.label}: {error.reason}") from None
    except FetchError as error:
        raise TaskError("resource_not_found", f"{link.label}: {error.reason}") from None
    except LinkExpired as error:
        raise TaskError("resource_not_found", f"{link.label}: {error.message}") from None
