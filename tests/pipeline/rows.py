"""Journals as steps leave them, for tests of what runs again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from opendance.order import Order
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import Journal
from opendance.pipeline.steps import STEPS
from opendance.prompt import plan_prompt
from opendance.store.tasks import TaskRecord
from tests import tasks

URL = "https://a.example/a.png"
TEXT = tasks.order()
IMAGE = tasks.order(tasks.MINI_IMAGE, links=(tasks.link("image", URL),))


class Memory:
    """Keeps a journal's rows for as long as the test runs.

    Attributes:
        removed: names, as they were removed.
    """

    def __init__(self, rows: dict[str, Any] | None = None) -> None:
        self.rows = dict(rows or {})
        self.removed: list[str] = []

    async def write(self, name: str, value: Any, seconds: float, forget: Collection[str] = ()) -> None:
        self.rows[name] = value
        await self.remove(forget)

    async def remove(self, names: Collection[str]) -> None:
        self.removed += names
        for name in names:
            self.rows.pop(name, None)


def journal_of(rows: dict[str, Any]) -> Journal:
    """A journal with these rows."""
    return Journal(rows, Memory(rows))


def row(step: str, order: Order, folder: Folder) -> Any:
    """What a step of this name gives, as it stands in the journal."""
    links = order.links
    assets = [
        {
            "kind": link.kind,
            "number": link.number,
            "width": 640,
            "height": 480,
            "path": str(folder.copy(link)),
            "source_path": str(folder.source(link)),
        }
        for link in links
    ]
    match step:
        case "moderate" | "screen":
            return {}
        case "fetch":
            return {link.label: 1 for link in links}
        case "probe":
            return assets
        case "search":
            return {"searches": 1, "facts": [], "queries": [], "note": ""}
        case "plan":
            plan = plan_prompt(order.prompt, seconds=order.duration, aspect_ratio="16:9", mode=order.catalog_model.mode)
            return next(step for step in STEPS if step.name == "plan").adapter.dump_python(plan, mode="json")
        case "render":
            return {"engine": "blank", "substitute": False, "seconds": 1.0, "size": [864, 496]}
        case "check" | "sign":
            return {"bytes": 1}
        case "store":
            return {"key": "x.mp4"}
        case _:
            raise AssertionError(f"say here what {step} gives")


def names_of(order: Order) -> list[str]:
    """The steps that apply to an order."""
    return [step.name for step in STEPS if step.when(order)]


def rows_before(stopped: str, order: Order, folder: Folder) -> dict[str, Any]:
    """The journal of a walk that stopped before that step; `end`: after all of them."""
    names = names_of(order)
    done = names if stopped == "end" else names[: names.index(stopped)]
    return {name: row(name, order, folder) for name in done}


def leave_files(folder: Folder, order: Order, *, without: Collection[str] = ()) -> None:
    """What steps leave in the folder, but for some of `sources`, `copies`, `clip` and `signed`."""
    files = {
        "sources": [folder.source(link) for link in order.links],
        "copies": [folder.copy(link) for link in order.links],
        "clip": [folder.clip],
        "signed": [folder.signed],
    }
    folder.path.mkdir(parents=True, exist_ok=True)
    for kind, paths in files.items():
        for path in paths if kind not in without else ():
            path.write_bytes(b"x")


UPSTREAM_ROW = {"engine": "ark", "begun": {"errand": "e-0", "handle": "cgt-1", "at": 1.0}}


def a_task(order: Order) -> TaskRecord:
    return tasks.waiting_task("acct", order)
