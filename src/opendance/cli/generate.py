"""opendance generate: a video, by a running server or one of its own."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit, urlunsplit

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from opendance.catalog import DEFAULT_DURATION
from opendance.cli.common import USAGE_ERROR, ConfigFile, DataDir, app, existing_file, stop
from opendance.cli.output import STDOUT, check_output
from opendance.cli.own_server import Reached, server_on
from opendance.cli.printing import err, say, tell
from opendance.cli.prompts import PromptFile, read_prompt
from opendance.cli.where import ADDRESS, API_KEY, ApiKey, BaseUrl
from opendance.client import ApiProblem, Client, ServerGone, Task
from opendance.client.calls import mode_for, new_key
from opendance.errors import ApiError, ConfigurationError
from opendance.settings import load_settings

_PATIENCE, _PATIENCE_NEAR = 30.0, 5.0  # s without an answer, from which on a server is gone
_NO_SUCH_TASK = (400, 404)
_TRIES = 3  # servers on the data folder, of which each may be ended by whoever started it
_FIELD = re.compile(r"\b(image|video|audio)_urls\[(\d+)\](?: \([^()]*\))?")
Media = dict[str, list[str]]
Images = Annotated[list[str] | None, typer.Option("--image", help="A picture: file or URL; repeat for more.")]
Videos = Annotated[list[str] | None, typer.Option("--video", help="A video: file or URL; repeat for more.")]
Audios = Annotated[list[str] | None, typer.Option("--audio", help="A sound: file or URL; repeat for more.")]


@app.command()
def generate(
    prompt: Annotated[str | None, typer.Argument(help="What the video shows; - reads it from standard input.")] = None,
    prompt_file: PromptFile = None,
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
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write, - for standard output [default: by the task].")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    task: Annotated[
        str | None, typer.Option("--task", help="Nothing new: wait for this task, and save its video.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the task as JSON, with the file.")] = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make a video, with a live progress bar. Local files are uploaded first. --task takes up what was interrupted."""
    media = {"image": image or [], "video": video or [], "audio": audio or []}
    if task is not None and (prompt is not None or prompt_file is not None or any(media.values())):
        raise ConfigurationError("--task: takes up a task that was begun; leave the prompt and the media out")
    if as_json and output == STDOUT:
        raise ConfigurationError("--json: standard output is for the video; leave one of --json and -o - out")
    request: dict[str, Any] = {}
    if task is None:
        request = {
            "model": model or f"seedance-2.0-{mode_for(*map(len, media.values()))}",
            "prompt": read_prompt(prompt, prompt_file, otherwise=", or --task"),
            "duration": duration,
            "quality": quality,
            "aspect_ratio": aspect_ratio or ("adaptive" if any(media.values()) else "16:9"),
            "generate_audio": sound,
            "content_filter": content_filter,
        }
        if seed is not None:
            request["model_params"] = {"seed": seed}
    if base_url is not None and not api_key:
        raise ConfigurationError(f"--api-key: a server needs a key; give --api-key or set {API_KEY}")
    for kind, places in media.items():
        for place in places:
            if not _is_url(place):
                existing_file(Path(place), f"--{kind}")
    uploads = any(not _is_url(place) for places in media.values() for place in places)
    if task is None and (base_url is None or uploads):  # a server that is there says it as well
        _check_locally(request, media)
    check_output(output, force=force)
    making = _Making(request, media, output, task)
    try:
        if base_url is not None and data_dir is None and config is None:
            done, path = making.by(Reached(base_url, api_key or "", is_near=False))
        else:
            if api_key is not None:
                tell(f"note: the API key is not used: without {ADDRESS} it is the data folder's server that is asked")
            done, path = making.on_folder(load_settings(config, data_dir=data_dir).data_dir, config)
    except (ApiProblem, ConfigurationError):
        making.tell_how_to_go_on(data_dir, config)
        raise
    if as_json:
        say(json.dumps({**done.raw, "file": str(path)}, ensure_ascii=False))
    elif output != STDOUT:
        say(f"saved {path}")


