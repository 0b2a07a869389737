"""The process that opens files from outside: `python -m opendance.media.sandbox`.

Whatever a file does to a decoder happens here: memory, CPU time, file sizes and open files are limited, new programs
and connections are refused, and the process can simply be killed. One JSON object a line in, one out:
{"kind": "image", "path": …, "target": …, "most_pixels": …} → {"facts": …} | {"error": {"code": …, "message": …}};
{"kind": "finish", "path": …, "target": …, "finish": …} and {"kind": "marks", "path": …} likewise.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from opendance.errors import DISK_FULL, TaskError, is_disk_full

_MEMORY = 3 << 30  # bytes of address space; a 36-megapixel image with its copies takes 0.6 GB
_CPU_SECONDS = 300
_FILE_BYTES = 2 << 30
_OPEN_FILES = 64
_FORBIDDEN = ("socket.connect", "socket.bind", "subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def _confine() -> None:
    if sys.platform != "win32":  # which knows no such limits
        _limit_resources()

    def refuse(event: str, _arguments: Any) -> None:
        if event in _FORBIDDEN:
            raise PermissionError(f"{event} is not possible here")

    sys.addaudithook(refuse)


def _limit_resources() -> None:
    import resource

    for what, limit in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (limit, limit))


def examine(request: dict[str, Any]) -> dict[str, Any]:
    """The facts of one file; its copies are written beside it.

    Raises:
        TaskError: the file breaks a rule or is damaged.
    """
    from opendance.media.audio import examine_audio
    from opendance.media.finish import Finish, finish_video
    from opendance.media.image import examine_image
    from opendance.media.video import examine_video
    from opendance.media.watermarks import find_watermarks

    path, target = Path(request["path"]), Path(request.get("target", ""))
    match request["kind"]:
        case "image":
            return examine_image(path, target)
        case "audio":
            return examine_audio(path, target)
        case "finish":
            return finish_video(path, target, Finish(**request["finish"]))
        case "marks":
            return find_watermarks(path)
        case _:
            return examine_video(path, target, target.with_suffix(".wav"), most_pixels=request["most_pixels"])


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    import av.logging

    # Its own callback into Python can block the threads of a decoder for ever.
    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.PANIC)
    _confine()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: dict[str, Any] = {"facts": examine(request)}
        except TaskError as error:
            answer = {"error": {"code": error.code, "message": error.message}}
        except OSError as error:
            if not is_disk_full(error):
                raise
            answer = {"error": {"code": "resource_exhausted", "message": DISK_FULL}}
        except MemoryError:
            answer = {"error": {"code": "resource_exhausted", "message": "it takes too much memory to open"}}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
