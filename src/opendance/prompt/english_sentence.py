"""What was read of an English text so far, and whom its pronouns mean."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from opendance.plan import Relation
from opendance.prompt.english_forms import (
    SOMEBODY,
    fits,
)
from opendance.prompt.english_gaps import Gap
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import (
    Scene,
)
from opendance.prompt.word_tables import Drawing


@dataclass
class Sentence:
    """A text, read from item to item.

    Attributes:
        topic: who the clause is about; `doers`: who did what the last verb says, `main`: who did what the last
            verb says that is no participle.
        acting: the verb that may still get an object; `passive`: whether its object stands before it.
        last, previous: the last noun, the last item; `governed`: nouns that a preposition or a verb has taken.
        earlier: who the sentence before was about; `airs`: what is no thing, and does something.
        modified: what stands before a place that only qualifies the next noun.
    """

    text: str
    items: list[Item]
    before: list[Noun]
    scene: Scene = field(default_factory=Scene)
    topic: list[Noun] = field(default_factory=list[Noun])
    doers: list[Noun] = field(default_factory=list[Noun])
    main: list[Noun] = field(default_factory=list[Noun])
    acting: Item | None = None
    passive: bool = False
    last: Noun | None = None
    previous: Item | None = None
    governed: set[int] = field(default_factory=set[int])
    joined: tuple[Noun, Relation] | None = None  # a preposition that may go on: "on the roof and the wall"
    end: int = 0
    modified: str = ""
    earlier: list[Noun] = field(default_factory=list[Noun])
    airs: list[Noun] = field(default_factory=list[Noun])
    fronted: tuple[Relation, Noun] | None = None  # where, said before who: "behind her a dog barks"
    owner: Noun | None = None  # who has what was named before: "the paw of a dog"
    following: Item | None = None  # the next item
    filming: bool = False  # the camera does what the verbs say
    at_body: tuple[Noun, Relation] | None = None  # what stands how at a body that "of" tells whose it is
    clause_begin: int = 0  # where the clause begins that is read
    governing: str = ""  # the preposition that governs the last noun

    def _has_its_verb(self) -> bool:
        """Whether what whom the clause is about does was said, other than by participles."""
        for item, agent in reversed(self.scene.verbs):
            if item.begin < self.clause_begin:
                return False
            if agent in self.topic and not item.form.split()[0].endswith("ing"):
                return True
        return False

    def _forget(self, noun: Noun) -> None:
        """Takes a noun out again that only qualifies a place."""
        self.scene.nouns.pop()
        for other in self.scene.nouns:
            other.relations = [(relation, each) for relation, each in other.relations if each is not noun]
            other.object = None if other.object is noun else other.object
            other.deeds = [deed for deed in other.deeds if deed.object is not noun]
        self.last = self.scene.nouns[-1] if self.scene.nouns else None

    def _as_noun(self, item: Item) -> Noun:
        return item.noun or Noun(
            item.begin, item.end, self.text[item.begin : item.end], item.of.replace("_", " "), None, worn=True
        )

    def _somebody(self, item: Item) -> Noun:
        """Whom a pronoun means where nobody was named before."""
        name, gender = SOMEBODY[item.form]
        drawing = Drawing("🧑", name, "person", key="person person")
        noun = Noun(item.begin, item.end, self.text[item.begin : item.end], name, drawing, item.begin, gender=gender)
        if gender is None:
            noun.count, noun.counted = 2, True
        self.scene.nouns.append(noun)
        return noun

    def _split(self, pronoun: str) -> list[Noun]:
        """Whom "she" or "he" means of a couple; the couple is two people from then on."""
        couple = next((n for n in self.scene.nouns if n.role == "couple" and not n.worn), None)
        if couple is None or pronoun not in ("he", "she"):
            return []
        both: list[Noun] = []
        for name, gender in (SOMEBODY["she"], SOMEBODY["he"]):
            drawing = Drawing("🧑", name, "person", key=f"person {name}")
            one = replace(
                couple, name=name, drawing=drawing, role=None, gender=gender, count=1, counted=False, wears=[], deeds=list(couple.deeds),
                relations=list(couple.relations),
            )  # fmt: skip
            both.append(one)
        at = next(at for at, noun in enumerate(self.scene.nouns) if noun is couple)
        self.scene.nouns[at : at + 1] = both
        self.scene.verbs += [(item, one) for item, agent in self.scene.verbs if agent is couple for one in both]
        return both[:1] if pronoun == "she" else both[1:]

    def _meant(self, pronoun: str, gap: Gap) -> list[Noun]:
        """Whom a pronoun means: somebody who was named before, here or in the shots before."""
        plural = pronoun in ("they", "them")
        gender = "female" if pronoun in ("she", "her") else "male" if pronoun in ("he", "him") else None
        if pronoun == "they" and len(self.topic) > 1:
            return list(self.topic)
        other = [] if pronoun in ("he", "she", "they") else [*self.doers, *self.topic]
        for nouns, named_before in ((self.scene.nouns, False), (self.before, True)):
            seen = [noun for noun in nouns if not noun.worn]
            fitting = (
                [n for n in seen if fits(n, pronoun, gender, plural)]
                or [n for n in seen if gender is not None and n.kind == "person" and n.role != "couple"]
                or [n for n in seen if gender is not None and n.kind in ("machine", "toy", "thing")]
            )
            fitting = [n for n in fitting if n not in other] or fitting
            if not fitting:
                continue
            surely = [n for n in fitting if gender is not None and n.gender == gender] or [
                n for n in fitting if gender is not None and n.kind == "person"
            ]
            if pronoun == "it":
                doers = [n for n in fitting if n.deeds and (n.acts or fits(n, "he", None, plural))]
                about = doers or [n for n in fitting if n in self.earlier]
                if gap.ends_sentence and about:
                    return self._seen(about[-1], named_before=named_before)
                done_to = [n for n in fitting if any(deed.object is n for doer in self.doers for deed in doer.deeds)]
                chosen = (done_to or [n for n in fitting if n.deeds or n.passive] or fitting)[-1]
            else:
                chosen = (surely or [n for n in fitting if n.deeds] or fitting)[-1]
            return self._seen(chosen, named_before=named_before)
        return []

    def _seen(self, noun: Noun, *, named_before: bool) -> list[Noun]:
        """Somebody of this shot, or of one before: the same again."""
        if not named_before:
            return [noun]
        copy = noun.seen_again()
        self.scene.nouns.append(copy)
        return [copy]
