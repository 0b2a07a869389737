"""The graded policies, their categories, and what a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Policy(StrEnum):
    """How a category is handled: `BANNED` is always refused, `STANDARD` while the request's content filter is on."""

    BANNED = "banned"
    STANDARD = "standard"


# What each category is called in an answer to a user.
CATEGORIES = {
    "sexual_minors": "sexual content with minors",
    "mass_harm": "instructions for mass harm",
    "intimate_imagery": "intimate imagery without consent",
    "terrorism": "promotion of terrorism",
    "sexual_violence": "sexual violence",
    "sexual": "explicit sexual content or nudity",
    "gore": "gore",
    "hate": "hate",
    "self_harm": "self-harm",
    "real_people": "real people in compromising scenes",
    "dangerous": "instructions for crimes",
}


@dataclass(frozen=True)
class Finding:
    """Why something is refused.

    Attributes:
        category: a key of `CATEGORIES`, or what a classifier calls it.
        words: those of the prompt that caused it, as the user wrote them.
        score: of a classifier, 0 to 1.
        region: of the picture that caused it, (left, top, right, bottom) as shares of its size.
        by: what found it: `rules`, or the classifier's name.
    """

    policy: Policy
    category: str
    words: tuple[str, ...] = ()
    score: float | None = None
    region: tuple[float, float, float, float] | None = None
    by: str = "rules"

    @property
    def name(self) -> str:
        """The category in words."""
        return CATEGORIES.get(self.category, self.category.replace("_", " "))


def worst(findings: list[Finding]) -> Finding | None:
    """The finding that decides: a banned one before others, the first of its kind."""
    return min(findings, key=lambda finding: finding.policy is not Policy.BANNED, default=None)
