"""opendance doctor: what is installed, and how the installation stands."""

from __future__ import annotations

import asyncio
import json
import platform
import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from opendance.cli.common import FAILURE, ConfigFile, DataDir, app, stop
from opendance.cli.printing import out, say
from opendance.errors import OpendanceError
from opendance.machine import GIB, cores, memory
from opendance.media.budget import num_places
from opendance.media.confinement import Layer
from opendance.plan import LANGUAGES
from opendance.settings import load_settings


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Say what is installed, which engines load, how the installation stands, and what to do about what is not good."""
    import importlib.util

    from opendance.cli.checks import check_engine, check_installation
    from opendance.engines.configured import Engines
    from opendance.errors import ConfigurationError

    rows: list[tuple[str, bool, str]] = [
        (
            "python",
            sys.version_info >= (3, 11),
            f"{platform.python_version()} on {platform.machine()}, {cores()} cores, {memory() / GIB:.1f} GiB",
        ),
    ]
    settings = load_settings(config, data_dir=data_dir)
    usable = False
    try:
        known = Engines(settings.engine)
    except ConfigurationError as problem:
        known = Engines({})
        rows.append(("engines", False, str(problem)))
    for name, facts in known.items():
        missing = facts.missing()
        usable = usable or not (missing or facts.must_be_set_up)
        state = f"{facts.summary}; modes: {', '.join(sorted(facts.modes))}"
        if missing:
            state = f"missing: {', '.join(missing)}; {facts.install}".rstrip("; ")
        rows.append((f"engine {name}", not missing, state))
        if not missing and not facts.only_by_name and (not facts.must_be_set_up or name in known.set_up):
            loads = check_engine(facts, known.table(name), settings)
            rows.append((loads.what, loads.is_good, loads.details))
        for module, loss in facts.improves:
            is_installed = importlib.util.find_spec(module) is not None
            rows.append((f"  {module}", is_installed, "installed" if is_installed else loss))
    rows += [_drawings(), _words(), _nets(), _voices()]
    if usable:
        rows.append(("video encoder", _has_encoder("libx264"), "H.264 (x264)"))
        rows.append(("sound encoder", _has_encoder("aac"), "AAC"))
    at_once = f"up to {num_places()} are opened at once, each in a process confined by:"
    rows.append(("files from outside", True, at_once))
    try:
        rows += [(f"  {layer.name}", layer.holds, layer.says) for layer in asyncio.run(_layers())]
    except OpendanceError as problem:
        rows.append(("  none", False, f"the process for them does not start: {problem}"))
    rows += [(each.what, each.is_good, each.details) for each in check_installation(settings, data_dir, config)]
    if as_json:
        say(json.dumps([{"what": what, "ok": ok, "details": details} for what, ok, details in rows]))
    else:
        table = Table("", "what", "details")
        for what, ok, details in rows:
            table.add_row(Text("ok", "green") if ok else Text("--", "yellow"), what, details)
        out.print(table)
    if not usable:
        stop("no engine can run here", FAILURE)


_PACK = "install again where the registries of npm and PyPI are reached, without OPENDANCE_BUILD_OFFLINE"


def _drawings() -> tuple[str, bool, str]:
    """Which drawings there are for subjects."""
    from opendance.drawings.own import own_drawings
    from opendance.drawings.packaged import packaged_drawings

    packaged = packaged_drawings()
    fluent, noto, own = len(packaged.names("fluent")), len(packaged.names("noto")), len(own_drawings())
    if not fluent:
        return "drawings", False, f"{own} of our own; stand-ins take the place of Fluent and Noto: {_PACK}"
    return "drawings", True, f"{fluent} of Fluent, {noto} of Noto, {own} of our own"


def _words() -> tuple[str, bool, str]:
    """Which tables of words there are to understand prompts with."""
    from opendance.prompt.chinese_words import num_chinese_words
    from opendance.prompt.english_words import num_english_words
    from opendance.prompt.glosses import num_glosses

    english, chinese = num_english_words(), num_chinese_words()
    glosses = [num_glosses("zh"), num_glosses("ja"), num_glosses("ko")]
    glossed = f"{glosses[0]} Chinese, {glosses[1]} Japanese, {glosses[2]} Korean"
    counts = f"{english} English of WordNet, {chinese} Chinese of jieba; glossed: {glossed}"
    if not (english and chinese and all(glosses)):
        return "words", False, f"{counts}; the lexicon alone takes their place: {_PACK}"
    return "words", True, counts


def _nets() -> tuple[str, bool, str]:
    """Which nets there are to tell apart what pictures show, and whose faces."""
    from opendance.engines.previs.photo.nets import large_outline_file, large_outline_place, packed_nets
    from opendance.packing.models import MODELS

    packed = packed_nets()
    if large_outline_file() is not None:
        large = f"outlines by the full U2-Net in {large_outline_place()}"
    else:
        large = f"for finer outlines put U2-Net's u2net.onnx (176 MB, `rembg d u2net`) at {large_outline_place()}"
    if not packed:
        return "pictures", large_outline_file() is not None, f"rules tell apart what they show: {_PACK}; {large}"
    missing = ", ".join(name for name in MODELS.files if name not in packed)
    if missing:
        return "pictures", False, f"{', '.join(packed)}; without {missing}, {MODELS.without}: {_PACK}; {large}"
    return "pictures", True, f"{', '.join(packed)}; {large}"


def _voices() -> tuple[str, bool, str]:
    """Which languages dialogue is spoken in, and by what."""
    from opendance.engines.previs.sound.speech.nets import VOICES
    from opendance.engines.previs.sound.speech.speaking import net_for

    nets = {name: net_for(language) for language, name in LANGUAGES.items()}
    spoken = ", ".join(f"{name} by {net}" for name, net in nets.items() if net is not None)
    if not VOICES.is_file():
        return "voices", False, f"{spoken or 'none'}; those of Kokoro are not packed: {_PACK}"
    silent = ", ".join(name for name, net in nets.items() if net is None)
    if silent:
        return "voices", False, f"{spoken or 'none'}; not spoken: {silent}: pip install 'opendance[speech]'"
    return "voices", True, spoken


async def _layers() -> tuple[Layer, ...]:
    """What keeps the process that opens files from outside from doing anything else here."""
    from opendance.media.examine import Examiner

    examiner = Examiner()
    try:
        return await examiner.layers()
    finally:
        await examiner.close()


def _has_encoder(name: str) -> bool:
    import av.codec

    return name in av.codec.codecs_available
