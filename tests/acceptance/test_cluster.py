"""Several API processes and workers on one PostgreSQL database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import httpx
import pytest

from tests.conftest import TEXT, RunningServer, body, start_server, wait_for
from tests.databases import PostgresqlServer

FAST = "seedance-2.0-fast-text-to-video"
CREATE = "/v1/videos/generations"


class Cluster:
    """Processes on one database and one data folder."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self.environment = {
            "OPENDANCE_DATABASE_URL": url,
            "OPENDANCE_DRAIN_SECONDS": "20",
            "OPENDANCE_LOG_LEVEL": "warning",
            "OPENDANCE_WORKER_TIMEOUT": "4",
            "OPENDANCE_ENGINES": "blank",
            "OPENDANCE_BLANK_SECONDS": "3",
        }
        self.data_dir = data_dir
        self.processes: list[subprocess.Popen[str]] = []
        self.key = ""

    def api(self) -> RunningServer:
        server = start_server(self.data_dir, self.key, **self.environment, OPENDANCE_WORK="false")
        self.key = server.key
        self.processes.append(server.process)
        return server

    def worker(self, **environment: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "opendance.cli",
            "worker",
            "--concurrency",
            "1",
            "--data-dir",
            str(self.data_dir),
        ]
        values = {**os.environ, **self.environment, **environment}
        process = subprocess.Popen(command, env=values, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        assert process.stdout is not None
        assert "works" in process.stdout.readline()
        return process


@pytest.fixture
def cluster(postgresql: PostgresqlServer, tmp_path: Path) -> Generator[Cluster]:
    made = Cluster(postgresql.new_database(), tmp_path / "data")
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


def create(client: httpx.Client, **changes: object) -> str:
    return client.post(CREATE, json=body(**changes)).raise_for_status().json()["id"]


def wait_until(client: httpx.Client, task_id: str, stage: str) -> None:
    for _ in range(600):
        if client.get(f"/v1/tasks/{task_id}").json().get("stage") == stage:
            return
        time.sleep(0.05)
    raise AssertionError(f"{task_id} never came to {stage}")


@pytest.mark.thorough
def test_a_deploy_with_two_servers_and_two_workers_loses_nothing(cluster: Cluster) -> None:
    """Each process is replaced while requests come in and videos are made."""
    old_api, other_api = cluster.api(), cluster.api()
    old_worker, _ = cluster.worker(), cluster.worker()
    made: list[str] = []
    with old_api.client() as first, other_api.client() as second:
        made += [create(client) for client in (first, second, first)]
        wait_until(second, made[0], "render")
        old_worker.send_signal(signal.SIGTERM)
        new_worker = cluster.worker()
        new_api = cluster.api()
        made += [create(first), create(second)]
        assert old_api.stop() in (0, -signal.SIGTERM)
        with new_api.client() as third:
            made += [create(second), create(third)]
            for task_id in made:
                task = wait_for(third, task_id)
                assert task["status"] == "completed", task
                rows = third.get(f"/v1/tasks/{task_id}/ledger").json()["data"]
                assert [row["kind"] for row in rows] == ["reserve", "settle"]
            used = third.get("/v1/credits").json()["data"]["user"]["used_credits"]
            assert used == pytest.approx(12.502 * len(made))
    assert old_worker.wait(30) == 0
    assert new_worker.poll() is None


def test_the_task_of_a_killed_worker_goes_on_at_another(cluster: Cluster) -> None:
    api = cluster.api()
    doomed = cluster.worker()
    with api.client() as client:
        task_id = create(client, model=FAST, duration=10, quality="720p")
        wait_until(client, task_id, "render")
        doomed.kill()
        cluster.worker()
        task = wait_for(client, task_id)
        assert task["status"] == "completed", task
        assert [row["kind"] for row in client.get(f"/v1/tasks/{task_id}/ledger").json()["data"]] == [
            "reserve",
            "settle",
        ]


@pytest.mark.thorough
def test_what_is_not_done_when_the_drain_time_is_over_is_handed_over_at_once(cluster: Cluster) -> None:
    api = cluster.api()
    leaving = cluster.worker(OPENDANCE_DRAIN_SECONDS="0.5")
    with api.client() as client:
        task_id = create(client, model=FAST, duration=15, quality="720p")
        wait_until(client, task_id, "render")
        cluster.worker()
        leaving.send_signal(signal.SIGTERM)
        assert leaving.wait(15) == 0
        assert wait_for(client, task_id)["status"] == "completed"


def test_a_task_that_runs_elsewhere_is_cancelled_within_the_call(cluster: Cluster) -> None:
    api = cluster.api()
    cluster.worker()
    with api.client() as client:
        task_id = create(client, model=TEXT, duration=15, quality="1080p")
        wait_until(client, task_id, "render")
        answer = client.post(f"/v1/tasks/{task_id}/cancel").json()
        assert wait_for(client, task_id)["status"] == "cancelled"
        assert answer["usage"].get("credits_used", 0) == 0
        assert wait_for(client, create(client))["status"] == "completed", "the worker goes on"


@pytest.mark.thorough
def test_running_work_is_finished_before_the_process_ends(new_server: Callable[..., RunningServer]) -> None:
    first = new_server(OPENDANCE_DRAIN_SECONDS="60")
    with first.client() as client:
        task_id = create(client)
        wait_until(client, task_id, "render")
    assert first.stop() in (0, -signal.SIGTERM)
    second = new_server(first.key, OPENDANCE_WORK="false")
    with second.client() as client:
        assert client.get(f"/v1/tasks/{task_id}").json()["status"] == "completed"


def end_impatiently(process: subprocess.Popen[str]) -> int:
    """Send signals until it has gone; how it ended."""
    for _ in range(100):
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(0.3)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("it goes on and on")


@pytest.mark.thorough
def test_a_second_signal_ends_a_process_at_once(cluster: Cluster) -> None:
    cluster.environment |= {"OPENDANCE_DRAIN_SECONDS": "600", "OPENDANCE_BLANK_SECONDS": "600"}
    api, worker = cluster.api(), cluster.worker()
    server = start_server(cluster.data_dir, api.key, **cluster.environment)
    cluster.processes.append(server.process)
    with api.client() as client:
        for task_id in [create(client), create(client)]:
            wait_until(client, task_id, "render")
    assert {end_impatiently(process) for process in (worker, server.process)} == {-signal.SIGTERM}


def test_a_worker_without_postgresql_says_what_it_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "opendance.cli", "worker", "--data-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "need a PostgreSQL database" in done.stderr
