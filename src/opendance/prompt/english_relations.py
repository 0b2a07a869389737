"""How English prepositions, possessives and conjunctions relate the things of a sentence."""

from __future__ import annotations

import re

from opendance.plan import Relation
from opendance.prompt.english_forms import (
    CONTAINERS,
)
from opendance.prompt.english_gaps import PREPOSITIONS, STANDING, STANDS, Gap
from opendance.prompt.english_sentence import Sentence
from opendance.prompt.lexicon import Verb
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import (
    PORTABLE,
    WEARABLE,
    note_object,
    relate,
)

_HANGING = ("hang", "dangle", "suspend", "swing", "droop")
_SEATS = (
    "chair",
    "sofa",
    "couch",
    "bench",
    "stool",
    "swing",
    "armchair",
    "bed",
    "rug",
    "carpet",
    "throne",
    "hammock",
    "stairs",
    "mat",
)
_SKIPPED = re.compile(
    r"(?<![a-z])(?!and\b|while\b|just\b|right\b|deep\b|still\b|all\b|the\b|high\b|then\b|half\b|set\b|slowly\b)[a-z]{3,}"
)
_FILLING = ("full of", "filled with", "loaded with", "packed with", "stuffed with", "overflowing with", "crowded with")
# Verbs whose object stays with who does it.
_AT_ONES_PLACE = (
    "hold",
    "eat",
    "drink",
    "read",
    "play",
    "ride",
    "drive",
    "look",
    "wear",
    "write",
    "type",
    "paint",
    "speak",
    "sing",
)
_PATHS = (
    "around", "over", "past", "through", "across", "along", "under", "off", "against", "between", "behind", "down", "up", "onto",
    "on", "in", "inside", "beneath", "by", "alongside", "after",
)  # fmt: skip
# Of what is looked at or called from somewhere nobody comes out.
_SEEN_FROM = ("look", "gaze", "watch", "stare", "film", "shout", "wave", "call", "sing", "speak", "smile", "photograph", "cheer", "paint", "laugh", "point", "talk")  # fmt: skip
# What has its things on it.
_LAID = ("blanket", "plate", "tray", "board", "cloth", "tablecloth", "rug", "mat", "shelf", "cake")
_LIES = ("food", "drink", "thing", "tool", "plant", "toy")
_ABOUT_WHO_ACTS = (
    "behind",
    "beside",
    "in front of",
    "next to",
    "above",
    "around",
    "beneath",
    "below",
    "after",
    "alongside",
    "near",
    "by",
    "over",
)
_TO_PRONOUN = re.compile(r"[ ](?:in|next|close)?[ ]?(?:[a-z]+[ ]){1,2}")
# Prepositions that say before the subject when or whence, not where it is.
NEVER_FRONTED = ("at", "after", "from", "off", "out of", "to", "toward", "towards", "through", "along", "across", "up", "down", "past", "into", "onto", "by")  # fmt: skip
_WHITHER = ("into", "onto", "out of", "to", "over", "around", "beneath", "against", "from", "off", "across", "between")


