"""The rules that an order must keep, whichever wire it came by; told with the wire's names of its fields."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
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
from opendance.errors import InvalidRequest, Problem
from opendance.net.addresses import IPNetwork, is_public_host
from opendance.order import Order
from opendance.plan import AssetKind
from opendance.prompt import missing_references


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
        InvalidRequest: the first rule that does not hold; its details have all.
    """
    if problems := list(problems_of(order, names, callback_allow)):
        raise InvalidRequest.of(problems)


def problems_of(order: Order, names: FieldNames, callback_allow: tuple[IPNetwork, ...] = ()) -> Iterator[Problem]:
    """What is wrong with an order, by every rule that needs nothing but the order; arguments as for `check_order`."""
    model = order.catalog_model
    of_prompt = list(prompt_problems(order.prompt, names.prompt))
    yield from of_prompt
    yield from _problems_of_links(order, names)
    if order.quality not in model.qualities:  # OUT-02
        possible = [quality.value for quality in model.qualities]
        yield Problem(
            names.quality,
            "quality_not_possible",
            f"{order.quality.value} needs a standard model; {names.model_name(model)} takes {either(possible)}",
            {"quality": order.quality.value, "model": names.model_name(model), "possible": possible},
        )
    if order.web_search and not model.can_search_web:  # OUT-08
        able = [names.model_name(each) for each in MODELS.values() if each.can_search_web]
        yield Problem(
            names.web_search,
            "web_search_not_possible",
            f"{names.model_name(model)} cannot search; {either(able)} can",
            {"model": names.model_name(model), "possible": able},
        )
    if order.callback_url is not None:
        yield from _problems_of_callback(order.callback_url, names.callback_url, callback_allow)
    if not of_prompt:
        given: dict[AssetKind, int] = {kind: len(order.links_of(kind)) for kind in ("image", "video", "audio")}
        yield from missing_references(order.prompt, given, field=names.prompt, given_in=names.media)  # PR-04


def _problems_of_links(order: Order, names: FieldNames) -> Iterator[Problem]:
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
            yield Problem(
                names.media[kind],
                "media_count",
                f"{names.model_name(model)} takes {takes}, {len(links)} given",
                {"kind": kind, "given": len(links), "least": least, "most": most, "model": names.model_name(model)},
            )
        for link in links:
            problem = _problem_of_url(link.place, link.url, ("http", "https"))  # MD-07
            if problem := problem or _problem_of_client(link.place, link.url):
                yield problem
    if order.links_of("audio") and not (order.links_of("image") or order.links_of("video")):  # MD-05
        message = "audio alone is not enough; add at least one image or video"
        yield Problem(names.media["audio"], "audio_alone", message)


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
    for problem in prompt_problems(prompt, field):
        raise InvalidRequest.of([problem])


def prompt_problems(prompt: str, field: str) -> Iterator[Problem]:
    """What is wrong with a prompt by its length and its characters: one thing at most."""
    if len(prompt) > MAX_PROMPT_LETTERS:
        message = f"{len(prompt)} characters; at most {MAX_PROMPT_LETTERS} are possible"
        facts = {"length": len(prompt), "most": MAX_PROMPT_LETTERS, "unit": "characters"}
        yield Problem(field, "prompt_too_long", message, facts)
    elif not prompt.strip():  # PR-01
        yield Problem(field, "prompt_empty", "must not be empty; describe what the video shows")
    elif "\x00" in prompt:
        yield Problem(field, "prompt_control_character", "must not contain the character U+0000")
    elif count_tokens(prompt, most=MAX_PROMPT_TOKENS) > MAX_PROMPT_TOKENS:  # PR-01
        message = f"too long; at most {MAX_PROMPT_TOKENS} tokens are possible"
        yield Problem(field, "prompt_too_long", message, {"most": MAX_PROMPT_TOKENS, "unit": "tokens"})


_URL: TypeAdapter[AnyUrl] = TypeAdapter(AnyUrl)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}+://[^/?#\s]")


def _problem_of_url(where: str, url: str, schemes: tuple[str, ...]) -> Problem | None:
    if len(url) > MAX_URL_LENGTH:
        return _too_long(where, url, MAX_URL_LENGTH)
    parsed = _parsed(url)
    if parsed is not None and parsed.scheme in schemes and parsed.host:
        return None
    shown = url if len(url) <= 80 else url[:77] + "..."
    message = f"must be an absolute {either(schemes)} URL, not {shown!r}"
    return Problem(where, "url_invalid", message, {"given": shown, "expected": either(schemes)})


def _parsed(url: str) -> AnyUrl | None:
    """The URL, where it is an absolute one that has no spaces and control characters."""
    if not _ABSOLUTE.match(url) or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in url):
        return None
    try:
        return _URL.validate_python(url)
    except ValidationError:
        return None


def _too_long(where: str, url: str, most: int) -> Problem:
    message = f"{len(url)} characters; at most {most} are possible"
    return Problem(where, "url_too_long", message, {"length": len(url), "most": most})


def _problems_of_callback(url: str, field: str, allow: tuple[IPNetwork, ...]) -> Iterator[Problem]:
    """One thing at most."""
    if len(url) > MAX_CALLBACK_URL_LENGTH:  # CB-01
        yield _too_long(field, url, MAX_CALLBACK_URL_LENGTH)
    elif (problem := _problem_of_url(field, url, ("https",))) is not None:  # CB-01
        yield problem
    elif (parsed := _parsed(url)) is not None:
        if parsed.username or parsed.password:
            message = "must not have a user name or a password; callbacks are signed instead"
            yield Problem(field, "callback_credentials", message)
        elif not is_public_host(host := parsed.host or "", allow):  # CB-02
            yield Problem(
                field, "callback_internal", f"{host} is an internal address; give a public one", {"host": host}
            )
        elif (problem := _problem_of_client(field, url)) is not None:
            yield problem


def _problem_of_client(where: str, url: str) -> Problem | None:
    """What our own client cannot ask for would only fail later."""
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        return Problem(where, "url_invalid", f"cannot be asked for: {str(error)[:80]}", {"given": "", "expected": ""})
    return None
