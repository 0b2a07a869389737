"""Where a server listens."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from opendance.errors import ConfigurationError
from opendance.server import listen
from opendance.server_file import read_server_file
from opendance.settings import load_settings
from tests.conftest import ADMIN_KEY, MANY_BAD_KEYS, start_server


def test_operators_have_a_listener_of_their_own_by_setting(tmp_path: Path) -> None:
    running = start_server(tmp_path, "od-none", OPENDANCE_WORK="false", OPENDANCE_ADMIN_PORT="0", **MANY_BAD_KEYS)
    try:
        found = read_server_file(tmp_path)
        assert found is not None
        assert found.address == running.address
        assert found.admin_address.startswith("http://127.0.0.1:")
        assert found.admin_address != found.address
        key = {"Authorization": f"Bearer {ADMIN_KEY}"}
        for path in ("/admin/v1/accounts", "/metrics"):
            for headers in (key, {}, {**key, "Host": found.admin_address.removeprefix("http://")}):
                outside = httpx.get(found.address + path, headers=headers)
                assert (outside.status_code, outside.json()["error"]["code"]) == (404, "not_found")
            assert httpx.get(found.admin_address + path, headers=key).status_code == 200
            assert httpx.get(found.admin_address + path).status_code == 401
        assert httpx.get(f"{found.admin_address}/healthz").is_success
    finally:
        running.stop()


def test_metrics_that_are_open_are_so_at_that_listener_alone(tmp_path: Path) -> None:
    running = start_server(
        tmp_path, "od-none", OPENDANCE_WORK="false", OPENDANCE_ADMIN_PORT="0", OPENDANCE_METRICS_OPEN="true"
    )
    try:
        found = read_server_file(tmp_path)
        assert found is not None
        assert httpx.get(f"{found.address}/metrics").status_code == 404
        assert httpx.get(f"{found.admin_address}/metrics").is_success
    finally:
        running.stop()


def test_engines_begin_to_load_before_what_answers_requests_is_imported() -> None:
    late = "alembic av cv2 fastapi numba numpy sqlalchemy"
    code = f"import sys; import opendance.server; print(*set({late.split()}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "\n"


def test_an_address_is_taken_once_and_answers_from_then_on() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen at 127.0.0.1:{port}.*choose another --port"):
            listen("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port), timeout=5) as waiting:
            assert waiting.getpeername()[1] == port


def test_one_port_is_not_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "OPENDANCE_ADMIN_PORT" not in os.environ
    monkeypatch.setenv("OPENDANCE_ADMIN_PORT", "8000")
    with pytest.raises(ConfigurationError, match="admin_port: it is the port of the API"):
        load_settings()
    monkeypatch.setenv("OPENDANCE_PORT", "8001")
    assert load_settings().admin_port == 8000
