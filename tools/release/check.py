"""`make dist-check`: what `make dist` left is what a release should be.

It is built a second time, of its own archive alone, in another place, zone and with other rights on files, what it packs made
anew: the same bytes. `twine` reads it. It is installed by hash on the oldest and the newest Python at hand, outside the
checkout, and makes a video there; a server of it shows its page and makes a video for the client, which is installed alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from tools.release.build import LOCK, ROOT, BuildFailed, Distributions, build, newest_release, sha256_of, unpack
from tools.release.installing import NotAsReleased, fresh, make_first_video, page_of, served, use_client, wheels_for

from opendance.packing.build import BUNDLES, OFFLINE

_SOURCE = ROOT / "src"
PACKED = (
    *(str((bundle.folder / file).relative_to(_SOURCE)) for bundle in BUNDLES for file in bundle.files),
    "opendance/studio/static/index.html",
    "opendance/studio/static/assets/licences.txt",
)
"""What a build makes of others' works, as a wheel names it."""
_PACKED_FOLDERS = tuple(
    dict.fromkeys((*(str(bundle.folder.relative_to(_SOURCE / "opendance")) for bundle in BUNDLES), "studio/static"))
)


def supported_pythons() -> list[str]:
    """The versions that the project says it runs on, such as `3.11`, oldest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    prefix = "Programming Language :: Python :: "
    return [each.removeprefix(prefix) for each in project["classifiers"] if each.startswith(prefix)]


def at_hand(version: str) -> str | None:
    """The interpreter of a version, if this machine has one that runs: on the path, or where pyenv keeps them."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python{version}")
    for candidate in (shutil.which(f"python{version}"), *map(str, sorted(kept))):
        if candidate is None:
            continue
        say = [candidate, "-c", "import sys, venv; print(sys.executable)"]
        done = subprocess.run(say, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def names_in(file: Path) -> set[str]:
    """The members of a wheel, or those of a source distribution within its folder."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            return set(wheel.namelist())
    with tarfile.open(file) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def check_contents(built: Distributions) -> None:
    """Whether wheel and archive carry what the build packs, and the wheel nothing but the package.

    Raises:
        NotAsReleased: one does not.
    """
    wheel, archive = names_in(built.wheel), names_in(built.archive)
    absent = [name for name in PACKED if name not in wheel or f"src/{name}" not in archive]
    if absent:
        raise NotAsReleased(f"not packed: {', '.join(absent)}")
    strange = sorted({name.partition("/")[0] for name in wheel} - {"opendance"})
    if len(strange) != 1 or not strange[0].endswith(".dist-info"):
        raise NotAsReleased(f"{built.wheel.name} has {', '.join(strange)} beside the package")
    if not any(name.startswith("web/") for name in archive):
        raise NotAsReleased(f"{built.archive.name} has no source of the Studio's page")


def check_rebuilt(built: Distributions, folder: Path) -> None:
    """Build it again, of its archive alone.

    Raises:
        NotAsReleased: a file differs; says where.
    """
    source = unpack(built.archive, folder / "source")
    for packed in _PACKED_FOLDERS:
        if (made := source / "src" / "opendance" / packed).is_dir():  # one lies in another
            shutil.rmtree(made)
    before = os.umask(0o077)
    try:
        again = build(
            source, folder / "again", {**os.environ, "TZ": "Asia/Seoul", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
        )
    finally:
        os.umask(before)
    for first, second in zip(built, again, strict=True):
        if sha256_of(first) != sha256_of(second):
            raise NotAsReleased(f"{first.name} is built with other bytes: {_difference(first, second)}")


def _difference(first: Path, second: Path) -> str:
    if first.suffix != ".whl":
        return f"members {sorted(names_in(first) ^ names_in(second))[:10]}"
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as two:
        sums = {each.filename: (each.CRC, each.external_attr, each.date_time) for each in one.infolist()}
        others = {each.filename: (each.CRC, each.external_attr, each.date_time) for each in two.infolist()}
    return ", ".join(sorted(name for name in sums.keys() | others.keys() if sums.get(name) != others.get(name))[:10])


def check(dist: Path, pythons: Sequence[str], folder: Path) -> None:
    """Check a folder of distributions, and say what was found.

    Raises:
        NotAsReleased, BuildFailed, CalledProcessError: what does not hold.
    """
    version = newest_release((ROOT / "CHANGELOG.md").read_text("utf-8")).version
    wheels = [dist / f"{name}-{version}-py3-none-any.whl" for name in ("opendance", "opendance_client")]
    archives = [dist / f"{name}-{version}.tar.gz" for name in ("opendance", "opendance_client")]
    built = Distributions(wheels[0], archives[0], wheels[1], archives[1])
    requirements = dist / f"opendance-{version}-requirements.txt"
    check_contents(built)
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *map(str, built)], check=True)  # noqa: S603
    check_rebuilt(built, folder / "rebuilt")
    print("built twice: the same bytes")
    here = {version: python for version in supported_pythons() if (python := at_hand(version))}
    for named in pythons or [*dict.fromkeys((*list(here.values())[:1], *list(here.values())[-1:]))]:
        environment = fresh(named, folder / Path(named).name)
        first = make_first_video(environment, requirements, version)
        print(
            f"Python {first.python}: from pip install to the first video {first.install + first.video:.0f} s "
            f"({first.install:.0f} s installing, {first.video:.0f} s making): {first.clip}"
        )
        with served(environment) as server:
            page_of(server)
            print("the Studio's page is served")
            print(f"the client alone: {use_client(named, folder / f'client-{Path(named).name}', built, server)}")
    for absent in (each for each in supported_pythons() if each not in here):
        problem = wheels_for(absent, ROOT / LOCK, folder / "none")
        if problem is not None:
            raise NotAsReleased(f"Python {absent} has not what it needs: {problem}")
        print(f"Python {absent} is not here: not run; wheels of all that it needs are there")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="*", help="interpreters; the oldest and the newest at hand without")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # into a file too: what twine prints comes in between
    if os.environ.get(OFFLINE):
        print(f"release not checked: with {OFFLINE} nothing can be packed")
        return
    with tempfile.TemporaryDirectory(prefix="opendance-release-") as folder:
        try:
            check(arguments.dist.absolute(), arguments.pythons, Path(folder))
        except (NotAsReleased, BuildFailed) as problem:
            sys.exit(str(problem))


if __name__ == "__main__":
    main()
