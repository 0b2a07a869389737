"""What a director would choose where the prompt leaves it open."""

from __future__ import annotations

from collections.abc import Sequence

from opendance.plan import Hour, Mood, Setting, Shot, Subject
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.word_tables import MUSIC, SETTING, STYLE, SUBJECT, WEATHER, Drawing

_HOURS: dict[Setting, Hour] = {"stage": "night", "space": "night", "city": "golden", "room": "golden", "sea": "golden"}


def setting_for(subjects: Sequence[Subject], drawings: Sequence[Drawing], all_hits: list[Hit]) -> Setting:
    """Where a shot is: in a place that another shot names, else where its subjects are at home.

    Args:
        drawings: what the words of the shot name; `all_hits`: known words of the whole prompt.
    """
    for hit in all_hits:
        if (setting := hit.value(SETTING)) is not None and hit.value(SUBJECT) is None:
            return setting
    kinds = {drawing.kind for drawing in drawings}
    actions = {subject.action for subject in subjects}
    if "play_instrument" in actions:
        return "room"
    if "swim" in actions or "fish" in kinds:
        return "underwater"
    if "boat" in kinds:
        return "sea"
    if {"rocket", "planet"} & kinds:
        return "space"
    for drawing in drawings:
        if drawing.setting is not None:
            return drawing.setting
    if "furniture" in kinds:
        return "room"
    if "vehicle" in kinds:
        return "street"
    if not {"person", "animal", "building", "plant", "vehicle"} & kinds and (
        {"bird", "balloon"} & kinds or "fly" in actions
    ):
        return "sky"
    if "building" in kinds and {"bird", "balloon"} & kinds:
        return "mountains"
    if "dance" in actions:
        return "stage"
    if "animal" in kinds:
        return "field"
    if "plant" in kinds:
        return "garden"
    if "person" in kinds:
        return "street"
    if kinds or subjects:
        return "studio"
    return "mountains" if not any(hit.value(WEATHER) for hit in all_hits) else "field"


def hour_for(setting: Setting, all_hits: list[Hit]) -> Hour:
    """When a shot is: as style, music and weather of the prompt suggest, else when its place looks best."""
    for hit in all_hits:
        if hit.value(STYLE) in ("noir", "neon") or hit.value(MUSIC) == "moonlight_sonata":
            return "night"
        if hit.value(WEATHER) == "storm":
            return "dusk"
    return _HOURS.get(setting, "day")


def mood_of(shot: Shot) -> Mood:
    """The mood of a film that begins with this shot."""
    if shot.weather == "storm":
        return "tense"
    if shot.setting == "space":
        return "mysterious"
    if shot.weather in ("rain", "fog"):
        return "melancholic"
    if any(subject.action in ("dance", "jump") for subject in shot.subjects):
        return "joyful"
    if any(subject.action in ("run", "drive") for subject in shot.subjects):
        return "playful"
    return "calm" if shot.hour != "golden" else "romantic"


def ratio_for(lexicon: Lexicon, shot: Shot) -> tuple[str, str] | None:
    """The ratio that a picture wants, and why; None: the usual one will do."""
    alone = lexicon.drawings.get(shot.subjects[0].emoji) if len(shot.subjects) == 1 else None
    if alone is not None and alone.tall and shot.size in ("full", "medium"):
        return "3:4", "one tall subject"
    if not shot.subjects and shot.size == "wide":
        return "21:9", "a landscape without subjects"
    if shot.setting == "studio" and shot.size in ("close_up", "extreme_close_up"):
        return "1:1", "a product close to the camera"
    return None
