"""What is written into the data folder is for its owner: it holds prompts, videos and the secrets that links, callbacks
and manifests are signed with."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from opendance.errors import ConfigurationError

_OTHERS = 0o077
_LOCK = "server.lock"


@contextmanager
def only_for_owner() -> Generator[None]:
    """Files and folders that this process, and those that it starts, make in the block are for their owner alone."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def make_data_folder(folder: Path) -> None:
    """Make the data folder where it is not there; one of ours that stood open to others is closed.

    Raises:
        ConfigurationError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.stat()
        # Windows has other rights: a folder has those of the one that it is in.
        if os.name == "posix" and facts.st_uid == os.getuid() and facts.st_mode & _OTHERS:
            folder.chmod(stat.S_IMODE(facts.st_mode) & ~_OTHERS)
    except OSError as error:
        raise ConfigurationError(f"data_dir: cannot make {folder}: {error.strerror}") from None


def remove_if_empty(folder: Path) -> None:
    """Remove a data folder that was made for nothing: there is nothing in it but its lock."""
    with contextlib.suppress(OSError):
        if [path.name for path in folder.iterdir()] in ([], [_LOCK]):
            (folder / _LOCK).unlink(missing_ok=True)
            folder.rmdir()


@contextmanager
def sole_use(folder: Path, otherwise: str, *, patience: float = 0.0) -> Generator[None]:
    """No server works on the data folder in the block, and none can start.

    Args:
        otherwise: what to tell where one does.
        patience: how long to wait for whoever has the folder, s.

    Raises:
        ConfigurationError: somebody has it.
    """
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise ConfigurationError(f"data_dir: {otherwise}") from None
    try:
        yield
    finally:
        lock.release()


def open_to_others(folder: Path) -> Iterator[Path]:
    """What in the folder - and the folder itself - other users of this machine may read, write or pass through.

    Nothing on Windows, where the bits of a file do not say so.
    """
    places = [folder] if os.name == "posix" else []
    while places:
        place = places.pop()
        try:
            mode = place.lstat().st_mode
            if stat.S_ISDIR(mode):
                places += place.iterdir()
        except OSError:  # it went meanwhile, or is not ours to look into
            continue
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            yield place
