"""The body of `POST /api/v3/contents/generations/tasks`, and the order that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field

from opendance.api.aliases import aliased
from opendance.api.reading import (
    Duration,
    Prompt,
    QualityName,
    RatioName,
    Seed,
    Uri,
    either,
    enum,
    json_object,
    one_of,
    read_as,
)
from opendance.api.rules import FieldNames, check_order
from opendance.catalog import (
    DEFAULT_DURATION,
    MEDIA_LIMITS,
    AspectRatio,
    Mode,
    Model,
    Quality,
    model_of,
)
from opendance.engines.upstream.ark import FAMILIES, MODEL_NAMES
from opendance.errors import InvalidRequest, NotFound
from opendance.net.addresses import IPNetwork
from opendance.order import Link, Order
from opendance.plan import AssetKind

_TIERS = {f"{family}-{name}": tier for family in FAMILIES for tier, name in MODEL_NAMES.items()}
# Values by which these fields ask for nothing: some clients always send them.
_ASK_FOR_NOTHING: Mapping[str, tuple[object, ...]] = {
    "camera_fixed": (False,),
    "draft": (False,),
    "duration": (-1,),  # the model chooses
    "priority": (0,),
    "seed": (-1,),  # any
    "service_tier": ("default",),
}
_KINDS: dict[str, AssetKind] = {"image_url": "image", "video_url": "video", "audio_url": "audio"}
_TYPES = ["text", *_KINDS]
_FRAMES = ("first_frame", "last_frame")
_MOST = MEDIA_LIMITS[Mode.REFERENCE]  # the mode that takes most
_MOST_TEXTS = 16
_MOST_PARTS = _MOST_TEXTS + _MOST.images[1] + _MOST.videos[1] + _MOST.audios[1]


class MediaUrl(BaseModel):
    """Where a file is."""

    model_config = ConfigDict(strict=True, extra="forbid")

    url: Uri = Field(description="http or https, or a data URL with base64, which is kept as an upload.")


class ContentPart(BaseModel):
    """A part of what is asked for: words or a file, in the field that `type` names."""

    model_config = ConfigDict(strict=True, extra="forbid")

    type: Annotated[str, one_of(_TYPES), enum(_TYPES)]
    text: Prompt | None = None
    image_url: MediaUrl | None = None
    video_url: MediaUrl | None = None
    audio_url: MediaUrl | None = None
    role: str | None = Field(
        default=None,
        max_length=40,
        description="`first_frame`, `last_frame` or `reference_image`, of an image; one without is a reference beside "
        "references, else the first frame, then the last. `reference_video` and `reference_audio` say what videos and "
        "audios are anyway.",
    )


class ContentTool(BaseModel):
    """What the model may use."""

    model_config = ConfigDict(strict=True, extra="forbid")

    type: Annotated[str, one_of(["web_search"]), enum(["web_search"])]


class ContentGenerationRequest(BaseModel):
    """A video to generate, as clients of Ark ask for it. Null is the same as absent; unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")

    model: str = Field(
        max_length=1000,
        description=f"One of {', '.join(_TIERS)}, or a name that the operator has set, such as an endpoint's.",
        examples=["doubao-seedance-2-0-260128"],
    )
    content: list[ContentPart] = Field(
        max_length=_MOST_PARTS,
        description="Text alone is text-to-video; with a first, or a first and a last frame, image-to-video; with "
        "references of any kind reference-to-video.",
    )
    resolution: QualityName = Field(default="720p", description="`1080p` needs the standard model.")
    ratio: RatioName = Field(default="adaptive", description="Ratio of width to height.")
    duration: Duration = Field(default=DEFAULT_DURATION, description="Whole seconds; -1 is the default.")
    generate_audio: bool = Field(default=True, description="Whether the video has sound.")
    seed: Seed | None = Field(default=None, description="-1 is any.")
    watermark: bool = Field(
        default=False, description="Changes nothing: each video has a mark that is not seen, none has one that is."
    )
    tools: list[ContentTool] = Field(default_factory=list[ContentTool], max_length=1)
    callback_url: Uri | None = Field(default=None, description="HTTPS address that is told when the task has ended.")
    return_last_frame: bool = Field(default=False, description="Whether `content` has `last_frame_url`, a PNG.")
    execution_expires_after: int | None = Field(
        default=None, ge=3600, le=259_200, description="Seconds from which on the task is given up: `expired`."
    )
    safety_identifier: str | None = Field(
        default=None, max_length=1000, description="Whom it is made for, in your own words; it comes back."
    )


def parse_request(
    body: bytes, callback_allow: tuple[IPNetwork, ...] = (), aliases: Mapping[str, str] | None = None
) -> Order:
    """What `body` asks for, after every rule that needs nothing else.

    Args:
        callback_allow: networks that are not public and may be called back all the same.
        aliases: other names of models, see `aliased`.

    Raises:
        InvalidRequest: with what is wrong, where, and what would be right.
        NotFound: there is no such model.
    """
    fields = {
        name: value
        for name, value in _without_nulls(json_object(body)).items()
        if not _is_one_of(value, _ASK_FOR_NOTHING.get(name, ()))
    }
    request = read_as(ContentGenerationRequest, fields)
    if request.model not in _TIERS and request.model not in (aliases or {}):
        raise NotFound(what="model", name=request.model[:80], hint=f"; choose one of {', '.join(_TIERS)}")
    prompt, place = _prompt(request.content)
    links = _links(request.content)
    model = _model(request.model, links, aliases or {})
    order = Order(
        model=model.id,
        prompt=prompt,
        links=tuple(link for link, _ in links),
        duration=request.duration,
        quality=Quality(request.resolution),
        aspect_ratio=AspectRatio(request.ratio),
        generate_audio=request.generate_audio,
        web_search=bool(request.tools),
        seed=request.seed,
        callback_url=request.callback_url,
        asked_model=None if request.model == model_name(model) else request.model,
        end_user=request.safety_identifier,
        expires_after=request.execution_expires_after,
        last_frame=request.return_last_frame,
    )
    check_order(order, _names(place), callback_allow)
    return order


