"""What tests of Create share: the composer's parts by role and name, and files to give it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tests.studio.conftest import Studio

_COLOURS = ((200, 120, 60), (40, 90, 160), (60, 130, 70), (150, 60, 140), (90, 90, 90))


def picture(folder: Path, name: str, size: tuple[int, int] = (640, 480)) -> Path:
    """A picture of one colour that its name chooses."""
    path = folder / name
    Image.new("RGB", size, _COLOURS[sum(name.encode()) % len(_COLOURS)]).save(path)
    return path


def open_create(studio: Studio, page: Any, key: str | None = None) -> Composer:
    """Signs in by key, which is quicker than a link, and opens Create."""
    page.goto(studio.address)
    page.get_by_label("API key").fill(key or studio.server.key)
    page.keyboard.press("Enter")
    return Composer(page)


@dataclass
class Composer:
    """The composer of a page that is signed in.

    Attributes:
        asked: bodies of the checks, in order.
        sent: bodies of the creations, in order.
        answers: bodies of the checks that were answered, with their answers, in order.
    """

    page: Any
    asked: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[dict[str, Any], Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._heard)
        self.page.on("response", self._answered)
        # The box with chips has replaced the plain one.
        self.page.locator("div[role=textbox]").wait_for()

    @property
    def prompt(self) -> Any:
        return self.page.get_by_role("textbox", name="Prompt", exact=True)

    @property
    def send_button(self) -> Any:
        return self.page.get_by_role("button", name=re.compile("^Generate"))

    def tile(self, name: str) -> Any:
        """The button of an asset, by its kind and number: "image 1"."""
        return self.page.get_by_role("button", name=re.compile(f"^Put {name},"))

    def add(self, *paths: Path) -> None:
        """Chooses files and waits until they are at the server."""
        before = self.page.get_by_role("button", name=re.compile("^Put ")).count()
        self.page.locator("input[type=file]").set_input_files([str(path) for path in paths])
        self.page.wait_for_function(
            "count => document.querySelectorAll('.tile').length === count && !document.querySelector('.tile progress')",
            arg=before + len(paths),
        )

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def write(self, *parts: str) -> None:
        """Types a prompt; `@2` alone puts in the chip of image 2, `@video 1` that of video 1."""
        self.prompt.click()
        for part in parts:
            if part.startswith("@"):
                name = f"image {part[1:]}" if part[1:].isdigit() else part[1:]
                self.tile(name).click()
                self.page.keyboard.press("Backspace")  # the space behind it
            else:
                self.type(part)

    def clear(self) -> None:
        self.prompt.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")

    def paste(self, text: str) -> None:
        self.prompt.evaluate(
            """(box, text) => {
                const clipboardData = new DataTransfer()
                clipboardData.setData('text/plain', text)
                box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
            }""",
            text,
        )

    def wait_until_asked(self, ending: str) -> None:
        """Waits until a prompt that ends so was asked about."""
        for _ in range(400):
            if self.asked and self.asked[-1]["prompt"].endswith(ending):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no check of a prompt with {ending!r}; the last was {self.asked[-1:]}")

    def checked(self, prompt: str | None = None) -> dict[str, Any]:
        """The answer of the check on the prompt as it stands (or on `prompt`), once it is there."""
        for _ in range(200):
            last = self.asked[-1] if self.asked else None
            if last and self.answers and self.answers[-1][0] == last and prompt in (None, last["prompt"]):
                self.page.wait_for_timeout(400)  # what is typed is asked about after 300 ms
                if self.asked[-1] == last:
                    return self.answers[-1][1].json()
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no check of {prompt!r}; the last was {self.asked[-1:]}")

    def _heard(self, request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/v1/videos/check"):
            self.asked.append(request.post_data_json)
        if request.method == "POST" and request.url.endswith("/v1/videos/generations"):
            self.sent.append(json.loads(request.post_data))

    def _answered(self, response: Any) -> None:
        if response.request.method == "POST" and response.url.endswith("/v1/videos/check") and response.ok:
            self.answers.append((response.request.post_data_json, response))
