"""opendance generate: a video, by a running server or one of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from opendance.catalog import DEFAULT_DURATION, Mode
from opendance.cli.common import USAGE_ERROR, app, err, stop
from opendance.client import ApiProblem, Client
from opendance.errors import ApiError, ConfigurationError
from opendance.server_file import read_server_file

_PATIENCE, _BETWEEN_LOOKS = 30.0, 0.1  # s
_CANNOT_LOAD = "cannot be loaded"
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
    if output is not None and output.is_dir():
        raise ConfigurationError(f"--output: {output} is a folder; name a file in it, such as {output / 'video.mp4'}")
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
    from opendance.api.unified.request import parse_request

    urls = {
        f"{kind}_urls": [place if _is_url(place) else "https://example.com/file" for place in places]
        for kind, places in media.items()
        if places
    }
    try:
        parse_request(json.dumps({**request, **urls}).encode())
    except ApiError as error:
        stop(error.message, USAGE_ERROR)


def _generate_on(
    base_url: str, api_key: str, request: dict[str, Any], media: dict[str, list[str]], output: Path | None
) -> Path:
    with Client(base_url, api_key, timeout=300) as client:
        for kind, places in media.items():
            if places:
                request[f"{kind}_urls"] = [p if _is_url(p) else _upload(client, kind, Path(p)) for p in places]
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
                stop("cancelled", 130)
        if task["status"] != "completed":
            error = task.get("error", {})
            raise ApiProblem(f"{task['status']}: {error.get('message', '?')} ({error.get('code', '?')})", status=500)
        path = output or Path(f"{task['id']}.mp4")
        try:
            client.download(task["results"][0], path)
        except OSError as error:
            raise ConfigurationError(f"--output: cannot write {path}: {error.strerror}") from None
        return path


def _upload(client: Client, kind: str, path: Path) -> str:
    try:
        return client.upload(path)
    except OSError as error:
        raise ConfigurationError(f"--{kind}: cannot read {path}: {error.strerror}") from None


def _wait_for_engine(address: str) -> None:
    """Until the engine is loaded.

    Raises:
        ApiProblem: it cannot be: a task would wait for it, and nobody would put it right.
    """
    while not (answer := httpx.get(f"{address}/readyz", timeout=_PATIENCE)).is_success:
        problem = answer.json()["error"]["message"]
        if _CANNOT_LOAD in problem:
            raise ApiProblem(problem)
        time.sleep(_BETWEEN_LOOKS)


@contextmanager
def _own_server() -> Generator[tuple[str, str]]:
    """A server of its own on an empty data folder and a free port; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="opendance-"))
    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(folder)]
    environment = {**os.environ, "OPENDANCE_LOG_LEVEL": "error"}
    environment.pop("OPENDANCE_ADMIN_PORT", None)  # it is the running server's
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603
    try:
        while (server := read_server_file(folder)) is None:
            if process.poll() is not None:
                raise ApiProblem("the server for this video did not start; `opendance doctor` may tell why")
            time.sleep(_BETWEEN_LOOKS)
        _wait_for_engine(server.address)
        yield server.address, server.key
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
