"""The operations that the OpenAPI document tells of, and what is right for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from opendance.api.wires import group_of
from opendance.app import create_app
from opendance.errors import ApiError
from opendance.settings import Settings
from tests.conftest import body

# What is right for a route apart from what a test makes wrong.
BODIES: dict[str, Any] = {
    "createSeedance20VideoGeneration": body(),
    "checkVideo": body(),
    "changeTasks": {"task_ids": ["task-unified-1774857405-abc123de"], "changes": {"favourite": True}},
    "useVideo": {"part": "result"},
    "verifyVideo": {"task_id": "task-unified-1774857405-abc123de"},
    "moveTask": {"to": "first"},
    "cancelTasks": {"waiting": True},
    "uploadFileBase64": {"base64_data": "R0lGODlhAQABAAAAACw="},
    "uploadFileUrl": {"file_url": "https://example.com/a.png"},
    "createContentGenerationTask": {
        "model": "doubao-seedance-2-0-mini-260615",
        "content": [{"type": "text", "text": "a cat walks"}],
    },
    "createVideo": {"prompt": "a cat walks", "model": "seedance-2.0-mini", "size": "864x496"},
    "remixVideo": {"prompt": "a cat walks"},
    "createAccount": {"name": "new", "user_group": "nowhere"},
    "topUp": {"credits": 1},
    "adjustCredits": {"credits": 1, "reason": "why"},
    "createKey": {"name": "new"},
    "createOwnKey": {"name": "new"},
    "createSignInLink": {},
    "failTask": {"reason": "why"},
    "redeliverFailedTo": {"host": "receiver.invalid"},
}


@dataclass
class Operation:
    """One operation of the document."""

    id: str
    method: str
    path: str
    parameters: list[dict[str, Any]]
    has_body: bool
    of_operator: bool
    responses: dict[str, Any]

    def promised(self) -> dict[str, tuple[int, Mapping[str, Any]]]:
        """Status and body of each error that is promised, by its code in the project."""
        shown: list[tuple[int, dict[str, Any]]] = []
        for status, response in self.responses.items():
            media = response.get("content", {}).get("application/json", {})
            examples = [one["value"] for one in media.get("examples", {}).values()]
            shown += [(int(status), example) for example in ([media["example"]] if "example" in media else examples)]
        tell = group_of(self.path).error_answer
        told = {kind.code: tell(kind.documented()) for kind in ApiError.__subclasses__()}
        # FastAPI leaves null out of examples.
        found = {code: (status, body) for code, (status, body) in told.items() if (status, without_null(body)) in shown}
        assert len(found) == len(shown), f"{self.id}: an error that is none of ours"
        return found


def without_null(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: without_null(value) if isinstance(value, Mapping) else value
        for name, value in body.items()
        if value is not None
    }


@cache
def operations() -> dict[str, Operation]:
    document = create_app(Settings(data_dir=Path("never-made"))).openapi()
    return {
        told["operationId"]: Operation(
            id=told["operationId"],
            method=method.upper(),
            path=path,
            parameters=told.get("parameters", []),
            has_body="requestBody" in told,
            of_operator={"adminKey": []} in told.get("security", []),
            responses=told["responses"],
        )
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if "Studio" not in told["tags"]  # for browsers alone: `tests/security`
        and told["operationId"] != "followAccount"  # its answer has no end: `tests/api/test_queue.py`
    }
