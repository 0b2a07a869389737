"""Engines that are set up so get a caption in place of the prompt; the journal tells it, and nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.pipeline.captions import lost
from opendance.pipeline.journal import CAPTION
from opendance.pipeline.steps import RENDER
from opendance.prompt import plan_prompt
from opendance.rewriting import Caption, Rewriter
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.workshop import MadeUpHost, Workshop

PROMPT = 'image 1 walks through the rain and says "good night"'
LONG = 'The woman of image 1 walks slowly over wet stones in heavy rain and says "good night" to nobody.'


class MadeUpRewriter:
    """Gives this caption to prompts for one engine."""

    def __init__(self, text: str, engine: str) -> None:
        self.text, self.engine, self.asked = text, engine, 0

    def serves(self, engine: str) -> bool:
        return engine == self.engine

    async def caption(self, prompt: str) -> Caption:
        self.asked += 1
        return Caption(self.text, "qwen3")


@pytest.fixture
def made(workshop: Workshop) -> Any:
    """Makes a video with this caption for its engine; gives its task, what the engine got, and who was asked."""

    async def make(text: str, prompt: str = PROMPT, engine: str = "") -> tuple[TaskRecord, str, MadeUpRewriter]:
        (name,) = (name for name in workshop.hosts if name)
        rewriter = MadeUpRewriter(text, engine or name)
        workshop.tools = replace(workshop.tools, rewriter=cast(Rewriter, rewriter))
        await workshop.submit(tasks.order(prompt=prompt))
        task = await workshop.run(await workshop.claim())
        host = cast(MadeUpHost, workshop.hosts[name])
        return task, host.jobs[-1].plan.prompt, rewriter

    return make


async def test_the_engine_gets_the_caption_and_the_journal_tells(made: Any, workshop: Workshop) -> None:
    task, prompt, _ = await made("A tabby cat walks slowly over wet stones.", "a cat walks")
    assert (task.status, prompt) == (Status.COMPLETED, "A tabby cat walks slowly over wet stones.")
    journal = await workshop.journal(task)
    assert "the prompt was rewritten by qwen3" in journal.get(RENDER).notes
    assert journal.get(CAPTION) == Caption("A tabby cat walks slowly over wet stones.", "qwen3")


@pytest.mark.parametrize(
    ("caption", "problem"),
    [
        (LONG.replace("The woman of image 1", "The woman"), "it does not name the same assets (image 1)"),
        (LONG + " Behind her is image 2.", "it does not name the same assets (image 2)"),
        (LONG.replace("good night", "sleep well"), "it leaves out what is spoken or written"),
        (LONG, ""),
    ],
)
def test_a_caption_that_loses_what_was_asked_for_is_not_used(caption: str, problem: str) -> None:
    plan = plan_prompt(PROMPT, seconds=5, aspect_ratio="16:9", mode=Mode.REFERENCE, assets=(Asset("image", 1),))
    assert plan.dialogue
    assert lost(plan, caption) == problem


async def test_a_caption_that_the_content_filter_refuses_is_not_used(made: Any, workshop: Workshop) -> None:
    task, prompt, _ = await made("A naked child is molested.", "a cat walks")
    assert (task.status, prompt) == (Status.COMPLETED, "a cat walks")
    caption = (await workshop.journal(task)).get(CAPTION)
    assert (caption.text, caption.problem) == ("", "the content filter refuses it")


async def test_other_engines_get_the_prompt_as_it_is(made: Any) -> None:
    _, prompt, rewriter = await made("A caption.", "a cat walks", engine="another")
    assert (prompt, rewriter.asked) == ("a cat walks", 0)
