"""Whether pictures and videos may be used: which are looked at, under which name, and where the looking ends."""

from __future__ import annotations

import pytest

from opendance.asset import Asset
from opendance.errors import TaskError
from opendance.order import Link
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import DECISIONS, Journal
from opendance.pipeline.steps.moderate import Passed
from opendance.pipeline.steps.screen import screen
from opendance.safety import Guard
from tests.pipeline.steps.conftest import LookingGuard, Reported, a_link, told

LINKS = (a_link("image", 1), a_link("image", 2), a_link("video", 1), a_link("audio", 1))


@pytest.fixture
def assets(folder: Folder) -> list[Asset]:
    """Copies of all links."""
    made = [Asset(link.kind, link.number, path=str(folder.copy(link))) for link in LINKS]
    for link in LINKS:
        folder.copy(link).touch()
    return made


async def test_every_picture_and_video_is_looked_at_in_order_and_no_audio(
    assets: list[Asset], decisions: Decisions, journal: Journal, reported: Reported
) -> None:
    guard = LookingGuard()
    assert await screen(LINKS, assets, guard, decisions, reported, filtered=True) == Passed()
    assert guard.seen == [
        ("image_urls[0]", "image-1.png", False, True),
        ("image_urls[1]", "image-2.png", False, True),
        ("video_urls[0]", "video-1.mp4", True, True),
    ]
    assert [kept["input"] for kept in journal.get(DECISIONS)] == ["image_urls[0]", "image_urls[1]", "video_urls[0]"]
    assert reported.shares == pytest.approx([1 / 3, 2 / 3, 1])


async def test_a_refused_one_is_named_kept_and_the_last_looked_at(
    assets: list[Asset], decisions: Decisions, journal: Journal, reported: Reported
) -> None:
    guard = LookingGuard("image_urls[1]")
    with pytest.raises(TaskError) as caught:
        await screen(LINKS, assets, guard, decisions, reported, filtered=True)
    assert told(caught.value) == (
        "content_policy_violation",
        "image_urls[1]: the content filter found explicit sexual content or nudity; change it, or send "
        "content_filter: false",
    )
    assert [name for name, *_ in guard.seen] == ["image_urls[0]", "image_urls[1]"]
    assert [(kept["input"], kept["verdict"]) for kept in journal.get(DECISIONS)] == [
        ("image_urls[0]", "allowed"),
        ("image_urls[1]", "refused"),
    ]


async def test_the_name_is_the_place_in_the_words_of_the_wire(
    assets: list[Asset], decisions: Decisions, reported: Reported
) -> None:
    guard = LookingGuard()
    link = Link("image", 1, "https://files.example/a.png", "content[2].image_url")
    await screen([link], assets[:1], guard, decisions, reported, filtered=True)
    assert [name for name, *_ in guard.seen] == ["content[2].image_url"]


@pytest.mark.rule("OUT-07")
async def test_without_the_filter_nothing_is_decided(
    assets: list[Asset], decisions: Decisions, journal: Journal, reported: Reported
) -> None:
    guard = LookingGuard("image_urls[0]")
    assert await screen(LINKS, assets, guard, decisions, reported, filtered=False) == Passed()
    assert {filtered for *_, filtered in guard.seen} == {False}
    assert journal.get(DECISIONS) == ()


async def test_a_server_that_does_not_look_at_pictures_opens_none(
    decisions: Decisions, journal: Journal, reported: Reported
) -> None:
    there_is_none = [Asset("image", 1, path="/there/is/none.png")]
    assert await screen(LINKS, there_is_none, Guard(threshold=None), decisions, reported, filtered=True) == Passed()
    assert journal.get(DECISIONS) == ()


async def test_sounds_alone_need_no_look(assets: list[Asset], decisions: Decisions, reported: Reported) -> None:
    guard = LookingGuard()
    assert await screen(LINKS, assets[3:], guard, decisions, reported, filtered=True) == Passed()
    assert (guard.seen, reported.shares) == ([], [])
