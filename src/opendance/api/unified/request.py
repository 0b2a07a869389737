"""The body of `POST /v1/videos/generations`, every rule on it that needs nothing but the body, and its order."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from typing import Annotated, Any, cast

import pydantic_core
from pydantic import AnyUrl, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from opendance.catalog import (
    DEFAULT_DURATION,
    MAX_AUDIO_BYTES,
    MAX_CALLBACK_URL_LENGTH,
    MAX_DURATION,
    MAX_IMAGE_BYTES,
    MAX_INPUT_FRAME_RATE,
    MAX_INPUT_SECONDS,
    MAX_PROMPT_TOKENS,
    MAX_RATIO,
    MAX_SIDE,
    MAX_VIDEO_BYTES,
    MAX_VIDEO_PIXELS,
    MEDIA_LIMITS,
    MIN_DURATION,
    MIN_INPUT_SECONDS,
    MIN_RATIO,
    MIN_SIDE,
    MIN_VIDEO_PIXELS,
    MODELS,
    AspectRatio,
    MediaLimits,
    Mode,
    Model,
    Quality,
)
from opendance.errors import InvalidRequest
from opendance.net.addresses import IPNetwork, is_public_host
from opendance.order import Link, Order
from opendance.plan import AssetKind
from opendance.prompt import check_references
from opendance.validation import in_words, kind_of, shown


def _one_of(choices: Sequence[str]) -> BeforeValidator:
    expected = either([f"'{choice}'" for choice in choices])

    def check(value: object) -> object:
        if value not in choices:
            raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
        return value

    return BeforeValidator(check)


def _enum(choices: Sequence[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(choices)})


def either(choices: Sequence[str]) -> str:
    """The choices in words: `a, b or c`."""
    return choices[0] if len(choices) == 1 else ", ".join(choices[:-1]) + " or " + choices[-1]


_MODELS, _QUALITIES, _RATIOS = list(MODELS), [each.value for each in Quality], [each.value for each in AspectRatio]
ModelId = Annotated[str, _one_of(_MODELS), _enum(_MODELS)]
QualityName = Annotated[str, _one_of(_QUALITIES), _enum(_QUALITIES)]
RatioName = Annotated[str, _one_of(_RATIOS), _enum(_RATIOS)]


def _whole_number(low: int, high: int) -> BeforeValidator:
    def check(value: object) -> object:
        # JSON Schema counts 8.0 as an integer; a string or a boolean is none.
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise PydanticCustomError(
                "integer",
                "must be an integer from {low} to {high}, not {given}",
                {"low": low, "high": high, "given": shown(value)},
            )
        return number

    return BeforeValidator(check)


Uri = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
MAX_SEED = 2**32 - 1
_MOST = MEDIA_LIMITS[Mode.REFERENCE]  # the mode that takes most
_LENGTHS = f"{MIN_INPUT_SECONDS} to {MAX_INPUT_SECONDS} s each and {MAX_INPUT_SECONDS} s in all"


class ModelParams(BaseModel):
    """Extended model parameters. `web_search` is for the standard and fast text-to-video models only."""

    model_config = ConfigDict(strict=True, extra="ignore")

    web_search: bool = Field(
        default=False,
        description="Web search, `false` by default; only for `seedance-2.0-text-to-video` and "
        "`seedance-2.0-fast-text-to-video`. Once on, the model decides by the prompt whether to search the web "
        "(products, weather ...), perhaps several times. It adds some latency; only searches that run are charged.",
        examples=[False],
    )
    seed: Annotated[int, _whole_number(0, MAX_SEED), Field(ge=0, le=MAX_SEED)] | None = Field(
        default=None,
        description="Opendance's own: the same request with the same seed gives the same video on the same engine. "
        "Without it every video is different.",
    )


class VideoGenerationRequest(BaseModel):
    """A video to generate. Unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", use_enum_values=False)

    model: ModelId = Field(
        description="The model: mode and tier. `seedance-2.0-…` is the standard tier, `seedance-2.0-fast-…` the fast "
        "one, `seedance-2.0-mini-…` the cheapest.",
        examples=["seedance-2.0-text-to-video"],
    )
    prompt: str = Field(
        description="What the video shows. English, Chinese, Korean and Japanese; up to 500 Chinese characters or "
        f"1,000 English words are recommended, at most {MAX_PROMPT_TOKENS} tokens. Reference-to-video: say in plain "
        'words what each asset is for ("the first frame is image 1", "use the camera work of video 1 throughout", '
        '"audio 1 as background music"). Text in double quotes is spoken.',
        examples=["A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot"],
    )
    image_urls: list[Uri] | None = Field(
        default=None,
        max_length=_MOST.images[1],
        description="Image URLs. Text-to-video: none. Image-to-video: 1 or 2, the first and the last frame. "
        f"Reference-to-video: 0 to {_MOST.images[1]}. JPEG, PNG or WebP; ratio {float(MIN_RATIO):g} to "
        f"{float(MAX_RATIO):g}; sides {MIN_SIDE} to {MAX_SIDE} px; {MAX_IMAGE_BYTES >> 20} MB each.",
        examples=[["https://example.com/image1.jpg"]],
    )
    video_urls: list[Uri] | None = Field(
        default=None,
        max_length=_MOST.videos[1],
        description=f"Reference video URLs, reference-to-video only, 0 to {_MOST.videos[1]}. MP4 or MOV; {_LENGTHS}; "
        f"{MIN_VIDEO_PIXELS:,} to {MAX_VIDEO_PIXELS:,} pixels; 24 to {MAX_INPUT_FRAME_RATE} fps; "
        f"{MAX_VIDEO_BYTES >> 20} MB each. Input seconds are charged.",
        examples=[["https://example.com/reference.mp4"]],
    )
    audio_urls: list[Uri] | None = Field(
        default=None,
        max_length=_MOST.audios[1],
        description=f"Reference audio URLs, reference-to-video only, 0 to {_MOST.audios[1]}, never without an image or "
        f"a video. WAV or MP3; {_LENGTHS}; {MAX_AUDIO_BYTES >> 20} MB each.",
        examples=[["https://example.com/bgm.mp3"]],
    )
    duration: Annotated[int, _whole_number(MIN_DURATION, MAX_DURATION)] = Field(
        default=DEFAULT_DURATION,
        ge=MIN_DURATION,
        le=MAX_DURATION,
        description="Length of the video in whole seconds; it drives the price.",
        examples=[8],
    )
    quality: QualityName = Field(
        default="720p", description="Resolution. `1080p` needs a standard model.", examples=["720p"]
    )
    aspect_ratio: RatioName = Field(
        default="16:9",
        description="Ratio of width to height. `adaptive` chooses: by the prompt (text-to-video), by the first frame "
        "(image-to-video), by a video, else an image, else the prompt (reference-to-video).",
        examples=["16:9"],
    )
    generate_audio: bool = Field(
        default=True,
        description="Whether the video has synchronized sound (voice, effects, music), at no extra price.",
        examples=[True],
    )
    content_filter: bool = Field(
        default=True,
        description="The standard content filter. `false` relaxes it and costs 1.1 times; illegal and banned content "
        "is refused either way.",
        examples=[True],
    )
    model_params: ModelParams = Field(default_factory=ModelParams, description="Extended model parameters.")
    callback_url: Uri | None = Field(
        default=None,
        description="HTTPS address that is told when the task is completed, failed or cancelled; at most 2048 "
        "characters; internal addresses are refused.",
        examples=["https://your-domain.com/webhooks/video-task-completed"],
    )

    @property
    def catalog_model(self) -> Model:
        return MODELS[self.model]

    def order(self) -> Order:
        """What it asks for."""
        lists: tuple[tuple[AssetKind, list[str] | None], ...] = (
            ("image", self.image_urls),
            ("video", self.video_urls),
            ("audio", self.audio_urls),
        )
        return Order(
            model=self.model,
            prompt=self.prompt,
            links=tuple(
                Link(kind, number, url, f"{kind}_urls[{number - 1}]")
                for kind, urls in lists
                for number, url in enumerate(urls or (), start=1)
            ),
            duration=self.duration,
            quality=Quality(self.quality),
            aspect_ratio=AspectRatio(self.aspect_ratio),
            generate_audio=self.generate_audio,
            content_filter=self.content_filter,
            web_search=self.model_params.web_search,
            seed=self.model_params.seed,
            callback_url=self.callback_url,
        )

    def sha256(self) -> str:
        """Of what it says, however it was spelled: by it a repetition is known."""
        values = self.model_dump(mode="json", exclude_none=True)
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def parse_request(body: bytes, callback_allow: tuple[IPNetwork, ...] = ()) -> VideoGenerationRequest:
    """The request in `body`, after every sync rule.

    Args:
        callback_allow: networks that are not public and may be called back all the same.

    Raises:
        InvalidRequest: with what is wrong, where, and what would be right.
    """
    try:
        document = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequest(problem=f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidRequest(problem=f"the body must be a JSON object, not {kind_of(document)}")
    fields = cast("dict[str, Any]", document)
    for name in ("image_urls", "video_urls", "audio_urls", "callback_url"):
        if name in fields and fields[name] is None:
            raise InvalidRequest(problem=f"{name}: must not be null; leave it out instead")
    if isinstance(fields.get("model_params"), dict) and fields["model_params"].get("seed", 0) is None:
        raise InvalidRequest(problem="model_params.seed: must not be null; leave it out instead")
    try:
        request = VideoGenerationRequest.model_validate(fields)
    except ValidationError as error:
        raise InvalidRequest(problem=in_words(error.errors())) from None
    check_rules(request, callback_allow)
    return request


def check_rules(request: VideoGenerationRequest, callback_allow: tuple[IPNetwork, ...] = ()) -> None:
    """The rules across fields.

    Raises:
        InvalidRequest: the first rule that does not hold.
    """
    model = request.catalog_model
    _check_prompt(request.prompt)
    limits: MediaLimits = model.media_limits
    for name, urls, (least, most) in (
        ("image_urls", request.image_urls or [], limits.images),
        ("video_urls", request.video_urls or [], limits.videos),
        ("audio_urls", request.audio_urls or [], limits.audios),
    ):
        if not least <= len(urls) <= most:
            wanted = "none" if most == 0 else f"{least} to {most}" if least else f"at most {most}"
            raise InvalidRequest(problem=f"{name}: {model.id} takes {wanted}, {len(urls)} given")
        for index, url in enumerate(urls):
            _check_url(f"{name}[{index}]", url, ("http", "https"))
    if request.audio_urls and not (request.image_urls or request.video_urls):
        raise InvalidRequest(problem="audio_urls: audio alone is not enough; add at least one image or video")
    if Quality(request.quality) not in model.qualities:
        raise InvalidRequest(
            problem=f"quality: {request.quality} needs a standard model; {model.id} takes "
            f"{either([quality.value for quality in model.qualities])}"
        )
    if request.model_params.web_search and not model.can_search_web:
        able = either([m.id for m in MODELS.values() if m.can_search_web])
        raise InvalidRequest(problem=f"model_params.web_search: {model.id} cannot search; {able} can")
    if request.callback_url is not None:
        _check_callback_url(request.callback_url, callback_allow)
    check_references(
        request.prompt,
        num_images=len(request.image_urls or ()),
        num_videos=len(request.video_urls or ()),
        num_audios=len(request.audio_urls or ()),
    )


_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+|\s{{2,}}|[^\w\s]|_")
_LETTERS_A_TOKEN = 6


def count_tokens(text: str) -> int:
    """An estimate of the tokens in `text`: a CJK character, a mark or each six letters of a word count one.

    The hosted model's tokenizer is not published; on ordinary prose this is within a fifth of common BPE tokenizers.
    """
    return sum(math.ceil(len(token) / _LETTERS_A_TOKEN) for token in _TOKEN.findall(text))


def _check_prompt(prompt: str) -> None:
    if not prompt.strip():
        raise InvalidRequest(problem="prompt: must not be empty; describe what the video shows")
    if "\x00" in prompt:
        raise InvalidRequest(problem="prompt: must not contain the character U+0000")
    tokens = count_tokens(prompt)
    if tokens > MAX_PROMPT_TOKENS:
        raise InvalidRequest(problem=f"prompt: about {tokens} tokens; at most {MAX_PROMPT_TOKENS} are possible")


_URL: TypeAdapter[AnyUrl] = TypeAdapter(AnyUrl)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]")


def _check_url(where: str, url: str, schemes: tuple[str, ...]) -> AnyUrl:
    wanted = f"must be an absolute {either(schemes)} URL"
    shown = url if len(url) <= 80 else url[:77] + "..."
    if not _ABSOLUTE.match(url) or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in url):
        raise InvalidRequest(problem=f"{where}: {wanted}, not {shown!r}")
    try:
        parsed = _URL.validate_python(url)
    except ValidationError:
        raise InvalidRequest(problem=f"{where}: {wanted}, not {shown!r}") from None
    if parsed.scheme not in schemes or not parsed.host:
        raise InvalidRequest(problem=f"{where}: {wanted}, not {shown!r}")
    return parsed


def _check_callback_url(url: str, allow: tuple[IPNetwork, ...]) -> None:
    if len(url) > MAX_CALLBACK_URL_LENGTH:
        raise InvalidRequest(
            problem=f"callback_url: {len(url)} characters; at most {MAX_CALLBACK_URL_LENGTH} are possible"
        )
    host = _check_url("callback_url", url, ("https",)).host
    if not is_public_host(host or "", allow):
        raise InvalidRequest(problem=f"callback_url: {host} is an internal address; give a public one")
