"""Numba with types kept: compiled once for this machine and cached on disk; runs without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, ParamSpec, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, compiled at its first call."""
    return _jit(function, "never")


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, made part of every compiled one that calls it.

    Numba's cache looks at the file of the caller alone: who changes such a function removes the cache.
    """
    return _jit(function, "always")


def _jit(function: Callable[P, R], inline: Literal["never", "always"]) -> Callable[P, R]:
    jit: Any = numba.njit(cache=True, nogil=True, fastmath=True, boundscheck=False, inline=inline)
    return cast(Callable[P, R], jit(function))
