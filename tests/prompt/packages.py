"""Tests of words that only the tables of WordNet and jieba have, which a build without npm's registry has not."""

from __future__ import annotations

import pytest

from opendance.packing.words import WORDS

needs_words = pytest.mark.skipif(
    not WORDS.is_packed(), reason="the tables of words are not packed: python -m opendance.packing"
)
