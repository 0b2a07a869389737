"""opendance plan: what is understood of a prompt."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from opendance.asset import Asset
from opendance.catalog import DEFAULT_DURATION, Mode
from opendance.cli.common import USAGE_ERROR, app, existing_file, stop
from opendance.cli.printing import out, say
from opendance.cli.prompts import PromptFile, read_prompt
from opendance.errors import ApiError, ConfigurationError, TaskError
from opendance.plan import AssetKind, Subject


@app.command()
def plan(
    prompt: Annotated[
        str | None, typer.Argument(help="The prompt to understand; - reads it from standard input.")
    ] = None,
    prompt_file: PromptFile = None,
    duration: Annotated[int, typer.Option(min=1, max=60, help="Seconds.")] = DEFAULT_DURATION,
    image: Annotated[list[Path] | None, typer.Option("--image", help="An image file; repeat for more.")] = None,
    video: Annotated[list[Path] | None, typer.Option("--video", help="A video file; repeat for more.")] = None,
    audio: Annotated[list[Path] | None, typer.Option("--audio", help="A sound file; repeat for more.")] = None,
    frames: Annotated[bool, typer.Option(help="Image-to-video: the images are the first and the last frame.")] = False,
    aspect_ratio: Annotated[str, typer.Option(help="A ratio, or adaptive.")] = "adaptive",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
) -> None:
    """Show what is understood of a prompt: roles of the media, shots, camera, light, subjects, sound."""
    from opendance.api.rules import check_prompt
    from opendance.catalog import AspectRatio
    from opendance.prompt import check_references, plan_prompt

    text = read_prompt(prompt, prompt_file)
    check_prompt(text, "PROMPT")
    if aspect_ratio not in list(AspectRatio):
        raise ConfigurationError(f"--aspect-ratio: {aspect_ratio} is not possible; choose {', '.join(AspectRatio)}")
    assets = _examined({"image": image or [], "video": video or [], "audio": audio or []})
    mode = Mode.IMAGE if frames else Mode.REFERENCE if assets else Mode.TEXT
    counts = [sum(asset.kind == kind for asset in assets) for kind in ("image", "video", "audio")]
    try:
        check_references(text, num_images=counts[0], num_videos=counts[1], num_audios=counts[2])
    except ApiError as error:
        stop(error.message, USAGE_ERROR)
    understood = plan_prompt(text, seconds=duration, aspect_ratio=aspect_ratio, mode=mode, assets=assets)
    if as_json:
        say(json.dumps(asdict(understood), ensure_ascii=False, indent=2))
        return
    head = Table("language", "ratio", "style", "mood", "music", "dialogue")
    spoken = " / ".join(line.text for line in understood.dialogue) or "-"
    music = "none" if understood.silent_music else understood.music or f"a bed, {understood.mood}"
    head.add_row(understood.language, understood.aspect_ratio, understood.style, understood.mood, music, spoken)
    out.print(head)
    if understood.assets:
        roles = Table("asset", "role", "s", "from the words")
        for use in understood.assets:
            role = use.role + (f" of {use.target}" if use.target else "") + (", backwards" if use.backwards else "")
            roles.add_row(f"{use.kind} {use.number}", role, f"{use.start:g}-{use.end:g}", use.words)
        out.print(roles)
    shots = Table("shot", "s", "place", "light", "framing", "camera", "subjects", "particles")
    for number, shot in enumerate(understood.shots, start=1):
        subjects = ", ".join(_described(subject, shot.subjects) for subject in shot.subjects)
        camera = shot.camera.move + (", handheld" if shot.camera.handheld and shot.camera.move != "handheld" else "")
        framing = [shot.size, shot.lens, shot.view, None if shot.pace == "normal" else shot.pace]
        shots.add_row(
            str(number),
            f"{shot.start:g}-{shot.end:g}",
            shot.setting if shot.place in (None, shot.setting) else f"{shot.place} ({shot.setting})",
            ", ".join(filter(None, (shot.hour, shot.weather, shot.season))),
            ", ".join(filter(None, framing)),
            camera,
            subjects or "-",
            ", ".join(shot.particles) or "-",
        )
    out.print(shots)
    if understood.found:
        words = Table("understood", "from the words")
        for what, source in understood.found:
            words.add_row(what, source)
        out.print(words)
    for what, names in (
        ("not shown", understood.excluded),
        ("written", tuple(writing.text for writing in understood.written)),
        ("changed nothing", understood.unused),
    ):
        if names:
            out.print(f"{what}: {', '.join(names)}", markup=False)


def _described(subject: Subject, others: Sequence[Subject]) -> str:
    """A subject in a few words: how many, how it looks, what it does to what, and how it stands to others."""
    looks = [subject.age, subject.colour, subject.material]
    count = str(subject.count) if subject.count > 1 else None
    does = subject.verb or subject.action
    if subject.object is not None:
        does += f" {others[subject.object].name}"
    told = [does, *(f"{relation} {others[index].name}" for relation, index in subject.relations)]
    if subject.wears:
        told.append(f"wears {' and '.join(subject.wears)}")
    if subject.drawing is None and subject.image is None:
        told.append("no drawing")
    return f"{' '.join(filter(None, (count, *looks, subject.name)))} ({', '.join(told)})"


def _examined(media: dict[AssetKind, list[Path]]) -> tuple[Asset, ...]:
    """The assets as the service would find them to be, without copies."""
    from opendance.media.examine import Examiner

    async def examine() -> list[Asset]:
        assets: list[Asset] = []
        examiner = Examiner()
        with tempfile.TemporaryDirectory(prefix="opendance-") as folder:
            target = {"image": "copy.png", "video": "copy.mp4", "audio": "copy.wav"}
            try:
                for kind, paths in media.items():
                    for number, path in enumerate(paths, start=1):
                        existing_file(path, f"--{kind}")
                        try:
                            copy = Path(folder) / target[kind]
                            assets.append(await examiner.asset(kind, number, path, copy, most_pixels=500_000))
                        except TaskError as error:
                            raise ConfigurationError(f"--{kind} {path}: {error.message}") from None
            finally:
                await examiner.close()
        return assets

    return tuple(asyncio.run(examine())) if any(media.values()) else ()
