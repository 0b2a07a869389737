"""The rules on media, IMG-*, VID-* and AUD-*: what is accepted, and what a refusal says."""

from __future__ import annotations

from fractions import Fraction

from opendance.catalog import (
    MAX_INPUT_FRAME_RATE,
    MAX_INPUT_SECONDS,
    MAX_RATIO,
    MAX_SIDE,
    MAX_VIDEO_PIXELS,
    MIN_INPUT_FRAME_RATE,
    MIN_INPUT_SECONDS,
    MIN_RATIO,
    MIN_SIDE,
    MIN_VIDEO_PIXELS,
)
from opendance.errors import BrokenRule, TaskError
from opendance.plan import AssetKind

# A file that is cut to 15 s is often some milliseconds off: frames and packets have lengths of their own (an MP3 frame
# 26 ms, a video frame up to 42 ms). 1.9 s and 15.1 s are refused.
_TOLERANCE = 0.05  # s
_RATE_TOLERANCE = Fraction(1, 20)  # fps; measured over a file whose timestamps are rounded, often to ms

INVALID: dict[AssetKind, str] = {"image": "invalid_image", "video": "invalid_video", "audio": "invalid_audio"}


def check_shape(width: int, height: int) -> None:
    """IMG-02, IMG-03 and their like in VID-02.

    Args:
        width, height: as shown, px.

    Raises:
        TaskError: a side or the ratio is out of bounds.
    """
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):  # IMG-03, VID-02
        raise TaskError(
            "image_dimension_mismatch",
            f"it is {width} x {height} px; each side must be {MIN_SIDE} to {MAX_SIDE} px",
            rule=BrokenRule("image_side", {"width": width, "height": height, "least": MIN_SIDE, "most": MAX_SIDE}),
        )
    if not MIN_RATIO <= Fraction(width, height) <= MAX_RATIO:  # IMG-02, VID-02
        raise TaskError(
            "image_dimension_mismatch",
            f"its ratio of width to height is {width / height:.3f} ({width} x {height} px); it must be "
            f"{float(MIN_RATIO)} to {float(MAX_RATIO)}",
            rule=BrokenRule(
                "image_ratio",
                {"width": width, "height": height, "least": float(MIN_RATIO), "most": float(MAX_RATIO)},
            ),
        )


def check_video_pixels(width: int, height: int) -> None:
    """VID-02.

    Raises:
        TaskError: too many or too few pixels.
    """
    if not MIN_VIDEO_PIXELS <= width * height <= MAX_VIDEO_PIXELS:  # VID-02
        raise TaskError(
            "invalid_video",
            f"it has {width} x {height} = {width * height:,} pixels; {MIN_VIDEO_PIXELS:,} (640 x 640) to "
            f"{MAX_VIDEO_PIXELS:,} (2206 x 946) are possible: 480p, 720p or 1080p",
            rule=BrokenRule(
                "video_pixels", {"pixels": width * height, "least": MIN_VIDEO_PIXELS, "most": MAX_VIDEO_PIXELS}
            ),
        )


def check_frame_rate(rate: Fraction) -> None:
    """VID-05: 24 to 60 fps on average, where 24000/1001 (23.976), which is called 24, counts as 24.

    Raises:
        TaskError: slower or faster.
    """
    if not MIN_INPUT_FRAME_RATE - _RATE_TOLERANCE <= rate <= MAX_INPUT_FRAME_RATE + _RATE_TOLERANCE:  # VID-05
        raise TaskError(
            "invalid_video",
            f"it has {float(rate):.2f} frames a second; 24 to 60 are possible",
            rule=BrokenRule(
                "video_frame_rate",
                {
                    "fps": round(float(rate), 2),
                    "least": round(MIN_INPUT_FRAME_RATE),
                    "most": round(MAX_INPUT_FRAME_RATE),
                },
            ),
        )


def check_seconds(kind: AssetKind, seconds: float) -> None:
    """VID-03 and AUD-02 for one file.

    Raises:
        TaskError: shorter or longer.
    """
    if not MIN_INPUT_SECONDS - _TOLERANCE <= seconds <= MAX_INPUT_SECONDS + _TOLERANCE:  # VID-03, AUD-02
        raise TaskError(
            INVALID[kind],
            f"it is {seconds:.2f} s long; {MIN_INPUT_SECONDS} to {MAX_INPUT_SECONDS} s are possible",
            rule=BrokenRule(
                f"{kind}_length",
                {"seconds": round(seconds, 2), "least": MIN_INPUT_SECONDS, "most": MAX_INPUT_SECONDS},
            ),
        )


def check_total_seconds(kind: AssetKind, seconds: list[float]) -> None:
    """VID-03 and AUD-02 for all files of a kind.

    Raises:
        TaskError: together they are longer.
    """
    if sum(seconds) > MAX_INPUT_SECONDS + _TOLERANCE:  # VID-03, AUD-02
        each = " + ".join(f"{s:.2f}" for s in seconds)
        raise TaskError(
            INVALID[kind],
            f"{kind}_urls: together they are {sum(seconds):.2f} s long ({each}); at most {MAX_INPUT_SECONDS} s in all "
            "are possible",
            rule=BrokenRule(f"{kind}_total_length", {"seconds": round(sum(seconds), 2), "most": MAX_INPUT_SECONDS}),
        )
