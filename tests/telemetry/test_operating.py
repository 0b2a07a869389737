"""What an operator sees of a running installation: metrics, health, traces, logs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from opendance.server_file import read_server_file
from tests.conftest import MINI, TEXT, RunningServer, address_of, body, start_server, wait_for
from tests.databases import PostgresqlServer, running_postgresql

BLANK = {"OPENDANCE_ENGINES": "blank"}


def metrics(text: str) -> dict[str, float]:
    """Every sample, as name{label=value,...}."""
    return {
        f"{sample.name}{{{','.join(f'{k}={v}' for k, v in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_what_happened(new_server: Callable[..., RunningServer]) -> None:
    server = new_server(**BLANK)
    with server.client() as client, server.admin() as admin:
        assert client.get("/metrics").status_code == 401
        done = client.post("/v1/videos/generations", json=body()).json()
        wait_for(client, done["id"])
        found = metrics(admin.get("/metrics").raise_for_status().text)
    creations = "opendance_http_requests_total{method=POST,route=/v1/videos/generations,status=200}"
    assert found[creations] == 1
    assert found["opendance_tasks_ended_total{model=seedance-2.0-mini-text-to-video,status=completed}"] == 1
    assert found["opendance_stage_seconds_count{stage=render}"] == 1
    assert found["opendance_engine_seconds_count{engine=blank}"] == 1
    assert found["opendance_engine_processes{engine=blank}"] == 1
    assert found["opendance_queue_tasks{engine=previs,route=previs+blank,status=pending}"] == 0
    assert found["opendance_engine_processes_loaded{engine=blank}"] == 1
    assert found["opendance_engine_processes_wanted{engine=blank}"] == 1
    assert not [name for name in found if "_created" in name], "they would double the page"
    reserved = done["usage"]["credits_reserved"]
    assert found["opendance_credits_total{kind=reserve}"] == pytest.approx(reserved)
    assert found["opendance_credits_total{kind=settle}"] == pytest.approx(reserved)


def test_metrics_tell_how_long_the_queue_is_and_how_old(new_server: Callable[..., RunningServer]) -> None:
    server = new_server(OPENDANCE_WORK="false", OPENDANCE_METRICS_OPEN="true")
    with server.client() as client:
        before = time.time()
        client.post("/v1/videos/generations", json=body()).raise_for_status()
        first = time.time()
        for _ in range(2):
            client.post("/v1/videos/generations", json=body()).raise_for_status()
        time.sleep(1)
        asked = time.time()
        found = metrics(httpx.get(f"{server.address}/metrics").raise_for_status().text)
        answered = time.time()
    place = "engine=previs,route=previs+blank"
    assert found[f"opendance_queue_tasks{{{place},status=pending}}"] == 3
    age = found[f"opendance_queue_oldest_seconds{{{place}}}"]
    assert asked - first <= age <= answered - before, "the age of the first"


def test_the_queue_is_told_by_route_so_that_pools_are_scaled_apart(new_server: Callable[..., RunningServer]) -> None:
    routes = {"OPENDANCE_ROUTES__MINI": "ark", "OPENDANCE_ROUTES__DEFAULT": "previs"}
    server = new_server(OPENDANCE_WORK="false", OPENDANCE_METRICS_OPEN="true", **routes)
    with server.client() as client:
        for model in (MINI, TEXT, TEXT):
            client.post("/v1/videos/generations", json=body(model=model)).raise_for_status()
        found = metrics(httpx.get(f"{server.address}/metrics").raise_for_status().text)
    waiting = {name: count for name, count in found.items() if "opendance_queue_tasks{" in name and count}
    assert waiting == {
        "opendance_queue_tasks{engine=ark,route=ark,status=pending}": 1,
        "opendance_queue_tasks{engine=previs,route=previs,status=pending}": 2,
    }
    assert found["opendance_queue_tasks{engine=ark,route=ark,status=parked}"] == 0


class Collector:
    """Takes spans, as an OpenTelemetry collector does over HTTP."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
                for resource in request.resource_spans:
                    names = {a.key: a.value.string_value for a in resource.resource.attributes}
                    for scope in resource.scope_spans:
                        collector.spans += [
                            {"service": names["service.name"], "name": s.name, "trace": s.trace_id.hex(), "id": s.span_id.hex(), "parent": s.parent_span_id.hex()}
                            for s in scope.spans
                        ]  # fmt: skip
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()


