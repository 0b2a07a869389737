"""What waits for its verb while a Korean or Japanese sentence is read: there the verb comes last."""

from __future__ import annotations

from dataclasses import dataclass, field

from opendance.plan import Relation
from opendance.prompt.nouns import Item, Noun


@dataclass
class Clause:
    """What waits for its verb."""

    subject: list[Noun] = field(default_factory=list["Noun"])
    topic: bool = False
    fresh: bool = False  # nothing stands between the subject and what comes
    objects: list[Noun] = field(default_factory=list["Noun"])
    where: list[tuple[Relation, Noun]] = field(default_factory=list[tuple[Relation, Noun]])
    company: list[Noun] = field(default_factory=list["Noun"])
    tools: list[Noun] = field(default_factory=list["Noun"])
    bare: Noun | None = None  # a noun without a particle
    given: Noun | None = None  # to whom something is done
    gapped: list[tuple[list[Noun], list[Noun]]] = field(default_factory=list["tuple[list[Noun], list[Noun]]"])
    held: Noun | None = None  # whose hand, waist or tail it is done to


@dataclass
class Waiting:
    """A verb that tells of the next noun."""

    item: Item
    subject: list[Noun]
    objects: list[Noun]
    where: list[tuple[Relation, Noun]]
    tools: list[Noun]
    given: Noun | None
