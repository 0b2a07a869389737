"""What subjects are heard to do: steps, wings, engines, voices."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.motion import WING_BEATS, SoundEvent, falls_for, steps
from opendance.engines.previs.sound.effects import Effect
from opendance.engines.previs.traits import traits_of
from opendance.plan import Action, Setting, Shot, Subject

# What is heard as long as somebody does it.
_GOING: dict[Action, Effect] = {"drive": "engine", "sail": "creak", "burn": "crackle", "rise": "rocket"}
_SOFT_GROUND: tuple[Setting, ...] = ("snow", "desert", "field", "garden", "forest", "sea")


def sounds_of(subject: Subject, shot: Shot) -> list[SoundEvent]:
    """The sounds of one subject of a shot, however many of it are seen."""
    traits, action = traits_of(subject.emoji), subject.action
    step = traits.step or ("step_soft" if shot.setting in _SOFT_GROUND else "step")
    events = [SoundEvent(step, at, 0.8 if action == "run" else 0.5) for at in steps(action, shot.seconds, 0.0)]
    if (going := _GOING.get(action)) is not None:
        events.append(SoundEvent(going if traits.motor else "wind", 0.0, 1.0))
    if action == "fly" and traits.flaps:
        events += [SoundEvent("flap", float(at), 0.5) for at in np.arange(0.1, shot.seconds, 1 / WING_BEATS)]
    if action == "fall":
        events.append(SoundEvent("thud", falls_for(shot.seconds), 1.0))
    if traits.voice is not None and action != "play_instrument":
        events.append(SoundEvent(traits.voice, min(1.1, shot.seconds * 0.3), 0.8))
    return events
