"""Which routes are alike at the border, and who is told what."""

from __future__ import annotations

import pytest

from opendance.api.wires import ARK, OPENAI, UNIFIED, WIRES, group_of
from opendance.catalog import MAX_BODY_BYTES, MAX_SMALL_BODY_BYTES, MAX_UPLOAD_BYTES
from opendance.errors import TaskNotFound
from opendance.store.tables import Task


@pytest.mark.parametrize(
    ("path", "envelope", "max_body"),
    [
        ("/v1/videos/generations", "unified", MAX_BODY_BYTES),
        ("/v1/tasks/x", "unified", MAX_SMALL_BODY_BYTES),
        ("/v1/tasks/x/again", "unified", MAX_BODY_BYTES),
        ("/docs", "unified", MAX_SMALL_BODY_BYTES),
        ("/admin/v1/groups", "unified", MAX_SMALL_BODY_BYTES),
        ("/", "unified", MAX_SMALL_BODY_BYTES),
        ("*", "unified", MAX_SMALL_BODY_BYTES),
        ("/api/v1/files", "unified", MAX_SMALL_BODY_BYTES),
        ("/api/v1/files/list", "files", MAX_SMALL_BODY_BYTES),
        ("/api/v1/files/upload/base64", "files", MAX_BODY_BYTES),
        ("/api/v1/files/upload/stream", "files", MAX_UPLOAD_BYTES + 2**20),
        ("/api/v3/contents/generations/tasks", "ark", MAX_BODY_BYTES),
        ("/api/v3/made/up", "ark", MAX_BODY_BYTES),
        ("/v1/videos", "openai", MAX_UPLOAD_BYTES + 2**20),
        ("/v1/videos/x/content", "openai", MAX_UPLOAD_BYTES + 2**20),
        ("/v1/videos/generations/x", "unified", MAX_BODY_BYTES),
    ],
)
def test_a_path_belongs_to_the_longest_prefix_that_fits(path: str, envelope: str, max_body: int) -> None:
    group = group_of(path)
    _, body = group.error_answer(TaskNotFound(task_id="x"))
    words = {"ResourceNotFound": "ark", "task_not_found": "openai" if "param" in body["error"] else "unified"}
    shape = "files" if "success" in body else words[body["error"]["code"]]
    assert (shape, group.max_body) == (envelope, max_body)


def test_only_ark_s_clients_get_their_own_request_id_back() -> None:
    assert group_of("/api/v3/x").echoes == ("x-client-request-id",)
    assert not any(group.echoes for group in UNIFIED.groups)


def test_the_rows_of_tasks_can_name_every_wire() -> None:
    assert WIRES == {"unified": UNIFIED, "ark": ARK, "openai": OPENAI}
    column = Task.__table__.c.wire.type
    assert all(len(name) <= column.length for name in WIRES)  # type: ignore[attr-defined]
