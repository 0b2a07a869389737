"""How given images and videos change a plan: its ratio, its cuts, and who is seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from opendance.asset import Asset
from opendance.catalog import PIXELS, Mode, Quality
from opendance.plan import AssetUse, Shot, Subject
from opendance.prompt.emoji_names import Kind
from opendance.prompt.lexicon import Lexicon
from opendance.prompt.word_tables import ACTION

MAX_SUBJECTS = 8  # in a shot, but for images, which are all shown


def nearest_ratio(ratio: float) -> str:
    """The ratio of the catalogue that is nearest to a picture's width over its height, on a scale of proportions."""

    def distance(name: str) -> float:
        width, height = next(sizes[Quality.P1080] for key, sizes in PIXELS.items() if key.value == name)
        return abs(math.log(width / height / ratio))

    return min((key.value for key in PIXELS), key=distance)


def ratio_of_assets(mode: Mode, assets: Sequence[Asset], uses: Sequence[AssetUse]) -> tuple[str, str] | None:
    """The ratio of what was given, and why: the first frame's; for references a video's, else an image's."""  # OUT-05
    videos = [asset for asset in assets if asset.kind == "video"]
    images = [asset for asset in assets if asset.kind == "image"]
    footage = {use.number for use in uses if use.kind == "video" and use.role in ("edit", "extend", "join")}
    frames = {use.number for use in uses if use.kind == "image" and use.role == "first_frame"}
    videos.sort(key=lambda asset: asset.number not in footage)
    images.sort(key=lambda asset: asset.number not in frames)
    leading = next(iter(images if mode is Mode.IMAGE else [*videos, *images]), None)
    if leading is None or not leading.width:
        return None
    reason = f"{leading.kind} {leading.number} is {leading.width} x {leading.height}"
    return nearest_ratio(leading.ratio), reason


def cut_for_settings(shots: list[Shot], uses: Sequence[AssetUse]) -> list[Shot]:
    """Shots, cut where one setting image follows another."""
    cuts = {use.start for use in uses if use.role == "setting"} | {use.end for use in uses if use.role == "setting"}
    out: list[Shot] = []
    for shot in shots:
        inside = sorted(cut for cut in cuts if shot.start + 0.5 <= cut <= shot.end - 0.5)
        edges = [shot.start, *inside, shot.end]
        out += [replace(shot, start=begin, end=end) for begin, end in pairwise(edges)]
    return out


_CROWD = 3  # image subjects that share a shot
_THINGS: tuple[Kind, ...] = (
    "thing", "instrument", "vehicle", "boat", "plant", "furniture", "clothing", "headgear", "tool", "weapon", "food",
    "drink", "machine", "toy", "sport", "nature",
)  # fmt: skip


def with_images(shots: list[Shot], uses: Sequence[AssetUse], words: Lexicon) -> list[Shot]:
    """Shots in which images stand for the subjects that they show, or for new ones."""
    out: list[Shot] = []
    for shot in shots:
        here = [u for u in uses if u.role in ("subject", "product") and u.start < shot.end and u.end > shot.start]
        parts = [here[k : k + _CROWD] for k in range(0, len(here), _CROWD)] or [[]]
        if shot.seconds / len(parts) < 1.0:
            parts = [here]
        length = shot.seconds / len(parts)
        for index, part in enumerate(parts):
            piece = replace(shot, start=shot.start + index * length, end=shot.start + (index + 1) * length)
            out.append(_staged(piece, part, words))
    return out


def _staged(shot: Shot, uses: list[AssetUse], words: Lexicon) -> Shot:
    subjects = list(shot.subjects)
    for use in uses:
        place = next((k for k, s in enumerate(subjects) if s.image is None and _shows(use, s)), None)
        if place is None and len(uses) == 1:
            things = use.role == "product"
            fitting = [k for k, s in enumerate(subjects) if s.image is None and _is_thing(s, words) == things]
            place = fitting[0] if fitting else None
        acting = [action for hit in words.hits(use.words) if (action := hit.value(ACTION)) is not None]
        if place is not None:
            shown = subjects[place]
            # "The woman of image 1 walks": what stands between keeps the verb from whom it is about.
            action = acting[0] if acting and shown.action == "idle" and not shown.verb else shown.action
            subjects[place] = replace(
                shown, image=use.number, name=f"image {use.number}", face=None, count=1, action=action
            )
        else:
            newcomer = Subject("🖼", f"image {use.number}", use.words, image=use.number)
            subjects.append(replace(newcomer, action=acting[0]) if acting else newcomer)
    order = sorted(range(len(subjects)), key=lambda index: subjects[index].image is None)
    shown = sum(subject.image is not None for subject in subjects)
    return replace(shot, subjects=in_order(subjects, order[: max(MAX_SUBJECTS, shown)]))


def in_order(subjects: Sequence[Subject], order: Sequence[int]) -> tuple[Subject, ...]:
    """The subjects whose indexes `order` has, in that order; what they say of each other goes with them."""
    places = {index: place for place, index in enumerate(order)}
    out: list[Subject] = []
    for index in order:
        subject = subjects[index]
        relations = tuple((relation, places[other]) for relation, other in subject.relations if other in places)
        acts_on = places.get(subject.object) if subject.object is not None else None
        deeds = tuple(
            replace(deed, object=places.get(deed.object) if deed.object is not None else None) for deed in subject.deeds
        )
        out.append(
            replace(
                subject, deeds=deeds, object=acts_on, relations=relations, relation=relations[0] if relations else None
            )
        )
    return tuple(out)


def _is_thing(subject: Subject, words: Lexicon) -> bool:
    drawing = words.drawings.get(subject.drawing or "") or words.drawings.get(subject.name)
    return drawing is None or drawing.kind in _THINGS


def _shows(use: AssetUse, subject: Subject) -> bool:
    return subject.words.lower() in use.words.lower() or (use.target or "\0").lower() in subject.words.lower()
