"""schemathesis against the running server: no 5xx, and no answer outside the published schema."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import RunningServer

# Requests that follow the schema may still break rules across fields, which a schema cannot say: they are 400, so
# "valid data is accepted" is no check here.
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = ["createSeedance20VideoGeneration", "getTask", "listTasks", "cancelTask", "listModels", "isAlive", "isReady", "readResult",
    "uploadFileBase64", "uploadFileStream", "uploadFileUrl", "listFiles", "readFileQuota", "deleteFile", "readFile"]  # fmt: skip


@pytest.fixture(scope="module")
def operations(server: RunningServer) -> dict[str, Any]:
    schema = schemathesis.openapi.from_url(f"{server.address}/openapi.json")
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


def test_every_operation_is_tried(operations: dict[str, Any]) -> None:
    # The event stream does not end by itself; its own tests follow it to its end.
    assert set(operations) == {*OPERATIONS, "followTask"}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_answer_is_outside_the_schema(
    server: RunningServer, operations: dict[str, Any], name: str, mode: GenerationMode
) -> None:
    # A wrong JSON body stays wrong on the wire; in a query string [0] and 0 are the same bytes, and accepting is right.
    checks = [*CHECKS, negative_data_rejection] if name == "createSeedance20VideoGeneration" else CHECKS

    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operations[name].as_strategy(generation_mode=mode))
    def attempt(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {server.key}"}, checks=checks, timeout=30)

    try:
        attempt()
    except Exception as error:
        if type(error).__name__ in ("Unsatisfiable", "FailedHealthCheck"):
            pytest.skip(f"{name} has nothing that can be {mode.value}")
        raise
    finally:
        with server.client() as client:  # what was created on the way is not needed
            for status in ("pending", "processing"):
                for task in client.get("/v1/tasks", params={"limit": 100, "status": status}).json()["data"]:
                    client.post(f"/v1/tasks/{task['id']}/cancel")
