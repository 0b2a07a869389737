"""What is to be read: on a sign that the plan names, on a board of its own, or written over the picture.

OpenCV brings letters of all four languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.inflating import inflate
from opendance.engines.previs.lanes import pack
from opendance.engines.previs.marks import Mark
from opendance.engines.previs.plates import Plate
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.plan import Shot, Writing

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_LONGEST = 120  # characters; no sign holds more
_LINE = 22  # characters of one line, of which those of Chinese and its neighbours count twice
_MARGIN = 10  # that `inflate` adds, px
# What bears letters, by the last word of its English name; and how a prompt says that there is something like it.
_SURFACES = (
    "sign", "signboard", "billboard", "board", "banner", "poster", "screen", "monitor", "television", "tv",
    "blackboard", "whiteboard", "scroll", "placard", "flag", "letter", "envelope", "paper", "note", "newspaper",
    "book", "card", "label", "package", "box", "bottle", "mug", "cup", "shirt", "t-shirt", "gate", "shop", "store",
    "truck", "van", "tombstone", "gravestone", "cake", "signpost", "laptop", "tablet", "phone", "smartphone",
    "clapperboard", "menu",
)  # fmt: skip
_BOARDS = (
    "sign", "board", "banner", "poster", "placard", "招牌", "牌子", "横幅", "标语", "看板", "표지판", "간판", "현수막",
    "貼り紙", "ポスター", "横断幕", "海报", "포스터",
)  # fmt: skip
_INK, _PALE = (42, 36, 40), (252, 250, 244)


def _of(written: Sequence[Writing], shot: Shot) -> list[Writing]:
    return [each for each in written if each.start < shot.end and each.end > shot.start and each.text.strip()]


def written_on(written: Sequence[Writing], shot: Shot, marks: Sequence[Mark]) -> Mapping[int, str]:
    """By mark: what is to be read on it; the first that bears letters bears the first words."""
    here = _of(written, shot)
    bearing = [at for at, mark in enumerate(marks) if _bears(mark)]
    return {at: each.text for at, each in zip(bearing, here, strict=False)}


def _bears(mark: Mark) -> bool:
    words = mark.asked.name.lower().replace("_", " ").split()
    return mark.performer is None and mark.asked.image is None and bool(words) and words[-1] in _SURFACES


def _left_over(written: Sequence[Writing], shot: Shot, marks: Sequence[Mark]) -> list[Writing]:
    return _of(written, shot)[len(written_on(written, shot, marks)) :]


def _asks_for_board(shot: Shot) -> bool:
    text = shot.text.lower()
    return any(word in text for word in _BOARDS)


def boards(film_set: FilmSet, written: Sequence[Writing], shot: Shot, marks: Sequence[Mark]) -> list[Plate]:
    """A board beside the subjects with the words that a sign shall bear, where the plan names no sign to write on."""
    left = _left_over(written, shot, marks)
    if not left or not _asks_for_board(shot):
        return []
    return [_board(film_set, left[0].text)]


def captions(written: Sequence[Writing], shot: Shot, marks: Sequence[Mark]) -> tuple[Writing, ...]:
    """What is written over the picture: what neither a thing nor a board bears."""
    left = _left_over(written, shot, marks)
    return tuple(left[1:] if left and _asks_for_board(shot) and marks else left)


def _board(film_set: FilmSet, text: str) -> Plate:
    pixels = max(48, round(film_set.resolution * film_set.detail * 0.36))
    picture = np.zeros((pixels, round(pixels * 1.35), 4), np.uint8)
    height, width = picture.shape[:2]
    post = round(width * 0.04)
    for x in (0.2, 0.8):
        picture[round(height * 0.5) :, round(width * x) - post : round(width * x) + post] = (112, 78, 50, 255)
    cv2.rectangle(picture, (0, 0), (width - 1, round(height * 0.62)), (122, 84, 52, 255), -1)
    edge = round(height * 0.04)
    cv2.rectangle(picture, (edge, edge), (width - 1 - edge, round(height * 0.62) - edge), (240, 226, 196, 255), -1)
    face = picture[edge : round(height * 0.62) - edge, edge : width - edge]
    _lay(face, text, _INK)
    x, foot = -film_set.aspect * 0.26, film_set.foot(1.0)
    lit = inflate(picture, film_set.light, (film_set.sun[0] - x, film_set.sun[1]), depth=1.0)
    density = film_set.resolution * film_set.detail
    return Plate(
        pack(lit),
        x - lit.shape[1] / density / 2,
        foot - (lit.shape[0] - _MARGIN) / density,
        density,
        1.0,
        anchor=(x, foot),
    )


def lettered(picture: Bytes, text: str) -> Bytes:
    """A drawing (h, w, 4), premultiplied, with words on its middle, in ink or pale, as can be read on it."""
    out = picture.copy()
    height, width = out.shape[:2]
    part = out[round(height * 0.28) : round(height * 0.70), round(width * 0.16) : round(width * 0.84)]
    if not part.size:
        return out
    light = float(part[..., :3].mean()) > 110
    _lay(part, text, _INK if light else _PALE)
    return out


def _lay(part: Bytes, text: str, colour: tuple[int, int, int]) -> None:
    cover = _letters(text, part.shape[1], part.shape[0])
    share = (cover.astype(np.float32) / 255 * (part[..., 3] > 8))[..., None]
    ink = np.array((*colour, 255), np.float32)
    part[:] = (part * (1 - share) + ink * share + 0.5).astype(np.uint8)


def _lines(text: str) -> list[str]:
    """Lines of about equal length; what has no blanks is cut where a line is full."""
    words = text.strip()[:_LONGEST].split()
    lines: list[str] = []
    for word in words:
        while _width(word) > _LINE:
            keep = _LINE // 2 if _width(word) > len(word) else _LINE
            lines.append(word[:keep])
            word = word[keep:]
        if lines and _width(lines[-1]) + 1 + _width(word) <= _LINE:
            lines[-1] += " " + word
        elif word:
            lines.append(word)
    return lines[:6]


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _letters(text: str, width: int, height: int) -> Bytes:
    """(height, width) cover of words as large as they fit."""
    cover = np.zeros((height, width), np.uint8)
    lines = _lines(text)
    if not lines or width < 8 or height < 8:
        return cover
    font = cv2.FontFace("uni")
    widest = max(cv2.getTextSize((9999, 999), line, (0, 0), font, 100)[2] for line in lines)
    size = int(min(width * 0.9 / max(1, widest) * 100, height * 0.86 / (1.25 * len(lines))))
    size = max(6, size)
    for k, line in enumerate(lines):
        across = cv2.getTextSize((9999, 999), line, (0, 0), font, size)[2]
        y = height / 2 + (k - (len(lines) - 1) / 2) * size * 1.25 + size * 0.36
        cv2.putText(cover, line, (max(0, round((width - across) / 2)), round(y)), (255,), font, size, 500)
    return cover


class Caption:
    """Words over the lower part of a picture, pale with a soft shadow.

    Args:
        size: width and height of the picture, px.
    """

    def __init__(self, text: str, size: tuple[int, int]) -> None:
        width, height = size
        rows = max(1, len(_lines(text)))
        tall = min(height // 3, round(height * 0.085 * rows))
        top = round(height * 0.93) - tall
        self._rows = slice(top // 2 * 2, (top + tall) // 2 * 2)
        box = self._rows.stop - self._rows.start
        cover = _letters(text, width, box)
        shade = cv2.GaussianBlur(cv2.dilate(cover, np.ones((3, 3), np.uint8)), (0, 0), max(1.0, height / 240))
        self._cover = (cover / 255).astype(np.float32)
        dark = np.clip(np.asarray(shade, np.float32) / 255 * 1.3, 0, 1) * (1 - self._cover)
        self._shade = dark.astype(np.float32)
        grey = np.maximum(self._cover, self._shade)
        self._grey: Floats = np.asarray(
            cv2.resize(grey, (width // 2, box // 2), interpolation=cv2.INTER_AREA), np.float32
        )

    def draw(self, planes: tuple[Bytes, Bytes, Bytes]) -> None:
        """Write it on a picture, Y, Cb and Cr."""
        luma = planes[0][self._rows]
        luma[:] = (luma * (1 - self._cover - 0.75 * self._shade) + 232 * self._cover + 16 * 0.75 * self._shade).astype(
            np.uint8
        )
        rows = slice(self._rows.start // 2, self._rows.stop // 2)
        for plane in planes[1:]:
            part = plane[rows]
            part[:] = (part * (1 - self._grey) + 128 * self._grey).astype(np.uint8)
