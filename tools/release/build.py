"""`make dist`: what a release consists of, in `dist/`, the same bytes wherever they are built.

Each wheel is built of the source distribution beside it, so that the archive is shown to build by itself. Files bear the
date of the release in `CHANGELOG.md`. Beside them: `opendance-VERSION-requirements.txt`, which installs the wheel and what
it needs by hash; the notices of others' works; `SHA256SUMS`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.release.notices import notices_of

ROOT = Path(__file__).parents[2]
CLIENT = Path("clients", "python")
LOCK = Path("requirements", "run.txt")
_DATED = re.compile(r"^## (?P<version>\d+\.\d+\.\d+\S*) - (?P<date>\d{4}-\d\d-\d\d)$", re.MULTILINE)
_HASHES = "SHA256SUMS"


class BuildFailed(Exception):
    """What a build said when it failed."""


@dataclass(frozen=True)
class Release:
    """The newest one that the changelog tells of.

    Attributes:
        date: when it was made, at midnight UTC.
    """

    version: str
    date: datetime


@dataclass(frozen=True)
class Distributions:
    """What a build left.

    Attributes:
        wheel, archive: of the server; `client_wheel`, `client_archive`: of the client alone.
    """

    wheel: Path
    archive: Path
    client_wheel: Path
    client_archive: Path

    def __iter__(self) -> Iterator[Path]:
        return iter((self.wheel, self.archive, self.client_wheel, self.client_archive))


def newest_release(changelog: str) -> Release:
    """The first release with a date in a changelog.

    Raises:
        ValueError: it tells of none.
    """
    dated = _DATED.search(changelog)
    if dated is None:
        raise ValueError("CHANGELOG.md has no line such as `## 0.2.0 - 2026-11-26`")
    return Release(dated["version"], datetime.fromisoformat(dated["date"]).replace(tzinfo=UTC))


def build(source: Path, into: Path, environment: Mapping[str, str] | None = None) -> Distributions:
    """Build the archives of a tree and, of these, the wheels.

    Args:
        source: a checkout, or an unpacked archive of one; what it packs is put into it where it is not there.
        environment: variables of the build; those of this process without it.

    Raises:
        BuildFailed: a build failed.
    """
    date = newest_release((source / "CHANGELOG.md").read_text("utf-8")).date
    archive, wheel = build_one(source, into, date, environment)
    client_archive, client_wheel = build_one(source / CLIENT, into, date, environment)
    return Distributions(wheel, archive, client_wheel, client_archive)


def build_one(
    source: Path, into: Path, date: datetime, environment: Mapping[str, str] | None = None
) -> tuple[Path, Path]:
    """The archive of one project, and the wheel that is built of this archive; their files bear the date.

    Raises:
        BuildFailed: a build failed.
    """
    variables = {**(environment or os.environ), "SOURCE_DATE_EPOCH": str(int(date.timestamp()))}
    into = into.absolute()
    into.mkdir(parents=True, exist_ok=True)
    archive = _build(source, "sdist", into, variables)
    with tempfile.TemporaryDirectory(prefix="opendance-dist-") as folder:
        return archive, _build(unpack(archive, Path(folder)), "wheel", into, variables)


def _build(source: Path, target: str, into: Path, variables: Mapping[str, str]) -> Path:
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=into) as draft:
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", draft]
        done = subprocess.run(command, cwd=source, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise BuildFailed(f"{target} of {source}: {done.stderr.strip() or done.stdout.strip()}")
        [built] = Path(draft).iterdir()
        return built.replace(into / built.name)


def unpack(archive: Path, into: Path) -> Path:
    """The one folder of a source distribution, unpacked."""
    with tarfile.open(archive) as files:
        files.extractall(into, filter="data")
    [folder] = into.iterdir()
    return folder


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def locked(wheel: Path, version: str, lock: str) -> str:
    """Requirements that install a wheel and all that it needs by hash.

    Args:
        lock: `requirements/run.txt`, which has what it needs.
    """
    return (
        f"# Opendance {version} and what it needs, by hash. With the wheel in the same folder:\n"
        "#   pip install --require-hashes --only-binary :all: --find-links . -r THIS_FILE\n"
        f"opendance=={version} \\\n    --hash=sha256:{sha256_of(wheel)}\n"
        + re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE)
    )


def write_hashes(folder: Path) -> None:
    """List the files of a folder with their hashes, as `sha256sum --check` reads them."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != _HASHES)
    (folder / _HASHES).write_text("".join(f"{sha256_of(file)}  {file.name}\n" for file in files), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    into: Path = parser.parse_args().into
    for old in (*into.glob("opendance*"), *into.glob(_HASHES)):
        old.unlink()
    git = ["git", "status", "--porcelain", "--untracked-files=normal"]
    changed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout  # noqa: S603
    try:
        built = build(ROOT, into)
    except BuildFailed as problem:
        sys.exit(str(problem))
    version = newest_release((ROOT / "CHANGELOG.md").read_text("utf-8")).version
    if built.wheel.name.split("-")[1] != version:
        sys.exit(
            f"CHANGELOG.md tells of {version} where src/opendance/__init__.py says {built.wheel.name.split('-')[1]}"
        )
    lock = (ROOT / LOCK).read_text("utf-8")
    (into / f"opendance-{version}-requirements.txt").write_text(locked(built.wheel, version, lock), "utf-8")
    (into / f"opendance-{version}-notices.txt").write_text(notices_of(lock), "utf-8")
    write_hashes(into)
    print((into / _HASHES).read_text("utf-8"), end="")
    if changed:
        print("built with changes that are not committed: no release", file=sys.stderr)


if __name__ == "__main__":
    main()
