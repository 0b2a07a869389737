"""Stage `fetch`: every asset that the request names, side by side, into the task's folder."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from opendance.catalog import MAX_AUDIO_BYTES, MAX_IMAGE_BYTES, MAX_VIDEO_BYTES
from opendance.errors import AddressRefused, ApiError, FetchError, TaskError
from opendance.media.rules import INVALID
from opendance.pipeline.context import StageContext, all_done
from opendance.plan import AssetKind
from opendance.request import VideoGenerationRequest

_MOST: dict[AssetKind, int] = {"image": MAX_IMAGE_BYTES, "video": MAX_VIDEO_BYTES, "audio": MAX_AUDIO_BYTES}


@dataclass(frozen=True)
class NamedAsset:
    """An asset as the request names it."""

    kind: AssetKind
    number: int
    url: str

    @property
    def label(self) -> str:
        """Where it stands, and on which host: `image_urls[1] (example.com)`."""
        try:
            host = httpx.URL(self.url).host
        except (httpx.InvalidURL, ValueError):
            host = ""
        return f"{self.kind}_urls[{self.number - 1}] ({host or 'no host'})"

    def source(self, folder: Path) -> Path:
        """Where it is kept while the task runs."""
        return folder / f"{self.kind}-{self.number}.source"


def named_assets(request: VideoGenerationRequest) -> list[NamedAsset]:
    """All assets of a request, in the order of its arrays."""
    lists: tuple[tuple[AssetKind, list[str] | None], ...] = (
        ("image", request.image_urls),
        ("video", request.video_urls),
        ("audio", request.audio_urls),
    )
    return [NamedAsset(kind, index, url) for kind, urls in lists for index, url in enumerate(urls or (), start=1)]


async def run(context: StageContext) -> Any:
    """The size of each file, by its label.

    Raises:
        TaskError: the first asset that could not be had: which, from where, and why.
        TaskCancelled: the task was cancelled.
    """
    assets = named_assets(context.request)

    async def report(left: int) -> None:
        await context.on_progress(1 - left / len(assets))

    sizes = await all_done([asyncio.create_task(_fetch(context, asset)) for asset in assets], context, report)
    return {asset.label: size for asset, size in zip(assets, sizes, strict=True)}


async def _fetch(context: StageContext, asset: NamedAsset) -> int:
    target, most = asset.source(context.work_folder), _MOST[asset.kind]
    try:
        own = await context.own_file(asset.url)
        if own is None:
            return await context.fetcher.download(asset.url, target, max_bytes=most)
        size = await context.storage.fetch(own, target, max_bytes=most)
        if size > most:
            raise FetchError(f"it is larger than {most / 2**20:g} MB")
        return size
    except FileNotFoundError:
        raise TaskError("resource_not_found", f"{asset.label}: the uploaded file was deleted") from None
    except AddressRefused as error:
        raise TaskError("invalid_parameters", f"{asset.label}: {error.reason}") from None
    except FetchError as error:
        code = INVALID[asset.kind] if error.reason.startswith("it is larger") else "resource_not_found"
        raise TaskError(code, f"{asset.label}: {error.reason}") from None
    except ApiError as error:
        raise TaskError("resource_not_found", f"{asset.label}: {error.message}") from None
