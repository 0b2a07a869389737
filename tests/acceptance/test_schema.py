"""schemathesis against the running server: no 5xx, and no answer outside the published schema."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis import CheckContext, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from opendance.errors import HeadTooLarge
from tests.conftest import ADMIN_KEY, QUICK_ENGINE, RunningServer, body, start_server


def error_code_conformance(
    _context: CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """Not only the status of an error is documented, its code is too."""
    if response.status_code < 400:
        return None
    media = case.operation.definition.raw["responses"][str(response.status_code)]["content"]["application/json"]
    examples = [media["example"]] if "example" in media else [one["value"] for one in media["examples"].values()]
    code = response.json()["error"]["code"]
    known = {example["error"]["code"] for example in examples}
    # Ark has a code of its own for one way of not being valid.
    assert code in known or (code, "InvalidParameter" in known) == ("MissingParameter", True), f"{code} is new"
    return None


# Requests that follow the schema may still break rules across fields, which a schema cannot say: they are 400, so
# "valid data is accepted" is no check here.
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    error_code_conformance,
]
OPERATIONS = [
    "createSeedance20VideoGeneration", "createContentGenerationTask", "getContentGenerationTask", "listContentGenerationTasks", "deleteContentGenerationTask",
    "createVideo", "listVideos", "getVideo", "downloadVideo", "deleteVideo", "remixVideo",
    "getTask", "listTasks", "changeTask", "deleteTaskResult", "cancelTask", "makeAgain", "readPoster", "readStrip", "readLastFrame",
    "getTasks", "getVideoGeneration", "cancelVideoGeneration", "readModel", "listPrices",
    "listModels", "isAlive", "isReady", "readResult",
    "uploadFileBase64", "uploadFileStream", "uploadFileUrl", "listFiles", "readFileQuota", "deleteFile", "readFile", "readFileThumb",
    "readCredits", "readUsage", "readTaskLedger", "listDeliveries", "redeliver", "readCallbackSecret", "rotateCallbackSecret",
    "listFailedDeliveries", "redeliverFailed",
    "checkVideo", "countTasks", "readQueue", "moveTask", "cancelTasks", "readOwnAccount", "readOwnLedger", "listAllDeliveries", "listOwnKeys",
    "createOwnKey", "changeOwnKey", "rotateOwnKey", "revokeOwnKey",
    "readTaskResult", "changeTasks", "useFrame", "useVideo", "downloadTasks", "changeFile", "verifyVideo",
]  # fmt: skip
ADMINISTRATION = ["listGroups", "putGroup", "removeGroup", "listAccounts", "createAccount", "readAccount", "changeAccount", "topUp", "adjustCredits",
    "readLedger", "listKeys", "createKey", "changeKey", "rotateKey", "revokeKey", "readAllUsage", "readAudit", "readMetrics",
    "listAllTasks", "inspectTask", "cancelAnyTask", "failTask", "runTaskAgain",
    "listFailedCallbacksOf", "redeliverFailedOf", "redeliverOne", "redeliverFailedTo", "checkEngine",
    "readOverview", "listEngines", "readWholeQueue", "listSettings", "listDeliveriesOfAll", "createSignInLink",
]  # fmt: skip
# Event streams do not end by themselves, and a session has a cookie and a page: they have tests of their own.
ELSEWHERE = {
    "followTask", "followAccount", "signIn", "signOut", "readSession", "raiseSession", "lowerSession", "listSessions", "endSession",
}  # fmt: skip
# They are the same ones in each run: more of them show little more. `tests/api/test_fuzz.py` tries thousands that differ.
EXAMPLES = int(os.environ.get("OPENDANCE_EXAMPLES", "20"))
EXISTING = {"account": "known", "key": "known", "name": "default"}  # what schemathesis cannot guess


# What is asked wrongly is tried on the one that costs money; on the others when there is time.
TRIED = [
    pytest.param(name, mode, marks=pytest.mark.thorough)
    if mode is GenerationMode.NEGATIVE and name != "createSeedance20VideoGeneration"
    else (name, mode)
    for mode in GenerationMode
    for name in OPERATIONS
]


@pytest.fixture(scope="module")
def schema_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A server of its own: what is tried changes groups and accounts."""
    running = start_server(tmp_path_factory.mktemp("schema"), OPENDANCE_LOG_LEVEL="error", **QUICK_ENGINE)
    with running.client() as client:
        for _ in range(1200):  # while its engine is loaded it says 503, and rightly
            if client.get("/readyz").status_code == 200:
                break
            time.sleep(0.05)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def operations(schema_server: RunningServer) -> dict[str, Any]:
    schema = schemathesis.openapi.from_url(f"{schema_server.address}/openapi.json")
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


def test_every_operation_is_tried(operations: dict[str, Any]) -> None:
    assert set(operations) == {*OPERATIONS, *ADMINISTRATION, *ELSEWHERE}


@pytest.mark.parametrize(("name", "mode"), TRIED)
def test_no_answer_is_outside_the_schema(
    schema_server: RunningServer, operations: dict[str, Any], name: str, mode: GenerationMode
) -> None:
    # A wrong JSON body stays wrong on the wire; in a query string [0] and 0 are the same bytes, and accepting is right.
    checks = [*CHECKS, negative_data_rejection] if name == "createSeedance20VideoGeneration" else CHECKS
    try:
        attempt(schema_server, operations[name], mode, schema_server.key, checks)
    finally:
        with schema_server.client() as client:  # what was created on the way is not needed
            for status in ("pending", "processing"):
                for task in client.get("/v1/tasks", params={"limit": 100, "status": status}).json()["data"]:
                    client.post(f"/v1/tasks/{task['id']}/cancel")


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, pytest.param(GenerationMode.NEGATIVE, marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("name", ADMINISTRATION)
def test_no_answer_of_administration_is_outside_the_schema(
    schema_server: RunningServer, operations: dict[str, Any], name: str, mode: GenerationMode
) -> None:
    with schema_server.admin() as admin:
        admin.post("/admin/v1/accounts", json={"name": "known"})
        admin.post("/admin/v1/accounts/known/keys", json={"name": "known"})
    with schema_server.client() as client:
        task = client.post("/v1/videos/generations", json=body()).raise_for_status().json()["id"]
    known = {"task_id": task} if name in ("inspectTask", "cancelAnyTask", "failTask", "runTaskAgain") else {}
    attempt(schema_server, operations[name], mode, ADMIN_KEY, CHECKS, known=known)


def attempt(
    server: RunningServer,
    operation: Any,
    mode: GenerationMode,
    key: str,
    checks: list[Any],
    *,
    known: dict[str, str] | None = None,
) -> None:
    """Try an operation; about half of the cases meet something that exists."""
    there = EXISTING | (known or {})

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=operation.as_strategy(generation_mode=mode), existing=booleans())
    def tried(case: schemathesis.Case, existing: bool) -> None:
        for parameter in there if existing else ():
            if parameter in (case.path_parameters or {}):
                case.path_parameters[parameter] = there[parameter]
        response = case.call(headers={"Authorization": f"Bearer {key}"}, timeout=30)
        if response.status_code == HeadTooLarge.status:  # the connection says so, before there is a route
            assert response.json()["error"]["code"] == HeadTooLarge.code
            return
        case.validate_response(response, checks=checks)

    try:
        tried()
    except Exception as error:
        if type(error).__name__ in ("Unsatisfiable", "FailedHealthCheck"):
            pytest.skip(f"{operation.label} has nothing that can be {mode.value}")
        raise
