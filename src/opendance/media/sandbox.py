"""The process that opens files from outside: `python -m opendance.media.sandbox`.

Whatever a file does to a decoder happens here: `confinement` says what this process cannot do, and it can simply be
killed. One JSON object a line in, one out: {"kind": "image", "files": 2} → {"facts": …} |
{"error": {"code": …, "message": …, "rule": …}}. The files come as open descriptors over the socket whose number is the
first argument: what is read, then what is written. Where descriptors cannot be handed over (Windows), the request has
their "paths".
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
import av.logging
import cv2
from PIL import Image

from opendance.errors import DISK_FULL, TaskError, is_disk_full
from opendance.machine import give_way
from opendance.media.audio import examine_audio
from opendance.media.confinement import confine
from opendance.media.descriptor import Descriptor, File
from opendance.media.finish import Finish, finish_video
from opendance.media.image import examine_image
from opendance.media.video import examine_video
from opendance.media.watermarks import find_watermarks

_MOST_FILES = 3
_THREADS = 2
_NEEDED_LATER = (
    # tags of pictures and sounds
    "encodings.ascii", "encodings.cp1252", "encodings.latin_1", "encodings.utf_16", "encodings.utf_16_be",
    "encodings.utf_16_le",
    "numpy.fft", "numpy.ma", "numpy.random",
    # Exif is a TIFF, and phones write several JPEGs into one file
    "PIL.MpoImagePlugin", "PIL.TiffImagePlugin", "PIL.WebPImagePlugin",
)  # fmt: skip


def examine(request: dict[str, Any], files: Sequence[File]) -> dict[str, Any]:
    """The facts of one file; its copies are written to those after it.

    Raises:
        TaskError: the file breaks a rule or is damaged.
    """
    match request["kind"]:
        case "image":
            source, target = files
            return examine_image(source, target)
        case "audio":
            source, target = files
            return examine_audio(source, target)
        case "finish":
            source, *stand_in, target = files
            return finish_video(source, target, Finish(**request["finish"]), *stand_in)
        case "marks":
            return find_watermarks(files[0])
        case _:
            source, target, sound = files
            return examine_video(source, target, sound, most_pixels=request["most_pixels"])


def load_everything() -> None:
    """Load what libraries import when they first need it: afterwards nothing can be imported."""
    in_av = (module.name for module in pkgutil.walk_packages(av.__path__, "av."))
    for name in (*_NEEDED_LATER, *in_av):
        if name not in ("av.__main__", "av.datasets"):
            importlib.import_module(name)
    Image.preinit()
    cv2.setNumThreads(_THREADS)
    # Its own callback into Python can block the threads of a decoder for ever.
    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.PANIC)


def main() -> None:
    give_way()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    handed = socket.socket(fileno=int(sys.argv[1])) if len(sys.argv) > 1 else None
    load_everything()
    layers = [asdict(layer) for layer in confine()]
    for line in sys.stdin:
        request = json.loads(line)
        files = _files(request, handed)
        try:
            facts = {"layers": layers} if request["kind"] == "layers" else examine(request, files)
            answer: dict[str, Any] = {"facts": facts}
        except TaskError as error:
            rule = None if error.rule is None else asdict(error.rule)
            answer = {"error": {"code": error.code, "message": error.message, "rule": rule}}
        except OSError as error:
            if not is_disk_full(error):
                raise
            answer = {"error": {"code": "resource_exhausted", "message": DISK_FULL}}
        except MemoryError:
            answer = {"error": {"code": "resource_exhausted", "message": "it takes too much memory to open"}}
        for file in files:
            if isinstance(file, Descriptor):
                file.close()
        answers.write(json.dumps(answer) + "\n")


def _files(request: dict[str, Any], handed: socket.socket | None) -> list[File]:
    if handed is None or sys.platform == "win32":
        return [Path(path) for path in request["paths"]]
    if not request["files"]:
        return []
    _, numbers, _, _ = socket.recv_fds(handed, 1, _MOST_FILES)
    return [Descriptor(number) for number in numbers]


if __name__ == "__main__":
    main()
