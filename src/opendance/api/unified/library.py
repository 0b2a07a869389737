"""What an account makes of a task, as it is shown and as it is changed."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from opendance.api.unified.task import VideoTask
from opendance.store.search import normalised
from opendance.store.tasks import TaskRecord

MAX_TITLE, MAX_TAG, MAX_TAGS = 200, 40, 20


class Labels(TypedDict):
    """What the account makes of a task."""

    title: Annotated[str | None, Field(description="Null where it has none.")]
    tags: Annotated[list[str], Field(description="In the order in which they were given.")]
    favourite: Annotated[bool, Field(description="Whether it is marked.")]
    hidden: Annotated[bool, Field(description="Whether lists leave it out.")]
    kept: Annotated[bool, Field(description="Whether its result and inputs stay until it is kept no longer.")]


class LibraryTask(VideoTask, Labels):
    """A task, and what its account makes of it."""


def library_object(task: TaskRecord) -> Labels:
    """What the account makes of it; it stands beside the task object where that is asked for."""
    return {
        "title": task.title,
        "tags": task.tags or [],
        "favourite": task.favourite,
        "hidden": task.hidden,
        "kept": task.kept,
    }


def _cleaned(text: str) -> str:
    text = text.strip()
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise PydanticCustomError("control_characters", "must be without control characters, such as line breaks")
    if not text:
        raise PydanticCustomError("empty", "must not be empty; null takes it away")
    return text


def _each_once(tags: list[str]) -> list[str] | None:
    """Without those that differ in case or width alone from one before; None where none are left."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(normalised(tag), tag)
    return list(first.values()) or None


Tag = Annotated[str, Field(max_length=MAX_TAG), AfterValidator(_cleaned)]


class LibraryChanges(BaseModel):
    """What to change of a task; what is not given stays."""

    model_config = ConfigDict(strict=True)
    title: Annotated[str, Field(max_length=MAX_TITLE), AfterValidator(_cleaned)] | None = Field(
        default=None, description="A name of your own; null takes it away.", examples=["The harbour at dawn"]
    )
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(_each_once)] | None = Field(
        default=None, description="Instead of those it has; null takes them away.", examples=[["harbour", "client A"]]
    )
    favourite: bool = Field(default=False, description="Mark it.")
    hidden: bool = Field(default=False, description="Leave it out of lists that do not ask for hidden ones.")
    kept: bool = Field(
        default=False,
        description="Keep result and inputs until this is false again, within the room that the account's group has.",
    )

    @model_validator(mode="before")
    @classmethod
    def _something_that_exists(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return cast(object, values)
        names, given = ", ".join(cls.model_fields), cast("dict[str, Any]", values)
        if unknown := sorted(set(given) - set(cls.model_fields)):
            raise PydanticCustomError(
                "unknown_field",
                "{name} cannot be changed; there are {names}",
                {"name": unknown[0][:80] or "(empty)", "names": names},
            )
        if not given:
            raise PydanticCustomError("nothing", "give at least one of {names}", {"names": names})
        return given

    def given(self) -> dict[str, Any]:
        """What is to be changed, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}
