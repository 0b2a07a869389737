"""The C2PA manifest of a clip: that it was generated, by what, when, from which kinds of inputs."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import c2pa
from pydantic import BaseModel, ConfigDict, Field

from opendance import __version__
from opendance.errors import ConfigurationError
from opendance.media.encode import Encoding, encode_clip
from opendance.provenance.certificates import Credentials

MARK_ALGORITHM = "org.opendance.mark.1"
GENERATION = "org.opendance.generation"
_FORMAT = "video/mp4"
# A file of strangers must not make this machine ask anything of anybody.
_OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
# IPTC's digital source types, https://cv.iptc.org/newscodes/digitalsourcetype/
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass(frozen=True)
class Origin:
    """What a manifest says.

    Attributes:
        model: as the request named it.
        learned: whether a trained model drew the pictures, not a program alone.
        inputs: how many there were of each kind: `text`, `image`, `video`, `audio`.
        created: unix time.
        watermark: the number that the invisible mark carries.
    """

    title: str
    engine: str
    model: str
    learned: bool
    inputs: Mapping[str, int]
    created: float
    watermark: int | None


def sign(source: Path, target: Path, origin: Origin, credentials: Credentials) -> None:
    """Write `source` with its manifest to `target`; its frames and sound stay as they are.

    Raises:
        c2pa.C2paError: the certificate is none that C2PA allows.
    """
    algorithm = getattr(c2pa.C2paSigningAlg, credentials.algorithm.upper())
    # No time-stamp authority is asked: that would be a request to a stranger for every clip.
    info = c2pa.C2paSignerInfo(algorithm, credentials.chain.encode(), credentials.key.encode(), None)
    with (
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(_definition(origin)) as builder,
        source.open("rb") as unsigned,
        target.open("w+b") as out,
    ):
        builder.sign(signer, _FORMAT, unsigned, out)


def check_credentials(credentials: Credentials) -> None:
    """Sign something small.

    Raises:
        ConfigurationError: C2PA does not take the certificate.
    """
    origin = Origin("a test", "test", "test", False, {}, time.time(), None)
    with tempfile.TemporaryDirectory(prefix="opendance-c2pa-") as folder:
        source, target = Path(folder) / "source.mp4", Path(folder) / "target.mp4"
        frame = av.VideoFrame(64, 64, "yuv420p")
        encode_clip(source, [frame] * 2, None, size=(64, 64), encoding=Encoding("ultrafast", 40), metadata={})
        try:
            sign(source, target, origin, credentials)
        except c2pa.C2paError as error:
            raise ConfigurationError(f"c2pa_certificate: it cannot sign: {error}") from None


def _definition(origin: Origin) -> dict[str, Any]:
    when = datetime.fromtimestamp(origin.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    from_media = any(count for kind, count in origin.inputs.items() if kind != "text")
    if origin.learned:
        kind = "compositeWithTrainedAlgorithmicMedia" if from_media else "trainedAlgorithmicMedia"
    else:
        kind = "compositeSynthetic" if from_media else "algorithmicMedia"
    action = {
        "action": "c2pa.created",
        "when": when,
        "digitalSourceType": _SOURCE_TYPE + kind,
        "softwareAgent": {"name": f"Opendance {origin.engine}", "version": __version__},
    }
    assertions: list[dict[str, Any]] = [
        {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
        {
            "label": GENERATION,
            "data": {
                "generated": True,
                "engine": origin.engine,
                "model": origin.model,
                "created": when,
                "inputs": dict(origin.inputs),
            },
        },
    ]
    if origin.watermark is not None:
        block: dict[str, Any] = {"scope": {}, "value": f"{origin.watermark:08x}"}
        assertions.append({"label": "c2pa.soft-binding", "data": {"alg": MARK_ALGORITHM, "blocks": [block]}})
    return {
        "claim_generator_info": [{"name": "Opendance", "version": __version__}],
        "title": origin.title,
        "format": _FORMAT,
        "assertions": assertions,
    }


@dataclass(frozen=True)
class Manifest:
    """What was read.

    Attributes:
        state: `valid`, `trusted` or `invalid`, as C2PA has it.
        problems: codes of what is wrong; a certificate that nobody vouches for is none.
        issuer: organisation of the certificate that signed.
        generation: what `Origin` said, as JSON; empty for a manifest of others.
        source_type: the last word of IPTC's digital source type.
        watermark: the number that the invisible mark should carry.
    """

    state: str
    problems: tuple[str, ...]
    generator: str
    issuer: str
    signed: str | None
    generation: dict[str, Any]
    source_type: str | None
    watermark: int | None


def read_manifest(path: Path) -> Manifest | None:
    """The manifest in a file, checked; None where there is none. One that the file only links to is not fetched.

    Raises:
        c2pa.C2paError: the file cannot be read as an MP4, or its manifest is elsewhere.
    """
    with path.open("rb") as file:
        try:
            reader = c2pa.Reader(_FORMAT, file, context=c2pa.Context.from_dict(_OFFLINE))
        # The package declares it at run time.
        except c2pa.C2paError.ManifestNotFound:  # pyright: ignore[reportAttributeAccessIssue]
            return None
        with reader:
            parsed = _Store.model_validate_json(reader.json())
            state = str(reader.get_validation_state() or "unknown").lower()
    active = parsed.manifests[parsed.active_manifest]
    data = {assertion.label: assertion.data for assertion in active.assertions}
    actions = [action for label in data if label.startswith("c2pa.actions") for action in data[label].actions]
    source = next((action.digital_source_type for action in actions if action.digital_source_type), None)
    binding = data.get("c2pa.soft-binding", _Data())
    value = binding.blocks[0].value if binding.alg == MARK_ALGORITHM and binding.blocks else None
    generator = active.claim_generator_info[0] if active.claim_generator_info else _Generator()
    signature = active.signature_info
    return Manifest(
        state=state,
        problems=tuple(dict.fromkeys(each.code for each in parsed.validation_status if each.code != _UNTRUSTED)),
        generator=" ".join(word for word in (generator.name, generator.version) if word),
        issuer=signature.issuer or signature.common_name or "unknown",
        signed=signature.time,
        generation=data[GENERATION].model_extra or {} if GENERATION in data else {},
        source_type=None if source is None else source.rpartition("/")[2],
        watermark=int(value, 16) if value is not None and _HEX.fullmatch(value) else None,
    )


_UNTRUSTED = "signingCredential.untrusted"
_HEX = re.compile(r"[0-9a-f]{8}")


class _Block(BaseModel):
    value: str | None = None


class _Action(BaseModel):
    digital_source_type: str | None = Field(None, alias="digitalSourceType")


class _Data(BaseModel):
    model_config = ConfigDict(extra="allow")

    alg: str | None = None
    blocks: list[_Block] = []
    actions: list[_Action] = []


class _Assertion(BaseModel):
    label: str
    data: _Data = _Data()


class _Generator(BaseModel):
    name: str | None = None
    version: str | None = None


class _Signature(BaseModel):
    issuer: str | None = None
    common_name: str | None = None
    time: str | None = None


class _Active(BaseModel):
    assertions: list[_Assertion] = []
    claim_generator_info: list[_Generator] = []
    signature_info: _Signature = _Signature()


class _Status(BaseModel):
    code: str


class _Store(BaseModel):
    """What the reader tells as JSON, as far as it is used."""

    active_manifest: str
    manifests: dict[str, _Active]
    validation_status: list[_Status] = []
