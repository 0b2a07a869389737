"""The documentation as a site: built with every link checked, opened from a disk and from a server, searched and read.

Where there is no MkDocs with its theme, or no Chromium, the tests are skipped with a word.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
PHONE = {"width": 390, "height": 844}
# What to ask for, and a page that must be among the answers: English, Korean, Chinese, Japanese.
SEARCHES = {
    "idempotency": "api.html",
    "OPENDANCE_PORT": "reference/settings.html",
    "화면 비율": "ko/request.html",
    "画面比例": "zh/request.html",
    "首帧": "zh/request.html",
    "アスペクト比": "ja/request.html",
    "料金": "ja/request.html",
}
pytestmark = pytest.mark.thorough


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of the site; built once, whichever process of the tests comes first."""
    pytest.importorskip("material", reason="the site needs mkdocs-material, which comes with the extra dev")
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent
    folder = shared / "site"
    with FileLock(shared / "site.lock"):
        if not (folder / "index.html").is_file():
            command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
            built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert built.returncode == 0, built.stdout + built.stderr
    return folder


class Links(HTMLParser):
    """What a page leads to, loads, and can be led to in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors |= {name for name in (values.get("id"), values.get("name")) if name}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if tag in ("script", "img", "iframe", "source", "video") and values.get("src"):
            self.loads.append(values["src"] or "")
        if tag == "link" and values.get("rel") in ("stylesheet", "icon", "preconnect", "preload"):
            self.loads.append(values.get("href") or "")


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, Links]:
    """Every page of the site, by its place."""
    return {page.relative_to(site).as_posix(): Links(page) for page in sorted(site.rglob("*.html"))}


def test_every_link_leads_somewhere(site: Path, pages: dict[str, Links]) -> None:
    astray: list[str] = []
    for place, page in pages.items():
        for link in page.links + page.loads:
            parts = urlsplit(link)
            # The page for what is not found cannot know where the site will be.
            if parts.scheme or place == "404.html":
                continue
            target = (site / place).parent.joinpath(unquote(parts.path)).resolve() if parts.path else site / place
            if not target.exists():
                astray.append(f"{place}: {link} leads nowhere")
            elif parts.fragment and target.suffix == ".html":
                anchors = pages[target.relative_to(site.resolve()).as_posix()].anchors
                if unquote(parts.fragment) not in anchors | {"__consent"}:
                    astray.append(f"{place}: {link} has no such place")
    assert astray == []


def test_no_page_loads_anything_from_another_host(pages: dict[str, Links]) -> None:
    assert [(place, each) for place, page in pages.items() for each in page.loads if urlsplit(each).scheme] == []


def test_every_guide_of_every_page_is_in_the_search(site: Path, pages: dict[str, Links]) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    assert {entry["location"].partition("#")[0] for entry in index["docs"]} >= set(pages) - {"404.html"}


# ── in Chromium ──


@dataclass
class Reader:
    """A browser and where it reads the site.

    Attributes:
        begin: address of the site's folder.
        elsewhere: addresses of other hosts that were asked.
        wrong: errors of consoles, and those that nothing caught.
    """

    browser: Any
    begin: str
    elsewhere: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def open(self, place: str, **options: Any) -> Any:
        page = self.browser.new_context(**options).new_page()
        page.on("request", lambda asked: self._asked(asked.url))
        page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.goto(self.begin + place)
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith((self.begin, "blob:", "data:", "about:")):
            self.elsewhere.append(url)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the tests say what was asked."""


@pytest.fixture(params=["from a disk", "from a server"])
def reader(request: pytest.FixtureRequest, site: Path, chromium: Any) -> Generator[Reader]:
    if request.param == "from a disk":
        yield Reader(chromium, site.as_uri() + "/")
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Reader(chromium, f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()


def test_every_page_opens_and_asks_nobody_else(reader: Reader, pages: dict[str, Links]) -> None:
    page = reader.open("index.html")
    for place in pages:
        if place != "404.html":
            page.goto(reader.begin + place)
            assert page.locator("h1").first.is_visible(), place
    assert (reader.wrong, reader.elsewhere) == ([], [])


def test_the_search_finds_in_four_languages(reader: Reader) -> None:
    page = reader.open("index.html")
    box = page.locator("input.md-search__input")
    for words, place in SEARCHES.items():
        box.click()
        box.fill(words)
        box.press("End")  # the theme listens to keys
        page.locator(f'.md-search-result__link[href*="{place}"]').first.wait_for(state="attached")
    assert (reader.wrong, reader.elsewhere) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_in_the_dark_and_on_a_phone(reader: Reader, scheme: str) -> None:
    page = reader.open("index.html", color_scheme=scheme, viewport=PHONE)
    for place in ("index.html", "reference/settings.html", "ko/request.html", "compare.html", "api.html"):
        page.goto(reader.begin + place)
        body = page.locator("body")
        assert body.get_attribute("data-md-color-scheme") == ("slate" if scheme == "dark" else "default")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{place} is wider than a phone by {wide} px"
    assert (reader.wrong, reader.elsewhere) == ([], [])


def test_the_list_of_languages_leads_to_the_same_page(reader: Reader) -> None:
    page = reader.open("ko/request.html")
    assert page.locator("html").get_attribute("lang") == "ko"
    page.locator('.md-select__link[hreflang="ja"]').evaluate("link => link.click()")
    page.wait_for_url("**/ja/request.html")
    assert page.locator("html").get_attribute("lang") == "ja"
