"""A line of dialogue as sound, and which languages can be spoken here."""

from __future__ import annotations

import importlib.util
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.speech.manner import in_manner, levelled, resampled
from opendance.engines.previs.sound.speech.nets import RATE, has_hibari, has_kokoro
from opendance.engines.previs.sound.speech.voices import Character, Voice, hibaris_voice_for, voice_for
from opendance.engines.previs.sound.synth import Wave
from opendance.plan import Dialogue, Language

_log = logging.getLogger(__name__)
_LONGEST = 400  # letters of a line: half a minute, longer than any clip
_LIMIT = 60.0  # s that a line may take
_COMMAND = (sys.executable, "-m", "opendance.engines.previs.sound.speech.child")
# What knows how the words of a language sound, beside hibari, which reads English for all.
_READERS: Mapping[Language, tuple[str, ...]] = {"en": (), "zh": ("pypinyin",), "ja": ("janome",), "ko": ()}


def net_for(language: Language) -> Literal["kokoro", "hibari"] | None:
    """What speaks a language here: Kokoro where it is installed, else hibari, which speaks English, or nothing."""
    if not has_hibari():
        return None
    if has_kokoro() and all(importlib.util.find_spec(module) is not None for module in _READERS[language]):
        return "kokoro"
    return "hibari" if language == "en" else None


def speak(line: Dialogue, character: Character, folder: Path, *, hurry: float = 1.0) -> Wave | None:
    """The words as sound, (num_samples,) at `SAMPLE_RATE`; None where they cannot be spoken.

    Args:
        folder: to leave the raw samples in.
        hurry: how much faster than by itself, where there is little time.
    """
    net = net_for(line.language)
    if net is None:
        return None
    voice = _voice(net, line, character)
    target = folder / "speech.raw"
    asked = {
        "text": line.text[:_LONGEST], "language": line.language, "net": net, "voice": voice.name,
        "speed": min(2.0, max(0.5, voice.speed * hurry / voice.pitch)), "path": str(target),
    }  # fmt: skip
    try:
        _PROCESS.ask(asked)
        wave = np.fromfile(target, np.float32)
    except (OSError, ValueError) as error:
        _log.warning("the dialogue could not be spoken: %s", error)
        return None
    if len(wave) < RATE // 20:
        return None
    wave = in_manner(wave, line.manners, character.kind, np.random.default_rng(len(line.text)))
    return levelled(resampled(wave, SAMPLE_RATE / RATE / voice.pitch), line.manners)


def _voice(net: str, line: Dialogue, character: Character) -> Voice:
    if net == "hibari":
        return hibaris_voice_for(character, line.manners)
    return voice_for(character, line.language, line.manners)


class _Speaker:
    """The process that speaks, begun when it is first asked, and again where it has ended; one line at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, request: dict[str, Any]) -> int:
        """How many samples it left in the file.

        Raises:
            OSError: it cannot be begun, or ended, or took longer than it may.
            ValueError: it says that it cannot speak this, and why.
        """
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            reply = self._exchange(line) or self._exchange(line)  # it may have ended just now, after idling
        if not reply:
            raise OSError("the process that speaks ended without an answer")
        answer = json.loads(reply)
        if "error" in answer:
            raise ValueError(answer["error"])
        return int(answer["samples"])

    def _exchange(self, line: bytes) -> bytes:
        """Its answer to a line; nothing where it has ended.

        Raises:
            OSError: it cannot be begun, or took longer than it may: it would the next time too.
        """
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        late, asked = threading.Timer(_LIMIT, process.kill), time.monotonic()
        late.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            reply = process.stdout.readline()
        except OSError:
            reply = b""
        finally:
            late.cancel()
        if not reply:
            process.kill()
            process.wait()
            self._process = None
            if time.monotonic() - asked >= _LIMIT:
                raise OSError(f"the process that speaks took longer than {_LIMIT:g} s for a line")
        return reply


_PROCESS = _Speaker()
