"""What a program loads at its start stays: nothing looks for garbage meanwhile, nor among it later.

The collector comes again and again while modules load, finds nothing, and takes a quarter of the time of a start.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

# How many objects more there are before the collector looks among the youngest, and how many looks at one generation
# make one at the next: all is looked through when there are a million more, some 100 MB. By default it is 70,000, which
# a thousand open connections and the requests under way make every few seconds, and nothing is answered meanwhile.
_THRESHOLDS = (10_000, 10, 10)


@contextmanager
def loading() -> Generator[None]:
    """Around imports and what is made once; what is there at its end is never looked at again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
        if was_enabled:
            gc.enable()
