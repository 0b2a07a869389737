"""opendance serve | keys | generate | plan | doctor."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from opendance import __version__
from opendance.asset import Asset
from opendance.catalog import DEFAULT_DURATION, MODELS, Mode
from opendance.client import ApiProblem, Client
from opendance.errors import ApiError, ConfigurationError, TaskError
from opendance.plan import AssetKind
from opendance.settings import Settings, load_settings

T = TypeVar("T")
USAGE_ERROR, FAILURE = 2, 1

app = typer.Typer(
    help="Self-hosted video generation, wire-compatible with the Seedance 2.0 unified API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
out = Console()
err = Console(stderr=True)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for the database and results [default: opendance-data].")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings.")]


def main() -> None:
    """Entry point: errors in one line on stderr; exit code 1 for a failure, 2 for what was asked wrongly."""
    try:
        app()
    except ConfigurationError as error:
        _stop(str(error), USAGE_ERROR)
    except ApiProblem as error:
        _stop(error.message, USAGE_ERROR if error.status == 400 else FAILURE)


def _stop(message: str, code: int) -> NoReturn:
    err.print(f"[bold red]error:[/] {message}", highlight=False, soft_wrap=True)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def version_option(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True)] = False,
) -> None:
    """Options of the program itself."""
    if version:
        print(f"opendance {__version__}")
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one [default: 8000].")] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Run the server."""
    settings = load_settings(config, host=host, port=port, data_dir=data_dir)
    from opendance.server import run_server

    run_server(settings, announce=_announce)


def _announce(address: str, first_key: str | None) -> None:
    """What the operator must know, on stdout, so that other programs can read it too."""
    print(f"Opendance {__version__} is ready at {address}")
    print(f"  API page:  {address}/docs")
    if first_key is not None:
        print(f"  API key:   {first_key}  (made just now, shown only this once)")
    print("  Stop with Ctrl-C", flush=True)