def model_name(model: Model) -> str:
    """What Ark calls a model of the catalogue, whatever its mode; what it has no name for keeps ours."""
    name = MODEL_NAMES.get(model.tier)
    return model.id if name is None else f"{FAMILIES[0]}-{name}"


def models_named(name: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The models of the catalogue that a name may stand for, whatever their mode; none where nothing is called so."""
    found = {aliased(name, aliases, mode) for mode in Mode} - {None}
    found |= {model_of(mode, _TIERS[name]) for mode in Mode if name in _TIERS}
    return tuple(sorted(model.id for model in found if model is not None))


def _names(prompt: str) -> FieldNames:
    return FieldNames(
        prompt=prompt,
        media={kind: f"content[].{field}" for field, kind in _KINDS.items()},
        quality="resolution",
        web_search="tools",
        callback_url="callback_url",
        model_name=lambda model: f"{model_name(model)} ({model.mode})",
    )


def _without_nulls(value: Any) -> Any:
    """The official SDK sends null for every field that is not set."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: _without_nulls(each) for name, each in fields.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in cast("list[Any]", value)]
    return value


def _is_one_of(value: object, choices: Sequence[object]) -> bool:
    return any(value == choice and type(value) is type(choice) for choice in choices)  # 0 is not false


def _prompt(content: Sequence[ContentPart]) -> tuple[str, str]:
    """The words, and where they stand.

    Raises:
        InvalidRequest: there are none.
    """
    texts: dict[int, str] = {}
    for index, part in enumerate(content):
        if part.type == "text":
            if part.text is None:
                raise InvalidRequest(problem=f"content[{index}].text: is required")
            _check_fields(index, part, "text")
            texts[index] = part.text
    if not texts:
        raise InvalidRequest(problem="content: has no part of type text; describe what the video shows")
    if len(texts) > _MOST_TEXTS:
        raise InvalidRequest(problem=f"content: at most {_MOST_TEXTS} texts are possible, {len(texts)} given")
    place = f"content[{next(iter(texts))}].text" if len(texts) == 1 else "content[].text"
    return "\n".join(texts.values()), place


def _links(content: Sequence[ContentPart]) -> list[tuple[Link, str]]:
    """The files, each with its role: images, videos, audios, a first frame before a last one.

    Raises:
        InvalidRequest: a part without a URL, or of a role that it cannot have there.
    """
    parts = [(index, part) for index, part in enumerate(content) if part.type != "text"]
    roles = _roles(parts)
    links: list[tuple[Link, str]] = []
    for field, kind in _KINDS.items():
        of_kind = [(index, part) for index, part in parts if part.type == field]
        if kind == "image" and set(roles.values()) <= set(_FRAMES):
            of_kind.sort(key=lambda each: _FRAMES.index(roles[each[0]]))
        for number, (index, part) in enumerate(of_kind, start=1):
            media: MediaUrl | None = getattr(part, field)
            if media is None:
                raise InvalidRequest(problem=f"content[{index}].{field}: is required")
            _check_fields(index, part, field, "role")
            links.append((Link(kind, number, media.url, f"content[{index}].{field}.url"), roles[index]))
    return links


def _roles(parts: Sequence[tuple[int, ContentPart]]) -> dict[int, str]:
    """The role of each part, by its index: images that name none are references beside such, else frames.

    Raises:
        InvalidRequest: a role that there is not, that is taken, or that does not go with the others.
    """
    roles: dict[int, str] = {}
    for index, part in parts:
        kind = _KINDS[part.type]
        possible = (*_FRAMES, "reference_image") if kind == "image" else (f"reference_{kind}",)
        role = part.role or ("" if kind == "image" else possible[0])
        if role and role not in possible:
            problem = f"content[{index}].role: {role[:40]!r} is not possible; choose {either(possible)}"
            raise InvalidRequest(problem=problem)
        if role in _FRAMES and role in roles.values():
            raise InvalidRequest(problem=f"content[{index}].role: there is a {role} already")
        roles[index] = role
    beside_references = any(role.startswith("reference_") for role in roles.values())
    for index, role in roles.items():
        if not role and beside_references:
            roles[index] = "reference_image"
        elif not role:
            free = [frame for frame in _FRAMES if frame not in roles.values()]
            if not free:
                problem = "there are two frames already; give references the role reference_image"
                raise InvalidRequest(problem=f"content[{index}].role: {problem}")
            roles[index] = free[0]
    frames = [index for index, role in roles.items() if role in _FRAMES]
    if frames and len(frames) < len(roles):
        problem = "a frame cannot stand beside references; give it the role reference_image"
        raise InvalidRequest(problem=f"content[{frames[0]}].role: {problem}")
    if frames and "first_frame" not in roles.values():
        raise InvalidRequest(problem=f"content[{frames[0]}].role: a last_frame needs a first_frame")
    return roles


def _check_fields(index: int, part: ContentPart, *expected: str) -> None:
    for name in ("text", *_KINDS, "role"):
        if name not in expected and getattr(part, name) is not None:
            raise InvalidRequest(problem=f"content[{index}].{name}: does not go with type {part.type}; leave it out")


def _model(name: str, links: Sequence[tuple[Link, str]], aliases: Mapping[str, str]) -> Model:
    mode = Mode.TEXT if not links else Mode.IMAGE if links[0][1] in _FRAMES else Mode.REFERENCE
    return aliased(name, aliases, mode) or model_of(mode, _TIERS[name])
