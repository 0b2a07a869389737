"""What pictures are of, on real photographs; the net's own answer against onnxruntime's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from opendance.engines.previs.photo import nets, outline
from opendance.engines.previs.photo.cutout import cut_out
from opendance.engines.previs.photo.outline import guided_by_colour, outline_of, salience
from opendance.packing.models import OUTLINES, PACKAGED
from tests.engines.previs.nets import needs_nets


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    nets.forget_nets()
    yield
    nets.forget_nets()


@needs_nets
def test_the_net_says_what_onnxruntime_says_it_says() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    picture = np.ascontiguousarray(data.astronaut())
    small = cv2.resize(picture, (320, 320), interpolation=cv2.INTER_AREA).astype(np.float32)
    batch = (small / small.max() - np.float32((0.485, 0.456, 0.406))) / np.float32((0.229, 0.224, 0.225))
    session = onnxruntime.InferenceSession(str(PACKAGED / OUTLINES), providers=["CPUExecutionProvider"])
    (expected,) = session.run(["1959"], {"input.1": batch.transpose(2, 0, 1)[None]})
    seen = salience(picture)
    assert seen is not None
    assert np.abs(seen - expected[0, 0]).max() < 2e-3


@needs_nets
def test_an_astronaut_is_cut_out_without_the_flag_beside_her() -> None:
    found = outline_of(np.ascontiguousarray(data.astronaut()))
    assert found is not None
    assert found.is_clean
    assert found.doubt < 1
    assert found.alpha[110, 225] > 0.99, "her face"
    assert found.alpha[400, 250] > 0.99, "her suit"
    assert found.alpha[150, 40] < 0.01, "the flag"
    assert found.alpha[60, 460] < 0.01, "the shuttle behind her"


@needs_nets
def test_a_wall_of_bricks_is_of_nothing() -> None:
    assert outline_of(np.ascontiguousarray(cv2.cvtColor(data.brick(), cv2.COLOR_GRAY2RGB))) is None


@needs_nets
def test_what_is_small_in_the_picture_is_seen_as_large_as_it_is() -> None:
    picture = cv2.GaussianBlur(np.random.default_rng(1).integers(90, 110, (600, 900, 3), np.uint8), (0, 0), 3)
    cv2.circle(picture, (300, 400), 50, (220, 60, 40), -1)
    found = outline_of(picture)
    assert found is not None
    truth = np.zeros((600, 900), np.float32)
    cv2.circle(truth, (300, 400), 50, 1.0, -1)
    assert float(np.minimum(found.alpha, truth).sum() / np.maximum(found.alpha, truth).sum()) > 0.9


@needs_nets
def test_what_stands_out_clearly_is_the_thing_though_something_else_moves_behind_it() -> None:
    wall = cv2.GaussianBlur(np.random.default_rng(1).integers(90, 120, (180, 320, 3), np.uint8), (0, 0), 3)
    cv2.circle(wall, (100, 95), 45, (205, 40, 36), -1)
    moving = np.zeros((180, 320), np.bool_)
    moving[30:80, 240:300] = True
    found = outline.thing_mask(wall, moving)
    assert found is not None
    assert found[95, 100] == 255
    assert found[55, 270] == 0


def test_without_nets_rules_tell_what_a_picture_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "outline_net", lambda: None)
    found = outline_of(np.ascontiguousarray(data.coffee()))
    assert found is not None
    assert 0.1 < float(found.alpha.mean()) < 0.6


def test_an_even_picture_asks_no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "outline_net", lambda: pytest.fail("a net was asked"))
    assert outline_of(np.full((96, 160, 3), 60, np.uint8)) is None


def test_a_soft_rim_has_the_colours_of_the_thing_and_not_of_its_background() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(picture, (150, 150), 90, (20, 40, 200), -1)
    picture = cv2.GaussianBlur(picture, (0, 0), 2.5)
    opaque = np.full((300, 300, 1), 255, np.uint8)
    rgba = cut_out(np.concatenate([picture, opaque], axis=2), plain_background=True).rgba.astype(np.float32)
    alpha = rgba[..., 3]
    rim = (alpha > 60) & (alpha < 220)
    colours = rgba[..., :3][rim] / alpha[rim][:, None] * 255
    assert rim.sum() > 100
    assert np.abs(colours.mean(axis=0) - (20, 40, 200)).max() < 45


def test_a_mask_is_drawn_to_an_edge_of_hue_alone() -> None:
    guide = np.zeros((80, 80, 3), np.float32)
    guide[:, :40], guide[:, 40:] = (0.6, 0.2, 0.3), (0.2, 0.42, 0.3)  # of one lightness
    rough = np.broadcast_to(np.clip((np.arange(80) - 30) / 20, 0, 1), (80, 80)).astype(np.float32)
    fine = guided_by_colour(guide, rough, 12)
    assert fine[40, 43] - fine[40, 36] > 1.6 * (rough[40, 43] - rough[40, 36])


@pytest.mark.parametrize(("size", "is_taken"), [(1000, False), (175_997_641, True)])
def test_the_full_u2net_is_taken_where_it_lies_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, is_taken: bool
) -> None:
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    assert nets.large_outline_file() is None
    with (tmp_path / "u2net.onnx").open("wb") as file:
        file.truncate(size)
    assert (nets.large_outline_file() is not None) is is_taken
