"""The process that speaks: `python -m opendance.engines.previs.sound.speech.child`.

One JSON object a line. In: {"text", "language", "voice", "speed", "net": "kokoro" | "hibari", "path"}. It leaves
samples (float32, mono, at the nets' rate) in the file of that path and answers {"samples": their number} or
{"error": why}.
The nets take half a gigabyte, which the process that draws has no room for: here they are read when they are first
needed, kept for the next line, and given back with the process when nothing was said for a while.
"""

from __future__ import annotations

import json
import os
import select
import sys
from typing import Any

import numpy as np

from opendance.engines.previs.sound.speech.manner import trimmed
from opendance.engines.previs.sound.speech.nets import RATE, hibari_says, kokoro_says
from opendance.engines.previs.sound.speech.phonemes import phonemes_of
from opendance.engines.previs.sound.synth import Wave

_IDLE = 180.0  # s without a line, after which the process ends
_PAUSE = 0.22  # s between two sentences


def sound_of(request: dict[str, Any]) -> Wave:
    """What a request asks for, (num_samples,) at `RATE`; nothing where no letter of it has a sound."""
    out: list[Wave] = []
    for piece in phonemes_of(request["text"], request["language"]):
        if request["net"] == "hibari":
            wave = hibari_says(piece, request["speed"])
        else:
            wave = kokoro_says(piece, request["voice"], request["speed"])
        out += [trimmed(wave, RATE), np.zeros(int(_PAUSE * RATE), np.float32)]
    return np.concatenate(out[:-1]) if out else np.zeros(0, np.float32)


def _waits() -> bool:
    """Whether a line comes before the process has been idle too long; Windows cannot wait so for a pipe."""
    return sys.platform == "win32" or bool(select.select([sys.stdin.buffer], [], [], _IDLE)[0])


def main() -> None:
    """Answer until the input ends or nothing is asked for `_IDLE` seconds."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    while _waits() and (line := sys.stdin.buffer.readline()):
        request = json.loads(line)
        try:
            wave = sound_of(request)
            wave.astype(np.float32).tofile(request["path"])
            answer = {"samples": len(wave)}
        except Exception as error:  # noqa: BLE001 - the border of the process: told outside as what it is
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
