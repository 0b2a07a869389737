from __future__ import annotations

import re
import time

from opendance.task import Status, is_task_id, new_task_id


def test_TK_02_an_id_has_the_unix_second_and_a_random_tail() -> None:
    made = new_task_id(1774857405.9)
    assert re.fullmatch(r"task-unified-1774857405-[a-z0-9]{6,}", made)
    assert is_task_id(made)
    assert is_task_id("task-unified-1774857405-abc123")
    before = int(time.time())
    assert before <= int(new_task_id().split("-")[2]) <= time.time()
    assert len({new_task_id(1.0) for _ in range(2000)}) == 2000


def test_TK_02_other_texts_are_no_ids() -> None:
    for text in ("", "abc", "task-unified-1774857405-", "task-unified-x-abc123", "task-unified-1774857405-ABC123",
                 "task-unified-1774857405-abc123\n", "../task-unified-1774857405-abc123"):  # fmt: skip
        assert not is_task_id(text)


def test_TK_03_only_three_states_are_terminal() -> None:
    assert {s for s in Status if s.terminal} == {Status.COMPLETED, Status.FAILED, Status.CANCELLED}
