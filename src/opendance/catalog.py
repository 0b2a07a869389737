"""The nine models: mode x tier, limits, ratios and pixels, prices. The only place with these numbers and ids.

Source: the Seedance 2.0 unified API's parameter guide; prices as published by the hosted platform (credits a second).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

FRAME_RATE: Final = 24
SAMPLE_RATE: Final = 48_000
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
MAX_AGENT_BODY_BYTES: Final = 8 * 1024 * 1024  # a picture as base64; it is read where everything else waits
MAX_SMALL_BODY_BYTES: Final = 64 * 1024  # of requests that bring neither prompts nor files
MAX_PROMPT_TOKENS: Final = 10_000
# No prompt of so many tokens is longer: the most letters for a token are six of a word and the space behind it.
MAX_PROMPT_LETTERS: Final = 7 * MAX_PROMPT_TOKENS + 1
MAX_URL_LENGTH: Final = 8190  # what web servers take as a request line by default (Apache's LimitRequestLine)
MAX_CALLBACK_URL_LENGTH: Final = 2048
MAX_NAME_LENGTH: Final = 255  # of files and folders, as file systems have it
# A request with everything as long as it may be, each letter of it escaped, is smaller.
MAX_REQUEST_BYTES: Final = 2 * 1024 * 1024
MIN_DURATION: Final = 4
MAX_DURATION: Final = 15
DEFAULT_DURATION: Final = 5
RESULT_LINK_SECONDS: Final = 24 * 3600
AUTO: Final = "auto"  # of an alias: the tier that its name names


class Mode(StrEnum):
    TEXT = "text-to-video"
    IMAGE = "image-to-video"
    REFERENCE = "reference-to-video"


class Tier(StrEnum):
    STANDARD = "standard"
    FAST = "fast"
    MINI = "mini"


class Quality(StrEnum):
    P480 = "480p"
    P720 = "720p"
    P1080 = "1080p"


class AspectRatio(StrEnum):
    R16_9 = "16:9"
    R9_16 = "9:16"
    R1_1 = "1:1"
    R4_3 = "4:3"
    R3_4 = "3:4"
    R21_9 = "21:9"
    ADAPTIVE = "adaptive"


@dataclass(frozen=True)
class MediaLimits:
    """How many assets of each kind a mode takes, both ends included."""

    images: tuple[int, int]
    videos: tuple[int, int]
    audios: tuple[int, int]


MEDIA_LIMITS: Final[dict[Mode, MediaLimits]] = {
    Mode.TEXT: MediaLimits(images=(0, 0), videos=(0, 0), audios=(0, 0)),
    Mode.IMAGE: MediaLimits(images=(1, 2), videos=(0, 0), audios=(0, 0)),
    Mode.REFERENCE: MediaLimits(images=(0, 9), videos=(0, 3), audios=(0, 3)),
}


MIN_SIDE: Final = 300  # px, images and videos
MAX_SIDE: Final = 6000
MIN_RATIO: Final = Fraction(2, 5)  # width over height; both ends allowed
MAX_RATIO: Final = Fraction(5, 2)
MAX_IMAGE_BYTES: Final = 30 * 1024 * 1024
MAX_VIDEO_BYTES: Final = 50 * 1024 * 1024
MAX_AUDIO_BYTES: Final = 15 * 1024 * 1024
MIN_VIDEO_PIXELS: Final = 409_600  # 640 x 640
MAX_VIDEO_PIXELS: Final = 2_086_876  # 2206 x 946
MIN_INPUT_SECONDS: Final = 2  # one video or audio
MAX_INPUT_SECONDS: Final = 15  # one, and all of a kind together
MIN_INPUT_FRAME_RATE: Final = Fraction(24_000, 1001)  # what is sold as "24 fps": 23.976, NTSC's
MAX_INPUT_FRAME_RATE: Final = Fraction(60)
MAX_UPLOAD_BYTES: Final = 100 * 1024 * 1024
MAX_FILES: Final = 100  # uploads an account keeps, where its group says nothing else
MAX_KEPT_BYTES: Final = 10 * 2**30  # results and inputs an account keeps, where its group says nothing else
FILE_SECONDS: Final = 72 * 3600


@dataclass(frozen=True)
class Model:
    """One of the nine models."""

    id: str
    mode: Mode
    tier: Tier

    @property
    def qualities(self) -> tuple[Quality, ...]:
        """The qualities it makes: those that its tier has a price for."""
        return tuple(PRICES[self.tier])

    @property
    def media_limits(self) -> MediaLimits:
        return MEDIA_LIMITS[self.mode]

    @property
    def can_search_web(self) -> bool:
        return self.mode is Mode.TEXT and self.tier in _SEARCHES_WEB


_SEARCHES_WEB = (Tier.STANDARD, Tier.FAST)


def _model(mode: Mode, tier: Tier) -> Model:
    infix = "" if tier is Tier.STANDARD else f"-{tier}"
    return Model(id=f"seedance-2.0{infix}-{mode}", mode=mode, tier=tier)


MODELS: Final[dict[str, Model]] = {model.id: model for model in (_model(mode, tier) for tier in Tier for mode in Mode)}


def model_of(mode: Mode, tier: Tier) -> Model:
    """The model that makes such videos."""
    return next(model for model in MODELS.values() if (model.mode, model.tier) == (mode, tier))


def mode_of(*, num_images: int, num_videos: int, num_audios: int) -> Mode:
    """The mode that takes so many assets: up to two images alone are the first and the last frame."""
    if not (num_images or num_videos or num_audios):
        return Mode.TEXT
    frames_alone = not (num_videos or num_audios) and num_images <= MEDIA_LIMITS[Mode.IMAGE].images[1]
    return Mode.IMAGE if frames_alone else Mode.REFERENCE


PIXELS: Final[dict[AspectRatio, dict[Quality, tuple[int, int]]]] = {
    AspectRatio.R16_9: {Quality.P480: (864, 496), Quality.P720: (1280, 720), Quality.P1080: (1920, 1080)},
    AspectRatio.R4_3: {Quality.P480: (752, 560), Quality.P720: (1112, 834), Quality.P1080: (1664, 1248)},
    AspectRatio.R1_1: {Quality.P480: (640, 640), Quality.P720: (960, 960), Quality.P1080: (1440, 1440)},
    AspectRatio.R3_4: {Quality.P480: (560, 752), Quality.P720: (834, 1112), Quality.P1080: (1248, 1664)},
    AspectRatio.R9_16: {Quality.P480: (496, 864), Quality.P720: (720, 1280), Quality.P1080: (1080, 1920)},
    AspectRatio.R21_9: {Quality.P480: (992, 432), Quality.P720: (1470, 630), Quality.P1080: (2206, 946)},
}


def pixels_for(ratio: AspectRatio, quality: Quality) -> tuple[int, int]:
    """Width and height in pixels of a finished video.

    Raises:
        ValueError: `ratio` is `adaptive`, which must be resolved first.
    """
    if ratio is AspectRatio.ADAPTIVE:
        raise ValueError("adaptive has no pixels: choose a ratio from the plan first")
    return PIXELS[ratio][quality]


@dataclass(frozen=True)
class Price:
    """Credits a second."""

    without_video_input: Decimal
    with_video_input: Decimal


# A quality without a price is not made: 1080p is for the standard tier only. Its price is not published: the market
# asks 2.5 times the 720p price. Mini is half of standard.
PRICES: Final[dict[Tier, dict[Quality, Price]]] = {  # MO-02
    Tier.STANDARD: {
        Quality.P480: Price(Decimal("6.251"), Decimal("3.807")),
        Quality.P720: Price(Decimal("13.50"), Decimal("8.222")),
        Quality.P1080: Price(Decimal("33.75"), Decimal("20.555")),
    },
    Tier.FAST: {
        Quality.P480: Price(Decimal("5.063"), Decimal("3.012")),
        Quality.P720: Price(Decimal("10.935"), Decimal("6.506")),
    },
    Tier.MINI: {
        Quality.P480: Price(Decimal("3.1255"), Decimal("1.9035")),
        Quality.P720: Price(Decimal("6.75"), Decimal("4.111")),
    },
}
CONTENT_FILTER_OFF_FACTOR: Final = Decimal("1.1")
WEB_SEARCH_PRICE: Final = Decimal("0.04")  # credits for each that ran
MAX_WEB_SEARCHES: Final = 3  # for one video
