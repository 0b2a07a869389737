"""The rules that an order must keep, whichever wire it came by; told with the wire's names of its fields."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
from pydantic import AnyUrl, TypeAdapter, ValidationError

from opendance.api.reading import either
from opendance.catalog import (
    MAX_CALLBACK_URL_LENGTH,
    MAX_PROMPT_LETTERS,
    MAX_PROMPT_TOKENS,
    MAX_URL_LENGTH,
    MODELS,
    Model,
)
from opendance.errors import InvalidRequest
from opendance.net.addresses import IPNetwork, is_public_host
from opendance.order import Order
from opendance.plan import AssetKind
from opendance.prompt import check_references


@dataclass(frozen=True)
class FieldNames:
    """What a request calls the parts of its order.

    Attributes:
        media: by kind, where the links of that kind stand.
        model_name: what the wire calls a model.
    """

    prompt: str
    media: Mapping[AssetKind, str]
    quality: str
    web_search: str
    callback_url: str
    model_name: Callable[[Model], str]


def check_order(order: Order, names: FieldNames, callback_allow: tuple[IPNetwork, ...] = ()) -> None:
    """Every rule that needs nothing but the order.

    Args:
        callback_allow: networks that are not public and may be called back all the same.

    Raises:
        InvalidRequest: the first rule that does not hold.
    """
    model = order.catalog_model
    check_prompt(order.prompt, names.prompt)
    _check_links(order, names)
    if order.quality not in model.qualities:  # OUT-02
        raise InvalidRequest(
            problem=f"{names.quality}: {order.quality.value} needs a standard model; {names.model_name(model)} takes "
            f"{either([quality.value for quality in model.qualities])}"
        )
    if order.web_search and not model.can_search_web:  # OUT-08
        able = either([names.model_name(each) for each in MODELS.values() if each.can_search_web])
        raise InvalidRequest(problem=f"{names.web_search}: {names.model_name(model)} cannot search; {able} can")
    if order.callback_url is not None:
        _check_callback_url(order.callback_url, names.callback_url, callback_allow)
    check_references(  # PR-04
        order.prompt,
        num_images=len(order.links_of("image")),
        num_videos=len(order.links_of("video")),
        num_audios=len(order.links_of("audio")),
        field=names.prompt,
        given_in=names.media,
    )


def _check_links(order: Order, names: FieldNames) -> None:
    model = order.catalog_model
    limits: dict[AssetKind, tuple[int, int]] = {
        "image": model.media_limits.images,
        "video": model.media_limits.videos,
        "audio": model.media_limits.audios,
    }
    for kind, (least, most) in limits.items():
        links = order.links_of(kind)
        if not least <= len(links) <= most:  # MD-01, MD-02, MD-04
            takes = "none" if most == 0 else f"{least} to {most}" if least else f"at most {most}"
            raise InvalidRequest(
                problem=f"{names.media[kind]}: {names.model_name(model)} takes {takes}, {len(links)} given"
            )
        for link in links:
            _check_url(link.place, link.url, ("http", "https"))  # MD-07
            _check_client_can_ask(link.place, link.url)
    if order.links_of("audio") and not (order.links_of("image") or order.links_of("video")):  # MD-05
        problem = f"{names.media['audio']}: audio alone is not enough; add at least one image or video"
        raise InvalidRequest(problem=problem)


_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+|\s{{2,}}|[^\w\s]|_")
_LETTERS_A_TOKEN = 6


def count_tokens(text: str, *, most: int | None = None) -> int:
    """An estimate of the tokens in `text`: a CJK character, a mark or each six letters of a word count one.

    The hosted model's tokenizer is not published; on ordinary prose this is within a fifth of common BPE tokenizers.

    Args:
        most: where there are more, the rest is not counted.
    """
    tokens = 0
    for token in _TOKEN.finditer(text):
        tokens += math.ceil((token.end() - token.start()) / _LETTERS_A_TOKEN)
        if most is not None and tokens > most:
            break
    return tokens


def check_prompt(prompt: str, field: str) -> None:
    """It is text, and no longer than a model reads.

    Raises:
        InvalidRequest: it is not.
    """
    if len(prompt) > MAX_PROMPT_LETTERS:
        problem = f"{field}: {len(prompt)} characters; at most {MAX_PROMPT_LETTERS} are possible"
        raise InvalidRequest(problem=problem)
    if not prompt.strip():  # PR-01
        raise InvalidRequest(problem=f"{field}: must not be empty; describe what the video shows")
    if "\x00" in prompt:
        raise InvalidRequest(problem=f"{field}: must not contain the character U+0000")
    if count_tokens(prompt, most=MAX_PROMPT_TOKENS) > MAX_PROMPT_TOKENS:  # PR-01
        raise InvalidRequest(problem=f"{field}: too long; at most {MAX_PROMPT_TOKENS} tokens are possible")


_URL: TypeAdapter[AnyUrl] = TypeAdapter(AnyUrl)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}+://[^/?#\s]")


def _check_url(where: str, url: str, schemes: tuple[str, ...]) -> AnyUrl:
    if len(url) > MAX_URL_LENGTH:
        raise InvalidRequest(problem=f"{where}: {len(url)} characters; at most {MAX_URL_LENGTH} are possible")
    expected = f"must be an absolute {either(schemes)} URL"
    shown = url if len(url) <= 80 else url[:77] + "..."
    if not _ABSOLUTE.match(url) or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in url):
        raise InvalidRequest(problem=f"{where}: {expected}, not {shown!r}")
    try:
        parsed = _URL.validate_python(url)
    except ValidationError:
        raise InvalidRequest(problem=f"{where}: {expected}, not {shown!r}") from None
    if parsed.scheme not in schemes or not parsed.host:
        raise InvalidRequest(problem=f"{where}: {expected}, not {shown!r}")
    return parsed


def _check_callback_url(url: str, field: str, allow: tuple[IPNetwork, ...]) -> None:
    if len(url) > MAX_CALLBACK_URL_LENGTH:  # CB-01
        problem = f"{field}: {len(url)} characters; at most {MAX_CALLBACK_URL_LENGTH} are possible"
        raise InvalidRequest(problem=problem)
    parsed = _check_url(field, url, ("https",))  # CB-01
    if parsed.username or parsed.password:
        raise InvalidRequest(problem=f"{field}: must not have a user name or a password; callbacks are signed instead")
    host = parsed.host
    if not is_public_host(host or "", allow):  # CB-02
        raise InvalidRequest(problem=f"{field}: {host} is an internal address; give a public one")
    _check_client_can_ask(field, url)


def _check_client_can_ask(where: str, url: str) -> None:
    """What our own client cannot ask for would only fail later."""
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidRequest(problem=f"{where}: cannot be asked for: {str(error)[:80]}") from None
