"""The references of a job in the order in which a model reads them, and the prompt with the model's own labels."""

from __future__ import annotations

from dataclasses import dataclass

from opendance.asset import Asset
from opendance.job import Job
from opendance.plan import AssetKind, Plan, Role

# What a prompt gives a part to comes before what only sets the mood; within a role the user's order holds.
_IMPORTANCE: tuple[Role, ...] = (
    "edit", "extend", "join", "first_frame", "last_frame", "subject", "product", "voice", "camera", "motion",
    "setting", "music", "effect", "style",
)  # fmt: skip
_KINDS: tuple[AssetKind, ...] = ("image", "audio", "video")
_LABELS: dict[AssetKind, str] = {"image": "Picture", "audio": "Audio", "video": "Video"}


@dataclass(frozen=True)
class Reference:
    """One asset, and its number among those of its kind that the model gets."""

    asset: Asset
    number: int

    @property
    def label(self) -> str:
        """As MiniMax H3 names it: `<Picture 1>`."""
        return f"<{_LABELS[self.asset.kind]} {self.number}>"


def ordered_references(job: Job, *, most: int) -> list[Reference]:
    """Images, then audios, then videos, each in the user's order, so that their numbers are the user's own.

    Audios stand before videos because a video's own sound counts as an audio too, where it is read: after the user's,
    it takes none of their numbers.

    Args:
        most: more than so many the model does not read. Then the least important go: what the prompt gives no part
            to, then by role (`edit` is kept longest, `style` goes first), the later before the earlier; but something
            that can be seen always stays.
    """
    named = {(reference.kind, reference.number) for reference in job.plan.references}

    def importance(asset: Asset) -> tuple[int, int, int, int]:
        key = (asset.kind, asset.number)
        role = job.plan.role_of(*key)
        rank = len(_IMPORTANCE) if role is None else _IMPORTANCE.index(role)
        return (key not in named, rank, asset.number, _KINDS.index(asset.kind))

    kept = sorted(job.assets, key=importance)[:most]
    in_order = sorted(kept, key=lambda asset: (_KINDS.index(asset.kind), asset.number))
    counts: dict[AssetKind, int] = dict.fromkeys(_KINDS, 0)
    out: list[Reference] = []
    for asset in in_order:
        counts[asset.kind] += 1
        out.append(Reference(asset, counts[asset.kind]))
    return out


def left_out(job: Job, references: list[Reference]) -> tuple[str, ...]:
    """A note for the journal, where not all assets were given to the model."""
    kept = {(reference.asset.kind, reference.asset.number) for reference in references}
    gone = [f"{asset.kind} {asset.number}" for asset in job.assets if (asset.kind, asset.number) not in kept]
    return (f"the model reads {len(references)} references; left out: {', '.join(gone)}",) if gone else ()


def tagged_prompt(plan: Plan, references: list[Reference]) -> str:
    """The prompt with the model's labels in place of the user's words for an asset (`image 1`, `图片1`, `@Image1`)."""
    labels = {(reference.asset.kind, reference.asset.number): reference.label for reference in references}
    out, at = "", 0
    for place in sorted(plan.references, key=lambda place: place.begin):
        label = labels.get((place.kind, place.number))
        if label is None or place.begin < at or place.end <= place.begin:
            continue
        out += plan.prompt[at : place.begin] + label
        at = place.end
    return out + plan.prompt[at:]
