"""What Prometheus scrapes, of this process; what the queue holds is read from the database at each scrape.

A counter that is born with its first event hides that event: `increase` sees no step. So those that alerts ask for are
there from the start, at zero.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from opendance import __version__
from opendance.catalog import MODELS
from opendance.errors import FAULTS
from opendance.task import Status

_SHORT = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LONG = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1800)

disable_created_metrics()  # when each series began: twice the page, and nobody asks

BUILD = Gauge("opendance_build_info", "1; which release this process is of.", ["version"])
REQUESTS = Counter("opendance_http_requests", "HTTP requests that were answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "opendance_http_request_seconds", "Time until an answer began.", ["method", "route"], buckets=_SHORT
)
FAILED_KEYS = Counter("opendance_failed_keys", "Keys that were not good.", ["door"])
for _door in ("api", "admin", "metrics"):
    FAILED_KEYS.labels(_door)  # there from the start: a rise from nothing is no rise to Prometheus
STAGE_SECONDS = Histogram("opendance_stage_seconds", "Time of a finished stage.", ["stage"], buckets=_LONG)
ENGINE_SECONDS = Histogram("opendance_engine_seconds", "Time that an engine took.", ["engine"], buckets=_LONG)
ENGINES = Gauge("opendance_engine_processes", "Engine processes that live here.", ["engine"])
ENGINES_LOADED = Gauge(
    "opendance_engine_processes_loaded", "Those of them whose engine is loaded, so that they can work.", ["engine"]
)
ENGINES_WANTED = Gauge("opendance_engine_processes_wanted", "Engine processes that there should be here.", ["engine"])
ENGINE_FAILURES = Counter("opendance_engine_failures", "Attempts of an engine that failed.", ["engine", "code"])
ENGINE_UP = Gauge("opendance_engine_up", "0 after several failures in a row, until the next success.", ["engine"])
TASKS_ENDED = Counter("opendance_tasks_ended", "Tasks that ended here.", ["status", "model"])
TASK_ERRORS = Counter(
    "opendance_task_errors", "Tasks that ended here without a video: why, and whose fault it was.", ["code", "fault"]
)
TASK_SECONDS = Histogram(
    "opendance_task_seconds", "Time from a task's creation to its end.", ["status", "model"], buckets=_LONG
)
FILTER = Counter("opendance_filter_decisions", "Decisions of the content filter.", ["input", "verdict"])
CLASSIFIED = Counter(
    "opendance_classifier_decisions", "Prompts and files that a classifier looked at.", ["classifier", "verdict"]
)
CLASSIFIER_SECONDS = Histogram(
    "opendance_classifier_seconds", "Time that a classifier took for one of them.", ["classifier"], buckets=_LONG
)
CLASSIFIER_LOADED = Gauge("opendance_classifier_loaded", "1 once a classifier can be asked here.", ["classifier"])
STORE_REQUESTS = Counter(
    "opendance_store_requests", "What the object store was asked for here.", ["operation", "outcome"]
)
STORE_SECONDS = Histogram("opendance_store_seconds", "Time until it had answered.", ["operation"], buckets=_LONG)
CALLBACKS = Counter("opendance_callbacks", "Attempts to deliver a callback.", ["state"])
CALLBACK_SECONDS = Histogram("opendance_callback_seconds", "Time of an attempt to deliver.", buckets=_SHORT)
CREDITS = Counter("opendance_credits", "Credits that tasks moved.", ["kind"])
QUEUE_TASKS = Gauge("opendance_queue_tasks", "Tasks that have not ended.", ["status", "route", "engine"])
QUEUE_AGE = Gauge("opendance_queue_oldest_seconds", "Age of the task that has waited longest.", ["route", "engine"])
CALLBACKS_WAITING = Gauge("opendance_callbacks_waiting", "Callbacks that are still to be delivered.")
DATABASE_IN_USE = Gauge("opendance_database_connections_in_use", "Connections to the database that do something here.")
DATABASE_MOST = Gauge("opendance_database_connections_max", "Connections that this process may have.")
DATABASE_WAITING = Gauge("opendance_database_waiting", "Who waits here for a connection to the database.")
DISK_SIZE = Gauge("opendance_data_disk_size_bytes", "The file system of the data folder.")
DISK_FREE = Gauge("opendance_data_disk_free_bytes", "What of it this process can still write.")


def _begin_at_zero() -> None:
    for status in Status:
        for model in MODELS if status.terminal else ():
            TASKS_ENDED.labels(status.value, model)
    for code, fault in FAULTS.items():
        TASK_ERRORS.labels(code, fault)
    for state in ("pending", "delivered", "failed"):
        CALLBACKS.labels(state)
    for kind in ("prompt", "image", "video", "output"):
        for verdict in ("allowed", "refused"):
            FILTER.labels(kind, verdict)
    for kind in ("reserve", "settle", "refund"):
        CREDITS.labels(kind)
    for operation in ("put", "fetch", "size", "remove", "check", "sign", "list"):
        for outcome in ("done", "missing", "failed"):
            STORE_REQUESTS.labels(operation, outcome)
        STORE_SECONDS.labels(operation)


BUILD.labels(__version__).set(1)
_begin_at_zero()
