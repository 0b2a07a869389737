"""Who does what an English verb says: by what stands before it, and by its form."""

from __future__ import annotations

import re

from opendance.prompt.english_bodies import Bodies
from opendance.prompt.english_forms import is_past
from opendance.prompt.english_gaps import Gap
from opendance.prompt.lexicon import Verb
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import note_action, note_patient

_BY_CAMERA = re.compile(
    r"\b(?:camera|drone|steadicam|gimbal|shot|viewpoint)[ ](?:[a-z]+ly[ ]|then[ ]|starts?[ ]|begins?[ ]){0,2}(?:to[ ])?$"
)
_PREDICATIVE = ("asleep", "awake")
# What a thing is said to do right behind its name does nobody else.
STATES = (
    "hang",
    "dangle",
    "drip",
    "glow",
    "burn",
    "float",
    "flutter",
    "flap",
    "steam",
    "boil",
    "sizzle",
    "spill",
    "swing",
    "droop",
)
NAMES_NEXT = re.compile(r"[ ](?:(?:an?|the|two|three|four|five|several|his|her|their)[ ])(?:[a-z-]+[ ]){0,3}")
"""What stands between a verb, or where something is, and who that is."""


class Deeds(Bodies):
    """A sentence with what is done in it."""

    def _verb(self, item: Item, verb: Verb, gap: Gap) -> None:
        if _BY_CAMERA.search(gap.near) is not None:
            self.filming = True
        elif self.previous is not None and self.previous.kind in ("noun", "pronoun"):
            self.filming = self.filming and (gap.conjunction or gap.comma) and not gap.ends_sentence
        if self.filming:
            self.topic, self.doers, self.main, self.acting = [], [], [], None
            return
        if self.fronted is not None and (inverted := self._named_behind(item, gap)) is not None:
            note_action(self.scene, item, [inverted])
            self._stand_where_fronted(inverted)
            self.topic, self.doers, self.main, self.acting = [inverted], [inverted], [inverted], None
            return
        self.fronted = None
        ends = item.form.split()[0]
        participle = ends.endswith("ing") or item.form in ("dressed in", "clad in", "made")
        beside = self.last if self.previous is not None and self.previous.kind == "noun" and gap.blank else None
        if self.previous is not None and self.previous.kind == "pronoun" and gap.blank and self.last is not None:
            beside = self.last
        if gap.relative and self.last is not None:
            agents = [self.last]
        elif beside is not None and (item.form in _PREDICATIVE or (participle and verb.lemma in STATES)):
            agents = [beside]  # "a cat asleep", "a violin hanging from"
        elif gap.to and self.doers:
            agents = list(self.doers)
        elif (
            gap.infinitive
            and beside is not None
            and beside not in self.topic
            and self.acting is not None
            and beside.lives
        ):
            agents = [beside]  # "helps a man stand up"
        elif (
            (gap.conjunction or gap.comma)
            and self.doers
            and not (self.topic and self.topic[0] not in self.doers and not self.topic[0].passive)
        ):
            agents = list(self.main or self.doers)
        elif (
            participle
            and beside is not None
            and (rider := next((n for n in self.scene.nouns if ("riding", beside) in n.relations), None)) is not None
        ):
            agents = [rider]  # "a girl on a bicycle weaving through traffic"
        elif (
            participle
            and beside is not None
            and beside.acts
            and beside not in self.topic
            and (beside.lives or verb.relation not in ("holding", "wearing"))
        ):
            agents = [beside]
        elif beside is not None and is_past(item.form) and not gap.perfect and beside not in self.topic and self.main:
            agents = [beside]  # "a gown draped over"
        elif gap.passive and beside is not None:
            agents = [beside] if beside not in self.topic else list(self.topic)
        else:
            agents = list(self.topic) or ([beside] if beside is not None and beside.acts else [])
        if (
            not agents
            and (
                participle
                or gap.conjunction
                or gap.comma
                or gap.ends_sentence
                or ":" in self.text[max(0, item.begin - 4) : item.begin]
            )
            and (someone := next((n for n in reversed(self.scene.nouns) if n.acts and not n.worn), None)) is not None
        ):
            agents = [someone]
        if verb.like == "wear" and agents and not agents[0].lives:
            agents = [n for n in self.scene.nouns if n.lives and not n.worn][-1:] or agents
        if not agents:
            self.scene.lonely.append(item)
        self.passive = is_past(item.form) and not gap.perfect
        if self.passive and agents and self._by_somebody(item):
            self.doers = agents
            for each in agents:
                note_patient(each)
        else:
            note_action(self.scene, item, agents)
            self.doers = agents or self.doers
            if not participle and agents:
                self.main = agents
        self.acting = item

    def _named_behind(self, item: Item, gap: Gap) -> Noun | None:
        """Who does it where the sentence begins with where: "behind her stands a guard"."""
        following = self.following
        if not gap.blank or gap.comma or following is None or following.kind != "noun":
            return None
        between = self.text[item.end : following.begin].lower()
        return following.noun if NAMES_NEXT.fullmatch(between) and not item.form.split()[0].endswith("ing") else None

    def _by_somebody(self, item: Item) -> bool:
        """Whether who does it is named behind it: "pursued by three wolves"."""
        return self.text[item.end : item.end + 4].lower() == " by "
