"""opendance engines recommend | get | remove: from nothing to real footage in two commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from opendance.cli.common import FAILURE, USAGE_ERROR, AsJson, ConfigFile, DataDir, stop
from opendance.cli.printing import out, say
from opendance.cli.set_up import block, replace_text, tables_of, with_block, with_routes, without_block, without_routes
from opendance.engines.configured import Engines
from opendance.engines.diffusers.cards import in_words, usual_seconds
from opendance.engines.diffusers.models import ROWS
from opendance.engines.diffusers.options import DiffusersOptions
from opendance.engines.diffusers.recommending import (
    Machine,
    Recommendation,
    look_at_machine,
    machine_with,
    recommend,
)
from opendance.engines.diffusers.row import Row
from opendance.engines.diffusers.weights import (
    PLACES,
    DamagedWeights,
    Listing,
    check_disk,
    fetch,
    folder_of,
    is_of,
    local_options,
    missing,
    needed_by,
)
from opendance.engines.registry import engine_facts, engine_options
from opendance.errors import ConfigurationError
from opendance.settings import Settings, load_settings

Name = Annotated[str, typer.Argument(help="The engine, such as wan2_2_5b.")]
_CONFIG = Path("opendance.toml")


def recommend_engines(
    gpu: Annotated[
        str | None, typer.Option(help="A card that is not here, as it is sold: RTX 4090, H100, M4 Max.")
    ] = None,
    gpu_memory: Annotated[
        float | None,
        typer.Option(
            min=1, max=4000, metavar="GB", help="Its memory, as it is sold; without --gpu: of the slowest with as much."
        ),
    ] = None,
    memory: Annotated[
        float | None, typer.Option(min=1, max=100_000, metavar="GB", help="Main memory; default: this machine's.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Look at this machine - GPU, memory, disk - and name engines with what they need, make and allow.

    With --gpu or --gpu-memory: as if it had that card. All times and sizes are arithmetic, see docs/engines.md.
    """
    machine = look_at_machine(_place(load_settings(config, data_dir=data_dir)))
    machine = machine_with(machine, gpu=gpu, gpu_gb=gpu_memory, main_gib=memory)
    made = recommend(machine)
    if as_json:
        say(json.dumps({"machine": _machine_facts(machine), "engines": [_facts(each) for each in made]}))
        return
    cards = ", ".join(f"{card.example} with {card.gib:.0f} GiB free" for card in machine.cards) or "no GPU"
    disk = "" if machine.disk_gib is None else f"; {machine.disk_gib:.0f} GiB of disk free"
    say(f"{cards}; {machine.main_gib:.0f} GiB of main memory{disk}")
    table = Table("engine", "makes", "a clip takes about", "needs", "licence")
    for each in made:
        if each.problems or each.estimate is None:
            continue
        row, seconds = each.row, usual_seconds(each.row)
        needs = f"{each.estimate.gib:.0f} GiB GPU, {each.estimate.main_gib:.0f} GiB main, {row.size_gb:.0f} GB disk"
        table.add_row(
            row.name, _makes(row), f"{in_words(each.estimate.seconds)} for {seconds:.3g} s", needs, str(row.licence)
        )
    if table.row_count:
        out.print(table)
        say(f"opendance engines get {next(each.row.name for each in made if not each.problems)} fetches the first")
    for each in made:
        if each.problems:
            say(f"{each.row.name} does not run here: it needs {'; '.join(each.problems)}")
    if not table.row_count:
        say("without a GPU, previs draws previews, and ark or evolink make videos elsewhere")


def _machine_facts(machine: Machine) -> dict[str, Any]:
    cards = [{"name": card.example, "gib_free": round(card.gib, 1)} for card in machine.cards]
    disk = None if machine.disk_gib is None else round(machine.disk_gib, 1)
    return {"gpus": cards, "main_gib": round(machine.main_gib, 1), "disk_gib": disk}


def _makes(row: Row) -> str:
    modes = {"text-to-video": "text", "image-to-video": "frames", "reference-to-video": "references"}
    parts = [word for mode, word in modes.items() if mode in {each.value for each in row.modes}]
    return f"{', '.join(parts)}; {row.longest:.3g} s at most{'; sound' * row.sound}"


def _facts(each: Recommendation) -> dict[str, Any]:
    row, made = each.row, each.estimate
    return {
        "name": row.name,
        "modes": sorted(mode.value for mode in row.modes),
        "longest": row.longest,
        "sound": row.sound,
        "licence": row.licence.name,
        "licence_source": row.licence.source,
        "disk_gb": row.size_gb,
        "problems": list(each.problems),
        "estimate": None
        if made is None or not made.fits
        else {
            "clip_seconds": usual_seconds(row),
            "seconds": round(made.seconds),
            "gpu_gib": round(made.gib, 1),
            "main_gib": round(made.main_gib, 1),
            "quantization": made.layout.quantization,
            "offload": made.layout.offload,
        },
    }


