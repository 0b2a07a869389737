"""The prompt that an engine is given: the user's own, or a caption that a language model made of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from opendance.cancelling import all_done
from opendance.errors import TaskError
from opendance.job import Job
from opendance.pipeline.journal import CAPTION, Journal
from opendance.plan import Plan
from opendance.prompt import find_references
from opendance.rewriting import Caption, Rewriter
from opendance.safety import Guard

_REFUSED: Final = "the content filter refuses it"


@dataclass(frozen=True)
class Captions:
    """Gives engines their prompts; the caption of a task is made once, and kept in its journal.

    Args:
        rewriter: None: no prompt is rewritten.
        guard: looks at what comes back as at any prompt.
    """

    rewriter: Rewriter | None
    guard: Guard
    journal: Journal

    async def job_for(self, engine: str, job: Job, cancel: asyncio.Event) -> tuple[Job, tuple[str, ...]]:
        """The job as this engine gets it, and notes for the journal.

        Raises:
            WorkCancelled: `cancel` was set.
        """
        if self.rewriter is None or not self.rewriter.serves(engine):
            return job, ()
        if not self.journal.has(CAPTION):
            (made,) = await all_done([self.rewriter.caption(job.plan.prompt)], cancel)
            await self.journal.put(CAPTION, await self._checked(made, job))
        caption = self.journal.get(CAPTION)
        if not caption.text:
            return job, (f"the prompt is not rewritten: {caption.problem}",)
        references = find_references(caption.text)
        plan = replace(job.plan, prompt=caption.text, references=references)
        return replace(job, plan=plan), (f"the prompt was rewritten by {caption.model}",)

    async def _checked(self, caption: Caption, job: Job) -> Caption:
        problem = lost(job.plan, caption.text) if caption.text else ""
        if caption.text and not problem:
            try:
                findings = (await self.guard.prompt(caption.text, filtered=job.content_filter)).findings
                problem = _REFUSED if findings else ""
            except TaskError as error:  # a classifier that must be asked does not answer
                problem = error.message
        return replace(caption, text="", problem=problem) if problem else caption


def lost(plan: Plan, caption: str) -> str:
    """What of the prompt the caption has lost, in words; empty where nothing is."""
    named = {(reference.kind, reference.number) for reference in plan.references}
    kept = {(reference.kind, reference.number) for reference in find_references(caption)}
    if named != kept:
        words = ", ".join(f"{kind} {number}" for kind, number in sorted(named ^ kept))
        return f"it does not name the same assets ({words})"
    said = [line.text for line in plan.dialogue] + [words.text for words in plan.written]
    missing = next((text for text in said if text not in caption), None)
    return "" if missing is None else "it leaves out what is spoken or written"
