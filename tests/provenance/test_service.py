"""Where a result comes from, on the whole way: manifest, certificates, `opendance verify`."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import c2pa
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from opendance.errors import ConfigurationError
from opendance.provenance import certificates
from opendance.provenance.certificates import read_credentials, self_made
from opendance.provenance.manifest import Origin, check_credentials, read_manifest, sign
from tests.conftest import QUICK_ENGINE, FileServer, RunningServer, body, start_server, wait_for
from tests.upstreams import make_clip


def verify(*words: str | Path) -> tuple[int, str, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "opendance.cli", "verify", *map(str, words)], capture_output=True, text=True, timeout=120
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def result(media_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """A finished task of previs, and its video."""
    path = tmp_path_factory.mktemp("result") / "clip.mp4"
    with media_server.client() as client:
        made = client.post("/v1/videos/generations", json=body()).raise_for_status().json()
        task = wait_for(client, made["id"])
        path.write_bytes(client.get(task["results"][0]).raise_for_status().content)
    return task, path


def test_verify_tells_a_result(result: tuple[dict[str, Any], Path]) -> None:
    task, path = result
    code, told, _ = verify(path)
    assert code == 0
    assert "manifest   whole; signed by Opendance (self-signed) (valid)" in told
    assert f"by previs as {task['model']} from 1 text" in told
    assert "as the manifest says" in told
    assert "sound      marked" in told
    code, told, _ = verify(path, "--json")
    facts = json.loads(told)
    assert (code, facts["generated"], facts["marks"]["picture"], facts["marks"]["sound"]) == (0, True, True, True)
    assert facts["manifest"]["source_type"] == "algorithmicMedia"
    assert facts["manifest"]["generation"]["created"] == datetime.datetime.fromtimestamp(
        task["created"], datetime.UTC
    ).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_changed_byte_breaks_the_manifest_and_not_the_marks(
    result: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    content = bytearray(result[1].read_bytes())
    content[-1000] ^= 1
    changed = tmp_path / "changed.mp4"
    changed.write_bytes(content)
    code, told, _ = verify(changed)
    assert code == 0
    assert "BROKEN: assertion.bmffHash.mismatch" in told
    assert "picture    marked" in told


def test_verify_knows_a_strangers_file(tmp_path: Path) -> None:
    code, told, _ = verify(make_clip(tmp_path / "other.mp4", (640, 368), 96))
    assert code == 1
    assert "manifest   none" in told
    assert "picture    no mark" in told
    for name, content in (("text.mp4", b"no video" * 100), ("empty.mp4", b"")):
        (tmp_path / name).write_bytes(content)
        code, _, problem = verify(tmp_path / name)
        assert code == 2
        assert "cannot be read as a video" in problem
    assert verify(tmp_path / "nowhere.mp4")[0] == 2


def test_a_strangers_file_makes_no_requests(hosted: FileServer, tmp_path: Path) -> None:
    source, linking = make_clip(tmp_path / "s.mp4", (640, 368), 96), tmp_path / "linking.mp4"
    own = self_made()
    made = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
    }
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [made]}}
    definition = {
        "claim_generator_info": [{"name": "x", "version": "1"}],
        "format": "video/mp4",
        "assertions": [actions],
    }
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, own.chain.encode(), own.key.encode(), None)
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(definition) as builder:
        builder.set_no_embed()
        builder.set_remote_url(f"{hosted.address}/far.c2pa")
        with source.open("rb") as given, linking.open("w+b") as out:
            builder.sign(signer, "video/mp4", given, out)
    assert b"/far.c2pa" in linking.read_bytes()
    code, told, _ = verify(linking)
    assert code == 1
    assert "manifest   none in the file" in told
    assert "/far.c2pa" not in hosted.asked


def test_two_installations_have_their_own_certificates() -> None:
    one, other = self_made(), self_made()
    assert one.key != other.key
    leaf, root = x509.load_pem_x509_certificates(one.chain.encode())
    leaf.verify_directly_issued_by(root)
    assert read_credentials(one.chain.encode(), one.key.encode()) == one


def test_the_installation_keeps_its_certificate(tmp_path: Path) -> None:
    issued = []
    for _ in range(2):
        server = start_server(tmp_path / "data", "", **QUICK_ENGINE)
        try:
            key = server.key or issued[0][1]
            with httpx.Client(
                base_url=server.address, headers={"Authorization": f"Bearer {key}"}, timeout=60
            ) as client:
                made = client.post("/v1/videos/generations", json=body()).raise_for_status().json()
                content = client.get(wait_for(client, made["id"])["results"][0]).content
        finally:
            server.stop()
        clip = tmp_path / "clip.mp4"
        clip.write_bytes(content)
        issued.append((_leaf_of(clip), key))
    assert issued[0][0] == issued[1][0]


def _leaf_of(clip: Path) -> bytes:
    """The signing certificate, found in the file as DER by its subject."""
    content = clip.read_bytes()
    name = content.index(b"Opendance (self-signed)")
    return content[name : name + 400]


def test_the_operators_certificate_signs(tmp_path: Path) -> None:
    own = certificates.self_made("Acme Films")
    (tmp_path / "chain.pem").write_text(own.chain)
    (tmp_path / "key.pem").write_text(own.key)
    server = start_server(
        tmp_path / "data",
        **QUICK_ENGINE,
        OPENDANCE_C2PA_CERTIFICATE=str(tmp_path / "chain.pem"),
        OPENDANCE_C2PA_KEY=str(tmp_path / "key.pem"),
    )
    try:
        with server.client() as client:
            made = client.post("/v1/videos/generations", json=body()).raise_for_status().json()
            content = client.get(wait_for(client, made["id"])["results"][0]).content
    finally:
        server.stop()
    (tmp_path / "clip.mp4").write_bytes(content)
    manifest = read_manifest(tmp_path / "clip.mp4")
    assert manifest is not None
    assert (manifest.issuer, manifest.problems) == ("Acme Films", ())


def pem_of(key: Any) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def test_mistakes_with_certificates_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    own, other = self_made(), self_made()
    for chain, key, problem in (
        (b"nothing", own.key.encode(), "holds no certificates"),
        (own.chain.encode(), b"nothing", "holds no private key"),
        (own.chain.encode(), other.key.encode(), "not the key of the first certificate"),
        (own.chain.encode(), pem_of(ec.generate_private_key(ec.SECP256K1())), "not the key"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            read_credentials(chain, key)
    root = own.chain[own.chain.index("-----BEGIN", 10) :]
    with pytest.raises(ConfigurationError, match="it cannot sign"):
        check_credentials(certificates.Credentials(root, other.key, "es256"))
    with pytest.raises(AssertionError):
        start_server(tmp_path, OPENDANCE_C2PA_KEY=str(tmp_path / "key.pem"))
    assert "belong together" in capfd.readouterr().err


def test_signing_leaves_picture_and_sound_as_they_are(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "s.mp4", (640, 368), 48)
    origin = Origin("t", "previs", "seedance-2.0-text-to-video", True, {"text": 1, "video": 2}, 1e9, None)
    sign(source, tmp_path / "signed.mp4", origin, self_made())

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux() if packet.size]

    assert packets(source) == packets(tmp_path / "signed.mp4")
    manifest = read_manifest(tmp_path / "signed.mp4")
    assert manifest is not None
    assert (manifest.source_type, manifest.watermark) == ("compositeWithTrainedAlgorithmicMedia", None)
    assert manifest.generation["inputs"] == {"text": 1, "video": 2}
    head = (tmp_path / "signed.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "it starts to play before it is loaded whole"
