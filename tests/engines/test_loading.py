"""An engine that cannot be loaded says so, instead of dying again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RunningServer, body, wait_for


def test_wrong_weights_are_told(new_server: Callable[..., RunningServer], tmp_path: Path) -> None:
    pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
    server: RunningServer = new_server(
        OPENDANCE_ENGINE__LTX2__WEIGHTS=str(tmp_path), OPENDANCE_ENGINE__LTX2__OFFLINE="1"
    )
    with server.client() as client:
        made = client.post("/v1/videos/generations", json=body(duration=4)).json()
        task = wait_for(client, made["id"])
    assert task["error"]["code"] == "service_unavailable"
    assert "ltx2 cannot be loaded" in task["error"]["message"]
