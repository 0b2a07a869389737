"""The wheels of a release, each installed into an environment of its own outside the checkout, and used there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from tools.release.build import CLIENT, ROOT, Distributions

from opendance.found_server import ServerFile, read_server_file

PROMPT = "A fox runs through an autumn forest, tracking shot"
_PATIENCE = 900  # s, for one program
_WITH_PIP = {"pip", "setuptools"}
_CLIENT_USE = """
import sys
from opendance.client import Client
with Client() as client:
    print(client.generate(sys.argv[1], duration=4, quality="480p", to=sys.argv[2]).status)
"""


class NotAsReleased(Exception):
    """What a release does not do, or holds that it should not."""


@dataclass(frozen=True)
class FirstVideo:
    """How long it takes from nothing to a video.

    Attributes:
        python: its version; `clip`: what the file is.
        install: s, by pip, with what it fetches; `video`: s, of the first command that makes one.
    """

    python: str
    install: float
    video: float
    clip: str


@dataclass(frozen=True)
class Environment:
    """An environment with pip alone, in a folder of its own.

    Attributes:
        variables: of programs that run there: neither the checkout's nor what an earlier run has left in caches.
    """

    folder: Path
    variables: Mapping[str, str]

    @property
    def python(self) -> Path:
        return self.folder / ".venv" / "bin" / "python"

    def run(self, program: str, *words: str) -> str:
        """What a program of the environment prints.

        Raises:
            NotAsReleased: it fails.
        """
        command = [str(self.python.with_name(program)), *words]
        done = subprocess.run(  # noqa: S603 - what was installed just now
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        if done.returncode:
            raise NotAsReleased(f"{program} {' '.join(words[:3])}: {(done.stderr or done.stdout).strip()[-2000:]}")
        return done.stdout

    def packages(self) -> dict[str, str]:
        """The version of each package in it, by its name, without those that environments come with."""
        listed: list[dict[str, str]] = json.loads(self.run("python", "-m", "pip", "list", "--format", "json"))
        return {each["name"]: each["version"] for each in listed if each["name"] not in _WITH_PIP}


def fresh(python: str, folder: Path) -> Environment:
    """An environment of a Python, in a folder that is made for it."""
    folder.mkdir(parents=True)
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENDANCE_", "PYTHON", "VIRTUAL_ENV", "XDG_"))
    } | {"HOME": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    made = Environment(folder, variables)
    subprocess.run([python, "-m", "venv", str(folder / ".venv")], env=variables, check=True)  # noqa: S603
    return made


def make_first_video(environment: Environment, requirements: Path, version: str) -> FirstVideo:
    """Install by hash what a release's file names, and make a video as a newcomer does.

    Raises:
        NotAsReleased: it cannot be installed, is another version, lacks what the build packs, or leaves no video.
    """
    began = time.monotonic()
    pip = ["-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:"]
    environment.run("python", *pip, "--find-links", str(requirements.parent), "-r", str(requirements))
    installed = time.monotonic()
    video = environment.folder / "fox.mp4"
    environment.run("opendance", "generate", PROMPT, "--duration", "5", "-o", str(video))
    made = time.monotonic()
    told = environment.run("opendance", "--version")
    if version not in told:
        raise NotAsReleased(f"opendance --version says {told.strip()}, not {version}")
    place = environment.run("python", "-c", "import opendance; print(opendance.__file__)")
    if not Path(place.strip()).is_relative_to(environment.folder):
        raise NotAsReleased(f"opendance is imported from {place.strip()}, not from what was installed")
    python = environment.run("python", "-c", "import platform; print(platform.python_version())").strip()
    return FirstVideo(python, installed - began, made - installed, clip_of(video, duration=5))


def clip_of(video: Path, *, duration: float) -> str:
    """What a clip is, in words.

    Raises:
        NotAsReleased: it is no clip with picture and sound of that length, s.
    """
    with av.open(str(video)) as clip:
        if not clip.streams.video or not clip.streams.audio or clip.duration is None:
            raise NotAsReleased(f"{video.name} lacks picture or sound")
        seconds = clip.duration / av.time_base
        picture = clip.streams.video[0]
        if abs(seconds - duration) > 0.1:
            raise NotAsReleased(f"{video.name} lasts {seconds:.2f} s, not {duration}")
        return f"{picture.codec_context.name} {picture.width} x {picture.height}, {seconds:.2f} s"


@contextmanager
def served(environment: Environment) -> Generator[ServerFile]:
    """A server of the installed release.

    Raises:
        NotAsReleased: it does not start.
    """
    data = environment.folder / "data"
    command = [str(environment.python.with_name("opendance")), "serve", "--port", "0", "--data-dir", str(data)]
    with (environment.folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=environment.folder, env=environment.variables, stdout=log, stderr=log)  # noqa: S603
    try:
        patience = time.monotonic() + 120
        while (place := read_server_file(data)) is None:
            if server.poll() is not None or time.monotonic() > patience:
                raise NotAsReleased(
                    f"the server does not start: {(environment.folder / 'server.log').read_text()[-2000:]}"
                )
            time.sleep(0.1)
        yield place
    finally:
        server.terminate()
        server.wait(60)


def use_client(python: str, folder: Path, built: Distributions, server: ServerFile) -> str:
    """Install the client alone and have it make a video at a server; says what is installed there.

    Raises:
        NotAsReleased: it brings more than httpx and httpx-sse with theirs, or cannot make a video.
    """
    environment = fresh(python, folder)
    environment.run(
        "python", "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), str(built.client_wheel)
    )
    packages = environment.packages()
    meant = {
        "opendance-client",
        "httpx",
        "httpx-sse",
        "httpcore",
        "h11",
        "anyio",
        "certifi",
        "idna",
        "typing_extensions",
    }
    if set(packages) - meant:
        raise NotAsReleased(f"{CLIENT} brings {', '.join(sorted(set(packages) - meant))} too")
    variables = {**environment.variables, "OPENDANCE_BASE_URL": server.address, "OPENDANCE_API_KEY": server.key}
    video = folder / "client.mp4"
    told = Environment(folder, variables).run("python", "-c", _CLIENT_USE, PROMPT, str(video)).strip()
    if told != "completed":
        raise NotAsReleased(f"the client's task is {told}")
    return f"{clip_of(video, duration=4)}; installed: {', '.join(sorted(packages))}"


def page_of(server: ServerFile) -> str:
    """The Studio's page as a browser gets it.

    Raises:
        NotAsReleased: there is none.
    """
    request = urllib.request.Request(server.address, headers={"Accept": "text/html"})  # noqa: S310 - a server of ours
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        page = answer.read().decode()
    if "<script" not in page:
        raise NotAsReleased(f"no page of the Studio at {server.address}")
    return page


def wheels_for(version: str, requirements: Path, folder: Path) -> str | None:
    """Why what a release needs cannot be had, as wheels by hash, for a Python that is not here; None where it can."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--dry-run",
        "--no-config",
        "--python-version",
        version,
    ]
    command += [
        "--target",
        str(folder),
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--no-deps",
        "-r",
        str(requirements),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603
    return done.stderr.strip() if done.returncode else None
