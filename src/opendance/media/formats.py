"""What a file is by its content, whatever it is called."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

import puremagic

from opendance.media.descriptor import File, opened

_HEAD = 64 << 10  # an MP3 may begin after as much of something else, for players too
_MAGIC = 4096  # bytes that the kind of any other file is told by
_NAMES = {
    "image/gif": "a GIF", "image/png": "a PNG", "image/jpeg": "a JPEG", "image/webp": "a WebP", "image/bmp": "a BMP",
    "image/tiff": "a TIFF", "image/svg+xml": "an SVG", "application/pdf": "a PDF", "application/zip": "a ZIP archive",
    "video/mp4": "an MP4", "video/quicktime": "a QuickTime movie", "video/x-matroska": "a Matroska (MKV or WebM) file",
    "video/webm": "a WebM", "audio/mpeg": "an MP3", "audio/wave": "a WAV", "audio/flac": "a FLAC",
    "audio/aac": "an AAC",
    "application/gzip": "a gzip archive", "video/x-msvideo": "an AVI", "audio/ogg": "an Ogg file",
    "image/heic": "a HEIC picture", "image/avif": "an AVIF picture", "image/jp2": "a JPEG 2000 picture",
    "image/jls": "a JPEG-LS picture", "image/jxl": "a JPEG XL picture",
    "image/vnd.adobe.photoshop": "a Photoshop picture", "image/x-icon": "an icon",
    "image/x-exr": "an OpenEXR picture", "image/vnd.radiance": "a Radiance HDR picture",
    "image/vnd-ms.dds": "a DDS texture",
    "video/x-ms-asf": "a Windows Media file (WMV or WMA)", "video/x-flv": "a Flash video (FLV)",
    "video/mp2t": "an MPEG transport stream", "video/mpeg": "an MPEG-1 or MPEG-2 video", "application/mxf": "an MXF",
    "audio/aiff": "an AIFF", "audio/x-caf": "a Core Audio file (CAF)", "audio/amr": "an AMR",
    "audio/midi": "a MIDI file",
    "audio/x-wavpack": "a WavPack file", "audio/x-ape": "a Monkey's Audio file", "audio/ac3": "an AC-3 file",
    "application/vnd.rar": "a RAR archive", "application/x-7z-compressed": "a 7z archive",
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
# Where these bytes stand, and what they say: kinds that the table of `puremagic` lacks or takes for others.
_MAGICS = (
    (4, b"jP  \r\n\x87\n", "image/jp2"), (0, b"\xffO\xffQ", "image/jp2"), (4, b"JXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\n", "image/jxl"), (0, b"8BPS", "image/vnd.adobe.photoshop"), (0, b"\0\0\1\0", "image/x-icon"),
    (0, b"v/1\1", "image/x-exr"), (0, b"#?RADIANCE", "image/vnd.radiance"), (0, b"DDS ", "image/vnd-ms.dds"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"), (0, b"FLV\1", "video/x-flv"),
    (0, b"\0\0\1\xba", "video/mpeg"), (0, b"\0\0\1\xb3", "video/mpeg"), (0, b"\6\x0e+4", "application/mxf"),
    (0, b"OggS", "audio/ogg"), (8, b"AIFF", "audio/aiff"), (8, b"AIFC", "audio/aiff"), (0, b"caff", "audio/x-caf"),
    (0, b"#!AMR", "audio/amr"), (0, b"MThd", "audio/midi"), (0, b"wvpk", "audio/x-wavpack"),
    (0, b"MAC ", "audio/x-ape"),
    (0, b"\x0bw", "audio/ac3"), (0, b"Rar!\x1a\7", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)  # fmt: skip
_TS_PACKETS = ((0, 188), (4, 192))  # bytes before the mark of a packet, and those of a packet: plain, and with times
_SYNC = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")  # of MPEG audio, layer III
# ISO 11172-3 and 13818-3: kbit/s and samples a second by the bits of a header; 2.5 is an extension of Fraunhofer's.
_BIT_RATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_FRAMES_IN_A_ROW = 3


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
    if _is_mp3(head) or _is_mp3(_after_blanks(head)):
        return "audio/mpeg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] in (b"avif", b"avis") or b"avif" in head[16:64] else "image/heic"
    for at, magic, kind in _MAGICS:
        if head.startswith(magic, at):
            return kind
    if any(_is_packeted(head, at, length) for at, length in _TS_PACKETS):
        return "video/mp2t"
    try:
        guess = puremagic.from_string(head[:_MAGIC], mime=True)
    except (puremagic.PureError, ValueError):
        guess = ""
    if not guess or guess == "application/octet-stream":
        return "application/octet-stream" if mp3_begin(head) is None else "audio/mpeg"
    return _ALIASES.get(guess, guess)


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


def mp3_begin(head: bytes) -> int | None:
    """Where the tag or the first frame of an MP3 is, behind whatever a recorder or a server put before it.

    Returns:
        None where there are no frames one after the other.
    """
    if _is_mp3(head):
        return 0
    blanks = len(head) - len(_after_blanks(head))
    if _is_mp3(head[blanks:]):
        return blanks
    return next((each.start() for each in _SYNC.finditer(head) if _are_frames(head, each.start())), None)


def _after_blanks(head: bytes) -> bytes:
    return head.lstrip(b"\0\t\r\n ")


def _are_frames(head: bytes, at: int) -> bool:
    """Whether frames of one kind stand here in a row, as many as there is room for."""
    kind = head[at + 1 : at + 2]
    for count in range(_FRAMES_IN_A_ROW):
        if at + 4 > len(head):
            return count > 1
        length = _frame_length(head[at : at + 4])
        if length is None or head[at + 1 : at + 2] != kind:
            return False
        at += length
    return True


def _frame_length(header: bytes) -> int | None:
    """Bytes of a frame of MPEG audio, layer III, told by its first four; None where this is no header of one."""
    version, rate, sampling = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if not _SYNC.match(header) or version == 1 or not 0 < rate < 15 or sampling == 3:
        return None
    per_frame, rates = (144, _BIT_RATES[1]) if version == 3 else (72, _BIT_RATES[2])
    return per_frame * rates[rate - 1] * 1000 // _SAMPLE_RATES[version][sampling] + (header[2] >> 1 & 1)


def _is_packeted(head: bytes, at: int, length: int) -> bool:
    return len(head) > at + 2 * length and all(head[at + each * length] == 0x47 for each in range(3))


def _is_html(head: bytes) -> bool:
    start = head[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def described(head: bytes) -> str:
    """What a file is, for people: `a GIF`, `an HTML page`."""
    if _is_html(head):
        return "an HTML page"
    if head[4:8] == b"ftyp" and head[8:11] in (b"M4A", b"M4B"):
        return "an M4A (sound in an MP4)"
    kind = media_type(head)
    if kind in _NAMES:
        return _NAMES[kind]
    if head[:1] in (b"{", b"["):
        return "text (JSON?)"
    return f"a file of type {kind}" if kind != "application/octet-stream" else "no file of a known type"


def damage(error: Exception) -> str:
    """What a decoder found, without paths."""
    words = getattr(error, "strerror", None) or type(error).__name__
    return str(words).split("\n")[0][:120]
