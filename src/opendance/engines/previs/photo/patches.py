"""A hole in a picture, filled with patches of what is around it.

PatchMatch (Barnes et al., 2009) finds for each patch that reaches into the hole the one outside that is most like it;
what those say of a pixel, weighed, is its new colour (Wexler et al., 2007), from coarse to fine. A patch may be made a
little lighter or darker on the way (as in Image Melding, Darabi et al., 2012), so that skies and walls that change
slowly get no steps.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.jit import compiled
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv

Places = npt.NDArray[np.int32]

_REACH = 3  # px around the middle of a patch
_SIDE = 2 * _REACH + 1
_LIGHTER = np.float32(16.0)  # of 255: how much lighter or darker a patch may be made
_AREA, _HOLE = 640 * 360, 30_000  # px of the picture that is worked on and of its hole, at most: that bounds the time
_LEAST = 24  # px of the shorter side of the coarsest picture
_ROUNDS = (2, 3, 4, 6, 8)  # of searching and voting, from the finest picture to the coarsest
_FARTHER = np.float32(0.5)  # cost of a patch from a picture height above or below, for each of its values, in 255ths²
_CHANCES = 1 << 16
_SEED = 9  # the same picture is always filled alike


def patched(picture: Bytes, hole: Mask, smooth: Floats) -> Bytes | None:
    """A picture (h, w, 3) whose hole (h, w) shows what could be there; None where too little is known around it.

    Args:
        smooth: (h, w, 3), a first guess.
    """
    height, width = hole.shape
    scale = math.ceil(max(1.0, math.sqrt(height * width / _AREA), math.sqrt(int(hole.sum()) / _HOLE)))
    down, right = -height % scale, -width % scale
    whole = np.asarray(cv.copyMakeBorder(picture, 0, down, 0, right, cv.BORDER_REPLICATE), np.uint8)
    gap = np.asarray(cv.copyMakeBorder(hole.astype(np.uint8), 0, down, 0, right, cv.BORDER_REPLICATE))
    guess = np.where(hole[..., None], smooth, picture).astype(np.float32)
    guess = np.asarray(cv.copyMakeBorder(guess, 0, down, 0, right, cv.BORDER_REPLICATE), np.float32)
    levels = _levels(guess, gap, scale)
    if not levels:
        return None
    rng = np.random.default_rng(_SEED)
    chances = rng.uniform(-1, 1, _CHANCES).astype(np.float32)
    field: Places | None = None
    for at in range(len(levels) - 1, -1, -1):
        level = levels[at]
        if field is not None:
            level.take(field)
        for turn in range(_ROUNDS[min(at, len(_ROUNDS) - 1)]):
            level.search(chances, turn)
            level.vote()
        field = level.field
    finest = levels[0]
    total = np.zeros((*gap.shape, 3), np.float32)
    weight = np.zeros(gap.shape, np.float32)
    lay(whole, gap, finest.ys, finest.xs, finest.field, finest.weights(), finest.means, scale, total, weight)
    filled = whole.copy()
    laid = weight > 0
    filled[laid] = np.clip(total[laid] / weight[laid][:, None] + 0.5, 0, 255).astype(np.uint8)
    return np.where(hole[..., None], filled[:height, :width], picture).astype(np.uint8)


class _Level:
    """The picture at one of its sizes, with the patches that are like those at its hole.

    Args:
        picture: (h, w, 3), its hole filled somehow.
    """

    def __init__(self, picture: Floats, hole: Mask, sources: Mask) -> None:
        height, width = hole.shape
        self.picture, self.hole, self._sources = np.ascontiguousarray(picture), hole, sources.astype(np.uint8)
        touched = cv.dilate(hole.astype(np.uint8), np.ones((_SIDE, _SIDE), np.uint8)) > 0
        touched[:_REACH] = touched[-_REACH:] = False
        touched[:, :_REACH] = touched[:, -_REACH:] = False
        ys, xs = np.nonzero(touched)
        self.ys, self.xs = ys.astype(np.int32), xs.astype(np.int32)
        inside = cv.distanceTransform(hole.astype(np.uint8), cv.DIST_L2, 3)
        self._trust = np.power(np.float32(1.3), -np.minimum(inside[ys, xs], 30)).astype(np.float32)
        # Where nothing is known yet, the nearest source.
        _, labels = cv.distanceTransformWithLabels(1 - self._sources, cv.DIST_L2, 5, labelType=cv.DIST_LABEL_PIXEL)
        rows, columns = np.nonzero(sources)
        places = np.zeros((int(labels.max()) + 1, 2), np.int32)
        places[labels[rows, columns]] = np.stack([rows, columns], axis=-1)
        self.field = np.ascontiguousarray(places[labels].astype(np.int32))
        self.costs = np.zeros((height, width), np.float32)
        self.means = self._means()

    def _means(self) -> Floats:
        return np.asarray(cv.blur(self.picture, (_SIDE, _SIDE)), np.float32)

    def take(self, coarser: Places) -> None:
        """Begin with what a picture of half the size has found."""
        height, width = self.hole.shape
        rows: Places = np.minimum(np.arange(height, dtype=np.int32) // 2, coarser.shape[0] - 1)
        columns: Places = np.minimum(np.arange(width, dtype=np.int32) // 2, coarser.shape[1] - 1)
        finer = coarser[rows[:, None], columns[None, :]] * 2
        finer[..., 0] += (np.arange(height, dtype=np.int32) % 2)[:, None]
        finer[..., 1] += (np.arange(width, dtype=np.int32) % 2)[None, :]
        np.clip(finer, 0, (height - 1, width - 1), out=finer)
        good = self._sources[finer[..., 0], finer[..., 1]] > 0
        self.field = np.where(good[..., None], finer, self.field).astype(np.int32)
        self._weigh()
        self.vote()

    def search(self, chances: Floats, turn: int) -> None:
        """Look for better ones: those next to a neighbour's, and some by chance."""
        self._weigh()
        height, width = self.hole.shape
        flat = self.picture.reshape(height, width * 3)
        radius, farther = max(height, width) // 2, self._farther
        for k, backwards in enumerate((False, True)):
            at = (turn * 2 + k) * 7919 % _CHANCES
            look(
                flat, self.means, self._sources, self.ys, self.xs, self.field, self.costs, chances, at, radius, farther,
                backwards,
            )  # fmt: skip

    def vote(self) -> None:
        """Give each pixel of the hole the colour that the patches over it say."""
        total, weight = np.zeros_like(self.picture), np.zeros(self.hole.shape, np.float32)
        gap = self.hole.astype(np.uint8)
        lay(self.picture, gap, self.ys, self.xs, self.field, self.weights(), self.means, 1, total, weight)
        laid = weight > 0
        self.picture[laid] = total[laid] / weight[laid][:, None]
        self.means = self._means()

    def weights(self) -> Floats:
        """(n,) how much each patch says."""
        costs = self.costs[self.ys, self.xs]
        usual = max(float(np.percentile(costs, 75)), 1.0)
        return (self._trust * np.exp(-costs / (2 * usual)) + 1e-8).astype(np.float32)

    @property
    def _farther(self) -> float:
        return float(_FARTHER) * _SIDE * _SIDE * 3 * (255 / self.hole.shape[0]) ** 2 / 255

    def _weigh(self) -> None:
        height, width = self.hole.shape
        flat = self.picture.reshape(height, width * 3)
        weigh(flat, self.means, self.ys, self.xs, self.field, self.costs, self._farther)


