"""What GitHub and newcomers read: forms, workflows, and how to contribute."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner, Result
from tools.release.check import supported_pythons

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", ".github/pull_request_template.md")


def validate(schema: str, *files: Path) -> Result:
    return CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *map(str, files)])


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("custom.github-workflows-require-timeout", WORKFLOWS),
        ("vendor.github-issue-forms", FORMS),
        ("vendor.github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
    ],
    ids=lambda value: value.partition(".")[2] if isinstance(value, str) else "",
)
def test_github_takes_the_files(schema: str, files: list[Path]) -> None:
    assert files
    done = validate(schema, *files)
    assert done.exit_code == 0, done.output


def test_a_wrong_workflow_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("name: x\non: push\njobs: {one: {steps: [{run: make}]}}\n")
    assert "runs-on" in validate("vendor.github-workflows", wrong).output


def steps() -> list[tuple[str, dict[str, Any]]]:
    """Each step of each workflow, with the name of its workflow."""
    workflows = {path.name: yaml.safe_load(path.read_text()) for path in WORKFLOWS}
    return [
        (name, step)
        for name, workflow in workflows.items()
        for job in workflow["jobs"].values()
        for step in job["steps"]
    ]


def test_workflows_run_targets_of_the_makefile_on_the_oldest_and_the_newest_python() -> None:
    commands = "\n".join(step["run"] for _, step in steps() if "run" in step)
    called = set(re.findall(r"\bmake ([a-z][\w-]*)", commands))
    matrices = [
        value
        for path in WORKFLOWS
        for job in yaml.safe_load(path.read_text())["jobs"].values()
        for name, value in job.get("strategy", {}).get("matrix", {}).items()
        if name == "target"
    ]
    called |= {target for matrix in matrices for target in matrix}
    assert called <= TARGETS
    assert {"lint", "audit", "test", "test-thorough", "test-studio", "dist-check"} <= called
    checks = yaml.safe_load((GITHUB / "workflows" / "checks.yml").read_text())
    assert checks["jobs"]["test"]["strategy"]["matrix"]["python"] == [supported_pythons()[0], supported_pythons()[-1]]


def test_workflows_use_actions_of_github_alone_and_may_not_write_but_to_release() -> None:
    for name, step in steps():
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/none@v1")), name
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "write" if path.name == "release.yml" else "read"}
        # `on` is read as true by YAML 1.1: what strangers send runs with no rights of ours.
        assert "pull_request_target" not in workflow[True]


@pytest.mark.parametrize("page", PAGES)
def test_links_and_targets_of_the_pages_are_there(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert "://" in target or (ROOT / target).exists(), target
    for names in re.findall(r"`make ([\w -]+)`", text):
        assert set(names.split()) <= TARGETS
    for name in re.findall(r"^make ([\w-]+)", text, re.MULTILINE):
        assert name in TARGETS


def test_the_archive_of_a_release_has_what_the_pages_name() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["sdist"][
        "include"
    ]
    assert {"CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", ".github", "deploy", "requirements"} <= set(packed)


# ── the image ──


def let_through(name: str) -> bool:
    """Whether `.dockerignore` lets the builder see what lies in the root under this name: its last line that fits decides."""
    seen = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and (fnmatchcase(name, pattern) or name.startswith(f"{pattern}/")):
            seen = line.startswith("!")
    return seen


def copied() -> list[str]:
    """What the Dockerfile copies of the checkout."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_builder_of_the_image_sees_all_that_it_copies_and_no_more() -> None:
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert let_through(source), source
    tops = {path.name for path in ROOT.iterdir() if let_through(path.name)}
    assert tops == {source.partition("/")[0] for source in copied()}


def test_what_the_image_is_built_of_is_enough_for_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {project["project"]["readme"], *project["project"]["license-files"], "hatch_build.py"}
    tops = {source.partition("/")[0] for source in copied()}
    assert {name.partition("/")[0] for name in needed} <= tops


def test_hadolint_has_nothing_against_the_dockerfile() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: there is none for this platform")
    done = subprocess.run([hadolint, "deploy/Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
