"""JPEGs before they are unpacked: how often one draws its picture, and one whose last marker is missing."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from PIL import Image, ImageChops

from opendance.errors import TaskError

# Markers of a JPEG, as decoders look for them: whatever follows FF and is neither a byte of data (00) nor another FF.
_MARKER = re.compile(rb"\xff+([\x01-\xfe])")
_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))  # also restarts, which stand in the middle of a scan
_MOST_SCANS = 64  # cameras and programs write 1 to 12
_END_MARKER = b"\xff\xd9"
# What a decoder would take for data, if it still needed some: every byte but that of markers.
_NOT_THERE = bytes(range(0xFF))


def check_scans(file: BinaryIO) -> bool:
    """Refuse a JPEG that is drawn over and over: each of its scans passes over the whole picture.

    Returns:
        Whether it has its end marker.

    Raises:
        TaskError: it has more scans than any program writes.
    """
    file.seek(0)
    content = file.read()
    file.seek(0)
    scans = position = 0
    while (marker := _MARKER.search(content, position)) is not None:
        kind, position = marker[1][0], marker.end()
        if kind == _END:
            return True
        if kind in _WITHOUT_LENGTH:
            continue
        scans += kind == _SCAN
        if scans > _MOST_SCANS:
            raise TaskError("invalid_image", f"it has more than {_MOST_SCANS} scans; save it as an ordinary JPEG")
        position += int.from_bytes(content[position : position + 2], "big")
    return False


def with_end(file: BinaryIO, size: tuple[int, int]) -> BinaryIO:
    """A JPEG whose end marker is missing, with one.

    A decoder makes up what is missing of a picture. So it is unpacked twice, with different bytes before the end: where
    the picture is the same, it was whole.

    Args:
        size: px; it is unpacked no smaller than that, where it is larger.

    Raises:
        TaskError: more is missing.
        OSError: it cannot be read.
    """
    file.seek(0)
    content = file.read().rstrip(b"\xff")
    whole = content + _END_MARKER
    pictures: list[Image.Image] = []
    for each in (whole, content + _NOT_THERE + _END_MARKER):
        with Image.open(io.BytesIO(each), formats=("JPEG",)) as picture:
            picture.draft(None, size)
            picture.load()
            pictures.append(picture.copy())
    if any(ImageChops.difference(*bands).getbbox() for bands in zip(*(each.split() for each in pictures), strict=True)):
        raise TaskError("image_processing_error", "it is damaged or incomplete: a part of its picture is missing")
    return io.BytesIO(whole)
