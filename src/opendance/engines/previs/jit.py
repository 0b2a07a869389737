"""Numba with types kept: compiled once for this machine and cached on disk; runs without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, compiled at its first call."""
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True, fastmath=True, boundscheck=False)(function))  # pyright: ignore[reportUnknownMemberType]
