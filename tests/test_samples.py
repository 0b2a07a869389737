"""Every sample of the docs: those that can run here run, and every other one is checked against what it is of.

What begins with `# test: …` runs as it stands, Python in `test_programs.py`; `# test, without a server: …` has a data folder of its
own. Commands are read by the command line itself, bodies by the API, settings by the settings.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer.main
import yaml
from tools.documentation import routes

from opendance.api.unified.request import VideoGenerationRequest
from opendance.cli import program
from opendance.engines.configured import Engines
from opendance.engines.routes import read_routes
from opendance.settings import Settings, load_settings
from tests.conftest import RunningServer

ROOT = Path(__file__).parent.parent
# Read by eye alone: output, programs of others, and plain text.
OF_OTHERS = {"", "text", "nginx", "caddy"}
RUN = re.compile(r"# test(?:, without a server)?: ")
ELLIPSIS = "…"


@dataclass(frozen=True)
class Sample:
    """A sample of a page.

    Attributes:
        place: page and line.
        language: as the page says it.
    """

    place: str
    language: str
    text: str

    @property
    def runs(self) -> bool:
        return RUN.match(self.text) is not None


def all_samples() -> Iterator[Sample]:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        whole = page.read_text("utf-8")
        for found in re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", whole, re.MULTILINE | re.DOTALL):
            line = whole.count("\n", 0, found.start()) + 1
            place = f"{page.relative_to(ROOT).as_posix()}:{line}"
            yield Sample(place, found[2], textwrap.dedent(found[3]))


SAMPLES = list(all_samples())


def of(*languages: str) -> Any:
    samples = [sample for sample in SAMPLES if sample.language in languages]
    return pytest.mark.parametrize("sample", samples, ids=lambda sample: sample.place)


def test_every_kind_of_sample_is_checked() -> None:
    assert {sample.language for sample in SAMPLES} <= OF_OTHERS | {"sh", "bash", "python", "json", "toml", "yaml"}


# ── what runs ──


SHELL = [sample for sample in SAMPLES if sample.language == "sh" and sample.runs]


@pytest.fixture(scope="session")
def key_of_samples(server: RunningServer) -> str:
    return server.new_account("samples", credits_="1", kind="test")


# Commands alone take seconds, each a process of its own: one of them is enough for every day.
@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(
            sample, id=sample.place, marks=[] if sample.place.startswith("docs/index.md") else [pytest.mark.thorough]
        )
        for sample in SHELL
    ],
)
def test_shell_of_the_docs_runs(sample: Sample, server: RunningServer, key_of_samples: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "opendance"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m opendance "$@"\n')
    command.chmod(0o755)
    surroundings = {"PATH": f"{command.parent}:{os.environ['PATH']}", "OPENDANCE_DATA_DIR": str(tmp_path / "data")}
    if not sample.text.startswith("# test, without a server"):
        surroundings |= {"OPENDANCE_BASE_URL": server.address, "OPENDANCE_API_KEY": key_of_samples}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", sample.text],
        cwd=tmp_path,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout
    if "-o fox.mp4" in sample.text:
        assert (tmp_path / "fox.mp4").read_bytes()[4:8] == b"ftyp"


# ── what is read ──


@of("python")
def test_python_of_the_docs_is_python(sample: Sample) -> None:
    compile(sample.text, sample.place, "exec")


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command of a shell sample, without comments, pipes, redirections and what goes before a command."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
        lexer.whitespace_split, lexer.commenters = True, "#"
        command: list[str] = []
        is_file = False
        for word in [*lexer, ";"]:
            if is_file or set(word) <= {"<", ">"}:
                is_file = not is_file  # what is read from or written into is no argument
            elif set(word) <= set("|&;()"):
                if command:
                    yield command
                command = []
            elif command or not re.match(r"[A-Za-z_]+=", word):
                command.append(word)


TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DEPLOYED = "\n".join(path.read_text("utf-8") for path in (ROOT / "deploy" / "kubernetes").glob("*.yaml"))


@of("sh", "bash", "")
def test_commands_of_the_docs_are_commands(sample: Sample) -> None:
    for words in commands(sample.text) if sample.language or sample.text.startswith("opendance ") else ():
        match words:
            case ["opendance", *arguments]:
                parse(arguments)
            case ["make", *arguments]:
                targets = [word for word in arguments if "=" not in word]
                assert set(targets) <= TARGETS, f"the Makefile has no {targets}"
            case ["pip", "install", *arguments]:
                for extras in re.findall(r"(?:opendance|\.)\[([a-z,]+)\]", " ".join(arguments)):
                    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
                for path in re.findall(r"\S+\.txt", " ".join(arguments)):
                    # The other one is of a release: `make dist` writes it.
                    assert (ROOT / path).is_file() or path == "opendance-VERSION-requirements.txt"
            case ["docker", *arguments]:
                for path in re.findall(r"deploy/\S+", " ".join(arguments)):
                    assert (ROOT / path).is_file() or path == "deploy/.env"
            case ["kubectl", *arguments]:
                for kind, name in re.findall(r"\b(deployment|service|job)/(\S+)", " ".join(arguments)):
                    assert re.search(
                        rf"^kind: {kind}\nmetadata:\n  name: {name}$", DEPLOYED, re.MULTILINE | re.IGNORECASE
                    ), name
                if "--" in arguments:
                    parse(arguments[arguments.index("--") + 2 :])
            case ["curl", *arguments]:
                check_request(arguments)
            case _:
                pass


def parse(arguments: list[str]) -> None:
    """Have the command line read a command, without running it.

    Raises:
        Exception: there is no such command, or it does not take what is given.
    """
    known = {"NAME", "FILE.tar", "NEW", "ID"}  # words that stand for what the reader has
    command: Any = typer.main.get_command(program(()))
    rest = arguments
    while getattr(command, "commands", None) and rest:
        assert rest[0] in command.commands, f"there is no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    assert not getattr(command, "commands", None), f"{arguments}: a command is missing"
    rest = [word.replace(ELLIPSIS, "x") if word not in known else word for word in rest]
    context = command.make_context(command.name, rest)
    context.close()


def check_request(arguments: list[str]) -> None:
    """Look whether a request of curl is one of the API: its route, its method, its body."""
    [url] = [word for word in arguments if re.match(r"https?://|\$(OPENDANCE_BASE_URL|SERVER)/", word)]
    path = re.sub(r"\$\w+", "x", urlsplit(re.sub(r"^\$\w+", "http://host", url)).path)
    method = "POST" if "-d" in arguments else "GET"
    known = {
        re.sub(r"\{\w+\}", "x", route)
        for route, methods in routes.document()["paths"].items()
        if method.lower() in methods
    }
    assert path in known, f"there is no {method} {path}"
    if "-d" in arguments:
        body = json.loads(arguments[arguments.index("-d") + 1])
        VideoGenerationRequest.model_validate(body, strict=False)


@of("json")
def test_json_of_the_docs_is_json_and_requests_are_requests(sample: Sample) -> None:
    value = json.loads(sample.text)
    if str(value.get("model", "")).startswith("seedance") and "id" not in value:
        VideoGenerationRequest.model_validate(value)


@of("toml")
def test_toml_of_the_docs_is_toml_and_settings_are_settings(sample: Sample, tmp_path: Path) -> None:
    tables = tomllib.loads(sample.text)
    if not set(tables) <= set(Settings.model_fields):
        # Tables of previs, rules of the filter, an entry point: each has tests of its own.
        assert not sample.place.startswith("docs/guides/")
        return
    file = tmp_path / "opendance.toml"
    file.write_text(sample.text, "utf-8")
    settings = load_settings(file, data_dir=tmp_path)
    engines = Engines(settings.engine)
    if settings.engine:
        read_routes(settings.routes, engines=engines)


@of("yaml")
def test_yaml_of_the_docs_is_yaml_and_workflows_are_workflows(sample: Sample, tmp_path: Path) -> None:
    assert isinstance(yaml.safe_load(sample.text), dict)
    if sample.text.startswith("# a workflow"):
        file = tmp_path / "workflow.yml"
        file.write_text(sample.text, "utf-8")
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout
        for step in yaml.safe_load(sample.text)["jobs"]["tests"]["steps"]:
            for words in re.findall(r"opendance ([a-z][^&)\n]*)", step.get("run", "")):
                parse(shlex.split(words))