def _levels(guess: Floats, gap: Bytes, scale: int) -> list[_Level]:
    """From fine to coarse, as far as there is enough around the hole."""
    height, width = gap.shape
    levels: list[_Level] = []
    kernel = np.ones((_SIDE, _SIDE), np.uint8)
    while True:
        size = (max(1, round(width / scale)), max(1, round(height / scale)))
        picture = np.asarray(cv.resize(guess, size, interpolation=cv.INTER_AREA), np.float32)
        hole = np.asarray(cv.resize(gap.astype(np.float32), size, interpolation=cv.INTER_AREA)) > 1e-3
        known = (~hole).astype(np.uint8)
        sources = cv.erode(known, kernel, borderType=cv.BORDER_CONSTANT, borderValue=0) > 0
        sources[:_REACH] = sources[-_REACH:] = False
        sources[:, :_REACH] = sources[:, -_REACH:] = False
        if int(sources.sum()) < 4 * _SIDE * _SIDE or min(size) < 2 * _SIDE:
            return levels
        levels.append(_Level(picture, hole, sources))
        if min(size) // 2 < _LEAST:
            return levels
        scale *= 2


@compiled
def difference(flat: Floats, means: Floats, y: int, x: int, v: int, u: int, farther: float, most: float) -> float:
    """How unlike the patch around (y, x) is the one around (v, u), made as light as may be; over `most` it ends.

    Args:
        flat: (h, 3 w) the picture; means: (h, w, 3) of the patch around each place.
        farther: for each row that it is away, squared.
    """
    total = np.float32(farther) * np.float32((y - v) * (y - v))
    for channel in range(3):
        apart = means[y, x, channel] - means[v, u, channel]
        made = min(_LIGHTER, max(-_LIGHTER, apart))
        total -= np.float32(_SIDE * _SIDE) * made * (np.float32(2.0) * apart - made)
    here, there = 3 * (x - _REACH), 3 * (u - _REACH)
    for down in range(-_REACH, _REACH + 1):
        row = np.float32(0.0)
        for k in range(3 * _SIDE):
            d = flat[y + down, here + k] - flat[v + down, there + k]
            row += d * d
        total += row
        if total > most:
            return float(total)
    return float(total)


