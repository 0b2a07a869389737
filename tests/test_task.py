from __future__ import annotations

import re
import time

import pytest

from opendance.errors import ApiError, TaskError
from opendance.task import Status, is_task_id, new_task_id


def test_TK_02_an_id_has_the_unix_second_and_a_random_tail() -> None:
    made = new_task_id(1774857405.9)
    assert re.fullmatch(r"task-unified-1774857405-[a-z0-9]{6,}", made)
    assert is_task_id(made)
    assert is_task_id("task-unified-1774857405-abc123")
    assert abs(int(new_task_id().split("-")[2]) - time.time()) < 5
    assert len({new_task_id(1.0) for _ in range(2000)}) == 2000


def test_TK_02_other_texts_are_no_ids() -> None:
    for text in ("", "abc", "task-unified-1774857405-", "task-unified-x-abc123", "task-unified-1774857405-ABC123",
                 "task-unified-1774857405-abc123\n", "../task-unified-1774857405-abc123"):  # fmt: skip
        assert not is_task_id(text)


def test_TK_03_only_three_states_are_terminal() -> None:
    assert {s for s in Status if s.terminal} == {Status.COMPLETED, Status.FAILED, Status.CANCELLED}


def test_every_error_has_its_own_code_and_fills_in_its_message() -> None:
    found = list(ApiError.__subclasses__())
    assert len({(k.status, k.code) for k in found}) == len(found)
    for kind in found:
        assert kind.__doc__
        assert kind.type in ("invalid_request_error", "authentication_error", "insufficient_quota", "rate_limit_error", "api_error")  # fmt: skip


def test_a_task_error_has_a_code_that_clients_know() -> None:
    assert TaskError("service_error", "x").code == "service_error"
    with pytest.raises(ValueError, match="made_up"):
        TaskError("made_up", "x")
