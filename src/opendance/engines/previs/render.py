"""Frames: every scene drawn at every moment, two at a time, in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from opendance.catalog import FRAME_RATE
from opendance.engines.base import Cancelled, RenderCancelled
from opendance.engines.previs.camera import Pose
from opendance.engines.previs.colour import tone_curve
from opendance.engines.previs.compositor import (
    SPAN,
    add_frames,
    blend_plate,
    bright_parts,
    divide_frames,
    finish,
    hide,
    stamp,
)
from opendance.engines.previs.lenses import LensEffect
from opendance.engines.previs.photo.look import StyleImage, colour_map
from opendance.engines.previs.scene import Scene
from opendance.engines.previs.writing import Caption
from opendance.plan import Lens, Style

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_STYLE_COMES = 1.2  # s from the picture as it is to the picture in the style that was asked for
# From this value on something shines; by 65 at most, which fills a byte with this scale.
_SHINES, _BLOOM_SCALE = 190.0, 3.9
# BT.709, limited range (ITU-R BT.709-6, item 3).
_TO_YUV = np.array(
    [[0.18259, 0.61423, 0.06201, 16.0], [-0.10064, -0.33857, 0.43922, 128.0], [0.43922, -0.39894, -0.04027, 128.0]],
    np.float32,
)


@dataclass(frozen=True)
class Look:
    """How frames are finished.

    Attributes:
        bloom: strength of the glow around what shines; 0 leaves it out.
        blur_samples: sub-frames for motion blur at most.
        hold: every picture is shown for this many frames.
    """

    bloom: float
    blur_samples: int
    hold: int


@dataclass(frozen=True)
class _Grade:
    """What `finish` is given for a frame."""

    curve: Floats
    matrix: Floats
    vignette: tuple[Floats, Floats]
    grain: Floats


class FrameRenderer:
    """Draws frames of a film.

    Args:
        size: of the rendered picture, px; both even.
        output_size: what frames are scaled to; None leaves them.
        style_image: what lends its palette and texture.
    """

    def __init__(
        self,
        scenes: list[Scene],
        style: Style,
        look: Look,
        size: tuple[int, int],
        seed: int,
        output_size: tuple[int, int] | None = None,
        style_image: StyleImage | None = None,
    ) -> None:
        self._scenes, self._style, self._look = scenes, style, look
        self._width, self._height = size
        self._output_size = output_size or size
        self._local = threading.local()
        rng = np.random.default_rng(seed)
        strength = {"vintage": 5.0, "noir": 4.0, "black_and_white": 3.0, "sketch": 2.0}.get(style, 1.5)
        self._grain = rng.normal(0, strength, (256, 256)).astype(np.float32)
        self._offsets = rng.integers(0, 256, (512, 2)).astype(np.uint64)
        self._matrix = _style_matrix(style)
        self._curve = tone_curve(style)
        self._plain_curve = np.arange(256, dtype=np.float32)
        self._no_grain = np.zeros((256, 256), np.float32)
        self._lent = None if style_image is None else style_image.texture
        self._palettes: dict[int, Floats] = {}
        self._captions = {writing: Caption(writing.text, size) for scene in scenes for writing in scene.captions}
        self._lenses: dict[Lens, LensEffect] = {}
        for scene in scenes:
            lens = scene.shot.lens
            if lens is not None and scene.backdrop is None and lens not in self._lenses:
                self._lenses[lens] = LensEffect(lens, size)
        depth = {"noir": 0.62, "vintage": 0.62, "sketch": 0.1, "pastel": 0.16, "anime": 0.2, "watercolor": 0.14}.get(
            style, 0.36
        )
        x = np.linspace(-1, 1, self._width, dtype=np.float32)
        y = np.linspace(-1, 1, self._height, dtype=np.float32)
        self._vignette = (
            ((x**2) ** 1.4 * depth * 0.55).astype(np.float32),
            ((y**2) ** 1.4 * depth * 0.45).astype(np.float32),
        )
        if style_image is not None:
            for index, scene in enumerate(scenes):
                self._palettes[index] = colour_map(self._preview(scene), style_image)
        if style == "watercolor":
            fibres = cv2.GaussianBlur(rng.random((self._height, self._width), dtype=np.float32), (0, 0), 1.2)
            self._paper = np.float32(0.76) + np.float32(0.36) * np.asarray(fibres, np.float32)

    def draw(self, index: int) -> av.VideoFrame:
        """The frame of this number, YUV 4:2:0."""
        time = index / FRAME_RATE
        scene = next(s for s in reversed(self._scenes) if time >= s.shot.start - 1e-6)
        t = time - scene.shot.start
        frame, small = self._buffers()
        samples = self._samples(scene, t)
        total = self._total() if samples > 1 else frame
        for k in range(samples):
            self._compose(scene, t + 0.5 / FRAME_RATE * k / samples, frame)
            if samples > 1:
                add_frames(total, frame, k == 0)
        if samples > 1:
            divide_frames(total, frame, samples)
        lens = None if scene.shot.lens is None else self._lenses.get(scene.shot.lens)
        if lens is not None:
            lens.bend(frame)
        out = av.VideoFrame(self._width, self._height, "yuv420p")
        planes = _plane(out, 0), _plane(out, 1), _plane(out, 2)
        share = self._styled(scene, t)
        bloom = self._bloom(frame, small, bare=scene.backdrop is not None)
        gx, gy = self._offsets[index % 512] if self._lent is None else self._offsets[0] * np.uint64(0)
        grade = self._grade(scene, t, share)
        finish(frame, bloom, grade.curve, grade.matrix, *grade.vignette, grade.grain, gx, gy, *planes)
        self._draw_style(planes, share)
        if lens is not None:
            lens.finish(planes)
        for caption in scene.captions:
            if caption.start <= time < caption.end:
                self._captions[caption].draw(planes)
        if self._output_size == (self._width, self._height):
            return out
        return out.reformat(*self._output_size, interpolation="BILINEAR")

    def _styled(self, scene: Scene, t: float) -> float:
        """How much of the style is laid over this moment, 0 to 1: none where the frame is to be the picture itself."""
        if scene.backdrop is None:
            return 1.0
        if self._style == "natural" and self._lent is None:
            return 0.0
        left = scene.shot.seconds - 1 / FRAME_RATE - t
        share = min(1.0, t / _STYLE_COMES) if scene.exact_first else 1.0
        return max(0.0, min(share, left / _STYLE_COMES)) if scene.exact_last else share

    def _grade(self, scene: Scene, t: float, share: float) -> _Grade:
        matrix, grain = self._matrix, self._grain
        if self._palettes:
            palette = self._palettes[next(k for k, s in enumerate(self._scenes) if s is scene)]
            matrix = matrix.copy()
            matrix[:, :3] = self._matrix[:, :3] @ palette[:, :3]
            matrix[:, 3] = self._matrix[:, 3] + self._matrix[:, :3] @ palette[:, 3]
        if self._lent is not None:
            grain = self._lent
        curve = self._exposed(scene, t)
        if scene.backdrop is None:
            return _Grade(curve, matrix, self._vignette, grain)
        plain = self._plain_curve if not scene.flashes else self._plain_curve * (curve[200] / self._curve[200])
        a = np.float32(share)
        return _Grade(
            (plain * (1 - a) + curve * a).astype(np.float32)
            if share > 0 and self._lent is None
            else np.minimum(plain, 255).astype(np.float32),
            (_TO_YUV * (1 - a) + matrix * a).astype(np.float32),
            ((self._vignette[0] * a).astype(np.float32), (self._vignette[1] * a).astype(np.float32)),
            (grain * a).astype(np.float32) if share > 0 else self._no_grain,
        )

    def _preview(self, scene: Scene) -> Bytes:
        """The middle of a scene, ungraded, (h, w, 3)."""
        frame, _ = self._buffers()
        self._compose(scene, scene.shot.seconds / 2, frame)
        lanes = frame[..., None].view(np.uint16)
        return np.ascontiguousarray(lanes[..., :3]).astype(np.uint8)

    def _total(self) -> npt.NDArray[np.uint64]:
        """What sub-frames are summed in; a camera that stands needs none."""
        if not hasattr(self._local, "total"):
            self._local.total = np.zeros((self._height, self._width), np.uint64)
        return self._local.total

    def _buffers(self) -> tuple[npt.NDArray[np.uint64], Bytes]:
        if not hasattr(self._local, "buffers"):
            shape = (self._height, self._width)
            self._local.buffers = (
                np.zeros(shape, np.uint64),
                np.zeros((self._height // 4, self._width // 4, 3), np.uint8),
            )
        return self._local.buffers

    def _samples(self, scene: Scene, t: float) -> int:
        """Sub-frames that this moment needs: one for seven pixels of movement while the shutter is open."""
        if self._look.blur_samples <= 1:
            return 1
        a, b = self._pose(scene, t), self._pose(scene, t + 0.5 / FRAME_RATE)
        shift = np.hypot(b.pan - a.pan - (b.x - a.x), b.tilt - a.tilt - (b.y - a.y)) * self._height
        return int(np.clip(shift / 7, 1, self._look.blur_samples))

    def _pose(self, scene: Scene, t: float) -> Pose:
        return scene.path(self._share(scene, t) if scene.backdrop is not None else t / scene.shot.seconds)

    def _share(self, scene: Scene, t: float) -> float:
        """0 for the first picture of a scene, 1 for the last one that is drawn."""
        return min(1.0, t / max(1e-6, scene.shot.seconds - self._look.hold / FRAME_RATE))

    def _compose(self, scene: Scene, t: float, frame: npt.NDArray[np.uint64]) -> None:
        width, height = self._width, self._height
        pose, own = self._pose(scene, t), t * scene.rate
        if scene.backdrop is not None:
            scene.backdrop.draw(frame, pose, self._share(scene, t), t)
        tables = [
            plate.rows(pose, own, width=width, height=height, horizon=scene.horizon, eye=scene.eye)
            for plate in scene.plates
        ]
        skips: list[Bytes] = []
        hidden = np.zeros((height, -(-width // SPAN)), np.uint8)
        for plate, table in zip(reversed(scene.plates), reversed(tables), strict=True):
            skips.append(hidden)
            if table is not None and int(table[1] * 256) == 256:
                hidden = hidden.copy()
                hide(hidden, plate.covers(own), plate.pixels.shape[1], table[0], width)
        skips.reverse()
        if scene.backdrop is None:
            frame[~hidden.all(axis=1)] = 0
        for index, (plate, table) in enumerate(zip(scene.plates, tables, strict=True)):
            if index == scene.split:
                self._stamp(scene, t, pose, frame, near=False)
            if table is not None:
                rows, opacity = table
                picture, covers = plate.picture(own), plate.covers(own)
                blend_plate(frame, picture, covers, rows, skips[index], int(opacity * 256), plate.shines)
        if scene.split >= len(scene.plates):
            self._stamp(scene, t, pose, frame, near=False)
        self._stamp(scene, t, pose, frame, near=True)

    @staticmethod
    def _stamp(scene: Scene, t: float, pose: Pose, frame: npt.NDArray[np.uint64], *, near: bool) -> None:
        share = min(1.0, t / _STYLE_COMES) if scene.exact_first else 1.0
        if scene.exact_last:
            share = max(0.0, min(share, (scene.shot.seconds - 2 / FRAME_RATE - t) / _STYLE_COMES))
        for cloud in scene.clouds:
            items = cloud.items(t * scene.rate, pose, near)
            if share < 1 and len(items):
                picture = np.floor(items[:, 5])
                items[:, 5] = picture + (items[:, 5] - picture) * share
            if len(items):
                stamp(frame, cloud.atlas, cloud.atlas.shape[0], items)

    def _bloom(self, frame: npt.NDArray[np.uint64], small: Bytes, *, bare: bool) -> Floats:
        half = (self._width // 2, self._height // 2)
        if bare or self._look.bloom <= 0:
            if not hasattr(self._local, "dark"):
                self._local.dark = np.zeros((half[1], half[0], 3), np.float32)
            return self._local.dark
        bright_parts(frame, small, _SHINES, _BLOOM_SCALE)
        # Snow and studio are bright all over: there the glow would only wash out.
        strength = self._look.bloom / (1 + float(np.mean(cv2.mean(small)[:3])) / _BLOOM_SCALE / 5) / _BLOOM_SCALE
        tight = cv2.GaussianBlur(small, (0, 0), self._height / 4 / 90)
        quarter = cv2.resize(small, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        wide = cv2.GaussianBlur(quarter.astype(np.float32), (0, 0), self._height / 16 / 22)
        spread = cv2.resize(wide, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_LINEAR)
        both = cv2.addWeighted(tight.astype(np.float32), strength, spread, 1.1 * strength, 0)
        return np.asarray(cv2.resize(both, half, interpolation=cv2.INTER_LINEAR), np.float32)

    def _exposed(self, scene: Scene, t: float) -> Floats:
        gain = 1.0
        for flash in scene.flashes:
            age = t - flash
            if 0 <= age < 0.5:
                gain += 1.5 * np.exp(-age * 9) * (0.6 + 0.4 * np.cos(age * 55))
        if scene.shot.camera.move == "time_lapse":
            gain *= 1.08 - 0.26 * (t / scene.shot.seconds) + 0.015 * np.sin(t * 31)
        if self._style == "vintage":
            gain *= 1 + 0.03 * np.sin(t * 43) + 0.02 * np.sin(t * 17.3)
        return self._curve if gain == 1.0 else np.minimum(self._curve * np.float32(gain), 255.0).astype(np.float32)

    def _draw_style(self, planes: tuple[Bytes, Bytes, Bytes], share: float) -> None:
        if share <= 0 or self._style not in ("sketch", "watercolor"):
            return
        before = [plane.copy() for plane in planes] if share < 1 else []
        luma, blue, red = planes
        if self._style == "sketch":  # colour dodge with the softened negative: what is left is the lines
            soft = cv2.GaussianBlur(luma, (0, 0), self._height / 170)
            lines = np.minimum(luma.astype(np.float32) / np.maximum(soft.astype(np.float32), 16), 1.04) ** 2.4 * 206
            luma[:] = np.clip(lines * 0.80 + luma * 0.24, 16, 235).astype(np.uint8)
            blue[:], red[:] = (
                (blue.astype(np.int16) // 5 + 101).astype(np.uint8),
                (red.astype(np.int16) // 5 + 104).astype(np.uint8),
            )
        else:  # flat washes, darker at their edges, on paper
            wash = cv2.medianBlur(np.ascontiguousarray(luma), 7).astype(np.float32)
            edges = np.abs(wash - cv2.GaussianBlur(wash, (0, 0), 2.2))
            luma[:] = np.clip(((wash - edges * 1.1) * 0.84 + 36) * self._paper, 16, 235).astype(np.uint8)
            blue[:] = cv2.GaussianBlur(np.ascontiguousarray(blue), (0, 0), 2.5)
            red[:] = cv2.GaussianBlur(np.ascontiguousarray(red), (0, 0), 2.5)
        for plane, plain in zip(planes, before, strict=False):
            plane[:] = cv2.addWeighted(np.ascontiguousarray(plane), share, plain, 1 - share, 0)


def _plane(frame: av.VideoFrame, index: int) -> Bytes:
    """A plane of a frame as a writable picture."""
    plane = frame.planes[index]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]  # pyright: ignore[reportArgumentType]


def _style_matrix(style: Style) -> Floats:
    """(3, 4) from graded RGB to YUV; a style's colours are worked in."""
    grey = np.array([[0.2126, 0.7152, 0.0722]] * 3, np.float32)
    identity = np.eye(3, dtype=np.float32)
    mixes: dict[str, npt.NDArray[np.floating[Any]]] = {
        "noir": grey,
        "black_and_white": grey,
        "vintage": np.diag([1.05, 0.97, 0.80]).astype(np.float32) @ (identity * 0.55 + grey * 0.45),
        "pastel": identity * 0.80 + grey * 0.20,
        "anime": identity * 1.22 - grey * 0.22,
        "neon": identity * 1.18 - grey * 0.18,
        "cinematic": np.array([[1.03, 0.0, 0.0], [0.0, 1.0, 0.0], [-0.02, 0.03, 1.0]], np.float32),
    }
    rgb = mixes.get(style, identity)
    out = _TO_YUV.copy()
    out[:, :3] = _TO_YUV[:, :3] @ rgb
    return out


def render_frames(
    renderer: FrameRenderer, num_frames: int, *, hold: int, workers: int, cancelled: Cancelled
) -> Generator[av.VideoFrame]:
    """All frames in order, drawn ahead by `workers` threads.

    Raises:
        RenderCancelled: `cancelled` said so.
    """
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[av.VideoFrame]] = deque()
        indexes = range(0, num_frames, hold)
        upcoming = iter(indexes)
        for index in upcoming:
            ahead.append(pool.submit(renderer.draw, index))
            if len(ahead) > workers:
                break
        given = 0
        while ahead:
            frame = ahead.popleft().result()
            following = next(upcoming, None)
            if cancelled():
                for future in ahead:
                    future.cancel()
                raise RenderCancelled
            if following is not None:
                ahead.append(pool.submit(renderer.draw, following))
            for _ in range(min(hold, num_frames - given)):
                yield frame
                given += 1
