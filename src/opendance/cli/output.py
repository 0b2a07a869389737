"""Where `generate` puts its video: looked at before anything is made and paid for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import typer

from opendance.cli.printing import tell
from opendance.errors import ConfigurationError

STDOUT = Path("-")
_LEAST_FREE = 200 << 20  # bytes; 15 s of 1080p are about half of it
# Programs believe the name: these are other containers than the MP4 that every result is.
_OTHER_KINDS = (".webm", ".mkv", ".mov", ".avi", ".gif", ".mpg", ".mpeg", ".ts", ".ogv", ".wmv", ".flv", ".webp")
_MP4 = (".mp4", ".m4v")


def check_output(output: Path | None, *, force: bool) -> None:
    """Whether the video can be written there.

    Args:
        output: `STDOUT`, a file, or None for one in the working folder that is named after its task.
        force: whether a file that is there is written over without a question.

    Raises:
        ConfigurationError: it cannot, or may not.
    """
    if output == STDOUT:
        if sys.stdout.isatty():
            raise ConfigurationError("--output: - would write a video into this terminal; pipe it to a program")
        return
    folder = Path() if output is None else output.parent
    if not folder.is_dir():
        raise ConfigurationError(f"--output: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise ConfigurationError(f"--output: nothing can be written into {folder.absolute()}")
    if (free := shutil.disk_usage(folder).free) < _LEAST_FREE:
        raise ConfigurationError(f"--output: only {free >> 20} MB are free in {folder.absolute()}; a video needs more")
    if output is not None:
        _check_file(output, force=force)


def _check_file(output: Path, *, force: bool) -> None:
    if output.is_dir():
        raise ConfigurationError(f"--output: {output} is a folder; name a file in it, such as {output / 'video.mp4'}")
    if output.suffix.lower() in _OTHER_KINDS:
        raise ConfigurationError(
            f"--output: videos are MP4, and {output.name} says otherwise; name it {output.with_suffix('.mp4').name}"
        )
    if output.suffix.lower() not in _MP4:
        tell(f"note: {output} will hold an MP4")
    if not output.exists() or force:
        return
    if not output.is_file():
        raise ConfigurationError(f"--output: {output} is no file; to write to a program, use -o -")
    if not sys.stdin.isatty():
        raise ConfigurationError(f"--output: {output} exists already; choose another name, or give --force")
    if not typer.confirm(f"{output} exists already. Write over it?", err=True):
        raise ConfigurationError(f"--output: {output} stays as it is")
