"""Weights on this machine: which files a model needs, whether they are whole, and where they lie."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opendance.engines.diffusers.options import DiffusersOptions
from opendance.errors import ConfigurationError, OpendanceError

# Options that name weights; `owner/name`, or `owner/name:file`.
PLACES = ("weights", "image_weights", "reference_weights", "distilled", "upsampler", "transformer_file", "refining")
_READ = {".json", ".safetensors", ".txt", ".model", ".jinja"}  # what loading reads, of the folders of a repository
_VARIANTS = (".fp16", ".bf16", ".non_ema")  # the same again, in other numbers
_ROOM = 1 << 30  # bytes that are left free
_TRIES = 5  # in a row, of one file, without a byte

OnBytes = Callable[[int], None]
BytesOf = Callable[["Listing", str, int], AbstractContextManager[tuple[int, Iterable[bytes]]]]


@dataclass(frozen=True)
class HubFile:
    """A file of a repository.

    Attributes:
        size: bytes.
        sha256: of a large one; empty for small ones, which git keeps.
        blob: the id that git gives a small one.
    """

    path: str
    size: int
    sha256: str
    blob: str


@dataclass(frozen=True)
class Listing:
    """A repository as it is now.

    Attributes:
        commit: its state.
        stated: the licence that its card states; empty: none.
    """

    repository: str
    commit: str
    files: tuple[HubFile, ...]
    stated: str


class DamagedWeights(OpendanceError):
    """A file came twice, and is not what the hub says it is; or it is none of the repository's."""


@dataclass(frozen=True)
class Needed:
    """What a model needs of a repository: the folders of its parts, and single files beside them."""

    repository: str
    folders: bool
    files: frozenset[str]

    def chosen(self, listing: Listing) -> list[HubFile]:
        """The files of the repository that are to be fetched."""
        return [file for file in listing.files if self._takes(PurePosixPath(file.path))]

    def _takes(self, path: PurePosixPath) -> bool:
        if str(path) in self.files:
            return True
        is_text = path.name in ("model_index.json", "modular_model_index.json") or path.name.startswith("LICENSE")
        if len(path.parts) == 1:
            return is_text or path.name == "README.md"
        is_variant = any(f"{variant}." in path.name or f"{variant}-" in path.name for variant in _VARIANTS)
        return self.folders and path.suffix in _READ and not is_variant


def needed_by(options: DiffusersOptions) -> list[Needed]:
    """What the weights of a model are made of, each repository once; folders of this machine are not among it."""
    made: dict[str, Needed] = {}
    for field in PLACES:
        value = getattr(options, field, None)
        if not value or Path(value).exists():
            continue
        repository, _, file = value.partition(":")
        before = made.get(repository, Needed(repository, folders=False, files=frozenset[str]()))
        files = before.files | (frozenset({file}) if file else frozenset[str]())
        made[repository] = Needed(repository, before.folders or not file, files)
    return list(made.values())


def folder_of(place: Path, repository: str) -> Path:
    """Where the weights of a repository lie.

    Args:
        place: of all weights.
    """
    return place / repository.replace("/", "--")


def is_of(value: str, folder: Path) -> bool:
    """Whether an option names this folder, or a file in it; one whose name only begins alike is another."""
    return value == str(folder) or value.startswith((f"{folder}{os.sep}", f"{folder}:"))


def local_options(options: DiffusersOptions, place: Path) -> dict[str, str]:
    """What `[engine.NAME]` has to say for the weights to be taken from here."""
    made: dict[str, str] = {}
    for field in PLACES:
        value = getattr(options, field, None)
        if not value or Path(value).exists():
            continue
        repository, _, file = value.partition(":")
        folder = folder_of(place, repository)
        if field == "refining":
            made[field] = f"{folder}:{file}"
        else:
            made[field] = str(folder / file if file else folder)
    return made


def missing(listing: Listing, files: Iterable[HubFile], folder: Path) -> int:
    """How many bytes are still to be fetched."""
    return sum(max(0, file.size - _have(folder / file.path)) for file in files)


def check_disk(count: int, place: Path) -> None:
    """Whether so many bytes fit.

    Raises:
        ConfigurationError: they do not.
    """
    there = next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    if count + _ROOM > free:
        problem = f"{count / 1e9:.1f} GB are to be fetched, and {there} has {free / 1e9:.1f} GB free"
        raise ConfigurationError(f"{problem}; make room, or choose another --data-dir")


def fetch(listing: Listing, file: HubFile, folder: Path, bytes_of: BytesOf, on_bytes: OnBytes) -> None:
    """Have a file, whole: what an earlier try left is gone on with, and what came is compared with its checksum.

    Raises:
        DamagedWeights: it came twice, and is not what the hub says; or the hub names a place outside the repository.
        ConnectionError: the hub gives nothing more.
    """
    target = folder / file.path
    if not Path(os.path.normpath(target)).is_relative_to(os.path.normpath(folder)):
        raise DamagedWeights(f"{listing.repository}: the hub names {file.path!r}, which is no file of a repository")
    if is_whole(target, file):
        on_bytes(file.size)
        return
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():  # damaged: all of it once more
        target.unlink()
    for _ in range(2):
        _download(listing, file, part, bytes_of, on_bytes)
        if is_whole(part, file):
            part.replace(target)
            return
        on_bytes(-part.stat().st_size)
        part.unlink()
    raise DamagedWeights(f"{listing.repository}: {file.path} is damaged: it has another checksum than the hub states")


def _download(listing: Listing, file: HubFile, part: Path, bytes_of: BytesOf, on_bytes: OnBytes) -> None:
    part.touch()
    on_bytes(part.stat().st_size)
    failures = 0
    while (begin := part.stat().st_size) < file.size:
        try:
            with bytes_of(listing, file.path, begin) as (place, chunks), part.open("r+b") as target:
                on_bytes(place - begin)
                target.truncate(place)
                target.seek(place)
                for chunk in chunks:
                    target.write(chunk)
                    on_bytes(len(chunk))
        except ConnectionError:
            failures = failures + 1 if part.stat().st_size == begin else 0
            if failures == _TRIES:
                raise


def is_whole(path: Path, file: HubFile) -> bool:
    """Whether a file is there and is what the hub says."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    if file.sha256:
        return _digest(path, "sha256") == file.sha256
    return not file.blob or _digest(path, "sha1", f"blob {file.size}\0".encode()) == file.blob


def _digest(path: Path, kind: str, begin: bytes = b"") -> str:
    made = hashlib.new(kind, begin, usedforsecurity=False)
    with path.open("rb") as source:
        while chunk := source.read(1 << 22):
            made.update(chunk)
    return made.hexdigest()


def _have(path: Path) -> int:
    part = path.with_name(path.name + ".part")
    return next((each.stat().st_size for each in (path, part) if each.is_file()), 0)
