"""The files in deploy/ are what Docker and Kubernetes take, and name only what there is."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from opendance.settings import Settings

DEPLOY = Path(__file__).parent.parent / "deploy"
MANIFESTS = [path for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) if path.name != "kustomization.yaml"]


def check_compose(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def resources(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def pods() -> list[tuple[str, dict[str, Any]]]:
    found = [resource for path in MANIFESTS for resource in resources(path) if resource["kind"] == "Deployment"]
    return [(resource["metadata"]["name"], resource["spec"]["template"]["spec"]) for resource in found]


def test_the_compose_file_is_one(tmp_path: Path) -> None:
    assert check_compose(DEPLOY / "compose.yaml").returncode == 0
    wrong = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    wrong["services"]["server"]["restrat"] = "always"
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(wrong))
    assert check_compose(tmp_path / "compose.yaml").returncode != 0, "a misspelled word is noticed"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_kubernetes_takes_the_manifest(path: Path) -> None:
    for resource in resources(path):
        kubernetes_validate.validate(resource, "1.32", strict=True)


def test_a_wrong_manifest_is_noticed() -> None:
    [deployment] = resources(DEPLOY / "kubernetes" / "worker.yaml")
    wrong = copy.deepcopy(deployment)
    wrong["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.32", strict=True)


def test_every_manifest_is_applied() -> None:
    [listed] = resources(DEPLOY / "kubernetes" / "kustomization.yaml")
    assert sorted(listed["resources"]) == [path.name for path in MANIFESTS]


def test_every_variable_is_a_setting() -> None:
    known = {f"OPENDANCE_{name.upper()}" for name in Settings.model_fields}
    for path in (*MANIFESTS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"):
        named = set(re.findall(r"^\s*(?:- name: |ENV )?(OPENDANCE_[A-Z_]+)", path.read_text(), re.MULTILINE))
        assert named <= known, path.name
    assert named, "the last of them names some"


def test_every_secret_of_the_compose_file_has_an_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "compose.yaml").read_text()))
    given = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert asked == given


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_is_given_more_time_than_it_takes_to_drain(name: str, pod: dict[str, Any]) -> None:
    [settings] = resources(DEPLOY / "kubernetes" / "settings.yaml")
    own = {variable["name"]: variable["value"] for variable in pod["containers"][0].get("env", [])}
    drain = own.get("OPENDANCE_DRAIN_SECONDS", settings["data"]["OPENDANCE_DRAIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] > int(drain)


def test_no_example_works_as_it_is() -> None:
    for path in DEPLOY.rglob("*"):
        assert path.is_dir() or "change-me" not in path.read_text(), path.name
    [secret] = resources(DEPLOY / "kubernetes" / "secret.example.yaml")
    assert set(secret["stringData"].values()) == {""}


def test_compose_opens_ports_to_this_machine_alone_and_gives_containers_no_more_than_they_need() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in services.values())
    for name in ("server", "worker"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])
