"""How quick the Studio is in Chromium, with the processor slowed down to a fourth: each line beside what it is to be.

A server with the engine blank, a prompt of 1,000 words, a library of 10,000 tasks, seven tabs; all on this machine.

`python -m benchmarks.studio [slowdown]`
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.chromium import launched
from tests.conftest import start_server
from tests.studio.conftest import QUICK, Studio
from tests.studio.tasks import SLOW, begin
from tests.studio.test_many import fill

_WORDS = 1_000
_KEYS = 60
_ROUNDS = 8
_TABS = 7
_ENTRIES = """() => {
    window.keys = []
    new PerformanceObserver(list => keys.push(...list.getEntries().filter(each => each.name === 'keydown')))
        .observe({ type: 'event', durationThreshold: 16, buffered: true })
    window.longest = 0
    new PerformanceObserver(list => { longest = Math.max(longest, ...list.getEntries().map(each => each.duration)) })
        .observe({ type: 'longtask' })
}"""
_CHECKED = """at => performance.getEntriesByType('resource')
    .find(each => each.name.endsWith('/check') && each.startTime > at)?.responseEnd"""
_CARDS = """() => {
    addEventListener('keydown', event => {
        if (event.key === 'Enter') [window.pressed, window.card] = [event.timeStamp, 0]
    }, true)
    new MutationObserver(() => {
        const count = document.querySelectorAll('aside article').length
        if (count > (window.cards ?? 0) && !window.card) window.card = performance.now()
        window.cards = count
    }).observe(document.querySelector('aside'), { subtree: true, childList: true })
}"""
_BOX = """() => {
    new MutationObserver((_, observer) => {
        if (!document.querySelector('textarea.box, div.box')) return
        window.typable = performance.now()
        observer.disconnect()
    }).observe(document, { subtree: true, childList: true })
}"""


class Line:
    """A figure with its target, printed as soon as it is known."""

    def __init__(self, name: str, target: float) -> None:
        self.name, self.target = name, target

    def tell(self, values: list[float], percentile: int = 50) -> None:
        """Print the percentile of some values, ms."""
        ordered = sorted(values)
        value = ordered[min(len(ordered) - 1, len(ordered) * percentile // 100)]
        print(f"{self.name:52}{value:9.0f} ms{self.target:9.0f}{'' if value <= self.target else '   over'}", flush=True)


def main() -> None:
    slowdown = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    print(f"{'processor slowed ' + f'{slowdown:g} x':52}{'measured':>12}{'target':>9}")
    with tempfile.TemporaryDirectory() as folder, launched() as chromium:
        for measure, environment in ((create, QUICK), (tabs, SLOW), (library, QUICK)):
            server = start_server(Path(folder, measure.__name__), stderr=None, **environment)
            try:
                measure(Studio(server), chromium, slowdown)
            finally:
                server.stop()


def signed_in(studio: Studio, chromium: Any, slowdown: float, path: str) -> Any:
    """A page that is slowed down and has a session, and has been at `path`: what it loads is in its cache."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    with studio.server.admin() as client:
        link = client.post("/admin/v1/accounts/default/link", json={}).raise_for_status().json()["link"]
    page.request.post(f"{studio.address}/studio/v1/session", data={"link": link}, headers={"Origin": studio.address})
    page.goto(studio.address + path)
    page.locator("main h1").first.wait_for(state="attached")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    return page


