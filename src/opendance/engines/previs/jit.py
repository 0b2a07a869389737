"""Numba with types kept: compiled once for this machine and cached on disk; runs without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]

P = ParamSpec("P")
R = TypeVar("R")


_OPTIONS = {"cache": True, "nogil": True, "fastmath": True, "boundscheck": False}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, compiled at its first call."""
    return cast(Callable[P, R], numba.njit(**_OPTIONS)(function))  # pyright: ignore[reportUnknownMemberType]


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, made part of every compiled one that calls it.

    Numba's cache looks at the file of the caller alone: change that one too, or remove the cache.
    """
    return cast(Callable[P, R], numba.njit(inline="always", **_OPTIONS)(function))  # pyright: ignore[reportUnknownMemberType]
