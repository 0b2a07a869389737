"""Images from outside: judged, then brought to upright 8-bit sRGB."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from opendance.errors import TaskError
from opendance.media.descriptor import File, opened, written
from opendance.media.formats import described, media_type, read_head
from opendance.media.jpeg import check_scans, with_end
from opendance.media.png import without_texts
from opendance.media.rules import check_shape

_cms: Any = ImageCms  # typed only in part
_LONGEST = 2560  # px of our copy: the largest video is 2206 wide
_ORIENTATION = 0x0112  # Exif
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
_COPY_SIZE = (_LONGEST, _LONGEST)
_TURNED = (5, 6, 7, 8)  # orientations that swap width and height
# What Pillow and its decoders raise on damaged files; all of it means the same to the user.
_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error, OverflowError)


def examine_image(source: File, target: File) -> dict[str, Any]:
    """Facts of an image, and a copy at `target` (PNG).

    Raises:
        TaskError: it is none of the formats, out of bounds, or damaged.
    """
    warnings.simplefilter("ignore")  # bounds are judged here, not by Pillow's own
    Image.MAX_IMAGE_PIXELS = None
    with opened(source) as file:
        rgba, facts = _read(file, read_head(source))
    pixels = np.asarray(rgba)
    has_alpha = bool((pixels[..., 3] < 250).mean() > 0.005)
    (rgba if has_alpha else rgba.convert("RGB")).save(written(target), "PNG", compress_level=1)
    plain_background = not has_alpha and has_plain_background(pixels[..., :3])
    return facts | {"has_alpha": has_alpha, "plain_background": plain_background}


def _read(file: BinaryIO, head: bytes) -> tuple[Image.Image, dict[str, Any]]:
    """The picture, upright, in 8-bit sRGB with alpha and no larger than our copy; its facts.

    Of 36 megapixels each copy takes 144 MB, so it is made smaller before anything else is done.
    """
    file, notes = without_texts(file)
    try:
        picture = Image.open(file, formats=FORMATS)  # IMG-01
    except UnidentifiedImageError:
        if media_type(head) in MEDIA_TYPES:
            problem = f"it is {described(head)}, but one that cannot be read: it is damaged, or of a rare kind"
            raise TaskError("invalid_image", f"{problem}; save it as an ordinary JPEG, PNG or WebP") from None
        raise TaskError("invalid_image", f"it is {described(head)}, no JPEG, PNG or WebP image") from None
    except _DAMAGED as error:
        raise TaskError("image_processing_error", f"it is damaged: {_reason(error)}") from None
    with picture:
        check_shape(*picture.size)  # before anything is unpacked; turning it by a quarter breaks no bound
        if picture.format in ("JPEG", "MPO") and not check_scans(file):
            try:
                file = with_end(file, _COPY_SIZE)
            except _DAMAGED as error:
                raise TaskError("image_processing_error", f"it is damaged or incomplete: {_reason(error)}") from None
            return _read(file, head)
        try:
            turned = picture.getexif().get(_ORIENTATION, 1) in _TURNED
        except _DAMAGED:
            turned = False
        width, height = picture.size[::-1] if turned else picture.size
        has_more = getattr(picture, "n_frames", 1) > 1
        if has_more and picture.format != "MPO":  # phones write previews and depths beside the picture
            notes.append("animated: its first picture is used")
        try:
            picture.draft(None, _COPY_SIZE)  # a JPEG is unpacked at a half, where that is enough
            picture.load()
            small = _shrunk(picture)
            ImageOps.exif_transpose(small, in_place=True)
        except _DAMAGED as error:
            raise TaskError("image_processing_error", f"it is damaged or incomplete: {_reason(error)}") from None
    profile = small.info.get("icc_profile")
    return _srgb(_shrunk(_direct(small)), profile), {
        "width": width,
        "height": height,
        "notes": notes,
        "has_more": has_more,
    }


def _shrunk(picture: Image.Image) -> Image.Image:
    """A picture no larger than our copy; one whose colours must be looked up or are not 8 bit stays as it is."""
    if max(picture.size) > _LONGEST and picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        picture.thumbnail(_COPY_SIZE, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def _reason(error: Exception) -> str:
    words = str(error).split("\n")[0][:120]
    return words or type(error).__name__


def _direct(picture: Image.Image) -> Image.Image:
    """Grey, RGB or CMYK of 8 bit, with alpha where a part is transparent: no palette, and no other depth."""
    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        return Image.fromarray(np.clip(np.asarray(picture) >> 8, 0, 255).astype(np.uint8))
    if picture.mode == "F":
        return Image.fromarray(np.clip(np.asarray(picture), 0, 255).astype(np.uint8))
    if picture.mode in ("1", "L", "LA"):
        return picture.convert("LA" if picture.has_transparency_data else "L")
    if picture.mode == "CMYK":
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """8-bit sRGB with alpha of what `_direct` gave, by the colour profile of its file."""
    if not profile:
        return picture.convert("RGBA")
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    try:
        source = _cms.ImageCmsProfile(io.BytesIO(profile))
        # A palette of greys may have a profile of greys.
        is_grey = picture.mode in ("L", "LA") or (picture.mode != "CMYK" and source.profile.xcolor_space == "GRAY")
        plain = picture.convert("L" if is_grey else "RGB") if picture.mode != "CMYK" else picture
        turned = _cms.profileToProfile(plain, source, _cms.createProfile("sRGB"), outputMode="RGB")
    except (_cms.PyCMSError, OSError, ValueError, TypeError):  # one that is broken, or of other colours
        return picture.convert("RGBA")
    turned = turned.convert("RGBA")
    if alpha is not None:
        turned.putalpha(alpha)
    return turned


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
