"""What files are, told by their content."""

from __future__ import annotations

import pytest

from opendance.media.formats import described, media_type, mp3_begin

HEADS = {
    "a JPEG 2000 picture": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ",
    "a JPEG-LS picture": b"\xff\xd8\xff\xf7\0\x0b\x08",
    "a JPEG XL picture": b"\xff\n\xfa\x1f",
    "a HEIC picture": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "an AVIF picture": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
    "a Photoshop picture": b"8BPS\0\1",
    "an icon": b"\0\0\1\0\1\0\x20\x20",
    "an OpenEXR picture": b"v/1\1\2\0\0\0",
    "a Radiance HDR picture": b"#?RADIANCE\n",
    "a Windows Media file (WMV or WMA)": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
    "a Flash video (FLV)": b"FLV\1\5\0\0\0\t",
    "an MPEG transport stream": (b"G\x40\0\x10" + bytes(184)) * 4,
    "an MPEG-1 or MPEG-2 video": b"\0\0\1\xba\x44",
    "an MXF": bytes.fromhex("060e2b34020501010d010201"),
    "an AVI": b"RIFF\0\0\0\0AVI LIST",
    "an AIFF": b"FORM\0\0\0\0AIFFCOMM",
    "a Core Audio file (CAF)": b"caff\0\1\0\0desc",
    "an AMR": b"#!AMR\n",
    "a MIDI file": b"MThd\0\0\0\6",
    "a WavPack file": b"wvpk\x10\0\0\0",
    "an AC-3 file": b"\x0bw\x8e\x0d\x10",
    "an Ogg file": b"OggS\0\2",
    "an M4A (sound in an MP4)": b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42",
    "a RAR archive": b"Rar!\x1a\7\1\0",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c",
    "a PDF": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("what", HEADS)
def test_a_file_is_called_what_it_is(what: str) -> None:
    assert described(HEADS[what] + bytes(300)) == what


@pytest.mark.parametrize("what", [what for what in HEADS if "M4A" not in what])
def test_what_is_something_else_is_neither_a_picture_nor_a_sound_that_is_read(what: str) -> None:
    read = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/mpeg", "audio/wave", "video/mp4")
    assert media_type(HEADS[what] + bytes(300)) not in read


def test_one_header_of_a_frame_amid_something_else_is_no_mp3() -> None:
    header = b"\xff\xfb\x90\x00"  # 128 kbit/s at 44.1 kHz: 417 bytes
    assert mp3_begin(b"x" * 50 + header + b"x" * 3000) is None
    assert mp3_begin(b"x" * 50 + header.ljust(417, b"x") * 2 + b"x" * 3000) is None
    assert mp3_begin(b"x" * 50 + header.ljust(417, b"x") * 4) == 50
    assert mp3_begin(bytes(70_000)) is None
