"""Files inside JSON bodies."""

from __future__ import annotations

import base64
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from opendance.api.base64_body import write_base64
from opendance.errors import InvalidRequest

CONTENT = os.urandom(3_000_001)  # several pieces, and padding at the end
TEXT = base64.b64encode(CONTENT).decode()


def written(tmp_path: Path, body: bytes) -> bytes:
    write_base64(body, tmp_path / "file")
    return (tmp_path / "file").read_bytes()


@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text,
        lambda text: "data:image/png;base64," + text,
        lambda text: "DATA:image/png;charset=utf-8;base64," + text,
        lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: "data:image/png;base64," + text.replace("+", "-").replace("/", "_").rstrip("="),
    ],
    ids=["plain", "data URL", "data URL with a parameter", "in lines", "unpadded", "of URLs", "both, as a data URL"],
)
@pytest.mark.parametrize("content", [CONTENT, b"\x89PNG and so on"], ids=["long", "short"])
def test_a_file_is_written_as_it_is_however_it_is_spelled(tmp_path: Path, spelled: object, content: bytes) -> None:
    text = spelled(base64.b64encode(content).decode())  # type: ignore[operator]
    bodies = [json.dumps({"file_name": "é", "base64_data": text}).encode()]
    bodies.append(bodies[0].replace(b"/", b"\\/"))  # as PHP does
    bodies.append(bodies[0].replace(b"+", b"\\u002B").replace(b"=", b"\\u003d"))  # as .NET does
    bodies.append(b"\xef\xbb\xbf" + bodies[0])
    bodies.append(bodies[0].decode().encode("utf-16"))  # as PowerShell writes files
    for body in bodies:
        assert written(tmp_path, body) == content


@pytest.mark.parametrize(
    "text",
    ["", "data:;base64,", "not base64 at all!", TEXT[:-1], TEXT + "A", "QQ==" + TEXT, "=" * 3_000_000, "data:" + ";a" * 10**6,
     "data:" + ";a" * 10**6 + ";base64," + TEXT, TEXT + "é", "data:image/png," + TEXT, "QUJD" * 262_144 + "QQ==" + "QUJD" * 5],
)  # fmt: skip
def test_what_is_no_base64_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequest, match="base64_data"):
        written(tmp_path, json.dumps({"base64_data": text}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"[]," * 1_000_000 + b"[]]",
        b'{"base64_data": "QUJD", "x": [' + b"[]," * 1_000_000 + b"[]]}",
        json.dumps({"file_name": "a" * 10**6, "base64_data": "QUJD"}).encode(),
        json.dumps({"base64_data": "QUJD", "more": ["a"] * 10**5}).encode(),
        json.dumps({"base64_data": "\x1a", "more": TEXT}).encode().replace(b"\\u001a", b"QUJD"),
        b'{"base64_data": "' + b"\\/" * 10**6 + b'", "base64_data": 1}',
        b'"' * 10**6,
        b"\xff" * 10**6,
        b"",
    ],
)
def test_what_stands_beside_the_file_is_bounded(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        write_base64(body, tmp_path / "file")


def test_a_file_takes_a_piece_of_memory_however_long_it_is(tmp_path: Path) -> None:
    body = json.dumps({"base64_data": base64.b64encode(bytes(30_000_000)).decode()}).encode()
    tracemalloc.start()
    try:
        assert len(written(tmp_path, body)) == 30_000_000
        assert tracemalloc.get_traced_memory()[1] < 30_000_000 + 8 * 2**20  # what is read back, and a few pieces
    finally:
        tracemalloc.stop()