@pytest.fixture
def collector() -> Generator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_one_trace_goes_through_server_worker_and_engine(
    postgresql: PostgresqlServer, collector: Collector, tmp_path: Path
) -> None:
    environment = {
        **BLANK,
        "OPENDANCE_DATABASE_URL": postgresql.new_database(),
        "OPENDANCE_DATA_DIR": str(tmp_path),
        "OPENDANCE_WORKER_PORT": "0",
        "OPENDANCE_LOG_FORMAT": "json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    server = start_server(tmp_path, **environment, OPENDANCE_WORK="false")
    command = [sys.executable, "-m", "opendance.cli", "worker", "--concurrency", "1"]
    worker = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    try:
        with server.client() as client:
            caller = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
            task_id = client.post("/v1/videos/generations", json=body(), headers=caller).json()["id"]
            assert wait_for(client, task_id)["status"] == "completed"
        wanted = {
            ("opendance-server", "POST /v1/videos/generations"),
            ("opendance-worker", "task"),
            ("opendance-worker", "stage render"),
            ("opendance-engine", "engine blank"),
        }
        for _ in range(100):
            found = [span for span in collector.spans if span["trace"] == "ab" * 16]
            if wanted <= {(span["service"], span["name"]) for span in found}:
                break
            time.sleep(0.1)
        by_name = {span["name"]: span for span in found}
        assert wanted <= {(span["service"], span["name"]) for span in found}
        by_id = {span["id"]: span for span in found}
        path = [by_name["engine blank"]]
        while path[-1]["parent"] in by_id:
            path.append(by_id[path[-1]["parent"]])
        assert path[-1]["parent"] == "cd" * 8, "the caller's own span is where it begins"
        names = [span["name"] for span in path]
        assert names[:3] == ["engine blank", "stage render", "task"]
        assert names[-1] == "POST /v1/videos/generations"
    finally:
        server.stop()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_a_worker_tells_its_health(postgresql: PostgresqlServer, tmp_path: Path) -> None:
    from tests.conftest import free_port

    port = free_port()
    environment = {
        **os.environ,
        **BLANK,
        "OPENDANCE_DATABASE_URL": postgresql.new_database(),
        "OPENDANCE_DATA_DIR": str(tmp_path),
        "OPENDANCE_WORKER_PORT": str(port),
        "OPENDANCE_METRICS_OPEN": "true",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "opendance.cli", "worker"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout is not None
        assert "works" in worker.stdout.readline()
        for path in ("/healthz", "/metrics", "/readyz"):
            while (answer := httpx.get(f"http://127.0.0.1:{port}{path}")).status_code == 503:
                assert "the engine blank is loading" in answer.text
            assert answer.status_code == 200, path
        assert (
            metrics(httpx.get(f"http://127.0.0.1:{port}/metrics").text)["opendance_engine_processes{engine=blank}"] >= 1
        )
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_an_outage_leaves_a_line_of_each_who_tells_and_a_task_one(tmp_path: Path) -> None:
    environment = {**BLANK, "OPENDANCE_LOG_FORMAT": "json", "OPENDANCE_WORKER_TIMEOUT": "2"}
    with running_postgresql() as postgresql, (tmp_path / "log").open("w") as log:
        environment["OPENDANCE_DATABASE_URL"] = postgresql.new_database()
        server = start_server(tmp_path, stderr=log, **environment)
        try:
            with server.client() as client:
                postgresql.kill()
                for _ in range(12):
                    assert client.get("/v1/tasks").status_code == 503
                    time.sleep(0.2)
                postgresql.start()
                while client.get("/readyz").status_code != 200:
                    time.sleep(0.2)
                task = client.post("/v1/videos/generations", json=body()).raise_for_status().json()["id"]
                assert wait_for(client, task)["status"] == "completed"
        finally:
            server.stop()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    wrong = [(line["logger"], line["message"]) for line in lines if line["level"] in ("WARNING", "ERROR")]
    assert wrong, "it is told"
    assert len(wrong) == len(set(wrong)), "once"
    assert len([1 for logger, _ in wrong if logger == "opendance.api.border"]) < 5, "of twelve requests"
    assert not [line for line in lines if "exception" in line and "Traceback" in line["exception"]]
    (end,) = [line for line in lines if line.get("task_id") == task and line["level"] == "INFO"]
    assert (end["status"], end["engine"], end["model"]) == ("completed", "blank", MINI)


def test_an_error_is_logged_under_the_id_that_the_client_got(tmp_path: Path) -> None:
    """A table is taken away: the answer names a request, and the log has that request's traceback."""
    import sqlite3

    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)]
    environment = {**os.environ, "OPENDANCE_WORK": "false", "OPENDANCE_LOG_FORMAT": "json"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    address_of(process, tmp_path)
    server = read_server_file(tmp_path)
    assert server is not None
    address, key = server.address, server.key
    with sqlite3.connect(tmp_path / "opendance.sqlite3") as database:
        database.execute("UPDATE tasks SET user_group = user_group")
        database.execute("ALTER TABLE user_groups RENAME COLUMN price_ratio TO gone")
    answer = httpx.get(f"{address}/v1/credits", headers={"Authorization": f"Bearer {key}"})
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=30)[1]
    assert answer.status_code in (500, 503)
    assert "Traceback" not in answer.text
    assert key not in said
    logged = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert answer.headers["x-request-id"] in [line.get("request_id") for line in logged]
