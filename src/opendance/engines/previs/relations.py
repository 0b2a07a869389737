"""How subjects stand to each other: by the words, by what they do, and as it can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from opendance.drawings.library import drawn_height_of, facts_of
from opendance.engines.previs.bodies import drawing_name
from opendance.engines.previs.extras import is_stand_in
from opendance.engines.previs.performers import performer_of
from opendance.engines.previs.standins import height_like
from opendance.plan import Relation, Subject

Related = tuple[Relation, int] | None

_IN_HANDS = 1.3  # m; what is larger is not taken into hands
_WITH_MOUTHS = ("carry", "bring", "hold", "bite", "fetch", "steal", "drag", "grab", "catch", "bear", "deliver")
_FOLLOWING = ("chase", "follow", "pursue", "track", "hunt", "tail")
APART = (
    "watch", "look", "see", "gaze", "stare", "observe", "visit", "approach", "pass", "cross", "leave", "reach", "enter",
    "meet", "face", "find", "discover", "admire", "greet", "circle", "surround", "illuminate", "cover", "light",
    "guard", "breathe", "spit", "blow", "spray", "shoot", "attack", "fight", "climb", "jump", "feed", "pet", "stroke",
    "look_up", "look_down", "point", "listen", "wait", "hear", "notice", "photograph", "film", "stand", "sit", "lie",
    "sleep", "take_selfie", "smile", "laugh", "wave", "walk", "run", "kick",
)  # fmt: skip
"""Verbs whose object stays where it is."""
# What one does on top of a table; all else one does at it.
_ON_TABLES = (
    "dance", "dance_two", "ballet", "jump", "sleep", "climb", "kneel", "crouch", "walk", "run", "cartwheel", "push_up",
    "sit", "fight", "faint", "model", "yoga", "meditate", "sit_on_ground",
)  # fmt: skip
_TABLES = ("table", "desk", "counter", "workbench", "bench top", "worktop", "stove", "bar", "anvil", "loom", "sink")


def relation_of(subjects: Sequence[Subject], index: int, cast: int) -> Related:
    """How one stands to another, by the words or by what it does."""
    subject = subjects[index]
    related = subject.relation
    if related is not None and 0 <= related[1] < len(subjects) and related[1] != index:
        return related
    to = subject.object
    if to is None or not 0 <= to < len(subjects) or to == index or not subject.verb:
        return None
    if subject.verb in _FOLLOWING:
        return ("following", to)
    held_already = any(other is not subject and other.relation == ("holding", to) for other in subjects)
    if held_already or subjects[to].relation is not None or subject.verb in APART:
        return None
    if subject.verb == "ride":
        return ("riding", to)
    performer = performer_of(subject, 0, cast)
    name = drawing_name(subjects[to])
    small = (drawn_height_of(name) or height_like(subjects[to].emoji)) <= _IN_HANDS
    is_thing = performer_of(subjects[to], 0, cast) is None
    if performer is None and small and is_thing and subject.verb in _WITH_MOUTHS and subject.count == 1:
        return ("holding", to)
    if performer is not None and small and is_thing and subject.action != "play_instrument" and subject.count == 1:
        return ("holding", to)
    return None


def as_drawn(subjects: Sequence[Subject], index: int, relation: Related, cast: int) -> Related:
    """A relation as it is shown: nothing stands on or in a shape with a name, and who works on a table stands at it."""
    if relation is None:
        return None
    kind, to = relation
    if kind != "holding" and is_stand_in(subjects[to], cast):
        return None
    performer = performer_of(subjects[index], 0, cast)
    at_work = performer is not None and performer.action not in _ON_TABLES
    if kind == "on" and at_work and is_table(subjects[to]):
        return "behind", to
    return relation


def is_table(subject: Subject) -> bool:
    """Whether things are put on its upper side, and people work at it."""
    return any(word in _TABLES for word in subject.name.lower().split())


def give_tools(subjects: list[Subject], relations: list[Related], cast: int) -> None:
    """A tool that the words give to nobody is in the hands of who works."""
    given = {relation[1] for relation in relations if relation is not None}
    done_to = {subject.object for subject in subjects}
    people = [
        at for at, subject in enumerate(subjects)
        if performer_of(subject, 0, cast) is not None and subject.count == 1
        and not any(each[0] == "holding" for each in subject.relations)
    ]  # fmt: skip
    for at, subject in enumerate(subjects):
        facts = facts_of(drawing_name(subject))
        loose = at not in given and at not in done_to and relations[at] is None and subject.count == 1
        if people and loose and facts is not None and facts.kind in ("tool", "weapon") and facts.height < _IN_HANDS:
            first = people.pop(0)
            subjects[first] = replace(subjects[first], relations=(*subjects[first].relations, ("holding", at)))
            if relations[first] is None:
                relations[first] = ("holding", at)
