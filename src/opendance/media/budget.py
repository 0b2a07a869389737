"""How many confined processes run at once: what one may take, of the memory and the cores that this process has."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from opendance.machine import cores, memory
from opendance.media.confinement import MEMORY

_SHARE = 0.5  # of the memory; the rest is for the server and its engines
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def most_at_once(num_cores: int, bytes_of_memory: int) -> int:
    """How many there may be; one, however small the machine is."""
    return max(1, min(num_cores, int(bytes_of_memory * _SHARE) // MEMORY))


def num_places() -> int:
    """How many there are in this process."""
    return most_at_once(cores(), memory())


def places() -> asyncio.Semaphore:
    """The places of this whole process: nobody runs a confined process without one, whichever task it is for."""
    loop = asyncio.get_running_loop()
    if loop not in _places:
        _places[loop] = asyncio.Semaphore(num_places())
    return _places[loop]
