"""Mutated files: each is read or refused, within the limits; 100 here, thousands with `make fuzz`."""

from __future__ import annotations

import os
import random
from functools import cache
from pathlib import Path

import pytest

from opendance.errors import TASK_ERROR_CODES, TaskError
from opendance.media.examine import Examiner
from tests.files import audio_bytes, image_bytes, video_bytes
from tests.media.conftest import SUFFIX

COUNT = int(os.environ.get("OPENDANCE_FUZZ", "100"))
PARTS = 10


@cache
def seeds() -> list[tuple[str, bytes]]:
    return [
        ("image", image_bytes(320, 320, "PNG")), ("image", image_bytes(320, 320, "JPEG")),
        ("image", image_bytes(320, 320, "WEBP")), ("video", video_bytes(num_frames=50)),
        ("video", video_bytes(container="mov", movflags="", num_frames=50)),
        ("video", video_bytes(movflags="frag_keyframe+empty_moov", sound=False)),
        ("audio", audio_bytes(2.2)), ("audio", audio_bytes(2.2, kind="mp3")),
    ]  # fmt: skip


def mutated(content: bytes, rng: random.Random) -> bytes:
    data = bytearray(content)
    match rng.randrange(6):
        case 0:  # single bits
            for _ in range(rng.randint(1, 40)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        case 1:  # the head, where the structure is
            for _ in range(rng.randint(1, 12)):
                data[rng.randrange(min(len(data), 900))] = rng.randrange(256)
        case 2:  # cut off
            del data[rng.randrange(len(data)) :]
        case 3:  # a piece missing, doubled or of something else
            a, b = sorted(rng.randrange(len(data)) for _ in range(2))
            data[a:b] = rng.choice([b"", bytes(data[a:b]) * 2, rng.randbytes(rng.randint(0, 999))])
        case 4:  # lengths and counts at their limits
            for _ in range(rng.randint(1, 6)):
                at = rng.randrange(max(1, len(data) - 4))
                data[at : at + 4] = rng.choice([b"\xff" * 4, b"\x00" * 4, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00"])
        case _:  # one format in the clothes of another
            data[: rng.randint(4, 64)] = rng.choice(seeds_heads)
    return bytes(data)


seeds_heads = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\xff\xff\xff\xffWEBP", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"ID3\x04", b"\x00\x00\x00\x18ftypmp42", b"GIF89a"]  # fmt: skip


@pytest.mark.parametrize("part", range(PARTS))
async def test_mutated_files_neither_crash_nor_hang(part: int, tmp_path: Path) -> None:
    rng = random.Random(f"fuzz-{part}-{os.environ.get('OPENDANCE_FUZZ_SEED', '1')}")
    originals = seeds()
    examiner = Examiner()
    outcomes: dict[str, int] = {}
    told: list[str] = []
    for _ in range(COUNT // PARTS):
        kind, content = rng.choice(originals)
        if rng.random() < 0.1:
            kind = rng.choice(["image", "video", "audio"])
        source = tmp_path / "source"
        source.write_bytes(mutated(content, rng))
        try:
            await examiner.examine(kind, source, tmp_path / f"copy{SUFFIX[kind]}", most_pixels=400_000)
            outcome = "read"
        except TaskError as error:
            outcome = error.code
            told.append(error.message)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    await examiner.close()
    assert set(outcomes) <= TASK_ERROR_CODES | {"read"}
    assert not any(str(tmp_path) in message for message in told)
    assert sum(outcomes.values()) == COUNT // PARTS
    assert len(outcomes) > 1  # some are read, most are refused
    assert not any("could not be read within" in message for message in told), "it hung until it was ended"
