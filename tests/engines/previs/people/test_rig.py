from __future__ import annotations

import numpy as np
import pytest

from opendance.engines.previs.people import Face, actions, look_for, rig, roles
from opendance.engines.previs.people.actions import cycle, pose
from opendance.engines.previs.people.skeleton import SIDES, VIEWS, View, skeleton_of

SIZE = 96  # px: small enough to be quick
STANDING = [name for name, action in actions().items() if action.grounded]


def edges(picture: np.ndarray) -> int:
    """The strongest alpha on the border of a picture."""
    alpha = picture[..., 3]
    return int(max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()))


@pytest.mark.parametrize("name", list(actions()))
def test_every_action_is_a_cycle_within_its_picture(name: str) -> None:
    of = rig(look_for("fisherman"), actions()[name].view, name, SIZE)
    assert 1 <= len(of.steps) <= 12
    assert len({picture.shape for picture in of.pictures}) == 1
    assert all(edges(picture) == 0 and (picture[..., 3] > 250).sum() > 300 for picture in of.pictures)
    assert all((picture[..., :3] <= picture[..., 3:]).all() for picture in of.pictures)  # premultiplied


@pytest.mark.parametrize("view", VIEWS)
def test_every_role_is_drawn_from_every_side(view: View) -> None:
    for name in roles():
        picture = rig(look_for(name), view, "think", SIZE).pictures[0]
        assert edges(picture) == 0, name
        assert (picture[..., 3] > 250).sum() > 500, name


@pytest.mark.parametrize("name", STANDING)
def test_feet_stand_on_the_ground(name: str) -> None:
    """Something touches it in every pose but those of a leap and on wheels."""
    lifts = [each.body[3] for each in cycle(actions()[name])]
    of = rig(look_for("woman"), actions()[name].view, name, SIZE, gear=None)
    ground = round(of.foot * of.pictures[0].shape[0])
    for picture, lift in zip(of.pictures, lifts, strict=True):
        lowest = int(np.flatnonzero((picture[..., 3] > 128).any(axis=1))[-1]) + 1
        assert lowest - ground <= 0.06 * SIZE
        assert ground - lowest <= (0.04 + lift) * SIZE


def test_hands_lie_where_the_anchors_say() -> None:
    look = look_for("man", colours={"skin": "#ff0000"}, wears=["sweater"])
    for name in ("wave", "point", "sit", "run", "cheer"):
        of = rig(look, "side", name, 200, gear=None)
        for picture, anchors in zip(of.pictures, of.anchors, strict=True):
            x, y = anchors["right_hand"]
            pixel = picture[round(y * picture.shape[0]), round(x * picture.shape[1])].astype(int)
            assert pixel[0] > 200 > 100 > pixel[1], name


def test_a_mirrored_figure_is_the_mirror_image_with_its_anchors() -> None:
    look = look_for("chef")
    right, left = (rig(look, "side", "cook", SIZE, facing=facing) for facing in ("right", "left"))
    assert all(np.array_equal(a[:, ::-1], b) for a, b in zip(right.pictures, left.pictures, strict=True))
    for a, b in zip(right.anchors, left.anchors, strict=True):
        assert [(1 - x, y) for x, y in a.values()] == [pytest.approx(place) for place in b.values()]
    assert right.middle == pytest.approx(1 - left.middle)


@pytest.mark.parametrize("name", ["walk", "run"])
def test_the_gait_closes_and_its_second_half_mirrors_the_first(name: str) -> None:
    poses = cycle(actions()[name])
    half = len(poses) // 2
    for a, b in zip(poses[:half], poses[half:], strict=True):
        assert (a.right_leg, a.left_leg, a.right_arm) == (b.left_leg, b.right_leg, b.left_arm)
    steps = [np.array(p.right_leg) for p in poses]
    jumps = [float(np.abs(a - b).max()) for a, b in zip(steps, [*steps[1:], steps[0]], strict=True)]
    assert jumps[-1] <= max(jumps[:-1])


def test_the_same_is_drawn_again_pixel_for_pixel_and_kept() -> None:
    look = look_for("knight", seed=2)
    first = rig(look, "front", "fight", SIZE)
    assert rig(look, "front", "fight", SIZE) is first
    rig.cache_clear()
    again = rig(look, "front", "fight", SIZE)
    assert all(np.array_equal(a, b) for a, b in zip(first.pictures, again.pictures, strict=True))


def test_faces_blink_speak_and_feel() -> None:
    look = look_for("girl")
    of = rig(look, "front", "stand", 200, variants=("blink", "open", "round"))
    count = len(of.steps)
    assert of.faces == {"blink": tuple(range(count, 2 * count)), "open": tuple(range(2 * count, 3 * count)), "round": tuple(range(3 * count, 4 * count))}  # fmt: skip
    assert of.blink == count
    assert (
        len({picture.tobytes() for picture in (of.pictures[0], *(of.pictures[k[0]] for k in of.faces.values()))}) == 4
    )
    moods = {rig(look, "front", "stand", 200, face=Face(mood)).pictures[0].tobytes() for mood in ("calm", "happy", "sad", "angry", "surprised")}  # fmt: skip
    assert len(moods) == 5


def test_a_close_figure_is_drawn_only_as_far_as_it_is_seen() -> None:
    look = look_for("princess")
    whole, bust = rig(look, "front", "stand", 200), rig(look, "front", "stand", 200, above=0.6)
    assert bust.pictures[0].shape[0] < 0.5 * whole.pictures[0].shape[0]
    assert bust.pictures[0].shape[1] <= whole.pictures[0].shape[1]
    assert bust.foot > 1
    assert (bust.pictures[0][-1, :, 3] > 0).any()  # cut by the frame


def test_a_cycle_begins_again_after_its_time() -> None:
    of = rig(look_for("man"), "side", "walk", SIZE)
    seconds = len(of.steps) / of.rate
    assert [of.at(seconds * share) for share in (0.0, 0.51, 0.999, 1.001)] == [
        0,
        len(of.steps) // 2,
        len(of.steps) - 1,
        0,
    ]


def test_bones_keep_their_lengths_in_all_poses() -> None:
    look = look_for("woman")
    p = look.proportions
    for name in actions():
        for each in cycle(actions()[name]):
            s = skeleton_of(each, p)
            for side in SIDES:
                shoulder, elbow, wrist = s.arms[side]
                hip, knee, ankle, _ = s.legs[side]
                lengths = [float(np.linalg.norm(b - a)) for a, b in ((shoulder, elbow), (elbow, wrist), (hip, knee), (knee, ankle))]  # fmt: skip
                assert lengths == pytest.approx([p.upper_arm, p.forearm, p.thigh, p.thigh])


def test_what_is_not_known_is_told() -> None:
    with pytest.raises(ValueError, match="no action 'moonwalk'"):
        rig(look_for("man"), "side", "moonwalk", SIZE)
    with pytest.raises(ValueError, match="no pose 'moonwalk'"):
        pose("moonwalk")
    with pytest.raises(ValueError, match="no 'lightsabre'"):
        rig(look_for("man"), "side", "stand", SIZE, gear="lightsabre")
