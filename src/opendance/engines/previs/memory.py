"""What is kept in memory, and how much of it: pictures that were painted, up to a number of bytes."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar, cast

_M_MMAP_THRESHOLD = -3  # of mallopt (malloc.h)
_LARGE = 2 << 20  # bytes

P = ParamSpec("P")
T = TypeVar("T")


class Kept(Generic[P, T]):
    """A function whose latest results are kept, as many as fit into a number of bytes; the last one always is.

    Args:
        size: bytes of a result.
        limit: bytes of all that are kept.
    """

    def __init__(self, function: Callable[P, T], size: Callable[[T], int], limit: int) -> None:
        self._function, self._size, self._limit = function, size, limit
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(sorted(cast("dict[str, Hashable]", kwargs).items())))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        result = self._function(*args, **kwargs)
        with self._lock:
            if key not in self._kept:  # another thread may have made it meanwhile
                self._kept[key] = result
                self._bytes += self._size(result)
            while self._bytes > self._limit and len(self._kept) > 1:
                self._bytes -= self._size(self._kept.popitem(last=False)[1])
        return result

    def cache_clear(self) -> None:
        """Keep nothing of what was made."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0


def give_back() -> None:
    """Let the system have what was freed: the C library keeps it, which are 50 MB once the sets of a film stand."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)


def give_back_at_once() -> None:
    """Let the system have large arrays as soon as they are freed, instead of keeping them for others.

    The C library learns from the first large array that is freed to keep those like it, up to 32 MB each.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
