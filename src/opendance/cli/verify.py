"""opendance verify: where a video comes from."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from opendance.cli.common import FAILURE, USAGE_ERROR, AsJson, app, existing_file, stop
from opendance.cli.printing import say
from opendance.errors import TaskError


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An MP4, MOV, WebM or Matroska file.")],
    as_json: AsJson = False,
) -> None:
    """Tell the manifest and the invisible marks of a video. Exit code 0: made by Opendance; 1: no sign of it."""
    from opendance.provenance.verify import verify as look

    existing_file(file)
    try:
        report = asyncio.run(look(file))
    except TaskError as error:
        stop(f"{file}: {error.message}", USAGE_ERROR)
    if as_json:
        say(json.dumps(report.as_json()))
        raise typer.Exit(0 if report.is_ours else FAILURE)
    manifest, marks = report.manifest, report.marks
    if manifest is None:
        say("manifest   none in the file")
    else:
        whole = "whole" if not manifest.problems else f"BROKEN: {', '.join(manifest.problems)}"
        say(f"manifest   {whole}; signed by {manifest.issuer} ({manifest.state}), made with {manifest.generator}")
        generation = manifest.generation
        if generation:
            inputs = ", ".join(f"{count} {kind}" for kind, count in generation.get("inputs", {}).items())
            by = f"{generation.get('engine')} as {generation.get('model')}"
            say(f"           generated {generation.get('created')} by {by} from {inputs}")
        if manifest.source_type:
            say(f"           kind of source: {manifest.source_type}")
    number = "" if marks["number"] is None else f", number {marks['number']:08x}"
    if marks["number"] is not None and manifest is not None and manifest.watermark is not None:
        number += (
            " as the manifest says"
            if marks["number"] == manifest.watermark
            else f", NOT {manifest.watermark:08x} of the manifest"
        )
    say(f"picture    {'marked' if marks['picture'] else 'no mark'} ({marks['picture_sigmas']} sigma){number}")
    sound = "no sound, or too little to tell" if marks["sound"] is None else "marked" if marks["sound"] else "no mark"
    say(f"sound      {sound}" + ("" if marks["sound_sigmas"] is None else f" ({marks['sound_sigmas']} sigma)"))
    raise typer.Exit(0 if report.is_ours else FAILURE)
