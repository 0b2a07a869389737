"""Links of this server: they lead where they say, end when they say, and cannot be altered."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from opendance.errors import LinkExpired, LinkInvalid
from opendance.links import Links, made_and_named
from opendance.storage import INPUTS, UPLOADS

BASE = "https://opendance.example"
TASK = "task-unified-1774857405-abc123"
LINKS = Links(b"secret")
DAY = 24 * 3600


def parts(link: str) -> tuple[str, str, str]:
    url = urlsplit(link)
    query = parse_qs(url.query)
    return url.path.rsplit("/", 1)[1], query["ends"][0], query["signature"][0]


def test_OUT_09_a_link_works_for_24_hours() -> None:
    now = time.time()
    link = parts(LINKS.result("http://x/", "a.mp4", made=now))
    assert LINKS.check(*link) == int(now + DAY)
    assert LINKS.check(*link, now=now + DAY - 1)
    with pytest.raises(LinkExpired, match="24 hours"):
        LINKS.check(*link, now=now + DAY + 1)
    with pytest.raises(LinkExpired, match="24 hours"):  # by the clock of the machine, too
        LINKS.check(*parts(LINKS.result("http://x/", "a.mp4", made=now - DAY - 1)))


def test_a_link_that_was_altered_is_refused() -> None:
    key, ends, signature = parts(LINKS.result("http://x", "a.mp4", made=time.time()))
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
            LINKS.check(*altered)


def test_each_kind_has_its_path_which_stands_for_the_folder_of_the_key() -> None:
    made = [
        LINKS.result(BASE, f"{TASK}.mp4", made=1.0),
        LINKS.upload(BASE + "/", f"{UPLOADS}file-1.png", ends=1.0),
        LINKS.input(BASE, f"{INPUTS}{TASK}/image-1.png", ends=1.0),
    ]
    paths = [f"/v1/results/{TASK}.mp4", "/api/v1/files/content/file-1.png", f"/v1/inputs/{TASK}/image-1.png"]
    assert [link.partition("?")[0] for link in made] == [BASE + path for path in paths]


def test_what_a_link_names_is_known_again_on_whatever_host() -> None:
    now = time.time()
    for key in (f"{TASK}.mp4", f"{TASK}.last-frame.png"):
        for base in (BASE, "http://127.0.0.1:8000"):
            assert LINKS.key_of(LINKS.result(base, key, made=now), now=now) == key
    upload = f"{UPLOADS}file-1.png"
    assert LINKS.key_of(LINKS.upload(BASE, upload, ends=now + 5), now=now) == upload


def test_a_link_that_has_ended_is_told_and_another_is_none_of_ours() -> None:
    now = time.time()
    link = LINKS.result(BASE, f"{TASK}.mp4", made=now)
    with pytest.raises(LinkExpired):
        LINKS.key_of(link, now=now + DAY + 1)
    for other in (link[:-1], link.partition("?")[0], link.replace("results", "elsewhere"), "http://[", ""):
        assert LINKS.key_of(other, now=now) is None
    assert Links(b"of another server").key_of(link, now=now) is None


def test_a_callback_is_known_by_its_mark() -> None:
    mark = parse_qs(urlsplit(LINKS.callback(BASE, "task-1-0")).query)["mark"][0]
    LINKS.check_callback("task-1-0", mark)
    for request_key, given in (("task-1-1", mark), ("task-1-0", mark[:-1]), ("task-1-0", "é")):
        with pytest.raises(LinkInvalid):
            LINKS.check_callback(request_key, given)


def test_the_paths_of_videos_and_pictures_are_known_at_the_address_of_the_server() -> None:
    kept = {"result": "mp4", "poster": "poster.webp", "strip": "strip.webp", "last-frame": "last-frame.png"}
    for name, ending in kept.items():
        url = f"{BASE}/v1/tasks/{TASK}/{name}"
        for written in (url, f"{url}?as=it-may-be"):
            assert made_and_named(written, BASE) == made_and_named(written, BASE + "/") == f"{TASK}.{ending}"


@pytest.mark.parametrize(
    "url",
    [f"https://elsewhere.example/v1/tasks/{TASK}/poster", f"{BASE}.example/v1/tasks/{TASK}/poster", f"{BASE}/v1/tasks/{TASK}",
     f"{BASE}/v1/tasks/{TASK}/events", f"{BASE}/v1/tasks/task-1/poster", f"{BASE}/v1/tasks/{TASK}/poster/x", "", BASE],
)  # fmt: skip
def test_other_paths_name_nothing_that_is_made(url: str) -> None:
    assert made_and_named(url, BASE) is None
