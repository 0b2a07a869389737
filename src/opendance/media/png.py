"""PNGs without what a picture does not need, which may be large: the workflow that a program wrote into one."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO

from PIL import PngImagePlugin

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_PROFILE = 8 << 20  # bytes, unpacked; those of printers have up to 3 MB
_MOST_TEXT = 1 << 20
# Texts that tell how a picture is turned.
_TELLING = (b"XML:com.adobe.xmp", b"Raw profile type exif")
_LONGEST_KEYWORD = 79
_PIECE = 1 << 20

# Pillow's own bound, meant for texts, holds for colour profiles too.
PngImagePlugin.MAX_TEXT_CHUNK = _MOST_PROFILE


def without_texts(file: BinaryIO) -> tuple[BinaryIO, list[str]]:
    """The PNG without its texts, but for those that tell how it is turned, and notes on what else was left out.

    A file that has none comes back as it is, read from its beginning. What is damaged is left for the decoder to find.
    """
    file.seek(0)
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        file.seek(0)
        return file, []
    kept, dropped, notes = [(0, len(_SIGNATURE))], False, list[str]()
    told: set[bytes] = set()
    at = len(_SIGNATURE)
    while len(header := file.read(8)) == 8:
        length, name = int.from_bytes(header[:4], "big"), header[4:]
        whole = 12 + length
        if name in (b"tEXt", b"zTXt", b"iTXt"):
            keyword = file.read(min(length, _LONGEST_KEYWORD + 1)).partition(b"\0")[0]
            file.seek(at + 8)
            leave = keyword not in _TELLING or keyword in told or not _fits(name, file.read(length))
            told.add(keyword)
        elif name == b"iCCP" and not _unpacks(file.read(length).partition(b"\0")[2][1:], _MOST_PROFILE):
            leave = True
            notes.append(f"its colour profile has over {_MOST_PROFILE >> 20} MB: its colours are taken for sRGB")
        else:
            leave = False
        if leave:
            dropped = True
        elif kept[-1][1] == at:
            kept[-1] = kept[-1][0], at + whole
        else:
            kept.append((at, at + whole))
        at += whole
        file.seek(at)
    file.seek(0)
    if not dropped:
        return file, notes
    out = io.BytesIO()
    for begin, end in kept:
        file.seek(begin)
        while begin < end and (piece := file.read(min(_PIECE, end - begin))):
            out.write(piece)
            begin += len(piece)
    out.seek(0)
    return out, notes


def _fits(name: bytes, content: bytes) -> bool:
    """Whether a text is small enough to be read."""
    rest = content.partition(b"\0")[2]
    if name == b"iTXt" and rest[:1] == b"\1":
        return _unpacks(rest[2:].partition(b"\0")[2].partition(b"\0")[2], _MOST_TEXT)
    return _unpacks(rest[1:], _MOST_TEXT) if name == b"zTXt" else len(rest) <= _MOST_TEXT


def _unpacks(packed: bytes, most: int) -> bool:
    """Whether this has at most so many bytes, unpacked."""
    try:
        return len(zlib.decompressobj().decompress(packed, most + 1)) <= most
    except zlib.error:
        return True  # nothing comes of it
