from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from opendance.errors import LinkExpired, LinkInvalid
from opendance.storage import LocalStorage


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    source = tmp_path / "clip"
    source.write_bytes(b"film")
    made = LocalStorage(tmp_path / "objects", b"secret")
    made.put("a.mp4", source)
    return made


def parts(link: str) -> tuple[str, str, str]:
    url = urlsplit(link)
    query = parse_qs(url.query)
    return url.path.rsplit("/", 1)[1], query["ends"][0], query["signature"][0]


def test_OUT_09_a_link_leads_to_the_object_for_24_hours(storage: LocalStorage) -> None:
    now = time.time()
    assert storage.open_link(*parts(storage.link("http://x/", "a.mp4", made=now))).read_bytes() == b"film"
    assert storage.open_link(*parts(storage.link("http://x/", "a.mp4", made=now - 24 * 3600 + 60)))
    with pytest.raises(LinkExpired, match="24 hours"):
        storage.open_link(*parts(storage.link("http://x/", "a.mp4", made=now - 24 * 3600 - 1)))


def test_a_link_that_was_altered_is_refused(storage: LocalStorage) -> None:
    key, ends, signature = parts(storage.link("http://x", "a.mp4", made=time.time()))
    for altered in (
        ("b.mp4", ends, signature),
        (key, str(int(ends) + 1), signature),
        (key, ends, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        (key, "", signature),
        (key, "9" * 40, signature),
        (key, ends, "é"),
        ("../a.mp4", ends, signature),
    ):
        with pytest.raises(LinkInvalid):
            storage.open_link(*altered)


@pytest.mark.parametrize("key", ["", "../x", "/etc/passwd", "a/../b", "a//b", ".hidden", "a/.b", "a\x00b"])
def test_a_key_cannot_leave_the_folder(storage: LocalStorage, key: str) -> None:
    with pytest.raises(ValueError, match="not an object key"):
        storage.path(key)


def test_storing_twice_does_no_harm(storage: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(b"again")
    storage.put("a.mp4", tmp_path / "clip")
    assert storage.path("a.mp4").read_bytes() == b"again"
    assert [p.name for p in (tmp_path / "objects").iterdir()] == ["a.mp4"]
