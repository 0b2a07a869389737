"""What the Chinese clauses of a shot have told so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from opendance.plan import Relation
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import Scene


@dataclass
class SceneSoFar:
    """What the clauses before tell: who they are about, who was named last, and whether the camera acts.

    Attributes:
        airs: what is no thing of its own - mist, light, a mountain range -, and may do something.
    """

    scene: Scene
    topic: list[Noun] = field(default_factory=list[Noun])
    named: list[Noun] = field(default_factory=list[Noun])
    where: list[tuple[Relation, Noun]] = field(default_factory=list[tuple[Relation, Noun]])
    waiting: list[tuple[Item, Noun | None]] = field(default_factory=list[tuple[Item, Noun | None]])
    camera: bool = False
    airs: list[Noun] = field(default_factory=list[Noun])
    moved: Noun | None = None  # what was moved last
    alone: Noun | None = None  # whom the clause before names and says nothing of
    before: list[Noun] = field(default_factory=list[Noun])

    def recall(self, pronoun: str) -> list[Noun]:
        """Whom a pronoun means of those who were seen in the shots before: they are seen again."""
        fitting = [noun for noun in self.before if fits_pronoun(noun, pronoun)] or self.before
        if not fitting:
            return []
        first = next((noun for noun in fitting if noun.deeds), fitting[0])
        copy = first.seen_again()
        self.scene.nouns.append(copy)
        self.topic = [copy]
        self.named.append(copy)
        return [copy]


def fits_pronoun(noun: Noun, pronoun: str) -> bool:
    """Whether a Chinese pronoun may mean somebody or something."""
    if pronoun.startswith("它"):
        return noun.kind != "person"
    gender = "female" if pronoun.startswith("她") else "male" if pronoun.startswith("他") else None
    return noun.kind == "person" and (gender is None or noun.gender in (None, gender))