@compiled
def weigh(flat: Floats, means: Floats, ys: Places, xs: Places, field: Places, costs: Floats, farther: float) -> None:
    """Fill in the costs (h, w) of the field (h, w, 2) at places (n,)."""
    for k in range(ys.shape[0]):
        y, x = ys[k], xs[k]
        costs[y, x] = difference(flat, means, y, x, field[y, x, 0], field[y, x, 1], farther, 1e30)


@compiled
def look(
    flat: Floats,
    means: Floats,
    sources: Bytes,
    ys: Places,
    xs: Places,
    field: Places,
    costs: Floats,
    chances: Floats,
    chance: int,
    radius: int,
    farther: float,
    backwards: bool,
) -> None:
    """One pass of PatchMatch over the places (n,), which stand in reading order.

    Args:
        flat: (h, 3 w) the picture; means: (h, w, 3) of the patch around each place.
        sources: (h, w), where patches may come from.
        field: (h, w, 2), the row and column of the best one; costs: (h, w), how unlike it is.
        chances: (n,), -1 to 1; chance: the first to be used.
        radius: px, how far around the best one others are tried at first.
    """
    height, width = sources.shape
    count, step = ys.shape[0], -1 if backwards else 1
    for k in range(count):
        at = count - 1 - k if backwards else k
        y, x = ys[at], xs[at]
        best, v, u = float(costs[y, x]), field[y, x, 0], field[y, x, 1]
        for way in range(2):
            down, along = (step, 0) if way == 0 else (0, step)
            row, column = y - down, x - along
            if not (0 <= row < height and 0 <= column < width):
                continue
            tried, beside = field[row, column, 0] + down, field[row, column, 1] + along
            if 0 <= tried < height and 0 <= beside < width and sources[tried, beside]:
                cost = difference(flat, means, y, x, tried, beside, farther, best)
                if cost < best:
                    best, v, u = cost, tried, beside
        around = radius
        while around >= 1:
            chance = (chance + 2) & (_CHANCES - 2)
            tried = v + int(chances[chance] * around)
            beside = u + int(chances[chance + 1] * around)
            if 0 <= tried < height and 0 <= beside < width and sources[tried, beside]:
                cost = difference(flat, means, y, x, tried, beside, farther, best)
                if cost < best:
                    best, v, u = cost, tried, beside
            around //= 2
        costs[y, x] = best
        field[y, x, 0], field[y, x, 1] = v, u


@compiled
def lay(
    picture: Floats | Bytes,
    hole: Bytes,
    ys: Places,
    xs: Places,
    field: Places,
    weights: Floats,
    means: Floats,
    scale: int,
    total: Floats,
    weight: Floats,
) -> None:
    """Add up what the patches at places (n,) say of the hole (h, w).

    Args:
        picture: (h, w, 3), `scale` times as large as the field and the means.
        weights: (n,); total: (h, w, 3) and weight: (h, w), added to.
    """
    for k in range(ys.shape[0]):
        y, x, share = ys[k], xs[k], weights[k]
        v, u = field[y, x, 0], field[y, x, 1]
        red = min(_LIGHTER, max(-_LIGHTER, means[y, x, 0] - means[v, u, 0]))
        green = min(_LIGHTER, max(-_LIGHTER, means[y, x, 1] - means[v, u, 1]))
        blue = min(_LIGHTER, max(-_LIGHTER, means[y, x, 2] - means[v, u, 2]))
        for down in range(_SIDE * scale):
            row, from_row = (y - _REACH) * scale + down, (v - _REACH) * scale + down
            for along in range(_SIDE * scale):
                column, from_column = (x - _REACH) * scale + along, (u - _REACH) * scale + along
                if hole[row, column]:
                    total[row, column, 0] += share * (np.float32(picture[from_row, from_column, 0]) + red)
                    total[row, column, 1] += share * (np.float32(picture[from_row, from_column, 1]) + green)
                    total[row, column, 2] += share * (np.float32(picture[from_row, from_column, 2]) + blue)
                    weight[row, column] += share
