"""What `POST /v1/videos` asks for, and the order that it is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, cast

import pydantic_core
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from opendance.api.aliases import aliased
from opendance.api.reading import Prompt, QualityName, RatioName, Seed, Uri, read_as
from opendance.api.rules import FieldNames, check_order
from opendance.catalog import (
    MAX_DURATION,
    MIN_DURATION,
    MODELS,
    PIXELS,
    AspectRatio,
    Mode,
    Model,
    Quality,
    Tier,
    mode_of,
    model_of,
)
from opendance.errors import InvalidRequest, NotFound
from opendance.net.addresses import IPNetwork
from opendance.order import Link, Order
from opendance.plan import AssetKind

KINDS: Final[tuple[AssetKind, ...]] = ("image", "video", "audio")
DEFAULT_SIZE: Final = (720, 1280)
_DEFAULT_MODEL = "sora-2"
# Names that clients know; the operator's own names come before them.
_TIERS = {
    "sora-2": Tier.FAST,
    "sora-2-pro": Tier.STANDARD,
    "seedance-2.0": Tier.STANDARD,
    "seedance-2.0-fast": Tier.FAST,
    "seedance-2.0-mini": Tier.MINI,
}
_MODES = {"t2va": Mode.TEXT, "fl2va": Mode.IMAGE, "ref2va": Mode.REFERENCE}  # vLLM-Omni's names of what media are for
_SIZE = re.compile(r"([1-9]\d{1,4})\s*[x*]\s*([1-9]\d{1,4})")
_WHOLE = re.compile(r"\d{1,10}")
_MOST_REFERENCES = 32


def _number(value: object) -> object:
    """Forms have numbers as text."""
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def _flag(value: object) -> object:
    return (
        {"true": True, "false": False, "1": True, "0": False}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )


def _json(value: object) -> object:
    """Forms have objects and lists as JSON."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return pydantic_core.from_json(value)
        except ValueError:
            return value
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
Urls = Annotated[list[Uri], BeforeValidator(_json), Field(max_length=_MOST_REFERENCES)]
# `{"image_url": …}`, a link, or a list of such.
References = Annotated[Any, BeforeValidator(_json), WithJsonSchema({})]


