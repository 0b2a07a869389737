"""What English says of parts of bodies: what is done to them, what is on them, in whose hands something is."""

from __future__ import annotations

import re

from opendance.plan import Relation
from opendance.prompt.body_parts import is_detail
from opendance.prompt.english_gaps import Gap
from opendance.prompt.english_relations import Relations
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import PORTABLE, WEARABLE, note_object, relate
from opendance.prompt.word_tables import Drawing

_OF_SHOT = re.compile(
    r"\b(?:shot|close-up|closeup|view|footage|pov|macro|video|clip|detail|details|timelapse|time-lapse) of (?:[a-z]+ ){0,3}$"
)
# How a part of a body is that somebody is said to have.
_OF_BODY = re.compile(
    r"(?:\b(?:with|has|have|having|and)|[,(])[ ](?:(?:an?|the|his|her|their|its|one|two)[ ])?(?P<how>(?:(?!and[ ])[a-z]+(?:-[a-z]+)?[ ]){0,3})$",
    re.IGNORECASE,
)
_DONE_TO_BODY = re.compile(r"[a-z]{1,24}ing[ ](?:an?|the|his|her|their|its)\b", re.IGNORECASE)  # "wiping her brow"
_HOLDING = (
    "hand",
    "hands",
    "arms",
    "mouth",
    "beak",
    "fingers",
    "paws",
    "paw",
    "fist",
    "teeth",
    "jaws",
    "claws",
    "talons",
    "trunk",
)
_WHOSE = re.compile(r"\b(?P<whose>his|her|its|their)[ ](?:[a-z-]+[ ]){0,3}$")
# How something stands to whose body it is said to be at.
_AT_BODY: dict[str, Relation] = {
    "at": "beside", "by": "beside", "beside": "beside", "near": "beside", "next to": "beside", "alongside": "beside", "behind": "behind",
    "above": "over", "under": "under", "beneath": "under", "in front of": "in_front_of", "on": "on", "onto": "on", "over": "on", "around": "on",
    "across": "on", "atop": "on", "on top of": "on", "between": "between",
}  # fmt: skip
_ABOVE = ("head", "heads")  # over them is in the air, over a shoulder is on it


class Bodies(Relations):
    """A sentence with the bodies of those whom it names."""

    def _part(self, item: Item, gap: Gap) -> None:
        """A part of a body: what is done to it, or who does something with it."""
        self.scene.body.append(item)
        acting = self.acting
        self._tell_of_body(item, gap)
        words = self.text[item.begin : item.end]
        if (
            acting is not None
            and acting.verb is not None
            and gap.preposition is None
            and not gap.comma
            and self.previous is acting
        ):
            part = Noun(item.begin, item.end, words, words, None, worn=True)
            for doer in self.doers:
                note_object(doer, acting.verb, part)
            self.acting = None
        elif gap.preposition in ("in", "with", "between") and words.lower() in _HOLDING:
            self._hold(gap)
        elif gap.possessive and self.last is not None and id(self.last) not in self.governed:
            self.topic, self.acting = [self.last], None
        elif gap.preposition in _AT_BODY and self.last is not None and not gap.comma:
            self._stand_at(item, gap, words.lower())
        elif gap.comma and gap.preposition is None and any(doer.lives for doer in self.doers):
            self.topic, self.acting = list(self.doers), None
        elif (
            gap.preposition is None
            or (not self.before and _OF_SHOT.search(self.text, max(0, item.begin - 40), item.begin))
        ) and not any(n.lives and not n.worn for n in self.scene.nouns):
            somebody = Noun(
                item.begin,
                item.end,
                words,
                words.lower(),
                Drawing("🧑", words.lower(), "person", key=f"person {words.lower()}"),
                item.begin,
            )
            self.scene.nouns.append(somebody)
            self.topic, self.last = [somebody], somebody

    def _hold(self, gap: Gap) -> None:
        """What is in somebody's hands or mouth; it does not act, its holder goes on: "a sailor, pipe in his mouth, steers"."""
        held = self.last
        if held is None or held.kind not in PORTABLE:
            return
        owner = self._owner_of_body(gap, held)
        if owner is None or owner is held:
            return
        relate(owner, "holding", held)
        if held in self.topic:
            self.topic = [owner]

    def _stand_at(self, item: Item, gap: Gap, part: str) -> None:
        """What is on somebody's shoulder, at somebody's feet, behind somebody's back."""
        preposition = gap.preposition or ""
        relation = "over" if preposition == "over" and part in _ABOVE else _AT_BODY[preposition]
        acting = self.acting
        figure = self.last
        if acting is not None and self.doers and (self.previous is acting or figure is None):
            figure = self.doers[0]  # "a dog sits at his feet"
        elif self.doers and id(figure) in self.governed and relation not in ("on", "over") and self.governing != "with":
            figure = self.doers[0]  # "pigeons pecking at crumbs by her feet"
        if figure is None:
            return
        if self.text[item.end : item.end + 4].lower() == " of ":
            self.at_body = (figure, relation)  # "on the shoulders of his friends"
            return
        owner = self._owner_of_body(gap, figure)
        if owner is None or owner is figure:
            return
        if figure.kind in WEARABLE and relation == "on":
            relate(owner, "wearing", figure)
        else:
            relate(figure, relation, owner)
        if not figure.acts and figure in self.topic:
            self.topic = [owner]  # "flour on his cheek" does nothing

    def _owner_of_body(self, gap: Gap, figure: Noun) -> Noun | None:
        """Whose part of a body it is: whom "his" or "her" means, else who acts, else who was named last."""
        others = [n for n in self.scene.nouns if n.lives and not n.worn and n is not figure]
        whose = _WHOSE.search(gap.near)
        if whose is not None and whose["whose"] in ("his", "her"):
            gender = "female" if whose["whose"] == "her" else "male"
            fitting = [n for n in others if n.gender in (None, gender) and n.count == 1]
            others = [n for n in fitting if n.gender == gender] or fitting or others
        acting = [n for n in (*self.doers, *self.topic) if n in others]
        return acting[0] if acting else others[-1] if others else None

    def _tell_of_body(self, item: Item, gap: Gap) -> None:
        """Notes of somebody how a part of the body is: "with a shaved head", "(60s, thick white beard)"."""
        begin = max(self.text.rfind(stop, 0, item.begin) for stop in ".;\n") + 1
        said = _OF_BODY.search(self.text, max(begin, item.begin - 60), item.begin)
        words = self.text[item.begin : item.end].lower()
        if said is None or not (said["how"].strip() or is_detail(words)) or (gap.possessive or self.filming):
            return
        if _DONE_TO_BODY.match(said["how"]) is not None:
            return
        owner = self.last if self.last is not None and self.last.lives else None
        if gap.preposition == "with" and self.previous is not None and self.previous.kind == "noun":
            owner = self.last
        owner = owner or next((noun for noun in reversed(self.scene.nouns) if noun.lives and not noun.worn), None)
        owner = owner or (self.last if self.last is not None and is_detail(words) and not self.last.worn else None)
        if owner is not None:
            owner.qualities = (*owner.qualities, f"{said['how'].lower()}{words}")
