"""Moves of the camera and of subjects, as values: every word that a plan may have is a function of its own."""

from __future__ import annotations

from dataclasses import astuple
from typing import get_args

import numpy as np
import pytest

from opendance.engines.previs.camera import MOVES, Course, Pose, camera_path
from opendance.engines.previs.motion import MOTIONS, STEPS, move, steps
from opendance.engines.previs.photo.path import PICTURE_MOVES, photo_path
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.sound.effects import EFFECTS, Effect, effect
from opendance.engines.previs.sound.score import read_pieces
from opendance.plan import Action, Camera, Move

SHARES = np.linspace(0, 1, 9)


def pose(name: Move, share: float, focus: tuple[float, float] = (0.0, 0.0)) -> Pose:
    return MOVES[name](Course(amount=1.0, follow=0.5, focus=focus, share=share))


def test_every_word_of_a_plan_has_its_function() -> None:
    assert set(MOVES) == set(PICTURE_MOVES) == set(get_args(Move))
    assert set(MOTIONS) == set(get_args(Action))
    assert set(EFFECTS) == set(get_args(Effect))


@pytest.mark.parametrize("name", get_args(Move))
def test_a_move_never_comes_to_the_subject_itself_nor_turns_the_picture_over(name: Move) -> None:
    for speed in (0.7, 1.0, 1.7):
        camera = Camera(name, speed)
        paths = [
            camera_path(camera, 15.0, follow=0.5, focus=(0.1, -0.2), seed=1),
            photo_path(camera, 15.0, focus=(0.1, -0.2), seed=1),
        ]
        for path in paths:
            for share in SHARES:
                at = path(float(share))
                assert np.isfinite(astuple(at)).all()
                assert (at.dolly < 0.8, at.zoom > 0.2, abs(at.roll) < 0.5) == (True, True, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [("pan_left", "pan_right"), ("truck_left", "truck_right"), ("pedestal_up", "pedestal_down"), ("crane_up", "crane_down"),
     ("push_in", "pull_out"), ("zoom_in", "zoom_out")],
)  # fmt: skip
def test_a_move_ends_where_its_opposite_begins(one: Move, other: Move) -> None:
    first, last = pose(one, 1.0, (0.1, 0.1)), pose(other, 0.0, (0.1, 0.1))
    if (one, other) == ("push_in", "pull_out"):  # out goes a little farther than in
        assert last.dolly > first.dolly
        return
    assert astuple(first) == pytest.approx(astuple(last), abs=1e-9)


def test_a_dolly_zoom_keeps_the_size_of_the_subject() -> None:
    for share in SHARES:
        at = pose("dolly_zoom", float(share))
        assert at.zoom / (1 - at.dolly) == pytest.approx(1.0)


@pytest.mark.parametrize("name", get_args(Move))
def test_a_picture_is_itself_at_the_beginning(name: Move) -> None:
    path = photo_path(Camera(name), 5.0, focus=(0.2, 0.1), seed=1)
    assert astuple(path(0.0)) == pytest.approx(astuple(Pose()), abs=1e-3)


def placements(action: Action, **changes: float) -> list[Placement]:
    at = move(action, height=0.5, seconds=4.0, phase=changes.get("phase", 0.0), beats=[0.5, 2.0])
    return [at(float(t)) for t in np.linspace(0, 4, 97)]


@pytest.mark.parametrize("action", get_args(Action))
def test_whoever_does_something_moves_and_stays_whole(action: Action) -> None:
    values = np.array([astuple(placement)[:6] for placement in placements(action)], np.float64)
    assert np.isfinite(values).all()
    assert values.std(axis=0).max() > 0.001
    assert (np.abs(values[:, 2:4]) > 0.05).all()


def test_who_falls_begins_over_the_picture_and_comes_to_lie_on_the_ground() -> None:
    fall = placements("fall")
    assert fall[0].y < -1
    assert abs(fall[-1].y) < 0.01


def test_feet_are_on_the_ground_when_a_step_is_heard() -> None:
    for action in ("walk", "run"):
        at = move(action, height=0.5, seconds=4.0, phase=0.0, beats=None)
        heard = steps(action, 4.0, 0.0)
        assert len(heard) == pytest.approx(4 * STEPS[action], abs=1)
        assert all(abs(at(t).y) < 0.002 for t in heard)


def test_steps_of_a_group_are_not_all_the_same() -> None:
    assert placements("dance", phase=0.0) != placements("dance", phase=0.5)


@pytest.mark.parametrize("kind", get_args(Effect))
def test_every_effect_is_heard(kind: Effect) -> None:
    wave = effect(kind, np.random.default_rng(1), 1.5)
    assert wave.ndim == 1
    assert 0.005 < np.abs(wave).max() < 3.5


def test_the_score_book_can_be_read() -> None:
    assert all(piece.voices for piece in read_pieces().values())
