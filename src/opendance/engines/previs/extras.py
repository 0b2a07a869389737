"""Extras: what a prompt names beside what a shot is about, and which of it is left out.

A shot is about who does something and what it is done to. What nobody draws is shown where that one is, and nowhere
else; windows of a room are in its walls, and the sun of a room is light.
"""

from __future__ import annotations

from collections.abc import Sequence

from opendance.drawings.library import facts_of
from opendance.engines.previs.bodies import drawing_name
from opendance.engines.previs.motion import TRAVEL
from opendance.engines.previs.performers import performer_of
from opendance.engines.previs.traits import drawing_svg
from opendance.plan import Relation, Setting, Subject

# What is seen in the sky, by its English name: the light tells of it indoors.
_OF_THE_SKY = (
    "sun",
    "moon",
    "sunlight",
    "moonlight",
    "full moon",
    "crescent moon",
    "sunset",
    "sunrise",
    "planet",
    "earth",
)
_OF_THE_SKY_DRAWN = ("☀️", "🌞", "🌙", "🌕", "🌝", "🌛", "🌜", "🌍", "🌎", "🌏", "🪐", "🌤️", "⛅")
# What walls have: a room has its own.
_OF_ROOMS = ("window", "wall", "floor", "ceiling", "tile", "carpet", "corner", "windowsill", "window sill", "skylight")
_OF_OUTDOORS = ("window", "wall", "floor", "ceiling", "windowsill", "window sill", "skylight")
_INDOORS: tuple[Setting, ...] = ("room", "stage")
_TELLING: tuple[Relation, ...] = (
    "on", "under", "beside", "behind", "in_front_of", "holding", "riding", "facing", "following", "between", "over",
    "leaning_on",
)  # fmt: skip
_SIGN = "🪧"  # it may bear the words that the prompt wants to be read
_MOST = 2  # shapes with names beside what is drawn


def is_of_the_sky(subject: Subject) -> bool:
    """The sun, the moon, a planet: it is far away and high up."""
    return subject.name.lower() in _OF_THE_SKY or drawing_name(subject) in _OF_THE_SKY_DRAWN


def is_unplayed(subject: Subject) -> bool:
    """An instrument that nobody plays: it is what is heard."""
    facts = facts_of(drawing_name(subject))
    return facts is not None and facts.kind == "instrument" and subject.image is None and not TRAVEL.get(subject.action)


def is_stand_in(subject: Subject, cast: int) -> bool:
    """Whether nothing shows it but a shape with its name."""
    if subject.image is not None or performer_of(subject, 0, cast) is not None:
        return False
    return drawing_svg(drawing_name(subject)) is None


def extras(
    subjects: Sequence[Subject], relations: Sequence[tuple[Relation, int] | None], setting: Setting, cast: int
) -> set[int]:
    """Indexes of the subjects that are left out; never all of them."""
    indoors = setting in _INDOORS
    plain = {at for at, subject in enumerate(subjects) if is_stand_in(subject, cast)}
    related = {relation[1] for at, relation in enumerate(relations) if relation is not None and at not in plain}
    done_to = {s.object for at, s in enumerate(subjects) if s.object is not None and at not in plain}
    gone: set[int] = set()
    for at, subject in enumerate(subjects):
        name = subject.name.lower()
        if (
            (indoors and is_of_the_sky(subject))
            or (name in (_OF_ROOMS if indoors else _OF_OUTDOORS) and not _is_stood_at(at, subjects, relations))
            or (subject.image is None and subject.verb == "" and name.endswith(_SURROUNDING))
            or (name in _OF_BODIES and at not in related)
            or (is_unplayed(subject) and relations[at] is None and at not in related and at not in done_to)
        ):
            gone.add(at)
    if len(plain) < len(subjects):
        told = [
            at for at in sorted(plain)
            if at in related or at in done_to or subjects[at].emoji == _SIGN
            or _stands_to_something(relations[at], plain)
        ]  # fmt: skip
        gone |= plain - set(told[:_MOST])
    return gone if len(gone) < len(subjects) else set()


# Who has them is there already.
_OF_BODIES = ("face", "hand", "finger", "eye", "knuckle", "hair", "mouth", "arm", "leg", "foot", "body", "lip", "cheek")
_SURROUNDING = ("background", "foreground", "backdrop", "surroundings", "atmosphere")


def _is_stood_at(at: int, subjects: Sequence[Subject], relations: Sequence[tuple[Relation, int] | None]) -> bool:
    """Somebody sits on it, leans on it or does something to it."""
    near = any(
        relation is not None and relation[1] == at and relation[0] in ("on", "leaning_on") for relation in relations
    )
    return near or any(subject.object == at and subject.verb for subject in subjects)


def _stands_to_something(relation: tuple[Relation, int] | None, plain: set[int]) -> bool:
    return relation is not None and relation[0] in _TELLING and relation[1] not in plain
