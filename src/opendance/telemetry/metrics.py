"""What Prometheus scrapes, of this process; what the queue holds is read from the database at each scrape."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SHORT = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LONG = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1800)

REQUESTS = Counter("opendance_http_requests", "HTTP requests that were answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "opendance_http_request_seconds", "Time until an answer began.", ["method", "route"], buckets=_SHORT
)
FAILED_KEYS = Counter("opendance_failed_keys", "Keys that were not good.", ["door"])
for _door in ("api", "admin"):
    FAILED_KEYS.labels(_door)  # there from the start: a rise from nothing is no rise to Prometheus
STAGE_SECONDS = Histogram("opendance_stage_seconds", "Time of a finished stage.", ["stage"], buckets=_LONG)
ENGINE_SECONDS = Histogram("opendance_engine_seconds", "Time that an engine took.", ["engine"], buckets=_LONG)
ENGINES = Gauge("opendance_engine_processes", "Engine processes that live here.", ["engine"])
ENGINE_FAILURES = Counter("opendance_engine_failures", "Attempts of an engine that failed.", ["engine", "code"])
ENGINE_UP = Gauge("opendance_engine_up", "0 while an engine rests because it failed several times.", ["engine"])
TASKS_ENDED = Counter("opendance_tasks_ended", "Tasks that ended here.", ["status", "model"])
TASK_SECONDS = Histogram("opendance_task_seconds", "Time from a task's creation to its end.", ["status"], buckets=_LONG)
FILTER = Counter("opendance_filter_decisions", "Decisions of the content filter.", ["input", "verdict"])
CALLBACKS = Counter("opendance_callbacks", "Attempts to deliver a callback.", ["state"])
CALLBACK_SECONDS = Histogram("opendance_callback_seconds", "Time of an attempt to deliver.", buckets=_SHORT)
CREDITS = Counter("opendance_credits", "Credits that tasks moved.", ["kind"])
QUEUE_TASKS = Gauge("opendance_queue_tasks", "Tasks that have not ended.", ["status"])
QUEUE_AGE = Gauge("opendance_queue_oldest_seconds", "Age of the task that has waited longest.")
CALLBACKS_WAITING = Gauge("opendance_callbacks_waiting", "Callbacks that are still to be delivered.")
