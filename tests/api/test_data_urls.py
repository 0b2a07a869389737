"""Files inside a JSON body are taken out before anything is made of it, and everything else stays as it is."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.api.base64_body import write_decoded
from opendance.api.data_urls import number_of, taken_out
from opendance.errors import InvalidRequest


def data_url(content: bytes, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(content).decode()


def decoded(file: memoryview) -> bytes:
    out = io.BytesIO()
    write_decoded(file, out, field="content[0].image_url.url")
    return out.getvalue()


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5), st.text(max_size=40))
def test_each_file_comes_out_and_a_stand_in_takes_its_place(contents: list[bytes], words: str) -> None:
    body = {"prompt": words, "files": [{"url": data_url(content)} for content in contents]}
    rest, files = taken_out(json.dumps(body).encode())
    assert [decoded(file) for file in files] == contents
    read = json.loads(rest)
    assert read["prompt"] == words
    assert [number_of(each["url"], files) for each in read["files"]] == list(range(len(contents)))


@pytest.mark.parametrize(
    "words",
    ["data: a film", "data:text/plain,hello", 'he said "data:"', "data:image/png;base64", "https://file-0.invalid/"],
)
def test_words_stay_words(words: str) -> None:
    body = json.dumps({"text": words}).encode()
    assert taken_out(body) == (body, [])
    assert number_of(words, []) is None


def test_slashes_may_be_spelled_with_a_backslash() -> None:
    body = json.dumps({"url": data_url(b"\xff\xff\xff" * 9)}).replace("/", "\\/").encode()
    _, [file] = taken_out(body)
    assert decoded(file) == b"\xff\xff\xff" * 9


@pytest.mark.parametrize("body", [b'{"url": "data:image/png;base64,AAAA', b'"data:', b"", b'"data:image/png;base64,"'])
def test_half_a_body_stays_half_a_body(body: bytes) -> None:
    rest, files = taken_out(body)
    assert len(files) <= 1
    assert len(rest) <= len(body) + 30


def test_more_files_than_any_request_has_are_refused() -> None:
    body: Any = json.dumps([data_url(b"x")] * 33).encode()
    with pytest.raises(InvalidRequest, match="more than 32 data URLs"):
        taken_out(body)


def test_what_is_no_base64_is_told_with_its_place() -> None:
    _, [file] = taken_out(b'{"url": "data:image/png;base64,!!!!"}')
    with pytest.raises(InvalidRequest, match=r"content\[0\]\.image_url\.url: must be base64"):
        decoded(file)
