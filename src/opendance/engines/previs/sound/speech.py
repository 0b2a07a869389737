"""Quoted dialogue, spoken by eSpeak NG in a process of its own: `python -m opendance.engines.previs.sound.speech`.

eSpeak NG is GPL-3.0 and optional (`pip install 'opendance[speech]'`): this program never loads it into its own process.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.synth import Wave
from opendance.plan import Dialogue

_log = logging.getLogger(__name__)
_VOICES = {"en": b"en-us", "zh": b"cmn", "ko": b"ko", "ja": b"ja"}
_LIMIT = 30.0  # s that speaking may take
_SYNCHRONOUS_WAVE, _UTF8, _RATE, _PITCH = 2, 1, 1, 3  # speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS, espeakCHARS_UTF8, …


def can_speak() -> bool:
    """Whether the voice is installed."""
    return importlib.util.find_spec("espeakng_loader") is not None


def speak(dialogue: Dialogue, folder: Path, *, pitch: int = 55) -> Wave | None:
    """The words as sound, (num_samples,) at `SAMPLE_RATE`, peak about 0.8; None where they cannot be spoken.

    Args:
        folder: to leave the raw samples in.
        pitch: 0 (deep) to 99.
    """
    if not can_speak():
        return None
    target = folder / "speech.raw"
    request = json.dumps(
        {"text": dialogue.text[:400], "language": dialogue.language, "pitch": pitch, "path": str(target)}
    )
    command = [sys.executable, "-m", "opendance.engines.previs.sound.speech"]
    try:
        done = subprocess.run(command, input=request.encode(), capture_output=True, timeout=_LIMIT, check=True)  # noqa: S603
        rate = int(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        _log.warning("the dialogue could not be spoken: %s", error)
        return None
    samples = np.fromfile(target, np.int16).astype(np.float32) / 32768
    if samples.size < rate // 20:
        return None
    n = int(samples.size * SAMPLE_RATE / rate)
    wave = np.interp(np.linspace(0, samples.size - 1, n), np.arange(samples.size), samples).astype(np.float32)
    return wave * np.float32(0.8 / max(1e-6, float(np.abs(wave).max())))


def main() -> None:
    """Read one request from the input, write the samples (int16, mono) to its path and print their rate."""
    import espeakng_loader  # pyright: ignore[reportMissingImports]

    request = json.loads(sys.stdin.read())
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    rate = library.espeak_Initialize(_SYNCHRONOUS_WAVE, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    chunks: list[bytes] = []
    callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:  # pyright: ignore[reportPrivateUsage]
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = callback_type(collect)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(_VOICES[request["language"]])
    library.espeak_SetParameter(_RATE, 155, 0)
    library.espeak_SetParameter(_PITCH, request["pitch"], 0)
    text = request["text"].encode()
    library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    Path(request["path"]).write_bytes(b"".join(chunks))
    print(rate)


if __name__ == "__main__":
    main()
