"""opendance doctor: what is installed."""

from __future__ import annotations

import json
import os
import platform
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from opendance.cli.common import FAILURE, ConfigFile, DataDir, app, out, stop
from opendance.private import open_to_others
from opendance.settings import load_settings

_MOST = 1000  # files that are counted


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Say what is installed, which engines can run, what is missing, and whether others can read the data folder."""
    import importlib.util

    from opendance.engines.registry import known_engines

    rows: list[tuple[str, bool, str]] = [
        (
            "python",
            sys.version_info >= (3, 11),
            f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores",
        ),
    ]
    usable = False
    for name, facts in known_engines().items():
        missing = facts.missing()
        usable = usable or not (missing or facts.must_be_set_up)
        state = f"{facts.summary}; modes: {', '.join(sorted(facts.modes))}"
        if missing:
            state = f"missing: {', '.join(missing)}; {facts.install}".rstrip("; ")
        rows.append((f"engine {name}", not missing, state))
        for module, loss in facts.improves:
            is_installed = importlib.util.find_spec(module) is not None
            rows.append((f"  {module}", is_installed, "installed" if is_installed else loss))
    folder = load_settings(config, data_dir=data_dir).data_dir
    if folder.exists():
        rows.append(_data_folder(folder))
    if usable:
        rows.append(("video encoder", _has_encoder("libx264"), "H.264 (x264)"))
        rows.append(("sound encoder", _has_encoder("aac"), "AAC"))
    if as_json:
        print(json.dumps([{"what": what, "ok": ok, "details": details} for what, ok, details in rows]))
    else:
        table = Table("", "what", "details")
        for what, ok, details in rows:
            table.add_row(Text("ok", "green") if ok else Text("--", "yellow"), what, details)
        out.print(table)
    if not usable:
        stop("no engine can run here", FAILURE)


def _data_folder(folder: Path) -> tuple[str, bool, str]:
    open_files = list(islice(open_to_others(folder), _MOST))
    if not open_files:
        return "data folder", True, f"{folder} is for its owner alone"
    count = f"{_MOST} and more" if len(open_files) == _MOST else str(len(open_files))
    return (
        "data folder",
        False,
        f"other users may use {count} of its files, such as {open_files[0]}: chmod -R go= {folder}",
    )


def _has_encoder(name: str) -> bool:
    import av.codec

    return name in av.codec.codecs_available
