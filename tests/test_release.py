"""A release: its version, what its archives carry, what installs it, whose works it holds."""

from __future__ import annotations

import re
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, PathDistribution, version
from pathlib import Path

import pytest
from tools.audit import pins_of
from tools.release.build import (
    BuildFailed,
    Distributions,
    build_one,
    locked,
    newest_release,
    sha256_of,
    unpack,
    write_hashes,
)
from tools.release.check import PACKED, NotAsReleased, at_hand, check_contents, supported_pythons
from tools.release.notices import installed, licence_of, packed

import opendance
from opendance.packing.build import BUNDLES

ROOT = Path(__file__).parent.parent
RUN = (ROOT / "requirements" / "run.txt").read_text()


# ── the version ──


def test_the_changelog_tells_of_this_version_below_what_is_not_released() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert newest_release(changelog).version == opendance.__version__
    headings = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    dates = [re.fullmatch(r"\S+ - (\d{4}-\d\d-\d\d)", each) for each in headings[1:]]
    assert all(dates)
    kinds = re.findall(r"^### (.+)$", changelog, re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_packages_of_the_repository_are_of_one_version() -> None:
    nodes = tomllib.loads((ROOT / "integrations" / "comfyui" / "pyproject.toml").read_text())
    assert nodes["project"]["version"] == opendance.__version__


def test_a_release_has_the_date_of_its_line() -> None:
    release = newest_release("# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2027-03-04\n\n## 1.1.0 - 2027-01-01\n")
    assert (release.version, release.date) == ("1.2.0", datetime(2027, 3, 4, tzinfo=UTC))
    with pytest.raises(ValueError, match="no line such as"):
        newest_release("# Changelog\n\n## Unreleased\n")


# ── what is built ──


PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "tiny"
version = "1.0"
requires-python = ">=3.11"
[tool.hatch.build.targets.sdist]
include = ["tiny"]
"""


def test_the_wheel_is_built_of_the_archive_and_bears_the_date_of_the_release(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling comes with the extra dev")
    source = tmp_path / "source"
    (source / "tiny").mkdir(parents=True)
    (source / "tiny" / "__init__.py").touch()
    (source / "pyproject.toml").write_text(PROJECT)
    date = datetime(2027, 3, 4, tzinfo=UTC)
    first = build_one(source, tmp_path / "first", date)
    again = build_one(unpack(first[0], tmp_path / "unpacked"), tmp_path / "again", date)
    assert [path.name for path in first] == ["tiny-1.0.tar.gz", "tiny-1.0-py3-none-any.whl"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    with zipfile.ZipFile(first[1]) as wheel:
        assert {each.date_time for each in wheel.infolist()} == {(2027, 3, 4, 0, 0, 0)}


def test_a_build_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "tiny"\n')
    with pytest.raises(BuildFailed, match="version"):
        build_one(tmp_path, tmp_path / "dist", datetime(2027, 3, 4, tzinfo=UTC))


def zipped(path: Path, names: Iterable[str]) -> Path:
    with zipfile.ZipFile(path, "w") as wheel:
        for name in names:
            wheel.writestr(name, "")
    return path


def archived(path: Path, names: Iterable[str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(f"opendance-1.0/{name}"))
    return path


@pytest.mark.parametrize(
    ("wheel", "archive", "words"),
    [
        (PACKED[1:], PACKED, "not packed: opendance/drawings/packaged/drawings.zip"),
        (PACKED, PACKED[:-1], "not packed: opendance/studio/static/assets/licences.txt"),
        ((*PACKED, "tests/test_app.py"), PACKED, "opendance-1.0-py3-none-any.whl has opendance-1.0.dist-info, tests"),
    ],
    ids=["a wheel without drawings", "an archive without the page's licences", "a wheel with tests"],
)
def test_a_release_that_lacks_what_is_packed_or_has_more_is_noticed(
    tmp_path: Path, wheel: tuple[str, ...], archive: tuple[str, ...], words: str
) -> None:
    built = Distributions(
        zipped(tmp_path / "opendance-1.0-py3-none-any.whl", [*wheel, "opendance-1.0.dist-info/METADATA"]),
        archived(tmp_path / "opendance-1.0.tar.gz", ["web/package.json", *(f"src/{name}" for name in archive)]),
        tmp_path,
        tmp_path,
    )
    with pytest.raises(NotAsReleased, match=re.escape(words)):
        check_contents(built)


# ── what installs it ──


def test_what_installs_a_release_has_its_hash_and_no_address(tmp_path: Path) -> None:
    wheel = tmp_path / "opendance-1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    text = locked(wheel, "1.0", RUN)
    assert f"opendance==1.0 \\\n    --hash=sha256:{sha256_of(wheel)}\n" in text
    assert set(pins_of(RUN)) == set(pins_of(text)) - {"opendance==1.0"}
    assert "://" not in text
    write_hashes(tmp_path)
    write_hashes(tmp_path)  # not of itself
    assert (tmp_path / "SHA256SUMS").read_text() == f"{sha256_of(wheel)}  {wheel.name}\n"


def test_it_is_tried_on_the_pythons_that_it_says_it_runs_on() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted == f">={supported_pythons()[0]}"
    here = ".".join(map(str, sys.version_info[:2]))
    assert here in supported_pythons()
    found = at_hand(here)
    assert found is None or Path(found).is_file()
    assert at_hand("2.0") is None


# ── whose works it holds ──


def test_every_package_that_a_build_packs_is_in_the_notices() -> None:
    told = " ".join(work.version for work in packed())
    for package in (each for bundle in BUNDLES for each in bundle.packages.values()):
        assert f"{package.name} {package.version}" in told


class Package(PathDistribution):
    """A package with this metadata alone, and these files."""

    def __init__(self, folder: Path, metadata: str, files: Mapping[str, str] | None = None) -> None:
        place = folder / "x-1.dist-info"
        place.mkdir()
        (place / "METADATA").write_text(f"Metadata-Version: 2.4\nName: x\nVersion: 1\n{metadata}")
        for name, text in (files or {}).items():
            (place / name).write_text(text)
        (place / "RECORD").write_text("".join(f"x-1.dist-info/{name},,\n" for name in ("METADATA", *(files or {}))))
        super().__init__(place)


@pytest.mark.parametrize(
    ("metadata", "files", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: old\n", {}, "MIT OR Apache-2.0"),
        ("License: ISC\n", {}, "ISC"),
        ("License: The whole\n  text of it\nClassifier: License :: OSI Approved :: BSD License\n", {}, "BSD License"),
        ("", {"LICENCE.txt": "Do what you like."}, "as the text below says"),
    ],
    ids=["an expression", "a word", "a classifier where the word is a text", "a file alone"],
)
def test_a_licence_is_read_from_what_the_package_says(
    tmp_path: Path, metadata: str, files: dict[str, str], licence: str
) -> None:
    assert licence_of(Package(tmp_path, metadata, files)) == licence


def test_a_package_without_a_word_on_its_licence_stops_the_notices(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="x 1 names no licence and brings none"):
        licence_of(Package(tmp_path, ""))


def test_what_is_not_installed_as_it_is_locked_stops_the_notices() -> None:
    with pytest.raises(LookupError, match=r"pytest is installed as .*, not as 0\.1"):
        installed("pytest==0.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(LookupError, match="nowhere-at-all is not installed"):
        installed("nowhere-at-all==1.0\n")
    assert installed("nowhere-at-all==1.0 ; sys_platform == 'win32' \\\n") == ([], ["nowhere-at-all"])


def test_no_package_of_a_plain_installation_says_that_it_is_under_the_gpl() -> None:
    works, _ = installed("\n".join(line for line in RUN.splitlines() if distribution_is_here(line)))
    assert len(works) > 50
    bound = [f"{work.name}: {work.licence}" for work in works if re.search(r"(?<!L)GPL|General Public", work.licence)]
    assert not bound


def distribution_is_here(line: str) -> bool:
    """Whether a line of a requirements file names what is installed in that version: elsewhere `make install` is due."""
    name, _, rest = line.partition("==")
    try:
        return bool(rest) and version(name) == rest.split()[0]
    except PackageNotFoundError:
        return False
