"""Faces in real photographs: found, stiff in what moves, speaking and blinking."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from skimage import data

from opendance.engines.previs.camera import Pose
from opendance.engines.previs.photo import expressions, nets
from opendance.engines.previs.photo.acting import Person
from opendance.engines.previs.photo.backdrop import Photo
from opendance.engines.previs.photo.cutout import cut_out
from opendance.engines.previs.photo.expressions import LIDS, MOUTHS, Layer, expressions_of, lids_at
from opendance.engines.previs.photo.faces import (
    CHIN,
    FOREHEAD,
    LEFT_LIDS,
    LOWER_LIP,
    OVAL,
    RIGHT_LIDS,
    UPPER_LIP,
    faces_in,
)
from opendance.engines.previs.photo.life import Life
from tests.engines.previs.nets import needs_nets
from tests.engines.previs.test_pictures import photo

Bytes = npt.NDArray[np.uint8]
pytestmark = needs_nets


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    nets.forget_nets()
    yield
    nets.forget_nets()


@pytest.fixture
def astronaut() -> Bytes:
    """Of 512 x 512 px; measured by hand: pupils at (203, 100) and (248, 102), the lips meet at (222, 146)."""
    return photo("astronaut")


def laid(picture: Bytes, layer: Layer) -> Bytes:
    out = picture.astype(np.float32)
    height, width = layer.rgba.shape[:2]
    part = out[layer.top : layer.top + height, layer.left : layer.left + width]
    part[:] = part * (1 - layer.rgba[..., 3:] / 255) + layer.rgba[..., :3]
    return out.astype(np.uint8)


def test_a_face_is_found_with_its_eyes_and_lips_where_they_are(astronaut: Bytes) -> None:
    (face,) = faces_in(astronaut)
    assert np.abs(face.points[list(sum(RIGHT_LIDS, ()))].mean(axis=0) - (203, 100)).max() < 4
    assert np.abs(face.points[list(sum(LEFT_LIDS, ()))].mean(axis=0) - (248, 102)).max() < 4
    assert np.abs(face.points[[*UPPER_LIP, *LOWER_LIP]].mean(axis=0) - (222, 146)).max() < 5


def test_a_face_that_is_small_and_aslant_is_found(astronaut: Bytes) -> None:
    turned = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((222, 120), 25, 1.0), (512, 512))
    wide = np.full((720, 1280, 3), 90, np.uint8)
    wide[300:600, 850:1150] = cv2.resize(turned, (300, 300), interpolation=cv2.INTER_AREA)
    (face,) = faces_in(wide)
    eyes = face.points[263] - face.points[33]
    assert np.degrees(np.arctan2(-eyes[1], eyes[0])) == pytest.approx(25 - 3, abs=4), (
        "she holds her head 3 degrees aslant"
    )


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket"])
def test_where_nobody_is_no_face_is_found(name: str) -> None:
    assert faces_in(np.ascontiguousarray(getattr(data, name)())) == ()


def test_without_the_nets_no_face_is_found(astronaut: Bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.engines.previs.photo.faces.face_nets", lambda: None)
    assert faces_in(astronaut) == ()


def test_a_mouth_opens_ever_wider_and_the_upper_face_stays(astronaut: Bytes) -> None:
    (face,) = faces_in(astronaut)
    able = expressions_of(astronaut, face, speaks=True)
    assert (len(able.mouths), len(able.lids)) == (MOUTHS, LIDS)
    x, y = face.points[14].astype(int)
    dark = [
        int((laid(astronaut, layer)[y - 10 : y + 12, x - 12 : x + 12].max(axis=-1) < 80).sum()) for layer in able.mouths
    ]
    assert dark == sorted(dark)
    assert dark[-1] > dark[0] + 60
    wide = laid(astronaut, able.mouths[-1])
    nose = int(face.points[1, 1])
    assert np.abs(wide[:nose].astype(int) - astronaut[:nose]).max() <= 2, "nothing over the tip of the nose"
    # Its own net sees the chin lower, and the eyes where they were.
    (after,) = faces_in(wide)
    assert after.points[CHIN, 1] - face.points[CHIN, 1] > 2.5
    assert np.linalg.norm(after.points[14] - after.points[13]) > np.linalg.norm(face.points[14] - face.points[13]) + 3
    assert np.abs(after.points[[33, 263]] - face.points[[33, 263]]).max() < 2


def test_eyes_close_and_nothing_else_changes(astronaut: Bytes) -> None:
    (face,) = faces_in(astronaut)
    closed = laid(astronaut, expressions_of(astronaut, face, speaks=False).lids[-1])
    for upper, lower in (RIGHT_LIDS, LEFT_LIDS):
        left, right = face.points[[upper[0], upper[-1]], 0].astype(int)
        top, bottom = int(face.points[list(upper), 1].min()), int(face.points[list(lower), 1].max())
        before, after = (each[top : bottom + 1, left + 3 : right - 3].astype(float) for each in (astronaut, closed))
        assert np.ptp(after[:-2].mean(axis=-1)) < 0.75 * np.ptp(before[:-2].mean(axis=-1)), "neither white nor pupil"
    changed = np.abs(closed.astype(int) - astronaut).max(axis=-1) > 3
    rows = np.flatnonzero(changed.any(axis=1))
    assert rows.min() > face.points[FOREHEAD, 1]
    assert rows.max() < face.points[1, 1]
    assert 0.005 < changed[60:180, 170:280].mean() < 0.15


def test_who_speaks_moves_the_mouth_when_the_voice_is_heard_and_not_before(astronaut: Bytes) -> None:
    (face,) = faces_in(astronaut)
    person = Person(face, lambda t: 1.0 if 0.5 < t < 0.8 else 0.0)
    backdrop = Photo(astronaut, lambda share: Pose(), Life(0, 0, 0), seconds=2, seed=1, people=(person,))

    def drawn(t: float) -> npt.NDArray[np.int32]:
        frame = np.zeros((512, 512), np.uint64)
        backdrop.draw(frame, Pose(), t / 2, t)
        return frame[..., None].view(np.uint16)[..., :3].astype(np.int32)

    silent, speaking = drawn(0.3), drawn(0.6)
    assert np.abs(silent - astronaut).mean() < 1, "a picture with nothing to say is itself"
    x, y = face.points[14].astype(int)
    assert np.abs(speaking - silent)[y - 4 : y + 10, x - 12 : x + 12].mean() > 12
    assert np.abs(speaking - silent)[:110].max() <= 2


def test_eyes_behind_rims_stay_open_where_lids_would_smear_them(astronaut: Bytes) -> None:
    (face,) = faces_in(astronaut)
    rimmed = astronaut.copy()
    for upper, _ in (RIGHT_LIDS, LEFT_LIDS):
        left, right = face.points[[upper[0], upper[-1]], 0].astype(int)
        over = int(face.points[list(upper), 1].min())
        rimmed[over - 4 : over - 1, left - 6 : right + 6] = 20
    assert expressions_of(astronaut, face, speaks=False).lids
    assert expressions_of(rimmed, face, speaks=False).lids == ()


def test_teeth_that_were_not_seen_before_are_several(astronaut: Bytes) -> None:
    (face,) = faces_in(astronaut)
    depth, across = np.mgrid[0:1:60j, -1:1:240j].astype(np.float32)
    gap = np.full_like(depth, 0.07 * face.height)
    inside = expressions._inside(  # pyright: ignore[reportPrivateUsage]
        astronaut, face, across, depth, gap, teeth=True
    )
    mouth = inside.mean(axis=-1)
    row = mouth[10]  # under the upper lip, where teeth are
    shades = (row[1:-1] < row[:-2]) & (row[1:-1] <= row[2:])
    assert shades.sum() >= 5, "shades between teeth, where a flat band has none"
    assert row.max() > 2 * mouth[40].max(), "lighter than what is below them"


@pytest.mark.parametrize("is_stiff", [True, False])
def test_a_face_does_not_bend_where_its_surroundings_do(astronaut: Bytes, *, is_stiff: bool) -> None:
    people = tuple(Person(face) for face in faces_in(astronaut))
    (face,) = (person.face for person in people)
    # Nothing is cut loose: all of the picture bends with its depths.
    backdrop = Photo(
        astronaut,
        lambda share: Pose(),
        Life(0, 0, 0),
        seconds=2,
        seed=1,
        layered=False,
        people=people if is_stiff else (),
    )
    pose = Pose(x=0.15, dolly=0.2)
    y, x = np.mgrid[0:512:8, 0:512:8].astype(np.float32)
    u, v, _ = backdrop._look(  # pyright: ignore[reportPrivateUsage]
        pose, 1.0, (x / 512 - 0.5, y / 512 - 0.5)
    )
    inside = np.array([[cv2.pointPolygonTest(face.points[list(OVAL)], (float(a), float(b)), False) > 0 for a, b in zip(*row, strict=True)] for row in zip((u + 0.5) * 512, (v + 0.5) * 512, strict=True)])  # fmt: skip
    there, here = np.stack([u[inside], v[inside]], -1) * 512, np.stack([x[inside], y[inside]], -1)
    matrix, _ = cv2.estimateAffinePartial2D(here, there, method=cv2.LMEDS)
    bent = np.linalg.norm(here @ matrix[:, :2].T + matrix[:, 2] - there, axis=1).max()
    assert bool(bent < 0.25) is is_stiff, f"{bent:.2f} px"


def test_a_cut_out_person_has_a_face(astronaut: Bytes) -> None:
    opaque = np.full((512, 512, 1), 255, np.uint8)
    (face,) = cut_out(np.concatenate([astronaut, opaque], axis=2), plain_background=False).faces
    assert face.height == pytest.approx(107, abs=3)


def test_lids_go_down_and_up_within_a_fifth_of_a_second() -> None:
    seen = [lids_at(k / 24, 0.0, LIDS) for k in range(24 * 3)]
    assert [step for step in seen if step is not None] == [0, 1, 1, 1, 0]
