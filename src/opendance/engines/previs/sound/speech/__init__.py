"""Dialogue, spoken: words become phonemes (one module a language), phonemes become sound, in a process of its own."""