class Relations(Sentence):
    """A sentence whose things stand to one another as its prepositions say."""

    def _stand(self, item: Item, noun: Noun) -> None:
        """What is said behind a noun of where it is, though of nothing else: "a chef in the background"."""
        where = STANDING.match(self.text, item.end, item.end + 80)
        if where is None:
            return
        other = next((n for n in self.scene.nouns if n is not noun and not n.worn), None)
        if other is not None:
            relate(noun, next(relation for word, relation in STANDS.items() if word in where[1].lower()), other)

    def _stand_where_fronted(self, noun: Noun) -> None:
        """What is named behind where it is stands there: "behind her a dog barks"."""
        if self.fronted is not None and self.fronted[1] is not noun:
            relate(noun, *self.fronted)
            self.governed.add(id(self.fronted[1]))
        self.fronted = None

    def _belong(self, owner: Noun, noun: Noun) -> None:
        """What somebody owns has the part in the sentence that its owner seemed to have: "on a soldier's rifle"."""
        for other in self.scene.nouns:
            other.relations = [(relation, noun if each is owner else each) for relation, each in other.relations]
            other.object = noun if other.object is owner else other.object
            for deed in other.deeds:
                deed.object = noun if deed.object is owner else deed.object
        noun.passive = True
        self.governed.add(id(noun))

    def _join(self, noun: Noun) -> None:
        """A noun behind "and": it has the part that the noun before it has."""
        last = self.last
        assert last is not None
        if id(last) not in self.governed:
            self.topic = [*self.topic, noun]
            if last.verb is not None and noun.verb is None:
                noun.verb = last.verb
        elif noun.lives and not last.lives and self.topic and self.topic[-1].lives:
            self.topic = [*self.topic, noun]  # "a woman in a coat and a man"
        elif self.joined is not None:
            if self.joined[1] != "wearing" or noun.kind in WEARABLE:
                relate(*self.joined, noun)
            self.governed.add(id(noun))
        else:
            for doer in self.doers:
                if doer.object is last and doer.verb is not None:
                    note_object(doer, doer.verb, noun)
                elif last in doer.wears and doer.deeds and doer.deeds[-1].verb.like == "wear":
                    relate(doer, "wearing", noun)  # "wears a helmet and a backpack"
            self.governed.add(id(noun))

    def _govern(self, noun: Noun, preposition: str, gap: Gap) -> None:
        """Takes in a noun behind a preposition."""
        last, acting = self.last, self.acting
        governor = self._governor(preposition, noun)
        if (
            self.previous is not None
            and self.previous.noun is last is governor
            and self.doers
            and preposition in _ABOUT_WHO_ACTS
            and noun.lives
            and noun not in self.doers
            and self.governing not in ("", "with", "of")
            and id(last) in self.governed
            and self.acting is None
            and _TO_PRONOUN.fullmatch(gap.near) is not None
        ):
            governor = self.doers[0]  # "dolphins leap out of the waves behind her"
        if governor is noun and last is not None:
            governor = last  # "drags a bear behind her"
        if (
            preposition == "of"
            and self.at_body is not None
            and self.previous is not None
            and self.previous.kind == "part"
        ):
            figure, relation = self.at_body
            self.at_body = None
            relate(figure, relation, noun)
            return
        if (
            preposition == "of"
            and last is not None
            and (self.previous is None or self.previous.kind != "part")
            and last.kind in ("thing", "tool", "plant", "food", "drink")
            and last.name in CONTAINERS
        ):
            self._contents(noun, last)
            return
        if (
            preposition == "full of"
            or preposition.endswith(" with")
            or preposition in ("with", "covered in", "wrapped in")
        ) and governor is not None:
            self._having(noun, governor, preposition)
            return
        if preposition in ("like", "as", "without", "of"):
            if preposition == "like":
                noun.worn = True  # a comparison
            elif (
                preposition == "of"
                and last is not None
                and self.previous is not None
                and self.previous.kind in ("noun", "part")
            ):
                noun.passive = True
            self.owner = noun if preposition == "of" and noun.lives else None
            if not self.topic:
                self.topic = [noun]
            return
        if (
            preposition in ("to", "toward", "towards", "at", "for", "into", "with")
            and acting is not None
            and acting.verb is not None
        ):
            done = [
                d
                for d in self.doers
                if d.deeds and d.deeds[-1].verb is acting.verb and d.deeds[-1].object in (None, noun)
            ]
            for doer in done:
                note_object(doer, acting.verb, noun)
            if done and preposition != "into":
                return
        leads = preposition in _PATHS and "from" not in gap.near
        if acting is not None and acting.verb is not None and leads and self.previous is acting:
            self._aim(acting.verb, noun)
        stands = PREPOSITIONS.get(preposition)
        if governor is None:
            if not self.topic:
                self.topic = [noun]
            if stands is not None and preposition not in NEVER_FRONTED:
                self.fronted = (stands, noun)
            return
        if (
            acting is not None
            and acting.verb is not None
            and acting.verb.relation == "leaning_on"
            and preposition in ("on", "against")
        ):
            stands = "leaning_on"
        if (
            acting is not None
            and acting.verb is not None
            and acting.verb.lemma in _HANGING
            and preposition in ("from", "off")
        ):
            stands = "under"
        if preposition == "from" and acting is not None and acting.verb is not None and acting.verb.like in _SEEN_FROM:
            stands = (
                "in"
                if noun.kind in ("boat", "vehicle", "building")
                else "on"
                if noun.kind in ("furniture", "nature")
                else "beside"
            )
        if gap.comma and (gap.skips or _SKIPPED.search(gap.near.partition(preposition)[0])):
            return  # it tells of a word that nothing is shown for
        if noun.kind in WEARABLE and preposition == "in":
            wearer = self._dressed_in(governor)
            relate(wearer, "wearing", noun)
            self.joined = (wearer, "wearing")
        elif stands is not None and noun is not governor:
            relate(governor, stands, noun)
            self.joined = (governor, stands)

    def _dressed_in(self, governor: Noun) -> Noun:
        """Who wears what stands behind "in": who was named last, but of places and things who acts: "waits at a door in a red coat"."""
        living = [self.last, governor, *self.doers, *self.topic, *reversed(self.scene.nouns)]
        return next((noun for noun in living if noun is not None and noun.lives and not noun.worn), governor)

    def _aim(self, verb: Verb, noun: Noun) -> None:
        """What a movement has to do with is told with it: "swerves around a bus"."""
        if verb.relation is not None:
            return
        for doer in self.doers:
            for deed in doer.deeds[-1:]:
                if deed.verb is verb and deed.object is None and noun is not doer:
                    deed.object = noun

    def _having(self, noun: Noun, governor: Noun, preposition: str) -> None:
        """What somebody or something has about it."""
        acting = self.acting
        if noun.lives and acting is not None and acting.verb is not None and self.previous is acting and self.doers:
            for doer in self.doers:
                note_object(doer, acting.verb, noun)  # "collides with", "dances with"
        last = self.last
        if preposition != "with":
            relate(noun, "in" if preposition in _FILLING else "on", last or governor)
            return
        owner = (
            last
            if last is not None and last.lives and self.previous is not None and self.previous.kind == "noun"
            else self.doers[0]
            if noun.lives and self.doers and not governor.lives
            else governor
        )
        has: Relation = (
            "wearing" if noun.kind in WEARABLE else "holding" if noun.kind in PORTABLE and owner.lives else "beside"
        )
        if owner.lives or noun.lives:
            relate(owner, has, noun)
        elif noun.kind in _LIES and (owner.kind == "furniture" or owner.name.split()[-1] in _LAID):
            relate(noun, "on", owner)  # "a table with candles"

    def _contents(self, noun: Noun, container: Noun) -> None:
        """A bowl of noodles is noodles."""
        container.worn = True
        noun.count, noun.counted = container.count, True
        noun.relations = container.relations
        for other in self.scene.nouns:
            if other.object is container:
                other.object = noun
            for deed in other.deeds:
                deed.object = noun if deed.object is container else deed.object
            other.relations = [(relation, noun if each is container else each) for relation, each in other.relations]
        if self.topic and container in self.topic:
            self.topic = [noun]
        if id(container) in self.governed:
            self.governed.add(id(noun))

    def _governor(self, preposition: str, noun: Noun) -> Noun | None:
        """What a preposition tells of: the object of verbs that move things, else who acts, else the noun before it."""
        acting, last = self.acting, self.last
        if (
            last is not None
            and last is self.owner
            and preposition in ("on", "in", "under", "inside")
            and noun.kind not in WEARABLE
        ):
            return last  # "the paw of a dog on a table"
        if acting is not None and acting.verb is not None and self.doers:
            moved = self.doers[0].deeds[-1].object if self.doers[0].deeds else None
            if (
                moved is not None
                and last is moved
                and not moved.worn
                and self._is_moved(acting.verb, preposition, noun)
            ):
                return moved
            return self.doers[0]
        return last or (self.topic[0] if self.topic else None)

    def _is_moved(self, verb: Verb, preposition: str, noun: Noun) -> bool:
        """Whether the object is where the preposition says, and not who does it."""
        if preposition == "from" and verb.like in _SEEN_FROM:
            return False
        if verb.moves or preposition in _WHITHER:
            return True
        if verb.like == "hold" and preposition in ("on", "in") and noun.kind in ("tool", "thing", "food"):
            return True  # "carries a cake on a tray"
        return (
            preposition in ("in", "on", "inside", "under", "beneath", "at")
            and noun.kind in ("tool", "thing", "food", "machine", "drink", "furniture")
            and noun.name.split()[-1] not in _SEATS
            and verb.like not in _AT_ONES_PLACE
        )
