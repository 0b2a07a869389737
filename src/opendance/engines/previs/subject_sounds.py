"""What subjects are heard to do: steps, wings, engines, voices, work, and what happens to them."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from opendance.engines.previs.happenings import Happening, breaks_at, hits_at
from opendance.engines.previs.motion import WING_BEATS, SoundEvent, falls_for, steps
from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.sound.effects import Effect
from opendance.engines.previs.traits import traits_of
from opendance.plan import Action, Setting, Shot, Subject

# What is heard as long as somebody does it.
_GOING: dict[Action, Effect] = {"drive": "engine", "sail": "creak", "burn": "crackle", "rise": "rocket"}
_SOFT_GROUND: tuple[Setting, ...] = ("snow", "desert", "field", "garden", "forest", "sea")

# By action of people: what is heard when they come to these of its poses, and how loud.
STROKES: dict[str, tuple[tuple[Effect, tuple[int, ...], float], ...]] = {
    "hammer": (("hammer", (1,), 0.9),),
    "sculpt": (("hammer", (1,), 0.5),),
    "chop": (("chop", (1,), 0.8),),
    "weave": (("chop", (1,), 0.4),),
    "saw": (("saw", (0, 1), 0.8),),
    "sweep": (("sweep", (0, 1), 0.8),),
    "mop": (("sweep", (0, 1), 0.5),),
    "rake": (("dig", (0, 1), 0.5),),
    "wipe": (("sweep", (0, 1), 0.35),),
    "whittle": (("sweep", (1,), 0.35),),
    "brush_teeth": (("sweep", (0, 1), 0.3),),
    "write": (("scribble", (0, 1), 0.6),),
    "sketch": (("scribble", (0, 1), 0.7),),
    "type": (("typing", (0, 1), 1.0),),
    "play_game": (("typing", (0, 1), 0.6),),
    "clap": (("clap", (1,), 1.0),),
    "swim": (("splash", (1, 3), 0.45),),
    "row": (("splash", (1,), 0.4),),
    "paddle": (("splash", (0, 1), 0.4),),
    "dig": (("dig", (0,), 0.9),),
    "throw": (("swish", (2,), 0.7),),
    "swing_bat": (("swish", (1,), 0.9),),
    "swing_racket": (("swish", (2,), 0.8), ("ball", (2,), 0.5)),
    "swing_club": (("swish", (1,), 0.8), ("chop", (1,), 0.4)),
    "fence": (("swish", (1,), 0.5), ("clang", (1,), 0.35)),
    "fight": (("swish", (2,), 0.7), ("clang", (2,), 0.4)),
    "punch": (("punch", (1, 3), 0.8),),
    "martial_arts": (("swish", (1, 3), 0.7),),
    "kick": (("ball", (2,), 0.7),),
    "shoot_ball": (("ball", (0,), 0.6),),
    "dribble": (("ball", (1,), 0.9),),
    "take_photo": (("shutter", (1,), 0.9),),
    "selfie": (("shutter", (1,), 0.6),),
    "snack": (("crunch", (1,), 0.8),),
    "read": (("page", (1,), 0.5),),
    "fold": (("page", (1,), 0.5),),
    "cut_hair": (("snip", (0, 1), 0.7),),
    "toast": (("clink", (1,), 0.7),),
    "open": (("door", (0,), 0.9),),
    "open_chest": (("door", (0,), 0.8),),
    "knead": (("punch", (1,), 0.3),),
    "cheer": (("cheer", (0,), 0.6),),
    "beat_drum": (("drum", (0, 1), 0.9),),
    "draw_sword": (("clang", (1,), 0.4),),
}
# What is heard as long as they do it.
LASTING: dict[str, tuple[Effect, float]] = {
    "pour": ("pour", 0.8),
    "experiment": ("pour", 0.5),
    "water_plants": ("pour", 0.7),
    "wash": ("pour", 0.8),
    "shower": ("pour", 1.0),
    "stir_fry": ("sizzle", 1.0),
    "toss_pan": ("sizzle", 0.9),
    "grill": ("sizzle", 0.9),
    "iron": ("steam", 0.6),
    "sew": ("machine", 0.8),
    "weld": ("spark", 1.0),
}
_SELDOM = 1.6  # s between two of a kind that startle: doors, photographs, cheers
_STARTLING: tuple[Effect, ...] = ("door", "shutter", "cheer", "clink", "page")
# By happening: what is heard, how often, s (None: once), and how loud; it begins when the thing is seen to begin.
_HAPPENINGS: dict[Happening, tuple[Effect, float | None, float]] = {
    "crash": ("crash", None, 1.0),
    "explode": ("explosion", None, 1.0),
    "shatter": ("glass", None, 1.0),
    "burn": ("crackle", None, 1.0),
    "steam": ("steam", None, 0.7),
    "erupt": ("rocket", None, 0.9),
    "drip": ("drop", 0.7, 0.5),
    "splash": ("splash", 1.3, 0.6),
    "bounce": ("ball", 0.75, 0.6),
}
_BELLS = ("bell", "🔔")
_CROWD = 6  # of one kind: from so many on they are heard to talk


def sounds_of(
    subject: Subject, shot: Shot, acts: str | None = None, happening: Happening | None = None
) -> list[SoundEvent]:
    """The sounds of one subject of a shot, however many of it are seen.

    Args:
        acts: the action of people that is shown.
        happening: what happens to it.
    """
    traits, action = traits_of(subject.emoji), subject.action
    step = traits.step or ("step_soft" if shot.setting in _SOFT_GROUND else "step")
    events = [SoundEvent(step, at, 0.8 if action == "run" else 0.5) for at in steps(action, shot.seconds, 0.0)]
    if (going := _GOING.get(action)) is not None:
        events.append(SoundEvent(going if traits.motor else "wind", 0.0, 1.0))
    if action == "fly" and traits.flaps and acts is None:
        events += [SoundEvent("flap", float(at), 0.5) for at in np.arange(0.1, shot.seconds, 1 / WING_BEATS)]
    if action == "fall":
        events.append(SoundEvent("thud", falls_for(shot.seconds), 1.0))
    if traits.voice is not None and action != "play_instrument":
        events.append(SoundEvent(traits.voice, min(1.1, shot.seconds * 0.3), 0.8))
    if acts is not None:
        events += _work(acts, shot.seconds)
        if subject.count >= _CROWD:
            events.append(SoundEvent("chatter", 0.0, 0.8))
    if happening is not None:
        events += _happens(happening, subject, shot.seconds)
    return events


def _work(acts: str, seconds: float) -> Generator[SoundEvent]:
    if (lasting := LASTING.get(acts)) is not None:
        yield SoundEvent(lasting[0], 0.0, lasting[1])
    action = actions()[acts]
    whole = len(action.poses) * action.between / action.rate
    for kind, poses, strength in STROKES.get(acts, ()):
        last = -_SELDOM
        for begin in np.arange(0, seconds, seconds if action.once else whole):
            for pose in poses:
                at = float(begin) + pose * action.between / action.rate
                if not 0.02 < at < seconds - 0.05 and not (at <= 0.02 and kind in _STARTLING):
                    continue
                if kind not in _STARTLING or at - last >= _SELDOM:
                    yield SoundEvent(kind, max(0.02, at), strength)
                    last = at


def _happens(happening: Happening, subject: Subject, seconds: float) -> Generator[SoundEvent]:
    if happening == "swing" and (subject.name in _BELLS or subject.emoji in _BELLS):
        for at in np.arange(0.3, seconds, 1.5):
            yield SoundEvent("bell", float(at), 0.7)
    row = _HAPPENINGS.get(happening)
    if row is None:
        return
    kind, every, strength = row
    begins = {"crash": hits_at(seconds), "explode": breaks_at(seconds), "shatter": breaks_at(seconds)}.get(
        happening, 0.0
    )
    for at in (begins,) if every is None else np.arange(0.3, seconds, every):
        yield SoundEvent(kind, float(at), strength)
