"""People of a plan as rigs: who they are, what they do, and from where they are seen."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from opendance.drawings.library import facts_of
from opendance.engines.previs.people import Look, View, actions, look_for, role_of
from opendance.engines.previs.people.gear import gear_named
from opendance.engines.previs.people.looks import emoji_of_people
from opendance.engines.previs.people.tables import Gender
from opendance.engines.previs.people.words import action_for, piece_for
from opendance.plan import Action, Colour, Subject
from opendance.plan import Gender as PlanGender

_ROBOT = "🤖"  # a machine whatever its trade, of which it wears the hat
_HATS = {"cook": "chef hat", "chef": "chef hat", "farmer": "straw hat", "police_officer": "cap", "king": "crown"}
_FACES = 4  # so many of a crowd look different: more of them take time and are not noticed
_GENDERS: Mapping[PlanGender, Gender] = {"female": "woman", "male": "man"}
_COLOURS: dict[Colour, str] = {
    "red": "#c8303a", "orange": "#e07b2e", "yellow": "#edc23a", "green": "#4a9158", "turquoise": "#3fb0a8",
    "blue": "#3f6fc0", "purple": "#7d52b0", "pink": "#ee8fb4", "brown": "#7a5233", "beige": "#d9c7a5",
    "black": "#2a2a31", "grey": "#8a8f98", "white": "#f3f2ee", "golden": "#dcb03e", "silver": "#c3cad3",
    "rainbow": "#e0609a",
}  # fmt: skip
_ACTIONS: dict[Action, str] = {
    "walk": "walk", "run": "run", "jump": "jump", "fly": "fly", "swim": "swim", "dance": "dance", "fall": "fall",
    "rise": "float", "drive": "drive", "float": "float", "spin": "ballet", "sleep": "sleep", "eat": "eat",
    "wave": "wave", "sail": "row",
}  # fmt: skip
_PLAYING = {
    "🎹": "play_piano", "🎸": "play_guitar", "🪕": "play_guitar", "🎻": "play_violin", "🥁": "play_drums",
    "🪘": "play_drums", "🎷": "play_horn", "🎺": "play_horn", "🪈": "play_flute", "🪉": "play_harp", "🎤": "sing",
}  # fmt: skip
_IN_HAND = {"🎷": "saxophone", "🎺": "trumpet"}
# Nothing of their own is in the hands of who does these: what the words name is.
_BARE = ("stand", "walk", "run", "hold", "hold_two", "talk", "mend", "catch", "throw", "sit", "dance", "raise", "cheer")
# With a tool in hand these are what one does with it.
_ANY_TOOL = ("fight", "punch", "reach", "stand", "hold")
# By gear: what it shows, though its name says something else.
_SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "noodles": ("ramen", "pho", "udon", "soba", "spaghetti", "pasta", "rice", "bowl", "chopsticks"),
    "soup": ("stew", "porridge", "cereal", "curry", "spoon"), "dough": ("bread", "pizza", "pasta", "noodles"),
    "chopping_board": ("vegetable", "vegetables", "carrot", "onion", "knife"), "ice_cream": ("cream", "lollipop"),
    "stone_block": ("statue", "sculpture", "stone"), "potters_wheel": ("pot", "vase", "clay", "bowl"),
    "treasure_chest": ("box", "chest"), "gift": ("present", "package", "parcel", "box"), "drawn_bow": ("bow",),
    "birthday_cake": ("cake", "candle", "candles"), "phone": ("smartphone",), "basin": ("dishes", "dish"),
    "taiko": ("drum",), "clothes_line": ("laundry", "shirt", "clothes"), "folded_cloth": ("paper", "cloth"),
    "teapot": ("tea", "coffee", "teapot"), "laptop": ("computer", "laptop"), "wine_glass": ("champagne",),
    "watering_can": ("plant", "flower", "flowers"), "book": ("newspaper", "map", "book"), "door": ("gate",),
}  # fmt: skip
_SPORTS = ("surf", "ski", "skate", "cycle", "ride", "row")  # which one is meant by riding, the role tells
# What is done on the way from one place to another: the figure is seen from the side and looks where it goes.
TRAVELLING = ("walk", "run", "carry", "swim", "dive", "fly", "drive", "row", "skate", "ski", "cycle", "ride", "push")
# What the figure's own pictures show: nothing is added to how they stand.
OWN_MOTION: tuple[Action, ...] = (
    "idle", "walk", "run", "jump", "dance", "play_instrument", "sleep", "eat", "wave", "spin", "bloom", "burn",
)  # fmt: skip


@dataclass(frozen=True)
class Performer:
    """Somebody who does something.

    Attributes:
        action: of the rig.
        gear: what is in the hands; None where it is drawn apart or there is nothing.
    """

    look: Look
    action: str
    view: View
    gear: str | None

    @property
    def metres(self) -> float:
        return self.look.proportions.metres


@lru_cache(maxsize=512)
def performer_of(subject: Subject, k: int, cast: int) -> Performer | None:
    """Who a subject is, or None where it is nobody (an animal, a thing, a photograph).

    Args:
        k: which one of its like it is.
        cast: seed of what the words leave open; in all shots of a film the same person looks the same.
    """
    if subject.image is not None:
        return None
    facts = facts_of(subject.emoji)
    animal = facts is not None and facts.kind in ("animal", "bird", "fish")
    if subject.emoji not in emoji_of_people() and (subject.role is None or animal):
        return None
    # The very words first: a baker is a cook to the plan, and looks like a baker.
    names = (subject.words, *((subject.role,) if subject.role else ()), subject.name, subject.emoji)
    role = role_of(*names) or "person"
    hats = ()
    if subject.emoji == _ROBOT:
        hats, role = ((_HATS[role],) if role in _HATS else ()), "robot"
    pieces = [piece for each in (*subject.wears, *hats) if (piece := piece_for(each)) is not None]
    colours = {} if subject.colour is None else {"clothes": _COLOURS[subject.colour]}
    for worn, colour in zip(subject.wears, subject.colours_worn, strict=False):
        if colour is not None and (piece := piece_for(worn)) is not None:
            colours[piece] = _COLOURS[colour]
    identity = zlib.crc32(f"{role} {subject.words}".encode()) + k % _FACES
    look = look_for(
        role,
        age=subject.age,
        gender=None if subject.gender is None else _GENDERS[subject.gender],
        colours=colours,
        wears=pieces,
        seed=cast * 131 + identity,
    )
    action = _action(subject, look)
    if action == "fight" and look.holds is None and subject.object is None:
        action = "punch"
    gear = _IN_HAND.get(subject.instrument or "") or actions()[action].gear(look.holds)
    if action == "stand" and look.holds is not None and subject.verb == "":
        action, gear = "hold", look.holds
    if subject.action == "play_instrument" and action == "play_piano":
        gear = None  # the instrument is a plate of its own
    return Performer(look, action, actions()[action].view, gear)


def with_tools(performer: Performer, subject: Subject, names: Sequence[str]) -> tuple[Performer, list[str]]:
    """Somebody with what the words put into the hands, and which of the things are drawn so.

    Args:
        names: English names of what it is done to and what is held. A thing that there is as gear is drawn so, as it
            is held; an action may be another one by what it is done to: who opens a box does not open a door.
    """
    action = performer.action
    plays = subject.action == "play_instrument"
    if plays or (subject.verb and action == action_for(subject.verb)):
        verb = "play" if plays else subject.verb
        action = (
            next((does for name in names if (does := action_for(verb, name)) != action_for(verb)), action) or action
        )
    does = actions()[action]
    gear = performer.gear if action == performer.action else does.holds
    for name in names:
        own = gear_named(name)
        if own is not None and (own in (does.holds, *does.fits) or "*" in does.fits or action in _BARE):
            gear = own
            break
        if own is not None and action in _ANY_TOOL and (work := _work_with(own)) is not None:
            action, gear = work, own  # who strikes with a hammer in hand hammers
            does = actions()[action]
            break
    shown = [name for name in names if gear is not None and is_shown_by(gear, name)]
    view = does.view if action != performer.action else performer.view
    return replace(performer, action=action, view=view, gear=gear), shown


@lru_cache
def _work_with(gear: str) -> str | None:
    return next((name for name, action in actions().items() if action.holds == gear), None)


def is_shown_by(gear: str, name: str) -> bool:
    """Whether the words of a thing's name are in that of a gear, or mean what it shows."""
    words = set(name.lower().replace("-", " ").split())
    return bool(words & set(gear.split("_"))) or bool(words & set(_SHOWN_BY.get(gear, ())))


def _action(subject: Subject, look: Look) -> str:
    if subject.action == "play_instrument":
        return _PLAYING.get(subject.instrument or "🎹", "hold_two")
    if look.does in _SPORTS and (subject.action == "drive" or subject.verb == "ride"):
        return look.does
    if subject.verb and (does := action_for(subject.verb)) is not None:
        return does
    if (does := _ACTIONS.get(subject.action)) is not None:
        return does
    return look.does


def close(performer: Performer) -> Performer:
    """The same for a close shot: upright, so that head and shoulders are seen."""
    calm = {"sleep": "pray", "swim": "talk", "dive": "talk", "fly": "stand", "float": "stand", "sit_on_ground": "stand"}
    action = calm.get(performer.action, performer.action)
    view: View = "three_quarter" if performer.view == "back" else performer.view
    return replace(performer, action=action, view=view)
