"""The body of `POST /v1/videos/generations`, every rule on it that needs nothing but the body, and its order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from opendance.api.aliases import aliased
from opendance.api.reading import (
    Duration,
    Prompt,
    QualityName,
    RatioName,
    Seed,
    Uri,
    enum,
    json_object,
    one_of,
    read_as,
)
from opendance.api.rules import FieldNames, check_order
from opendance.catalog import (
    DEFAULT_DURATION,
    MAX_AUDIO_BYTES,
    MAX_IMAGE_BYTES,
    MAX_INPUT_FRAME_RATE,
    MAX_INPUT_SECONDS,
    MAX_PROMPT_TOKENS,
    MAX_RATIO,
    MAX_SIDE,
    MAX_VIDEO_BYTES,
    MAX_VIDEO_PIXELS,
    MEDIA_LIMITS,
    MIN_INPUT_SECONDS,
    MIN_RATIO,
    MIN_SIDE,
    MIN_VIDEO_PIXELS,
    MODELS,
    AspectRatio,
    Mode,
    Quality,
    mode_of,
)
from opendance.errors import InvalidRequest
from opendance.fate import read_fate
from opendance.net.addresses import IPNetwork
from opendance.order import Link, Order
from opendance.plan import AssetKind

_MODELS = list(MODELS)


def _known_fate(text: str) -> str:
    read_fate(text)
    return text


Simulate = Annotated[str, Field(max_length=60), AfterValidator(_known_fate)]
ModelId = Annotated[str, one_of(_MODELS), enum(_MODELS)]
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
    seed: Seed | None = Field(
        default=None,
        description="Opendance's own: the same request with the same seed gives the same video on the same engine. "
        "Without it every video is different.",
    )
    simulate: Simulate | None = Field(
        default=None,
        description="Opendance's own, for test keys: the fate that the sandbox gives the task.",
        examples=["slow:30"],
    )


class VideoGenerationRequest(BaseModel):
    """A video to generate. Unknown fields are ignored, but for those that would change the video elsewhere."""

    model_config = ConfigDict(strict=True, extra="ignore", use_enum_values=False)

    model: ModelId = Field(  # MO-01
        description="The model: mode and tier. `seedance-2.0-…` is the standard tier, `seedance-2.0-fast-…` the fast "
        "one, `seedance-2.0-mini-…` the cheapest.",
        examples=["seedance-2.0-text-to-video"],
    )
    prompt: Prompt = Field(
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
    duration: Duration = Field(  # OUT-01
        default=DEFAULT_DURATION,
        description="Length of the video in whole seconds; it drives the price.",
        examples=[8],
    )
    quality: QualityName = Field(
        default="720p", description="Resolution. `1080p` needs a standard model.", examples=["720p"]
    )
    aspect_ratio: RatioName = Field(  # OUT-03
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
    # A spelling of `model_params.seed` that some programs use; the source document has no such field.
    seed: SkipJsonSchema[Seed | None] = None
    callback_url: Uri | None = Field(
        default=None,
        description="HTTPS address that is told when the task is completed, failed or cancelled; at most 2048 "
        "characters; internal addresses are refused.",
        examples=["https://your-domain.com/webhooks/video-task-completed"],
    )

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
            seed=self.model_params.seed if self.seed is None else self.seed,
            simulate=self.model_params.simulate,
            callback_url=self.callback_url,
        )

    def sha256(self) -> str:
        """Of what it says, however it was spelled: by it a repetition is known."""
        values = self.model_dump(mode="json", exclude_none=True)
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def request_object(order: Order) -> dict[str, Any]:
    """The body that asks for `order`: what `parse_request` reads."""
    urls = {f"{kind}_urls": [link.url for link in order.links_of(kind)] for kind in ("image", "video", "audio")}
    parameters: dict[str, Any] = {"web_search": order.web_search}
    parameters |= {} if order.seed is None else {"seed": order.seed}
    parameters |= {} if order.simulate is None else {"simulate": order.simulate}
    return {
        "model": order.model,
        "prompt": order.prompt,
        **{name: links for name, links in urls.items() if links},
        "duration": order.duration,
        "quality": order.quality.value,
        "aspect_ratio": order.aspect_ratio.value,
        "generate_audio": order.generate_audio,
        "content_filter": order.content_filter,
        "model_params": parameters,
        **({} if order.callback_url is None else {"callback_url": order.callback_url}),
    }


# What others' APIs take and would be paid for without effect: what to write instead, and values that ask for nothing.
ELSEWHERE: Mapping[str, tuple[str, tuple[object, ...]]] = {
    "image_url": ("write image_urls, a list", ()),
    "video_url": ("write video_urls, a list", ()),
    "audio_url": ("write audio_urls, a list", ()),
    "image_start": ("write image_urls with the first frame first, and an image-to-video model", ()),
    "image_end": ("write image_urls with the last frame second, and an image-to-video model", ()),
    "resolution": ("write quality, such as 720p", ()),
    "size": ("write quality and aspect_ratio, such as 720p and 16:9", ()),
    "negative_prompt": ("say in prompt what shall not be seen, such as: no people", ()),
    "n": ("a request is one video; send it once for each", (1,)),
    "draft": ("for a quick look choose a mini model and quality 480p", (False,)),
    "output_format": ("results are MP4", ("mp4",)),
}
NAMES = FieldNames(
    prompt="prompt",
    media={"image": "image_urls", "video": "video_urls", "audio": "audio_urls"},
    quality="quality",
    web_search="model_params.web_search",
    callback_url="callback_url",
    model_name=lambda model: model.id,
)


NO_NULL = ("image_urls", "video_urls", "audio_urls", "callback_url", "seed")
NO_NULL_IN_PARAMS = ("seed", "simulate")


def asks_elsewhere(fields: Mapping[str, Any], name: str) -> bool:
    """Whether a field of others' APIs is there and asks for something."""
    value, nothing = fields.get(name), ELSEWHERE[name][1]
    return value is not None and not any(value == each and type(value) is type(each) for each in nothing)


