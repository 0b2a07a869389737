"""What may be changed of a task, and how it is shown."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from opendance.api.unified.library import LibraryChanges, library_object
from tests.tasks import waiting_task


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ({"title": " The harbour "}, {"title": "The harbour"}),
        ({"title": None}, {"title": None}),
        ({"tags": ["Sea", "ｓｅａ", "SEA", "海"]}, {"tags": ["Sea", "海"]}),
        ({"tags": []}, {"tags": None}),
        ({"tags": None}, {"tags": None}),
        ({"favourite": True, "hidden": False, "kept": True}, {"favourite": True, "hidden": False, "kept": True}),
        ({"title": "x" * 200, "tags": ["y" * 40] * 20}, {"title": "x" * 200, "tags": ["y" * 40]}),
    ],
)
def test_what_is_given_is_changed_and_nothing_else(body: dict[str, Any], given: dict[str, Any]) -> None:
    assert LibraryChanges.model_validate(body).given() == given


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "at least one of title, tags, favourite, hidden, kept"),
        ({"favorite": True}, "favorite cannot be changed; there are title, tags"),
        ({"title": "x" * 201}, "at most 200"),
        ({"title": " "}, "must not be empty"),
        ({"title": "a\nb"}, "without control characters"),
        ({"title": 5}, "valid string"),
        ({"tags": ["x" * 41]}, "at most 40"),
        ({"tags": ["x\x1fy"]}, "without control characters"),
        ({"tags": [""]}, "must not be empty"),
        ({"tags": [str(n) for n in range(21)]}, "at most 20"),
        ({"tags": "sea"}, "valid list"),
        ({"favourite": "true"}, "valid boolean"),
        ({"hidden": 1}, "valid boolean"),
        ({"kept": None}, "valid boolean"),
    ],
)
def test_what_cannot_be_is_told(body: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        LibraryChanges.model_validate(body)


def test_a_task_that_nobody_touched_has_no_title_and_no_tags() -> None:
    shown = {"title": None, "tags": [], "favourite": False, "hidden": False, "kept": False}
    assert library_object(waiting_task("acct")) == shown
    assert library_object(waiting_task("acct", title="x", tags=["y"], kept=True)) == shown | {
        "title": "x", "tags": ["y"], "kept": True,
    }  # fmt: skip
