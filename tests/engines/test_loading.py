"""An engine that cannot be loaded costs nobody a video: tasks wait for one that can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from opendance.engines.pool import EnginePool
from tests.conftest import RunningServer, body, free_port, wait_for
from tests.databases import PostgresqlServer
from tests.engines.moody import KEY, NAME, installed
from tests.processes import running_worker
from tests.until import until

CREATE = "/v1/videos/generations"
MOODY = {"OPENDANCE_ROUTES": f'{{"default": ["{NAME}"]}}'}


async def ready(address: str, status: int) -> str:
    """What /readyz says once it says it with this status."""
    said = ""

    async def answers() -> bool:
        nonlocal said
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{address}/readyz")
        said = answer.text
        return answer.status_code == status and "is loading" not in said

    await until(answers)
    return said


async def test_a_server_alone_keeps_its_tasks_until_its_engine_can_be_loaded(
    new_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    weights = tmp_path / "weights"
    server = new_server(**MOODY, **installed(tmp_path / "site", weights))
    with server.client() as client:
        task_id = client.post(CREATE, json=body()).json()["id"]
        said = await ready(server.address, 503)
        assert f"the engine {NAME} cannot be loaded: RuntimeError: no weights" in said
        assert KEY not in said
        assert client.get(f"/v1/tasks/{task_id}").json()["status"] in ("pending", "processing")
        weights.touch()
        assert wait_for(client, task_id)["status"] == "completed"
        assert f'"{NAME}":"loaded"' in await ready(server.address, 200)


async def test_a_worker_whose_engine_cannot_be_loaded_is_not_ready_and_costs_no_task(
    new_server: Callable[..., RunningServer], postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    """Tasks, a worker that works and one that does not: all are made."""
    shared = {"OPENDANCE_DATABASE_URL": postgresql.new_database(), **MOODY}
    broken = {
        **shared,
        **installed(tmp_path / "broken", tmp_path / "nosuch"),
        "OPENDANCE_WORKER_PORT": str(free_port()),
    }
    good = {**shared, **installed(tmp_path / "good", tmp_path), "OPENDANCE_WORKER_PORT": str(free_port())}
    with running_worker(tmp_path / "data", **broken):
        server = new_server(**good, OPENDANCE_WORK="false")
        with running_worker(tmp_path / "data", **good), server.client() as client:
            made = [client.post(CREATE, json=body()).json()["id"] for _ in range(4)]
            assert {wait_for(client, task_id)["status"] for task_id in made} == {"completed"}
            await ready(f"http://127.0.0.1:{good['OPENDANCE_WORKER_PORT']}", 200)
            assert "no weights" in await ready(f"http://127.0.0.1:{broken['OPENDANCE_WORKER_PORT']}", 503)


async def test_wrong_weights_are_told(tmp_path: Path) -> None:
    pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
    pool = EnginePool("ltx2", size=1, options={"weights": str(tmp_path), "offline": True}, environments=[])
    try:
        await pool.start()
        await until(lambda: pool.problem)
        assert str(tmp_path) in (pool.problem or "")
    finally:
        await pool.close()
