"""The client of the API: for programs, scripts and the command line. It needs httpx and httpx-sse, and no server.

`Client` and, for programs with an event loop, `AsyncClient` make a video in one call - `generate` uploads local files,
waits and saves -, and have a method for each step of it. Errors have a class each; `webhooks.verify` reads callbacks.
"""

from __future__ import annotations

from opendance.client import webhooks
from opendance.client.asynchronous import AsyncClient
from opendance.client.calls import VideoOptions
from opendance.client.errors import (
    AccessDenied,
    ApiProblem,
    Conflict,
    DownloadFailed,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServerFailed,
    ServerGone,
    SignatureProblem,
    StillRunning,
    TaskCancelled,
    TaskFailed,
    TaskNotCompleted,
    Unauthorized,
    Unreachable,
)
from opendance.client.sync import Client
from opendance.client.values import Credits, File, Price, Task, TaskError, TaskPage

__all__ = [
    "AccessDenied",
    "ApiProblem",
    "AsyncClient",
    "Client",
    "Conflict",
    "Credits",
    "DownloadFailed",
    "File",
    "InsufficientCredits",
    "InvalidRequest",
    "NotFound",
    "Price",
    "RateLimited",
    "ServerFailed",
    "ServerGone",
    "SignatureProblem",
    "StillRunning",
    "Task",
    "TaskCancelled",
    "TaskError",
    "TaskFailed",
    "TaskNotCompleted",
    "TaskPage",
    "Unauthorized",
    "Unreachable",
    "VideoOptions",
    "webhooks",
]
