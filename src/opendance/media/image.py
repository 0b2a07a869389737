"""Images from outside: judged, then brought to upright 8-bit sRGB."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from opendance.errors import TaskError
from opendance.media.formats import described, read_head
from opendance.media.rules import check_shape

_cms: Any = ImageCms  # typed only in part
_LONGEST = 2560  # px of our copy: the largest video is 2206 wide
_ORIENTATION = 0x0112  # Exif
_TURNED = (5, 6, 7, 8)  # orientations that swap width and height
# What Pillow and its decoders raise on damaged files; all of it means the same to the user.
_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error, OverflowError)


def examine_image(path: Path, target: Path) -> dict[str, Any]:
    """Facts of an image, and a copy at `target` (PNG).

    Raises:
        TaskError: it is none of the formats, out of bounds, or damaged.
    """
    warnings.simplefilter("ignore")  # bounds are judged here, not by Pillow's own
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture = Image.open(path, formats=("JPEG", "PNG", "WEBP"))  # IMG-01
    except UnidentifiedImageError:
        raise TaskError("invalid_image", f"it is {described(read_head(path))}, no JPEG, PNG or WebP image") from None
    except _DAMAGED as error:
        raise TaskError("image_processing_error", f"it is damaged: {_reason(error)}") from None
    with picture:
        check_shape(*picture.size)  # before anything is unpacked; turning it by a quarter breaks no bound
        try:
            turned = picture.getexif().get(_ORIENTATION, 1) in _TURNED
        except _DAMAGED:
            turned = False
        width, height = picture.size[::-1] if turned else picture.size
        notes = ["animated: its first picture is used"] if getattr(picture, "n_frames", 1) > 1 else []
        try:
            picture.load()
            upright = ImageOps.exif_transpose(picture)
        except _DAMAGED as error:
            raise TaskError("image_processing_error", f"it is damaged or incomplete: {_reason(error)}") from None
        rgba = _srgb(upright)
    if max(rgba.size) > _LONGEST:
        rgba.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    pixels = np.asarray(rgba)
    has_alpha = bool((pixels[..., 3] < 250).mean() > 0.005)
    (rgba if has_alpha else rgba.convert("RGB")).save(target, "PNG", compress_level=1)
    return {
        "width": width,
        "height": height,
        "has_alpha": has_alpha,
        "plain_background": not has_alpha and has_plain_background(pixels[..., :3]),
        "notes": notes,
    }


def _reason(error: Exception) -> str:
    words = str(error).split("\n")[0][:120]
    return words or type(error).__name__


def _srgb(picture: Image.Image) -> Image.Image:
    """8-bit sRGB with alpha, whatever it was: grey, palette, CMYK, 16 bit, another colour space."""
    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        grey = np.clip(np.asarray(picture).astype(np.int64) >> 8, 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGBA")
    if picture.mode == "F":
        return Image.fromarray(np.clip(np.asarray(picture), 0, 255).astype(np.uint8)).convert("RGBA")
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
        try:
            source = _cms.ImageCmsProfile(io.BytesIO(profile))
            plain = picture.convert("RGB") if picture.mode == "RGBA" else picture
            turned: Image.Image | None = _cms.profileToProfile(
                plain, source, _cms.createProfile("sRGB"), outputMode="RGB"
            )
        except (_cms.PyCMSError, OSError, ValueError, TypeError):
            turned = None
        if turned is not None:
            turned = turned.convert("RGBA")
            if alpha is not None:
                turned.putalpha(alpha)
            return turned
    return picture.convert("RGBA")


def has_plain_background(pixels: npt.NDArray[np.uint8]) -> bool:
    """Whether nearly all along the edges is one colour, and the middle is not.

    Args:
        pixels: (height, width, 3).
    """
    small = np.asarray(Image.fromarray(pixels).resize((96, 96), Image.Resampling.BOX)).astype(np.int16)
    sides = (small[:3], small[-3:], small[:, :3], small[:, -3:])
    edge = np.concatenate([side.reshape(-1, 3) for side in sides])
    middle = np.median(edge, axis=0)
    near = np.abs(edge - middle).max(axis=1) < 26
    inside = np.abs(small[24:72, 24:72] - middle).max(axis=2) >= 26
    return bool(near.mean() > 0.9 and inside.mean() > 0.12)


def read_png(path: Path) -> npt.NDArray[np.uint8]:
    """(h, w, 4), not premultiplied, of a copy that `examine_image` left."""
    with Image.open(path, formats=("PNG",)) as picture:
        return np.asarray(picture.convert("RGBA"))
