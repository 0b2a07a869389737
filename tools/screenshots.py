"""The pictures of the Studio in README and docs/studio.md, docs/studio/*.webp: a server of its own with some clips, in Debian's Chromium."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image

from opendance.server_file import read_server_file
from opendance.studio import is_built

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

_OUT = Path(__file__).parents[1] / "docs" / "studio"
_PROMPTS = (
    "A lighthouse in the storm at night, waves break on the rocks, wide shot",
    "A fox runs through an autumn forest, tracking shot, leaves whirl behind it",
    "Neon street in the rain at night, a woman with a red umbrella, handheld camera",
    "Two dogs chase a ball on the beach, golden hour, wide shot",
    "A paper boat sails down a gutter after the storm, macro, soft light",
    "A robot waters sunflowers in a greenhouse, close-up",
    "A hot air balloon rises over snowy mountains at dawn, crane shot",
    "A cat plays the piano on a moonlit stage, slow push in, cinematic",
)
_SIZE: ViewportSize = {"width": 1440, "height": 900}
_MOST = 600  # s that all clips together may take


def main() -> None:
    """Makes the pictures; needs Playwright for Python, Chromium and the built page."""
    chromium = shutil.which("chromium")
    if chromium is None or not is_built():
        sys.exit("make screenshots needs Chromium (apt-get install chromium) and the built page (make studio)")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "opendance", "serve", "--port", "0", "--data-dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"OPENDANCE_ENGINES": "previs"})  # noqa: S603
        try:
            _photograph(_address_of(server, Path(folder)), folder, chromium)
        finally:
            server.terminate()
            server.wait(30)


def _photograph(address: str, folder: str, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=_SIZE, locale="en-GB", reduced_motion="reduce")
        page.goto(_printed("link", folder))
        page.locator("div[role=textbox]").wait_for()
        _make_clips(address, _printed("keys", folder))
        page.reload()
        page.locator("div[role=textbox]").wait_for()
        page.keyboard.type("An old fisherman mends his net at the harbour at dusk and says “The sea remembers.”")
        page.get_by_role("region", name="What was understood").wait_for()
        page.wait_for_timeout(1_000)
        _keep(page, "create")
        page.goto(f"{address}/library")
        page.locator("main img").first.wait_for()
        page.wait_for_timeout(1_500)
        _keep(page, "library")
        page.evaluate("localStorage.setItem('theme', 'light')")
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {_printed('keys', folder)}"}) as client:
            [newest, *_] = client.get("/v1/tasks").json()["data"]
        page.goto(f"{address}/library/{newest['id']}")
        page.locator("video").first.wait_for()
        page.wait_for_timeout(2_000)
        _keep(page, "viewer")
        browser.close()


def _make_clips(address: str, key: str) -> None:
    """One clip of each prompt; waits until all of them are there."""
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        for prompt in _PROMPTS:
            body = {"model": "seedance-2.0-text-to-video", "prompt": prompt, "duration": 4, "quality": "720p"}
            client.post("/v1/videos/generations", json=body).raise_for_status()
        ends = time.monotonic() + _MOST
        while any(task["status"] in ("pending", "processing") for task in client.get("/v1/tasks").json()["data"]):
            if time.monotonic() > ends:
                sys.exit(f"the clips were not made within {_MOST} s")
            time.sleep(1)


def _printed(what: str, folder: str) -> str:
    """What the command line prints: the address of a link, or a new key."""
    options = ["create", "--name", "screenshots"] if what == "keys" else []
    command = [sys.executable, "-m", "opendance", what, *options, "--data-dir", folder]
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    return next(word for word in words if word.startswith("od-") or "#link=" in word)


def _address_of(server: subprocess.Popen[Any], folder: Path) -> str:
    while server.poll() is None:
        found = read_server_file(folder)
        if found is not None and found.pid == server.pid:
            return found.address
        time.sleep(0.05)
    sys.exit("the server did not start")


def _keep(page: Any, name: str) -> None:
    _OUT.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(_OUT / f"{name}.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
