"""What a program loads at its start stays: nothing looks for garbage meanwhile, nor among it later.

The collector comes again and again while modules load, finds nothing, and takes a quarter of the time of a start.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def loading() -> Generator[None]:
    """Around imports and what is made once; what is there at its end is never looked at again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
