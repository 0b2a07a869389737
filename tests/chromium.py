"""Debian's Chromium for the tests of pages, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def skip_without_chromium() -> None:
    """Skip the test, with a word, where there is no Playwright or no Chromium."""
    pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")


@contextmanager
def launched() -> Generator[Any]:
    """A browser, for as long as the block runs.

    Meanwhile Playwright's event loop counts as running in the whole process, so that asyncio's runners refuse to begin.
    """
    skip_without_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
