"""What is asked for, in no wire's words. Values only: billing, estimates, steps, queries and the audit know these."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from opendance.catalog import DEFAULT_DURATION, FRAME_RATE, MODELS, AspectRatio, Model, Quality
from opendance.fate import Fate, read_fate
from opendance.plan import AssetKind

_SIGNING = ("ends", "expires", "signature", "policy", "key-pair-id", "awsaccesskeyid", "googleaccessid")
_SIGNING_FAMILIES = ("x-amz-", "x-goog-")


@dataclass(frozen=True)
class Link:
    """A file that an order names.

    Attributes:
        number: from 1 among those of its kind, as prompts name it.
        place: where it stands in the request, in the words of the wire that it came by, such as `image_urls[0]`.
    """

    kind: AssetKind
    number: int
    url: str
    place: str

    @property
    def label(self) -> str:
        """Where it stands, and on which host, for messages: a whole URL can be secret."""
        try:
            host = urlsplit(self.url).hostname
        except ValueError:
            host = None
        return f"{self.place} ({host or 'no host'})"


@dataclass(frozen=True)
class Order:
    """One video that is asked for.

    Attributes:
        model: id in the catalogue.
        links: in the order of the request: images, videos, audios.
        duration: s.
        seed: None where none is asked for.
        asked_model: what its model was called, where it was another name than `model`.
        end_user: whom the client makes it for, in the client's own words.
        expires_after: s after its creation from which on it is given up; None for as long as the server keeps any.
        last_frame: whether answers name its last frame.
        remixed_from: id of the task whose video it makes anew.
        sandbox: whether a test key asks for it: it costs nothing, and the sandbox makes it.
        simulate: the fate that the sandbox gives it, as `fate.read_fate` reads it.
    """

    model: str
    prompt: str
    links: tuple[Link, ...] = ()
    duration: int = DEFAULT_DURATION
    quality: Quality = Quality.P720
    aspect_ratio: AspectRatio = AspectRatio.R16_9
    generate_audio: bool = True
    content_filter: bool = True
    web_search: bool = False
    seed: int | None = None
    callback_url: str | None = None
    asked_model: str | None = None
    end_user: str | None = None
    expires_after: int | None = None
    last_frame: bool = False
    remixed_from: str | None = None
    sandbox: bool = False
    simulate: str | None = None

    @property
    def fate(self) -> Fate | None:
        """The fate that the sandbox gives it."""
        return read_fate(self.simulate) if self.sandbox and self.simulate is not None else None

    @property
    def catalog_model(self) -> Model:
        """What the catalogue says of its model.

        Raises:
            KeyError: the catalogue has it no more.
        """
        return MODELS[self.model]

    @property
    def take_group(self) -> str:
        """32 hexadecimal digits that are alike in orders which ask for the same but the seed.

        What signs an address is left out: the same file has another each time.
        """
        links = [(link.kind, _unsigned(link.url)) for link in self.links]
        same = (self.model, self.prompt, links, self.duration, self.quality, self.aspect_ratio, self.generate_audio)
        whole = (*same, self.content_filter, self.web_search, self.sandbox)
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:32]

    @property
    def num_frames(self) -> int:
        """Frames of the finished video, at `catalog.FRAME_RATE`."""
        return self.duration * FRAME_RATE

    def links_of(self, kind: AssetKind) -> tuple[Link, ...]:
        """The links of one kind."""
        return tuple(link for link in self.links if link.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """For the task's row: what `from_json` reads."""
        return {**vars(self), "links": [vars(link) for link in self.links]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Order:
        """The order of a row; what a later release has added to it is left out."""
        typed: dict[str, Any] = {
            "links": tuple(Link(**link) for link in values["links"]),
            "quality": Quality(values["quality"]),
            "aspect_ratio": AspectRatio(values["aspect_ratio"]),
        }
        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        return cls(**{**known, **typed})


def _unsigned(url: str) -> str:
    """A URL without what signs it for a time, here, at Amazon S3 and CloudFront and at Google Cloud Storage.

    A query that is not signed may be what names the file.
    """
    address, _, query = url.partition("?")
    parts = [(unquote_plus(part.partition("=")[0]).lower(), part) for part in query.split("&")]
    if not any(name.endswith("signature") for name, _ in parts):
        return url
    rest = [part for name, part in parts if name not in _SIGNING and not name.startswith(_SIGNING_FAMILIES)]
    return "?".join((address, "&".join(rest))) if rest else address