def _is_url(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


def _check_locally(request: dict[str, Any], media: Media) -> None:
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


class _Making:
    """One video, from its request to its file; whatever ends on the way, its task goes on where it was.

    Args:
        request: what is asked for, with the URLs of `media` to come.
        task_id: of one that was begun; then nothing is asked for.
    """

    def __init__(self, request: dict[str, Any], media: Media, output: Path | None, task_id: str | None) -> None:
        self._request, self._media, self._output, self._task_id = request, media, output, task_id
        self._goes_on = True  # whether there is anything to wait for, once there is a task

    def on_folder(self, data_dir: Path, config: Path | None) -> tuple[Task, Path]:
        """By the server of the data folder, or one that is started there; gives the task and the file.

        Raises:
            ApiProblem: it was not made.
        """
        for left in reversed(range(_TRIES)):
            with _Bar() as bar, server_on(data_dir, config, bar.show) as server:
                tell(f"server {server.address}, data in {data_dir}")
                try:
                    return self._by(server, bar)
                except ServerGone as gone:  # such as that of another `generate`, which has its video
                    if not left:
                        raise
                    tell(f"{gone.message}; another is started")
        raise AssertionError("not reached")

    def by(self, server: Reached) -> tuple[Task, Path]:
        """By this server; gives the task and the file.

        Raises:
            ApiProblem: it was not made.
            ConfigurationError: it cannot be saved.
        """
        with _Bar() as bar:
            return self._by(server, bar)

    def _by(self, server: Reached, bar: _Bar) -> tuple[Task, Path]:
        with Client(server.address, server.key, timeout=300, retries=0) as client:
            with bar:
                task = self._followed(client, bar, _PATIENCE_NEAR if server.is_near else _PATIENCE)
            if task.status != "completed":
                self._goes_on = False
                code, message = ("?", "?") if task.error is None else (task.error.code, task.error.message)
                raise ApiProblem(f"{task.status}: {self._in_own_words(message)} ({code})", status=500)
            return task, self._saved(client, task, server)

    def tell_how_to_go_on(self, data_dir: Path | None, config: Path | None) -> None:
        """What must be known of a task that has no file yet."""
        if self._task_id is None:
            return
        options = "".join(f" --{name} {path}" for name, path in (("data-dir", data_dir), ("config", config)) if path)
        again = f"; go on with: opendance generate --task {self._task_id}{options}" if self._goes_on else ""
        tell(f"task {self._task_id}{again}")

    def _followed(self, client: Client, bar: _Bar, patience: float) -> Task:
        """The task as it ended. An interrupt cancels what was begun here, and leaves what was taken up."""
        began_here = self._task_id is None
        key = new_key()
        try:
            if self._task_id is None:
                self._upload(client)
                task = self._created(client, key)
                self._task_id = task.id
                tell(f"task {task.id}, about {task.estimated_time} s")
            else:
                task = self._taken_up(client, self._task_id)
            bar.expect(task.estimated_time)
            for task in client.follow(self._task_id, patience=patience):
                bar.follow(task)
        except KeyboardInterrupt:
            stop(self._stopped(client, began_here=began_here), 130)
        return task

    def _taken_up(self, client: Client, task_id: str) -> Task:
        """A task that was begun before."""
        try:
            return client.task(task_id)
        except ApiProblem as problem:
            if problem.status in _NO_SUCH_TASK:
                self._task_id = None  # there is nothing to go on with
            raise

    def _stopped(self, client: Client, *, began_here: bool) -> str:
        """What has become of the task at an interrupt, to tell."""
        if self._task_id is None:
            return "interrupted, before anything was begun"
        if not began_here:
            return f"interrupted; task {self._task_id} goes on"
        try:
            client.cancel(self._task_id)
        except ApiProblem as problem:
            return f"interrupted; task {self._task_id} was not cancelled and may go on: {problem.message}"
        return f"cancelled: task {self._task_id}"

    def _created(self, client: Client, key: str) -> Task:
        """The new task; an interrupt that comes before its answer leaves none behind."""
        try:
            return client.create(self._request, key=key)
        except KeyboardInterrupt:
            self._task_id = client.create(self._request, key=key).id
            raise
        except ApiProblem as problem:
            problem.message = self._in_own_words(problem.message)
            raise

    def _upload(self, client: Client) -> None:
        for kind, places in self._media.items():
            if places:
                urls = [place if _is_url(place) else _upload(client, kind, Path(place)) for place in places]
                self._request[f"{kind}_urls"] = urls

    def _saved(self, client: Client, task: Task, server: Reached) -> Path:
        """The file, which is there then."""
        link = task.results[0]
        if server.stays:
            tell(f"link {link}")
        path = self._output or Path(f"{task.id}.mp4")
        try:
            try:
                self._download(client, link, path)
            except ApiProblem as problem:
                # A server of this machine may name its links for clients elsewhere.
                near = urlsplit(server.address)
                here = urlunsplit((near.scheme, near.netloc, *urlsplit(link)[2:]))
                if not server.is_near or here == link or problem.status:
                    raise
                self._download(client, here, path)
        except OSError as error:
            raise ConfigurationError(f"--output: cannot write {path}: {error.strerror}") from None
        return path

    def _download(self, client: Client, link: str, path: Path) -> None:
        if path == STDOUT:
            client.download_into(link, sys.stdout.buffer)
            sys.stdout.flush()
        else:
            client.download(link, path)

    def _in_own_words(self, message: str) -> str:
        """`image_urls[0] (host)` as the option that named it."""

        def named(found: re.Match[str]) -> str:
            places, number = self._media[found[1]], int(found[2])
            return f"--{found[1]} {places[number]}" if number < len(places) else found[0]

        return _FIELD.sub(named, message)


class _Bar:
    """One line for all that is waited for: a server, its engine, and the stages of the task."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description:<10}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[about]}", markup=False),
        )
        self._progress = Progress(*columns, console=err, transient=True)
        self._line = self._progress.add_task("waiting", total=100, about="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        live = self._progress.live
        if live.is_started and not live.transient:
            self._progress.stop()  # it ends the line, also where there is no terminal
        live.stop()

    def show(self, stage: str) -> None:
        """What is waited for, before there is a task."""
        self._progress.update(self._line, description=stage)

    def expect(self, estimate: float | None) -> None:
        """There is a task, which takes that many seconds from now on; the line stays from here on."""
        self._progress.live.transient = False
        if estimate is not None:
            seconds = math.ceil((self._progress.tasks[0].elapsed or 0.0) + estimate)
            self._progress.update(self._line, description="waiting", about=f"of about {seconds} s")

    def follow(self, task: Task) -> None:
        """The task has changed."""
        self._progress.update(self._line, completed=task.progress, description=task.stage or task.status)


def _upload(client: Client, kind: str, path: Path) -> str:
    try:
        return client.upload(path).url
    except OSError as error:
        raise ConfigurationError(f"--{kind}: cannot read {path}: {error.strerror}") from None
