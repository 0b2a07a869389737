"""What a file is by its content, whatever it is called."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import puremagic

from opendance.media.descriptor import File, opened

_HEAD = 4096
_NAMES = {
    "image/gif": "a GIF", "image/png": "a PNG", "image/jpeg": "a JPEG", "image/webp": "a WebP", "image/bmp": "a BMP",
    "image/tiff": "a TIFF", "image/svg+xml": "an SVG", "application/pdf": "a PDF", "application/zip": "a ZIP archive",
    "video/mp4": "an MP4", "video/quicktime": "a QuickTime movie", "video/x-matroska": "a Matroska (MKV or WebM) file",
    "video/webm": "a WebM", "audio/mpeg": "an MP3", "audio/wave": "a WAV", "audio/flac": "a FLAC",
    "audio/aac": "an AAC",
    "application/gzip": "a gzip archive", "video/x-msvideo": "an AVI", "audio/ogg": "an Ogg file",
}  # fmt: skip
_ALIASES = {
    "audio/wav": "audio/wave", "audio/x-wav": "audio/wave", "audio/vnd.wave": "audio/wave", "audio/mp3": "audio/mpeg",
    "image/x-ms-bmp": "image/bmp", "image/x-bmp": "image/bmp", "video/avi": "video/x-msvideo",
    "video/msvideo": "video/x-msvideo",
    "audio/x-flac": "audio/flac", "image/jpg": "image/jpeg", "video/x-m4v": "video/mp4",
}  # fmt: skip
# As files of these kinds are commonly called; the system's own table knows no WAV on many systems.
_EXTENSIONS = {
    "image/gif": ".gif", "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "video/mp4": ".mp4",
    "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv", "video/x-msvideo": ".avi",
    "audio/wave": ".wav", "audio/mpeg": ".mp3", "audio/flac": ".flac", "audio/aac": ".aac", "audio/ogg": ".ogg",
}  # fmt: skip
_BY_EXTENSION = {extension: kind for kind, extension in _EXTENSIONS.items()}
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def read_head(file: File) -> bytes:
    """The first bytes of a file."""
    with opened(file) as content:
        return content.read(_HEAD)


def media_type(head: bytes) -> str:
    """The media type of a file that begins with `head`; `application/octet-stream` where it is not known."""
    if is_mp4(head):
        return "video/quicktime" if head[8:12] == b"qt  " or head[4:8] != b"ftyp" else "video/mp4"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "audio/wave"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if _is_html(head):
        return "text/html"
    if _is_mp3(head):
        return "audio/mpeg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    try:
        guess = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
    return _ALIASES.get(guess, guess) or "application/octet-stream"


def media_type_of_name(name: str) -> str:
    """The media type that a name of ours ends in."""
    kind = _BY_EXTENSION.get(Path(name).suffix)
    return kind or mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"


def extension_of(kind: str) -> str:
    """What the name of a file of this media type ends in: `.wav`."""
    return _EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or ".bin"


def is_mp4(head: bytes) -> bool:
    """Whether it is an MP4 or QuickTime movie (ISO base media), and no still picture in the same clothes."""
    if head[4:8] == b"ftyp":
        return head[8:12] not in _STILL_BRANDS
    return head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def _is_mp3(head: bytes) -> bool:
    if head[:3] == b"ID3":
        return True
    # MPEG audio frame: 11 bits of sync, layer III (01), and a bit rate that exists.
    return len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0


def _is_html(head: bytes) -> bool:
    start = head[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def described(head: bytes) -> str:
    """What a file is, for people: `a GIF`, `an HTML page`."""
    if _is_html(head):
        return "an HTML page"
    kind = media_type(head)
    if kind in _NAMES:
        return _NAMES[kind]
    if head[4:8] == b"ftyp":
        return "a HEIC or AVIF picture"
    if head[:1] in (b"{", b"["):
        return "text (JSON?)"
    return f"a file of type {kind}" if kind != "application/octet-stream" else "no file of a known type"


def damage(error: Exception) -> str:
    """What a decoder found, without paths."""
    words = getattr(error, "strerror", None) or type(error).__name__
    return str(words).split("\n")[0][:120]