def get_engine(
    name: Name,
    accept: Annotated[bool, typer.Option("--accept-licence", help="Accept the licence that is shown.")] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Fetch the weights of an engine, check them, and set it up in the settings file.

    What broke off is gone on with; what is there is checked and not fetched again.
    """
    settings, row = load_settings(config, data_dir=data_dir), _row(name)
    if lacking := engine_facts(name, "engines get").missing():
        stop(f"{name} needs {', '.join(lacking)}: {engine_facts(name, '').install}", FAILURE)
    from opendance.engines.diffusers.hub import bytes_of, listing_of

    options = _options(name, _asked(settings, name))
    place = _place(settings)
    needed = needed_by(options)
    listings: dict[str, Listing] = {each.repository: listing_of(each.repository) for each in needed}
    _agree(row, listings, accept=accept)
    files = {each.repository: each.chosen(listings[each.repository]) for each in needed}
    check_disk(
        sum(missing(listings[name], chosen, folder_of(place, name)) for name, chosen in files.items()), place
    )  # fmt: skip
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out, transient=True) as progress:
        for repository, chosen in files.items():
            bar = progress.add_task(repository, total=sum(file.size for file in chosen))
            for file in chosen:
                try:
                    fetch(
                        listings[repository],
                        file,
                        folder_of(place, repository),
                        bytes_of,
                        lambda count, bar=bar: progress.advance(bar, count),
                    )
                except ConnectionError as error:
                    stop(f"{repository}: {file.path} broke off: {error}; the same command goes on with it", FAILURE)
                except DamagedWeights as error:
                    stop(str(error), FAILURE)
    count = sum(len(chosen) for chosen in files.values())
    say(f"{count} files of {', '.join(files) or 'no repository'} are whole, in {place}")
    _set_up(config or _CONFIG, name, local_options(options, place))


def _agree(row: Row, listings: Mapping[str, Listing], *, accept: bool) -> None:
    """Show under what the weights may be used, and have it accepted."""
    say(f"{row.title}: {row.licence}")
    for listing in listings.values():
        say(
            f"  {listing.repository}: its card states {listing.stated or 'no licence'}; https://huggingface.co/{listing.repository}"
        )
    if accept:
        return
    if not typer.confirm("Do you accept these licences?", default=False):
        stop("nothing was fetched; read the licences, then say --accept-licence", FAILURE)


def _set_up(file: Path, name: str, options: Mapping[str, str]) -> None:
    text = file.read_text("utf-8") if file.is_file() else ""
    made = with_block(text, name, options)
    if made is None:
        say(f"{file} has an [engine.{name}] of its own; give it:\n{block(name, options)}")
        return
    made, keys = with_routes(made, name, ROWS[name].modes)
    replace_text(file, made)
    say(f"{file}: [engine.{name}] is set up; opendance serve --config {file}")
    if keys:
        say(f"{file}: [routes] asks it first, in {', '.join(keys)}")


def remove_engine(name: Name, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Take an engine out of the settings file, and delete the weights that no other engine there uses."""
    settings, file = load_settings(config, data_dir=data_dir), config or _CONFIG
    _row(name)
    place = _place(settings)
    text = file.read_text("utf-8") if file.is_file() else ""
    rest = without_block(text, name)
    if name in tables_of(rest).get("engine", {}):
        stop(f"{file}: [engine.{name}] was not written by opendance engines get; take it out first", USAGE_ERROR)
    used = {
        str(table[option])
        for table in tables_of(rest).get("engine", {}).values()
        for option in PLACES
        if option in table
    }
    rest, keys = without_routes(rest, name)
    if rest != text:
        replace_text(file, rest)
        routed = f", and out of [routes]: {', '.join(keys)}" if keys else ""
        say(f"{file}: [engine.{name}] is taken out{routed}")
    freed, deleted = 0, 0
    for each in needed_by(_options(name, {})):
        folder = folder_of(place, each.repository)
        if folder.is_dir() and not any(is_of(value, folder) for value in used):
            freed += sum(part.stat().st_size for part in folder.rglob("*") if part.is_file())
            shutil.rmtree(folder)
            deleted += 1
    if deleted:
        say(f"{freed / 1e9:.1f} GB of weights are deleted")
    elif rest == text:
        say(f"nothing is left of {name}: {file} does not set it up, and none of its weights are in {place}")
    else:
        say("no weights were deleted: there are none of its own")


def _row(name: str) -> Row:
    if name not in ROWS:
        stop(f"{name} has no weights to fetch; those that have are {', '.join(ROWS)}", USAGE_ERROR)
    return ROWS[name]


def _options(name: str, table: Mapping[str, Any]) -> DiffusersOptions:
    options = engine_options(engine_facts(name, "engines"), table)
    if not isinstance(options, DiffusersOptions):
        raise ConfigurationError(f"engine.{name}: it has no weights")
    return options


def _asked(settings: Settings, name: str) -> dict[str, Any]:
    """Which weights the operator chose for an engine, but for those that lie on this machine already."""
    table = Engines(settings.engine).table(name)
    return {
        option: table[option] for option in PLACES if option in table and not Path(str(table[option])).is_absolute()
    }


def _place(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "weights"
