"""Every check of a task in one place, and what becomes of what they find."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

from opendance.aside import LONG_PROMPT, TOO_LONG_TO_READ, TookTooLong, run_aside
from opendance.errors import ConfigurationError, TaskError
from opendance.safety.classifiers import Classifier, load_classifier
from opendance.safety.pictures import OPEN_NSFW, PictureFilter
from opendance.safety.policy import Finding, Policy, worst
from opendance.safety.rules import RULES_FOLDER, Rules, check_prompt, load_rules
from opendance.telemetry.metrics import CLASSIFIED, CLASSIFIER_LOADED, CLASSIFIER_SECONDS

Found = TypeVar("Found", list[Finding], Finding | None)
_log = logging.getLogger(__name__)
_FINDINGS: TypeAdapter[tuple[Finding, ...]] = TypeAdapter(tuple[Finding, ...])


@dataclass(frozen=True)
class Decision:
    """What became of one input, or of the output.

    Attributes:
        input: where it stands in the request: `prompt`, `image_urls[0]`; or `output`.
        allowed: whether the task goes on.
        unasked: classifiers that could not be asked.
    """

    input: str
    allowed: bool
    findings: tuple[Finding, ...] = ()
    unasked: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the journal and the audit log."""
        verdict: Literal["allowed", "refused"] = "allowed" if self.allowed else "refused"
        entry: dict[str, Any] = {"input": self.input, "verdict": verdict}
        if self.findings:
            findings = _FINDINGS.dump_python(self.findings, mode="json")
            entry["findings"] = [
                {name: value for name, value in each.items() if value not in (None, [])} for each in findings
            ]
        if self.unasked:
            entry["unasked"] = list(self.unasked)
        return entry

    def error(self) -> TaskError:
        """The refusal as its user is told it: the category and the input, for ordinary refusals also the words."""
        finding = worst(list(self.findings))
        assert finding is not None
        words = ", ".join(f"“{word}”" for word in finding.words[:4])
        if finding.policy is Policy.BANNED:
            what = f"{self.input}: {finding.name} is never made here, whatever content_filter says"
            return TaskError("content_policy_violation", f"{what}; ask for something else")
        what = f"{self.input}: the content filter found {finding.name}" + (f" ({words})" if words else "")
        if self.input == "output":
            return TaskError(
                "content_policy_violation", f"{what} in the finished video; change the prompt or the media"
            )
        return TaskError("content_policy_violation", f"{what}; change it, or send content_filter: false")


class Guard:
    """The checks of this server.

    Args:
        rules: folder with rules of words.
        classifiers: what each classifier is told, by name.
        threshold: score from which on a picture is refused; None: pictures are not looked at.
        required: whether a classifier that cannot be asked fails the task.

    Raises:
        ConfigurationError: a rule or a classifier is wrong.
    """

    def __init__(
        self,
        *,
        rules: Path | None = None,
        classifiers: Mapping[str, Mapping[str, Any]] | None = None,
        threshold: float | None = 0.8,
        required: bool = False,
    ) -> None:
        if rules is not None and not rules.is_dir():
            raise ConfigurationError(f"safety_rules: there is no folder {rules}")
        self._folder = rules or RULES_FOLDER
        self._rules: Rules = load_rules(self._folder)
        self._classifiers: dict[str, Classifier] = {
            name: load_classifier(name, options) for name, options in (classifiers or {}).items()
        }
        self._pictures = None if threshold is None else PictureFilter(threshold)
        self._required = required
        for name in (*self._classifiers, *([] if self._pictures is None else [OPEN_NSFW])):
            CLASSIFIER_LOADED.labels(name).set(name in self._classifiers)
            for verdict in ("clean", "flagged", "failed"):
                CLASSIFIED.labels(name, verdict)

    async def prompt(self, prompt: str, *, filtered: bool) -> Decision:
        """Decide on a prompt.

        Args:
            filtered: whether the request's content filter is on.

        Raises:
            TaskError: it takes too long to read it, or a classifier that must be asked could not be.
        """
        findings = await self._check(prompt)
        unasked: list[str] = []
        answers = await asyncio.gather(
            *(_counted(name, each.classify(prompt)) for name, each in self._classifiers.items()), return_exceptions=True
        )
        for classifier, answer in zip(self._classifiers, answers, strict=True):
            if isinstance(answer, BaseException):
                _log.warning("classifier %s: %s: %s", classifier, type(answer).__name__, answer)
                unasked.append(classifier)
            else:
                findings += answer
        if unasked and self._required:
            problem = "the content filter does not answer; please try again"
            raise TaskError("service_unavailable", problem)
        return _decision("prompt", findings, filtered=filtered, unasked=tuple(unasked))

    async def _check(self, prompt: str) -> list[Finding]:
        if len(prompt) <= LONG_PROMPT:
            return await asyncio.to_thread(self._rules.check, prompt)
        try:
            return await run_aside(check_prompt, prompt, self._folder)
        except TookTooLong:
            raise TaskError("invalid_parameters", TOO_LONG_TO_READ) from None

    async def file(self, name: str, path: Path, *, is_video: bool, filtered: bool) -> Decision | None:
        """Decide on a picture or video; None where it was not looked at."""
        if self._pictures is None or not filtered:
            return None
        finding = await _counted(OPEN_NSFW, asyncio.to_thread(self._pictures.check_file, path, is_video=is_video))
        return _decision(name, [] if finding is None else [finding], filtered=True)


async def _counted(classifier: str, answer: Awaitable[Found]) -> Found:
    """What a classifier finds, with how long it took, for the metrics."""
    began, verdict = time.perf_counter(), "failed"
    try:
        found = await answer
        verdict = "flagged" if found else "clean"
        return found
    finally:
        CLASSIFIED.labels(classifier, verdict).inc()
        CLASSIFIER_SECONDS.labels(classifier).observe(time.perf_counter() - began)


def _decision(name: str, findings: list[Finding], *, filtered: bool, unasked: tuple[str, ...] = ()) -> Decision:
    decisive = [finding for finding in findings if filtered or finding.policy is Policy.BANNED]
    return Decision(name, not decisive, tuple(decisive or findings), unasked)
