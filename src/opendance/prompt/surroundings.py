"""Where a shot is, and at what hour: of what its words name, the most definite."""

from __future__ import annotations

import re

from opendance.plan import Hour, Setting
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import Hit
from opendance.prompt.scenes import Scene
from opendance.prompt.word_tables import HOUR, SETTING, SUBJECT


def place_of(scene: Scene, hits: list[Hit], explanations: Explanations) -> str | None:
    """The place of a shot: of several that are named, the most definite."""
    named = [(item.of, item) for item in scene.places]
    if not named:
        return None
    key, item = min(named, key=lambda each: (each[1].form == "weak", _vagueness(each[0]), each[1].begin))
    explanations.add(f"place: {key}", "", "place", key, item.begin, item.end)
    for _, other in named:
        if other.hit is not None:
            explanations.use(other.hit)
    return key


_MOST_PLACES = 3  # of a shot that are told


def where_of(scene: Scene, place: str | None, explanations: Explanations) -> str:
    """The words for the places of a shot with what they say of them, the chosen one first."""
    named = sorted(scene.places, key=lambda item: item.of != place)
    spans = [scene.phrases.get(item.begin, (item.begin, item.end)) for item in named]
    return "; ".join(list(dict.fromkeys(explanations.words(*span) for span in spans))[:_MOST_PLACES])


# Places that tell less than others which are named with them.
_VAGUE = frozenset(
    (
        "city",
        "mountains",
        "ocean",
        "sky",
        "room",
        "field",
        "forest",
        "space",
        "island",
        "valley",
        "stage",
        "garden",
        "desert",
        "snowfield",
        "village",
        "farm",
        "hill",
    )
)


def _vagueness(place: str) -> int:
    return 2 if place in _VAGUE else 1 if place in WAYS else 0


_OUTSIDE = re.compile(r"[ ]?(?:앞|옆|밖)(?![가-힣]{3})|の?(?:前(?!景)|軒先|店先)|门口|门外")


def is_outside(text: str, place: str, scene: Scene) -> bool:
    """Whether all is before the place that is named, not in it: 편의점 앞."""
    return any(item.of == place and _OUTSIDE.match(text, item.end) is not None for item in scene.places)


LANDSCAPES = frozenset(("mountains", "ocean", "field", "forest", "desert", "snowfield", "valley", "island"))
# Ways lead through other places: a desert road is a road in the desert.
WAYS = frozenset(("street", "road", "country_road", "bridge", "tunnel", "crossing", "highway"))


def named_setting(hits: list[Hit]) -> Setting | None:
    """The kind of place that words name which are no things: a bird does not move a scene into the sky."""
    streets = any(hit.value(SETTING) == "street" for hit in hits)
    for hit in hits:
        setting = hit.value(SETTING)
        if setting is None or hit.value(SUBJECT) is not None or (streets and setting == "city"):
            continue
        return setting
    return None


def explained(setting: Setting | None, hits: list[Hit], explanations: Explanations) -> Setting | None:
    """The setting, with the words that it comes from."""
    if setting is not None:
        explanations.choose(SETTING, [hit for hit in hits if hit.value(SETTING) == setting])
    return setting


def hour_of(hits: list[Hit], explanations: Explanations) -> Hour | None:
    """The hour that words name."""
    # "night city at dawn": the most definite word wins over "day" and "bright".
    definite = [hit for hit in hits if hit.value(HOUR) not in (None, "day")]
    return explanations.choose(HOUR, definite or hits)
