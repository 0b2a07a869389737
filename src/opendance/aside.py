"""Work that would hold up the event loop: in processes of their own, which end when they take too long.

A thread is not enough for it: while one long match of a pattern runs, no other thread of the process does.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from opendance.errors import OpendanceError

T = TypeVar("T")
P = ParamSpec("P")
PROCESSES = 2
DEADLINE = 20.0  # s for one piece of work; the longest prompt that is possible takes one or two
_IDLE = 300.0  # s without work after which a process ends; the next work starts another


LONG_PROMPT = 2_000  # letters; a shorter prompt is read within milliseconds, by a thread
TOO_LONG_TO_READ = f"prompt: reading it takes longer than {DEADLINE:g} s; make it shorter or plainer"


class TookTooLong(OpendanceError):
    """The work was given up after `DEADLINE`."""


class _Helper:
    """A process that does one piece of work after the other."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there,), daemon=True)
        self._process.start()
        there.close()

    def ask(self, function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """What the function gives.

        Raises:
            TookTooLong: it was given up, and the process with it.
            EOFError, OSError: the process had ended.
            RuntimeError: the function raised something; the text is its traceback.
        """
        self._connection.send((function, args, keywords))
        if not self._connection.poll(DEADLINE):
            self.end()
            raise TookTooLong
        has_worked, answer = self._connection.recv()
        if not has_worked:
            raise RuntimeError(answer)
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(connection: Connection) -> None:
    """The life of the process; it ends with its parent, or when there has been nothing to do for long."""
    import signal
    import traceback

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    with contextlib.suppress(EOFError, OSError):
        while connection.poll(_IDLE):
            function, args, keywords = connection.recv()
            try:
                answer = True, function(*args, **keywords)
            except Exception:  # noqa: BLE001 - whatever it is, the parent is told
                answer = False, traceback.format_exc()
            connection.send(answer)


# Each thread has a process of its own: who waits for a process takes no thread from anybody else.
_threads = ThreadPoolExecutor(PROCESSES, thread_name_prefix="aside")
_own = threading.local()


def _ask(function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    helper: _Helper | None = getattr(_own, "helper", None)
    _own.helper = None
    if helper is not None:
        with contextlib.suppress(EOFError, OSError):  # it had nothing to do for long, or was killed
            answer = helper.ask(function, args, keywords)
            _own.helper = helper
            return answer
        helper.end()
    helper = _Helper()
    answer = helper.ask(function, args, keywords)
    _own.helper = helper
    return answer


async def run_aside(function: Callable[P, T], *args: P.args, **keywords: P.kwargs) -> T:
    """What a function of a module gives, worked out in another process; the first time that takes a second longer.

    Raises:
        TookTooLong: it was given up after `DEADLINE`.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, _ask, function, args, keywords)