def create(studio: Studio, chromium: Any, slowdown: float) -> None:
    """Create: loaded, typed in, checked, sent."""
    page = signed_in(studio, chromium, slowdown, "/create")
    page.add_init_script(f"({_BOX})()")
    painted: list[float] = []
    typable: list[float] = []
    for _ in range(_ROUNDS):
        page.reload()
        page.wait_for_function("window.typable")
        page.wait_for_timeout(500)
        painted.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        typable.append(page.evaluate("window.typable"))
    Line("first paint", 800).tell(painted)
    Line("prompt can be typed in", 1200).tell(typable)

    box = page.locator("div[role=textbox]")
    box.click()
    page.keyboard.insert_text("A boat on a quiet lake turns. " * (_WORDS // 6))
    page.wait_for_timeout(3_000)
    page.evaluate(_ENTRIES)
    for index in range(_KEYS):
        page.keyboard.press("abcdefghij "[index % 11])
        page.wait_for_timeout(120)
    page.wait_for_timeout(1_000)
    keys = page.evaluate("keys.map(each => [each.duration, each.processingEnd - each.processingStart])")
    unseen = _KEYS - len(keys)  # quicker than the browser tells
    durations = [16.0] * unseen + [each[0] for each in keys]
    Line(f"a key in a prompt of {_WORDS} words to the screen, p95", 16).tell(durations, 95)
    Line("  of that our handlers, p95", 16).tell([0.0] * unseen + [each[1] for each in keys], 95)

    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text("A boat on the sea")
    page.wait_for_timeout(1_500)
    checks: list[float] = []
    for _ in range(_ROUNDS):
        page.keyboard.type(" and")
        at = page.evaluate("performance.now()")
        checks.append(page.wait_for_function(_CHECKED, arg=at, polling=20).json_value() - at - 300)
    Line("check: pause to answer, p95", 500).tell(checks, 95)

    presses: list[float] = []
    page.evaluate(_CARDS)
    for _ in range(_ROUNDS):
        page.keyboard.type("!")
        page.wait_for_timeout(1_500)
        page.keyboard.press("Control+Enter")
        page.wait_for_function("window.card")
        presses.append(page.evaluate("card - pressed"))
    Line("press to card", 300).tell(presses)


def tabs(studio: Studio, chromium: Any, slowdown: float) -> None:
    """Seven tabs of one browser: the last of them shows a change."""
    first = signed_in(studio, chromium, slowdown, "/queue")
    pages = [first, *(first.context.new_page() for _ in range(_TABS - 1))]
    for page in pages[1:]:
        page.goto(f"{studio.address}/queue")
        page.get_by_text("Nothing waits").first.wait_for()
    watch = """() => {
        window.shown = {}
        new MutationObserver(() => {
            for (const each of document.querySelectorAll('article[aria-label]'))
                shown[each.getAttribute('aria-label')] ??= performance.timeOrigin + performance.now()
        }).observe(document.body, { subtree: true, childList: true })
    }"""
    for page in pages:
        page.evaluate(watch)
    took: list[float] = []
    for number in range(_ROUNDS):
        name = f"Seen in every tab {number}"
        begin(studio, name)
        sent = time.time() * 1000
        took.append(max(page.wait_for_function("name => shown[name]", arg=name).json_value() for page in pages) - sent)
        first.wait_for_timeout(1_000)
    Line(f"a change to the screen, the last of {_TABS} tabs", 300).tell(took)


def library(studio: Studio, chromium: Any, slowdown: float) -> None:
    """The library of 10,000 tasks: shown, searched, scrolled."""
    with studio.server.admin() as client:
        account = client.get("/admin/v1/accounts").raise_for_status().json()["data"][0]["id"]
    with ThreadPoolExecutor(1) as thread:  # the browser's own loop runs in this one
        thread.submit(lambda: asyncio.run(fill(studio, account))).result()
    page = signed_in(studio, chromium, slowdown, "/library")
    shown: list[float] = []
    tile = "[role=grid] a"
    for _ in range(_ROUNDS):
        page.reload()
        page.locator(tile).first.wait_for()
        shown.append(page.evaluate("performance.now()"))
        page.wait_for_timeout(500)
    Line("library of 10,000: first screen", 800).tell(shown)

    found: list[float] = []
    for number in range(1, 1 + _ROUNDS):
        page.get_by_role("searchbox").fill(f"花园, take 9{number}")
        at = page.evaluate("performance.now()")
        page.wait_for_function(
            "wanted => [...document.querySelectorAll('[role=grid] a')].every(each => each.ariaLabel.includes(wanted))",
            arg=f"take 9{number}",
        )
        found.append(page.evaluate("performance.now()") - at)
    Line("  search", 400).tell(found)

    page.get_by_role("searchbox").fill("")
    page.wait_for_timeout(1_000)
    page.evaluate(_ENTRIES)
    page.mouse.move(600, 400)
    for _ in range(100):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(60)
    page.wait_for_timeout(500)
    Line("  scrolled 100 screens: the longest task", 100).tell([page.evaluate("longest")])


if __name__ == "__main__":
    main()
