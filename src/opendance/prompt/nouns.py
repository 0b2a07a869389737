"""Who and what a sentence is made of, while its words are read: nouns, what they do, and the items of the text in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from opendance.plan import Age, Colour, Gender, Material, Relation
from opendance.prompt.lexicon import Hit, Verb
from opendance.prompt.word_tables import Drawing


@dataclass
class Doing:
    """Something that is done, and what it is done to, while words are read."""

    verb: Verb
    object: Noun | None = None


@dataclass
class Noun:
    """Someone or something in a shot, while its words are read.

    Attributes:
        begin, end: of its words; `words`: they themselves.
        first: where the words begin that name it, without those that only qualify it.
        drawing: what it is; None where no word is known, then `name` says it.
        relations, object: other nouns that it has to do with.
        deeds: all that it does, in order.
        inherited: it was named in a shot before.
    """

    begin: int
    end: int
    words: str
    name: str
    drawing: Drawing | None
    first: int = -1
    count: int = 1
    counted: bool = False
    colour: Colour | None = None
    material: Material | None = None
    age: Age | None = None
    gender: Gender | None = None
    role: str | None = None
    wears: list[Noun] = field(default_factory=list["Noun"])
    verb: Verb | None = None
    object: Noun | None = None
    relations: list[tuple[Relation, Noun]] = field(default_factory=list["tuple[Relation, Noun]"])
    worn: bool = False
    passive: bool = False
    deeds: list[Doing] = field(default_factory=list[Doing])
    inherited: bool = False
    hair: Colour | None = None
    qualities: tuple[str, ...] = ()

    def seen_again(self) -> Noun:
        """The same in a later shot, where it does other things."""
        return replace(
            self, wears=list(self.wears), deeds=[], verb=None, object=None, relations=[], passive=False, inherited=True
        )

    @property
    def kind(self) -> str:
        return "thing" if self.drawing is None else self.drawing.kind

    @property
    def acts(self) -> bool:
        """Whether it may do something by itself."""
        return self.kind in (
            "person",
            "animal",
            "bird",
            "fish",
            "vehicle",
            "boat",
            "rocket",
            "planet",
            "balloon",
            "machine",
        )

    @property
    def lives(self) -> bool:
        return self.kind in ("person", "animal", "bird", "fish")


@dataclass(frozen=True)
class Item:
    """A noun, a verb, a place or a part of a body, in the order of the text.

    Attributes:
        form: of a verb or a pronoun, its letters; of a material its colour; `of`: of a place, its key.
        after: where the known word before it ends, but for what tells of its looks.
    """

    kind: str
    begin: int
    end: int
    noun: Noun | None = None
    verb: Verb | None = None
    form: str = ""
    of: str = ""
    hit: Hit | None = None
    after: int = 0