def parse_request(
    body: bytes, callback_allow: tuple[IPNetwork, ...] = (), aliases: Mapping[str, str] | None = None
) -> VideoGenerationRequest:
    """The request in `body`, after every sync rule.

    Args:
        callback_allow: networks that are not public and may be called back all the same.
        aliases: other names of models, see `aliased`.

    Raises:
        InvalidRequest: with what is wrong, where, and what would be right.
    """
    return request_of(json_object(body), callback_allow, aliases)


def changed_request(
    order: Order,
    changes: dict[str, Any],
    callback_allow: tuple[IPNetwork, ...] = (),
    aliases: Mapping[str, str] | None = None,
) -> VideoGenerationRequest:
    """The request for `order` once more, but for `changes`: fields of the request, null for what is to be left out.

    The seed is a new one unless `changes` give it.

    Raises:
        InvalidRequest: a field is unknown - a misspelled one would be paid for without effect - or the request is not
            possible.
    """
    if unknown := sorted(set(changes) - set(VideoGenerationRequest.model_fields)):
        raise InvalidRequest(
            problem=f"{unknown[0][:60] or '(empty)'}: is no field of a request; there are "
            f"{', '.join(VideoGenerationRequest.model_fields)}"
        )
    fields = request_object(order)
    del fields["model_params"]
    kept: dict[str, Any] = {"simulate": order.simulate} if order.simulate is not None else {}
    if order.web_search and order.model == changes.get("model", order.model):
        kept["web_search"] = True
    if kept:
        fields["model_params"] = kept
    given = changes.get("model_params")
    if isinstance(given, dict):
        changes = {**changes, "model_params": {**fields.get("model_params", {}), **given}}
    fields |= changes
    return request_of({name: value for name, value in fields.items() if value is not None}, callback_allow, aliases)


def request_of(
    fields: dict[str, Any], callback_allow: tuple[IPNetwork, ...] = (), aliases: Mapping[str, str] | None = None
) -> VideoGenerationRequest:
    """The request of these fields, after every sync rule.

    Raises:
        InvalidRequest: with what is wrong, where, and what would be right.
    """
    for name, (instead, _) in ELSEWHERE.items():
        if asks_elsewhere(fields, name):
            raise InvalidRequest(problem=f"{name}: is no field here, and would have no effect; {instead}")
    for name in NO_NULL:
        if name in fields and fields[name] is None:
            raise InvalidRequest(problem=f"{name}: must not be null; leave it out instead")
    for name in NO_NULL_IN_PARAMS:
        if isinstance(fields.get("model_params"), dict) and fields["model_params"].get(name, 0) is None:
            raise InvalidRequest(problem=f"model_params.{name}: must not be null; leave it out instead")
    request = read_as(VideoGenerationRequest, with_model(fields, aliases or {}))
    if request.seed is not None and request.model_params.seed not in (None, request.seed):
        raise InvalidRequest(problem="seed: it is another one than model_params.seed; leave one of the two out")
    check_order(request.order(), NAMES, callback_allow)
    return request


def with_model(fields: dict[str, Any], aliases: Mapping[str, str]) -> dict[str, Any]:
    """The fields with the model that an alias stands for."""
    name = fields.get("model")
    if not isinstance(name, str) or name not in aliases:
        return fields
    counts = {kind: _length(fields.get(f"{kind}_urls")) for kind in ("image", "video", "audio")}
    mode = mode_of(num_images=counts["image"], num_videos=counts["video"], num_audios=counts["audio"])
    model = aliased(name, aliases, mode)
    return fields if model is None else {**fields, "model": model.id}


def _length(urls: object) -> int:
    return len(cast("list[object]", urls)) if isinstance(urls, list) else 0
