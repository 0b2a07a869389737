"""Reads what `scenes.toml` says of a prompt and tells which of it a plan has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from opendance.plan import Plan, Shot, Subject
from opendance.prompt import plan_prompt

SCENES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "scenes.toml").read_text("utf-8"))["scene"]
_RELATIONS = "in|on|under|beside|behind|in_front_of|over|inside|holding|riding|facing|following|between|leaning_on"


def missing(scene: dict[str, Any]) -> list[str]:
    """What of `scene` the plan of its prompt does not have."""
    plan = plan_prompt(scene["prompt"], seconds=10, aspect_ratio="16:9")
    return [line for line in scene["must"] if not has(plan, line)]


def has(plan: Plan, line: str) -> bool:
    """Whether a plan has what a line asks for; with `2:` before it, in its second shot, else in any."""
    numbered = re.match(r"(\d): ", line)
    shots = plan.shots if numbered is None else plan.shots[int(numbered[1]) - 1 : int(numbered[1])]
    rest = line if numbered is None else line[numbered.end() :]
    what, _, value = rest.partition(" ")
    if what == "shots":
        return len(plan.shots) == int(value)
    if what == "not":
        return not any(_is(subject, value) for shot in plan.shots for subject in shot.subjects)
    if what == "written":
        return any(value == writing.text for writing in plan.written)
    if what in ("style", "mood"):
        return getattr(plan, what) in value.split("|")
    return any(_shot_has(shot, what, value, rest) for shot in shots)


def _shot_has(shot: Shot, what: str, value: str, line: str) -> bool:
    match what:
        case "subject":
            return any(_counted(subject, option) for option in value.split("|") for subject in shot.subjects)
        case "camera":
            return shot.camera.move in value.split("|")
        case "place" | "setting" | "hour" | "weather" | "season" | "size" | "lens" | "view" | "pace":
            return str(getattr(shot, what)) in value.split("|")
        case "particles":
            return value in shot.particles
    who, verb, rest = re.match(rf"(.+?) (is|wears|does|{_RELATIONS})(?:\|\w+)? (.+)", line).groups()  # type: ignore[union-attr]
    relations = re.match(rf".+? ((?:{_RELATIONS})(?:\|\w+)*) ", line)
    for subject in shot.subjects:
        if not _is(subject, who):
            continue
        if verb == "is" and rest in (subject.colour, subject.material, subject.age, subject.gender, subject.role):
            return True
        if verb == "wears" and any(rest.split()[-1] in each for each in subject.wears):
            return True
        if verb == "does":
            verbs, _, thing = rest.partition(" ")
            does = subject.verb in verbs.split("|") or subject.action in verbs.split("|")
            if does and (not thing or (subject.object is not None and _is(shot.subjects[subject.object], thing))):
                return True
        elif relations is not None and any(
            relation in relations[1].split("|") and _is(shot.subjects[index], rest)
            for relation, index in subject.relations
        ):
            return True
    return False


def _counted(subject: Subject, line: str) -> bool:
    name, _, count = line.rpartition(" x")
    return _is(subject, name) and subject.count == int(count) if name else _is(subject, line)


def _is(subject: Subject, name: str) -> bool:
    known = {subject.name.lower(), *subject.name.lower().split(), subject.role, subject.drawing, subject.words.lower()}
    return any(option in known for option in name.split("|"))


def score() -> tuple[int, int]:
    """How many of all lines the plans have, and how many there are."""
    lines = sum(len(scene["must"]) for scene in SCENES)
    return lines - sum(len(missing(scene)) for scene in SCENES), lines