def _on_store(settings: Settings, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Do `work` in one transaction on the data folder, with or without a running server."""
    from opendance.store.database import Database, migrate

    async def run() -> T:
        database = Database(settings.database_path)
        try:
            async with database.write() as connection:
                return await work(connection)
        finally:
            await database.close()

    migrate(settings.database_path)
    return asyncio.run(run())


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    model: Annotated[list[str] | None, typer.Option(help="A model it may use; repeat. Default: all.")] = None,
    days: Annotated[float | None, typer.Option(min=0, help="Days until it ends. Default: never.")] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make a key and print it, alone, on stdout: the only time that it can be seen."""
    from opendance.store.keys import create_key

    unknown = [m for m in model or () if m not in MODELS]
    if unknown:
        raise ConfigurationError(f"--model: there is no {unknown[0]}; the models are {', '.join(MODELS)}")
    if not name.strip():
        raise ConfigurationError("--name: must not be empty")
    expires = None if days is None else datetime.now(UTC).timestamp() + days * 86400
    models = tuple(model) if model else None
    settings = load_settings(config, data_dir=data_dir)
    print(_on_store(settings, lambda c: create_key(c, name=name.strip(), models=models, expires=expires)))


@keys_app.command("list")
def keys_list(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show all keys, without what is secret of them."""
    from opendance.store.keys import list_keys

    records = _on_store(load_settings(config, data_dir=data_dir), list_keys)
    if as_json:
        print(json.dumps([asdict(record) for record in records]))
        return
    table = Table("id", "name", "key", "made", "state", "models")
    now = datetime.now(UTC).timestamp()
    for record in records:
        ended = record.expires is not None and record.expires <= now
        state = "revoked" if record.revoked else "expired" if ended else "active"
        made = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M")
        table.add_row(record.id, record.name, record.prefix + "…", made, state, ", ".join(record.models or ("all",)))
    out.print(table)


@keys_app.command("revoke")
def keys_revoke(
    key: Annotated[str, typer.Argument(help="Id or name of the key.")],
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Revoke a key for good; a running server refuses it from the next request on."""
    from opendance.store.keys import revoke_key

    count = _on_store(load_settings(config, data_dir=data_dir), lambda c: revoke_key(c, key))
    if count == 0:
        raise ConfigurationError(f"there is no active key with the id or name {key!r}; see `opendance keys list`")
    print(f"revoked {count} key{'s' if count > 1 else ''}")


Images = Annotated[list[str] | None, typer.Option("--image", help="A picture: file or URL; repeat for more.")]
Videos = Annotated[list[str] | None, typer.Option("--video", help="A video: file or URL; repeat for more.")]
Audios = Annotated[list[str] | None, typer.Option("--audio", help="A sound: file or URL; repeat for more.")]


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What the video shows.")],
    model: Annotated[
        str | None, typer.Option(help="Mode and tier [default: the standard model for what is given].")
    ] = None,
    image: Images = None,
    video: Videos = None,
    audio: Audios = None,
    duration: Annotated[int, typer.Option(help="Seconds, 4 to 15.")] = DEFAULT_DURATION,
    quality: Annotated[str, typer.Option(help="480p, 720p or 1080p.")] = "720p",
    aspect_ratio: Annotated[
        str | None,
        typer.Option(help="16:9, 9:16, 1:1, 4:3, 3:4, 21:9 or adaptive [default: 16:9, with media adaptive]."),
    ] = None,
    sound: Annotated[bool, typer.Option("--sound/--no-sound", " /--no-audio", help="With sound or silent.")] = True,
    content_filter: Annotated[bool, typer.Option("--filter/--no-filter", help="The standard content filter.")] = True,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same video.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write [default: by the task].")] = None,
    base_url: Annotated[
        str | None, typer.Option(envvar="OPENDANCE_BASE_URL", help="A running server; default: one for this video.")
    ] = None,
    api_key: Annotated[str | None, typer.Option(envvar="OPENDANCE_API_KEY", help="Key of that server.")] = None,
) -> None:
    """Make a video, with a live progress bar. Local files are uploaded first."""
    media = {"image": image or [], "video": video or [], "audio": audio or []}
    given = any(media.values())
    request: dict[str, Any] = {
        "model": model or f"seedance-2.0-{_mode_for(media)}",
        "prompt": prompt,
        "duration": duration,
        "quality": quality,
        "aspect_ratio": aspect_ratio or ("adaptive" if given else "16:9"),
        "generate_audio": sound,
        "content_filter": content_filter,
    }
    if seed is not None:
        request["model_params"] = {"seed": seed}
    if output is not None and not output.parent.is_dir():
        raise ConfigurationError(f"--output: there is no folder {output.parent}")
    if base_url is not None and not api_key:
        raise ConfigurationError("--api-key: a server needs a key; give --api-key or set OPENDANCE_API_KEY")
    for kind, places in media.items():
        for place in places:
            if not _is_url(place) and not Path(place).is_file():
                raise ConfigurationError(f"--{kind}: there is no file {place}")
    _check_locally(request, media)
    if base_url is not None:
        path = _generate_on(base_url, api_key or "", request, media, output)
    else:
        with _own_server() as (address, key):
            path = _generate_on(address, key, request, media, output)
    print(f"saved {path}")


def _is_url(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


def _mode_for(media: dict[str, list[str]]) -> Mode:
    """The mode for what is given: one or two pictures are frames, anything more are references."""
    if media["video"] or media["audio"] or len(media["image"]) > 2:
        return Mode.REFERENCE
    return Mode.IMAGE if media["image"] else Mode.TEXT


def _check_locally(request: dict[str, Any], media: dict[str, list[str]]) -> None:
    """Bad input is refused before a server is started for it, or a file uploaded."""
    from opendance.prompt import check_references
    from opendance.request import parse_request

    urls = {
        f"{kind}_urls": [place if _is_url(place) else "https://example.com/file" for place in places]
        for kind, places in media.items()
        if places
    }
    try:
        parse_request(json.dumps({**request, **urls}).encode())
        check_references(
            request["prompt"],
            num_images=len(media["image"]),
            num_videos=len(media["video"]),
            num_audios=len(media["audio"]),
        )
    except ApiError as error:
        _stop(error.message, USAGE_ERROR)


def _generate_on(
    base_url: str, api_key: str, request: dict[str, Any], media: dict[str, list[str]], output: Path | None
) -> Path:
    with Client(base_url, api_key, timeout=300) as client:
        for kind, places in media.items():
            if places:
                request[f"{kind}_urls"] = [p if _is_url(p) else client.upload(Path(p)) for p in places]
        created = task = client.create(request)
        estimate = created["task_info"]["estimated_time"]
        err.print(f"task {created['id']}, about {estimate} s", highlight=False)
        with Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn(f"of about {estimate} s"),
            console=err,
        ) as bar:
            line = bar.add_task("waiting", total=100)
            try:
                for task in client.follow(created["id"]):
                    bar.update(line, completed=task["progress"], description=task.get("stage") or task["status"])
            except KeyboardInterrupt:
                client.cancel(created["id"])
                _stop("cancelled", 130)
        if task["status"] != "completed":
            error = task.get("error", {})
            raise ApiProblem(f"{task['status']}: {error.get('message', '?')} ({error.get('code', '?')})", status=500)
        path = output or Path(f"{task['id']}.mp4")
        client.download(task["results"][0], path)
        return path


@contextmanager
def _own_server() -> Generator[tuple[str, str]]:
    """A server of its own on an empty data folder and a free port; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="opendance-"))
    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(folder)]
    environment = {**os.environ, "OPENDANCE_LOG_LEVEL": "error"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603
    try:
        address = key = ""
        assert process.stdout is not None
        for line in process.stdout:
            if " is ready at " in line:
                address = line.rpartition(" ")[2].strip()
            elif "API key:" in line:
                key = line.split()[2]
            if address and key:
                break
        if not address:
            raise ApiProblem("the server for this video did not start; `opendance doctor` may tell why")
        yield address, key
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@app.command()
def plan(
    prompt: Annotated[str, typer.Argument(help="The prompt to understand.")],
    duration: Annotated[int, typer.Option(min=1, max=60, help="Seconds.")] = DEFAULT_DURATION,
    image: Annotated[list[Path] | None, typer.Option("--image", help="An image file; repeat for more.")] = None,
    video: Annotated[list[Path] | None, typer.Option("--video", help="A video file; repeat for more.")] = None,
    audio: Annotated[list[Path] | None, typer.Option("--audio", help="A sound file; repeat for more.")] = None,
    frames: Annotated[bool, typer.Option(help="Image-to-video: the images are the first and the last frame.")] = False,
    aspect_ratio: Annotated[str, typer.Option(help="A ratio, or adaptive.")] = "adaptive",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
) -> None:
    """Show what is understood of a prompt: roles of the media, shots, camera, light, subjects, sound."""
    from opendance.catalog import AspectRatio
    from opendance.prompt import check_references, plan_prompt

    if not prompt.strip():
        raise ConfigurationError("PROMPT: must not be empty")
    if aspect_ratio not in list(AspectRatio):
        raise ConfigurationError(f"--aspect-ratio: {aspect_ratio} is not possible; choose {', '.join(AspectRatio)}")
    assets = _examined({"image": image or [], "video": video or [], "audio": audio or []})
    mode = Mode.IMAGE if frames else Mode.REFERENCE if assets else Mode.TEXT
    counts = [sum(asset.kind == kind for asset in assets) for kind in ("image", "video", "audio")]
    try:
        check_references(prompt, num_images=counts[0], num_videos=counts[1], num_audios=counts[2])
    except ApiError as error:
        _stop(error.message, USAGE_ERROR)
    understood = plan_prompt(prompt, seconds=duration, aspect_ratio=aspect_ratio, mode=mode, assets=assets)
    if as_json:
        print(json.dumps(asdict(understood), ensure_ascii=False, indent=2))
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
    shots = Table("shot", "s", "setting", "light", "framing", "camera", "subjects", "particles")
    for number, shot in enumerate(understood.shots, start=1):
        subjects = ", ".join(f"{s.count if s.count > 1 else ''} {s.name} ({s.action})".strip() for s in shot.subjects)
        camera = shot.camera.move + (", handheld" if shot.camera.handheld and shot.camera.move != "handheld" else "")
        shots.add_row(
            str(number),
            f"{shot.start:g}-{shot.end:g}",
            shot.setting,
            f"{shot.hour}, {shot.weather}",
            shot.size,
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
                        if not path.is_file():
                            raise ConfigurationError(f"--{kind}: there is no file {path}")
                        try:
                            facts: dict[str, Any] = await examiner.examine(
                                kind, path, Path(folder) / target[kind], most_pixels=500_000
                            )
                        except TaskError as error:
                            raise ConfigurationError(f"--{kind} {path}: {error.message}") from None
                        facts["notes"] = tuple(facts.get("notes", ()))
                        assets.append(Asset(kind=kind, number=number, **facts))
            finally:
                await examiner.close()
        return assets

    return tuple(asyncio.run(examine())) if any(media.values()) else ()


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Say what is installed, which engines can run, and what is missing."""
    import importlib.util

    from opendance.engines.registry import ENGINES

    rows: list[tuple[str, bool, str]] = [
        (
            "python",
            sys.version_info >= (3, 11),
            f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores",
        ),
    ]
    usable = False
    for name, facts in ENGINES.items():
        missing = facts.missing()
        usable = usable or not missing
        state = (
            f"missing: {', '.join(missing)}" if missing else f"{facts.summary}; modes: {', '.join(sorted(facts.modes))}"
        )
        rows.append((f"engine {name}", not missing, state))
        for module, loss in facts.improves:
            found = importlib.util.find_spec(module) is not None
            rows.append((f"  {module}", found, "installed" if found else loss))
    if usable:
        rows.append(("video encoder", _has_encoder("libx264"), "H.264 (x264)"))
        rows.append(("sound encoder", _has_encoder("aac"), "AAC"))
    if as_json:
        print(json.dumps([{"what": what, "ok": ok, "details": details} for what, ok, details in rows]))
    else:
        table = Table("", "what", "details")
        for what, ok, details in rows:
            table.add_row("[green]ok[/]" if ok else "[yellow]--[/]", what, details)
        out.print(table)
    if not usable:
        _stop("no engine can run here", FAILURE)


def _has_encoder(name: str) -> bool:
    import av.codec

    return name in av.codec.codecs_available


logging.captureWarnings(True)

if __name__ == "__main__":
    main()
