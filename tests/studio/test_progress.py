"""What a card tells while its clip is made, over twenty clips of previs."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.studio.conftest import Studio
from tests.studio.tasks import begin, task, wait_until_ended

pytestmark = [
    pytest.mark.studio,
    pytest.mark.thorough,
    pytest.mark.timeout(1_800),
]  # twenty clips, whatever else there is to do
_CLIPS = 20
_STEP, _LONG_STEP = 10, 60  # s of what is shown, under and over a minute
_WATCH = """() => {
    window.seen = {}
    const look = () => {
        for (const article of document.querySelectorAll('article.processing')) {
            const bar = article.querySelector('progress')
            const time = article.querySelector('time')
            if (!bar) continue
            const steps = (window.seen[article.querySelector('a.name').href.split('/').pop()] ??= [])
            const step = [Date.now() / 1000, bar.value, bar.getAttribute('aria-label'), time?.dateTime ?? '', time?.textContent ?? '']
            if (steps.length && `${steps.at(-1).slice(1)}` === `${step.slice(1)}`) continue
            steps.push(step)
        }
    }
    new MutationObserver(look).observe(document.querySelector('main'), {
        subtree: true, childList: true, attributes: true, characterData: true,
    })
}"""


def _seconds(shown: str) -> int:
    """What "about 40s" and "in a moment" stand for."""
    if "moment" in shown:
        return _STEP
    about = re.fullmatch(r"about (\d+)\s?(s|min)", shown)
    assert about is not None, shown
    return int(about[1]) * (60 if about[2] == "min" else 1)


def test_no_bar_goes_back_every_stage_has_words_and_the_time_left_is_true(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any]
) -> None:
    studio = new_studio(OPENDANCE_ENGINES="previs", OPENDANCE_ROUTES__DEFAULT="previs")
    page = sign_in(studio, path="/queue")
    page.get_by_text("Nothing waits").first.wait_for()
    page.evaluate(_WATCH)
    ids = begin(studio, *[f"A boat on a lake, take {number}" for number in range(_CLIPS)], duration=5, quality="720p")
    wait_until_ended(studio, *ids)
    seen: dict[str, list[Any]] = page.evaluate("window.seen")
    assert set(seen) == set(ids)

    wrong: list[float] = []
    for task_id, steps in seen.items():
        shares = [share for _, share, *_ in steps]
        assert shares == sorted(shares)
        assert all(words and "stage." not in words and words != "working" for _, _, words, *_ in steps)
        shown = [_seconds(each) for *_, each in steps if each]
        assert all(after - before <= (_STEP if before < 60 else _LONG_STEP) for before, after in pairwise(shown))
        card = task(studio, task_id, include="card")
        half = (card["started"] + card["finished"]) / 2
        told = [float(left[2:-1]) - (half - at) for at, _, _, left, _ in steps if left and at <= half]
        wrong.append(abs(told[-1] - (card["finished"] - half)) / (card["finished"] - half))
    assert statistics.median(wrong) <= 0.2, wrong
    assert max(wrong) <= 0.4, wrong
