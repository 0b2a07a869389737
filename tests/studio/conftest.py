"""The Studio in Debian's Chromium, against a real server with the engines previs and blank; elements by role and name.

Where there is no Chromium, or the page is not built, the tests are skipped with a word.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from opendance.studio import is_built
from tests.chromium import skip_without_chromium
from tests.conftest import RunningServer, start_server

# Both engines: what is said of speeds, kinds and failing over needs more than one.
ENGINES = {"OPENDANCE_ENGINES": "previs,blank", "OPENDANCE_ROUTES__DEFAULT": "previs,blank"}
QUICK = {"OPENDANCE_ENGINES": "blank", "OPENDANCE_ROUTES__DEFAULT": "blank", "OPENDANCE_BLANK_SECONDS": "0.5"}
"""A server whose clips take half a second and show nothing: for tests of what is around them."""


@dataclass
class Studio:
    """A server and what a test does with it beside the page.

    Attributes:
        server: with its key, and `admin()` for the operator's routes.
    """

    server: RunningServer

    @property
    def address(self) -> str:
        return self.server.address

    def link(self, *options: str) -> str:
        """The address that signs a browser in, once, as `opendance link` prints it.

        Args:
            options: of the command, such as `--admin`.
        """
        command = [sys.executable, "-m", "opendance", "link", "--data-dir", str(self.server.data_dir), *options]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return next(word for word in printed.split() if "#link=" in word)


@dataclass
class Watched:
    """What a page did beside what it shows.

    Attributes:
        errors: of its console, and those that nothing caught.
        violations: of the content security policy.
        elsewhere: addresses of other hosts that it asked.
        asked: `METHOD /path` of each request to this server, in order.
    """

    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.errors or self.violations or self.elsewhere)


@pytest.fixture(scope="session")
def built_page() -> None:
    """Skips, with a word, where the page cannot be looked at."""
    skip_without_chromium()
    if not is_built():
        pytest.skip("the Studio's page is not built: make studio-page")


@pytest.fixture(scope="package")
def studio(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Studio]:
    """A server with previs and blank, on a fresh data folder; shared by the tests of a process."""
    running = start_server(tmp_path_factory.mktemp("studio"), **ENGINES)
    yield Studio(running)
    running.stop()


@pytest.fixture
def new_studio(built_page: None, tmp_path: Path) -> Generator[Callable[..., Studio]]:
    """Starts servers on the test's own data folder; keywords are environment variables, `QUICK` for instance."""
    started: list[RunningServer] = []

    def start(**environment: str) -> Studio:
        started.append(start_server(tmp_path / f"data{len(started)}", **{**ENGINES, **environment}))
        return Studio(started[-1])

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def new_page(built_page: None, chromium: Any) -> Generator[Callable[..., Any]]:
    """Opens pages, each in a browser of its own; keywords are Playwright's of a context (viewport, locale,
    color_scheme, …). `page.watched` has what each did.
    """
    contexts: list[Any] = []

    def open_page(**options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options})
        context.set_default_timeout(60_000)  # ms: the machine may have much else to do
        contexts.append(context)
        return watch(context.new_page())

    yield open_page
    for context in contexts:
        context.close()


def watch(page: Any) -> Any:
    """The page, with `page.watched`: all that it does beside what it shows."""
    watched = Watched()
    page.watched = watched

    def said(message: Any) -> None:
        if message.type == "error":
            kind = watched.violations if "Content Security Policy" in message.text else watched.errors
            kind.append(message.text)

    def asked(request: Any) -> None:
        at = urlsplit(request.url)
        if at.scheme in ("blob", "data"):
            return
        if at.hostname not in ("127.0.0.1", "localhost"):
            watched.elsewhere.append(request.url)
        watched.asked.append(f"{request.method} {at.path}")

    page.on("console", said)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", asked)
    return page


@pytest.fixture
def sign_in(new_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens a page that is signed in: `sign_in(studio)`, `sign_in(studio, "--admin")`; keywords as in `new_page`.
    `path` is where it goes.

    The browser gets its session without a page: a link that is made by the API costs no process and no page load.
    """

    def signed_in(studio: Studio, *options: str, path: str = "/", **context: Any) -> Any:
        page = new_page(**context)
        with studio.server.admin() as client:
            asked = {"admin": "--admin" in options}
            link = client.post("/admin/v1/accounts/default/link", json=asked).raise_for_status().json()["link"]
        session = page.request.post(
            f"{studio.address}/studio/v1/session", data={"link": link}, headers={"Origin": studio.address}
        )
        assert session.ok, session.text()
        page.goto(studio.address + path)
        return page

    return signed_in


@pytest.fixture
def page(studio: Studio, sign_in: Callable[..., Any]) -> Any:
    """A page of the shared server, signed in."""
    return sign_in(studio)
