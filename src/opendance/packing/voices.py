"""Voices of Kokoro: `sound/speech/packaged` of previs, of the files that its authors publish as a package of npm.

Each voice is 510 x 256 numbers; they are kept in half precision, which changes nothing that is heard and halves them.
"""

from __future__ import annotations

import hashlib
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from opendance.packing.bundle import Bundle
from opendance.packing.npm import NotPacked, Package

PACKAGED = Path(__file__).parent.parent / "engines" / "previs" / "sound" / "speech" / "packaged"
FILE, LICENCE = "voices.zip", "kokoro.txt"
_NUMBERS = 510 * 256
# sha256 of each as onnx-community/Kokoro-82M-v1.0-ONNX has them.
VOICES = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "am_fenrir": "c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43",
    "am_puck": "fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "zm_yunyang": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
    "jf_alpha": "56b479360aad9f367aeb8cef908f9201cf48b4555e488c5f4590c9dfcd978bb6",
    "jf_gongitsune": "0f1181f3772d27b7c12aaf4bcd71e31b186c4146e330d074a3dc64ee392af396",
    "jf_tebukuro": "29c6c0561b4288d59639677bebe7533c919743d5ea68d0d2ae992644beea6696",
    "jm_kumo": "09e959d239724c734d65661f06f14cdabcddfd476bfaaad905a937099ae9e64f",
}


def _make(archives: Mapping[str, Path], folder: Path) -> None:
    with tarfile.open(archives["kokoro"]) as package, zipfile.ZipFile(folder / FILE, "w", zipfile.ZIP_DEFLATED) as out:
        for name, digest in VOICES.items():
            voice = _read(package, f"package/voices/{name}.bin")
            if hashlib.sha256(voice).hexdigest() != digest:
                raise NotPacked(f"the voice {name} is not the one that was expected")
            halves = struct.pack(f"<{_NUMBERS}e", *struct.unpack(f"<{_NUMBERS}f", voice))
            out.writestr(zipfile.ZipInfo(name), halves, zipfile.ZIP_DEFLATED)
        (folder / LICENCE).write_bytes(_read(package, "package/LICENSE"))


def _read(files: tarfile.TarFile, name: str) -> bytes:
    try:
        member = files.extractfile(name)
    except KeyError:
        member = None
    if member is None:
        raise NotPacked(f"{files.name or 'an archive'} has no {name}")
    return member.read()


KOKOROS_VOICES = Bundle(
    name="the voices of Kokoro",
    without="no voices but hibari's",
    folder=PACKAGED,
    files=(FILE, LICENCE),
    make=_make,
    packages={
        "kokoro": Package(
            name="kokoro-js",
            version="1.2.1",
            archive="kokoro-js-1.2.1.tgz",
            sha512="oq0HZJWis3t8lERkMJh84WLU86dpYD0EuBPtqYnLlQzyFP1OkyBRDcweAqCfhNOpltyN9j/azp1H6uuC47gShw==",
        ),
    },
)
