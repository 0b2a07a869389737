"""requirements/*.txt: what is installed is known by its hash, in the versions that are tested."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {
    "run": (),
    "image": ("speech", "postgresql", "telemetry", "mcp"),
    "gpu": ("speech", "postgresql", "telemetry", "mcp", "gpu"),
}


def entries(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package, by its name."""
    whole = re.sub(r"\\\n\s*", " ", path.read_text())
    found: dict[str, tuple[str, list[str]]] = {}
    for line in whole.splitlines():
        if line and not line.startswith("#"):
            pin, *hashes = line.split(" --hash=")
            name, version = pin.partition(";")[0].strip().split("==")
            found[canonicalize_name(name)] = version, hashes
    return found


def pinned() -> dict[str, str]:
    """The version of each package in constraints.txt, by its name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pins}


def test_there_is_a_file_for_each_way_to_install() -> None:
    assert {path.stem for path in FILES} == {*EXTRAS, "build"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_package_is_pinned_to_the_tested_version_and_has_hashes(path: Path) -> None:
    versions = pinned()
    for name, (version, hashes) in entries(path).items():
        assert version == versions.get(name), f"{name}: `make hashes` brings {path.name} up to date"
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each.strip()) for each in hashes), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_says_where_packages_come_from(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert "index" not in re.sub(r"(?m)^[\w.-]+==", "", text)


@pytest.mark.parametrize("name", EXTRAS)
def test_what_is_asked_for_is_there_with_all_that_it_asks_for(name: str) -> None:
    """Followed through what the packages that are installed here say of themselves."""
    here = entries(ROOT / "requirements" / f"{name}.txt")
    open_ends = [
        *PROJECT["dependencies"],
        *(each for e in EXTRAS[name] for each in PROJECT["optional-dependencies"][e]),
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    while open_ends:
        asked = Requirement(open_ends.pop())
        environments = [{"extra": extra} for extra in ("", *asked.extras)]
        key = (canonicalize_name(asked.name), frozenset(asked.extras))
        if key in seen:
            continue
        seen.add(key)
        assert key[0] in here, f"{name}: `make hashes` brings it up to date"
        assert asked.specifier.contains(here[key[0]][0], prereleases=True), asked
        try:
            further = [Requirement(each) for each in distribution(asked.name).requires or ()]
        except ModuleNotFoundError:  # what GPUs need is not installed for every run of the tests
            continue
        open_ends += [
            f"{each.name}[{','.join(each.extras)}]{each.specifier}"
            for each in further
            if each.marker is None or any(each.marker.evaluate(environment) for environment in environments)
        ]
    assert len(seen) > len(PROJECT["dependencies"])