class VideoCreateRequest(BaseModel):
    """A video to generate, as clients of OpenAI Videos ask for it, as a form or as JSON. Unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")

    prompt: Prompt
    model: Annotated[str, Field(max_length=200)] | None = Field(
        default=None,
        description=f"One of {', '.join(_TIERS)}, one of the nine models, or a name that the operator has set; "
        f"`{_DEFAULT_MODEL}` where none is given.",
    )
    seconds: Annotated[
        int,
        Field(ge=MIN_DURATION, le=MAX_DURATION),
        BeforeValidator(_number),
        WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+$"}, {"type": "integer"}]}),
    ] = Field(default=4, description=f"{MIN_DURATION} to {MAX_DURATION}, as a number or as text.")
    size: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="Width x height in pixels: the nearest ratio, then the nearest quality is made."
    )
    input_reference: References = Field(
        default=None, description='In a form a file: the first frame, or a reference video; in JSON `{"image_url": …}`.'
    )
    image_reference: References = Field(default=None, description="As vLLM-Omni takes it: an object, or a list.")
    video_reference: References = None
    audio_reference: References = None
    image_urls: Urls | None = None
    video_urls: Urls | None = None
    audio_urls: Urls | None = None
    aspect_ratio: RatioName | None = Field(default=None, description="Instead of that of `size`.")
    quality: QualityName | None = Field(default=None, description="Instead of that of `size`.")
    generate_audio: Flag | None = None
    generate_sound: Flag | None = Field(default=None, description="The same.")
    seed: Annotated[Seed, BeforeValidator(_number)] | None = None
    callback_url: Uri | None = None
    user: Annotated[str, Field(max_length=1000)] | None = None
    extra_params: Annotated[dict[str, Any], BeforeValidator(_json)] | None = Field(
        default=None, description="Of vLLM-Omni: `task` says what media are for."
    )


def order_of(
    fields: Mapping[str, Any],
    given: Sequence[Link] = (),
    callback_allow: tuple[IPNetwork, ...] = (),
    aliases: Mapping[str, str] | None = None,
) -> Order:
    """What a request asks for, after every rule that needs nothing else.

    Args:
        fields: null is the same as absent.
        given: files of the request itself; they come before its links.
        callback_allow: networks that are not public and may be called back all the same.
        aliases: other names of models, see `aliased`.

    Raises:
        InvalidRequest: with what is wrong, where, and what would be right.
        NotFound: there is no such model.
    """
    request = read_as(VideoCreateRequest, {name: value for name, value in fields.items() if value is not None})
    links = _numbered([*given, *_links(request)])
    model = _model(request, links, aliases or {})
    ratio, quality = _picture(request, model)
    sound = request.generate_audio if request.generate_audio is not None else request.generate_sound
    order = Order(
        model=model.id,
        prompt=request.prompt,
        links=links,
        duration=request.seconds,
        quality=quality,
        aspect_ratio=ratio,
        generate_audio=True if sound is None else sound,
        seed=request.seed,
        callback_url=request.callback_url,
        asked_model=request.model if request.model not in (None, model.id) else None,
        end_user=request.user,
    )
    check_order(order, NAMES, callback_allow)
    return order


NAMES = FieldNames(
    prompt="prompt",
    media={"image": "image_urls", "video": "video_urls", "audio": "audio_urls"},
    quality="quality",
    web_search="web_search",
    callback_url="callback_url",
    model_name=lambda model: model.id,
)


def nearest(size: tuple[int, int], qualities: Sequence[Quality]) -> tuple[AspectRatio, Quality]:
    """The ratio that is nearest to that of a size, and then of the qualities the one with the nearest pixel count.

    Args:
        size: width and height, px.
    """
    width, height = size

    def off(ratio: AspectRatio) -> float:
        w, h = PIXELS[ratio][Quality.P720]
        return abs(math.log(width / height) - math.log(w / h))

    ratio = min(PIXELS, key=off)
    return ratio, min(
        qualities, key=lambda quality: abs(math.log(width * height) - math.log(math.prod(PIXELS[ratio][quality])))
    )


def _model(request: VideoCreateRequest, links: Sequence[Link], aliases: Mapping[str, str]) -> Model:
    counts = {kind: sum(link.kind == kind for link in links) for kind in KINDS}
    mode = mode_of(num_images=counts["image"], num_videos=counts["video"], num_audios=counts["audio"])
    task = (request.extra_params or {}).get("task")
    if links and isinstance(task, str):
        mode = _MODES.get(task, mode)
    name = request.model or _DEFAULT_MODEL
    model = aliased(name, aliases, mode) or MODELS.get(name)
    if model is None and name in _TIERS:
        model = model_of(mode, _TIERS[name])
    if model is None:
        raise NotFound(what="model", name=name[:80], hint=f"; choose one of {', '.join((*_TIERS, *MODELS))}")
    return model


def _picture(request: VideoCreateRequest, model: Model) -> tuple[AspectRatio, Quality]:
    size = DEFAULT_SIZE
    if request.size is not None:
        match = _SIZE.fullmatch(request.size.strip())
        if match is None:
            raise InvalidRequest(problem=f"size: must be width x height such as 1280x720, not {request.size!r}")
        size = int(match[1]), int(match[2])
    ratio, quality = nearest(size, model.qualities)
    if request.size is None and model.mode is not Mode.TEXT:
        ratio = AspectRatio.ADAPTIVE  # the media have one
    if request.aspect_ratio is not None:
        ratio = AspectRatio(request.aspect_ratio)
    return ratio, quality if request.quality is None else Quality(request.quality)


def _links(request: VideoCreateRequest) -> list[Link]:
    """Links of images, videos and audios, wherever they stand; not numbered yet."""
    links: list[Link] = []
    for field, kind in (("input_reference", "image"), *((f"{kind}_reference", kind) for kind in KINDS)):
        links += _referenced(field, cast(AssetKind, kind), getattr(request, field))
    for kind in KINDS:
        urls: list[str] = getattr(request, f"{kind}_urls") or []
        links += [Link(kind, 0, url, f"{kind}_urls[{index}]") for index, url in enumerate(urls)]
    return links


def _referenced(field: str, kind: AssetKind, value: Any) -> list[Link]:
    if value is None:
        return []
    given = cast("list[Any]", value) if isinstance(value, list) else [value]
    if len(given) > _MOST_REFERENCES:
        raise InvalidRequest(problem=f"{field}: at most {_MOST_REFERENCES} are possible, {len(given)} given")
    links: list[Link] = []
    for index, each in enumerate(given):
        place = f"{field}[{index}]" if isinstance(value, list) else field
        of_kind, url = kind, each
        if isinstance(each, dict):
            fields = cast("dict[str, Any]", each)
            names = {f"{name}_url": name for name in KINDS} | {"url": kind}
            name = next((name for name in names if fields.get(name) is not None), None)
            if name is None:
                raise InvalidRequest(problem=f"{place}: must have {kind}_url, a link")
            of_kind, url, place = cast(AssetKind, names[name]), fields[name], f"{place}.{name}"
            if isinstance(url, dict):
                url = cast("dict[str, Any]", url).get("url")
        if not isinstance(url, str):
            raise InvalidRequest(problem=f'{place}: must be a file of a form, a link, or {{"{kind}_url": …}}')
        links.append(Link(of_kind, 0, url, place))
    return links


def _numbered(links: Sequence[Link]) -> tuple[Link, ...]:
    """Images, videos, audios, each kind numbered from 1."""
    return tuple(
        Link(link.kind, number, link.url, link.place)
        for kind in KINDS
        for number, link in enumerate((each for each in links if each.kind == kind), start=1)
    )
