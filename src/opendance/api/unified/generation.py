"""The task object as programs read it that look for it where it was created."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.unified.task import VideoTask, task_object
from opendance.links import Links
from opendance.store.tasks import TaskRecord


class GeneratedVideo(TypedDict):
    """A link to the video, by both names that programs have for it."""

    video_url: str
    url: str


class VideoGeneration(VideoTask):
    """The task object; once completed the link of `results` stands in two more places."""

    result: NotRequired[GeneratedVideo]
    result_data: NotRequired[Annotated[list[GeneratedVideo], Field(description="As `results`.")]]


def generation_object(task: TaskRecord, links: Links) -> VideoGeneration:
    """The task as it stands."""
    body: VideoGeneration = {**task_object(task, links)}
    if "results" in body:
        videos: list[GeneratedVideo] = [{"video_url": link, "url": link} for link in body["results"]]
        body["result"], body["result_data"] = videos[0], videos
    return body
