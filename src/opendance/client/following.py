"""How a task is followed: by its event stream, by asking where a server has none, and over what breaks in between."""

from __future__ import annotations

import time

import httpx
from httpx_sse import SSEError

from opendance.client.errors import ApiProblem, ServerGone, StillRunning, Unreachable

POLL_EVERY = 3.0  # s, where there is no event stream
RESUME_AFTER = 1.0  # s, after an event stream that ended before the task
SILENCE = 60.0  # s without a word in an event stream, in which a server gives signs of life
PATIENCE = 30.0  # s without any answer, until a server counts as gone


class NoStream(Exception):
    """The server has no event stream for the task."""


BREAKS = (SSEError, NoStream, httpx.TransportError, ApiProblem)
"""What may end a look at the task; `Following.after` decides what comes of it."""


class Following:
    """What is known of a task that is followed, and what to do next; it sends nothing itself.

    Args:
        address: of the server, for messages.
        patience: s without any answer until the server counts as gone.
        timeout: s after which the program waits no longer; None for ever.
        poll_every: s between two questions where there is no event stream.

    Attributes:
        last: id of the last event, to go on after.
        streams: whether the event stream is asked, not the task itself.
    """

    def __init__(
        self,
        task_id: str,
        address: str,
        *,
        patience: float,
        timeout: float | None,
        streams: bool,
        poll_every: float = POLL_EVERY,
    ) -> None:
        self.task_id, self.last, self.streams = task_id, "", streams
        self._address, self._patience, self._timeout = address, patience, timeout
        self._poll_every, self._answered = poll_every, False
        self._lost: float | None = None  # since when nobody answers
        self._ends = None if timeout is None else time.monotonic() + timeout

    def heard(self, event_id: str) -> None:
        """The server gave a sign of life, or an event.

        Raises:
            StillRunning: the time is over.
        """
        self._answered, self._lost, self.last = True, None, event_id or self.last
        self.check_time()

    def check_time(self) -> None:
        """Raises where the time is over.

        Raises:
            StillRunning: it is.
        """
        if self._ends is not None and time.monotonic() >= self._ends:
            raise StillRunning(self.task_id, self._timeout or 0.0)

    @property
    def silence(self) -> float:
        """How long a stream may say nothing, s."""
        if self._ends is None:
            return SILENCE
        return min(SILENCE, max(0.1, self._ends - time.monotonic()))

    @property
    def pause(self) -> float:
        """Until the next look after one that went well, s."""
        return RESUME_AFTER if self.streams else self._poll_every

    def after(self, error: Exception) -> float:
        """How long to pause after what ended a look, s.

        Raises:
            ServerGone: nobody answers any more.
            ApiProblem: the server refuses to tell.
        """
        if isinstance(error, StillRunning):
            raise error
        if isinstance(error, SSEError | NoStream):
            self.streams = False
            return 0.0
        self.check_time()
        if isinstance(error, ApiProblem) and 0 < error.status < 500:
            raise error
        if not self._answered:
            raise (error if isinstance(error, ApiProblem) else unreachable(self._address, error)) from None
        self._lost = time.monotonic() if self._lost is None else self._lost
        if time.monotonic() - self._lost >= self._patience:
            raise ServerGone(f"{self._address} answers no more: {error}") from None
        return RESUME_AFTER


def unreachable(address: str, error: Exception) -> ApiProblem:
    """That there was no answer."""
    return Unreachable(f"{address} does not answer: {error}")
