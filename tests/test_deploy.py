"""The files in deploy/ are what Docker and Kubernetes take, and name only what there is."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx
import kubernetes_validate
import pytest
import yaml

from opendance import __version__
from opendance.app import create_app
from opendance.net.addresses import is_public_address
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
    for secret in resources(DEPLOY / "kubernetes" / "secret.example.yaml"):
        assert set(secret["stringData"].values()) == {""}


def test_compose_opens_ports_to_this_machine_alone_and_gives_containers_no_more_than_they_need() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in services.values())
    for name in ("server", "worker"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])


def policies() -> dict[str, dict[str, Any]]:
    return {policy["metadata"]["name"]: policy["spec"] for policy in resources(DEPLOY / "kubernetes" / "network.yaml")}


@pytest.mark.parametrize("name", ["av", "cryptography", "filelock", "httptools", "opencv-python-headless", "pillow", "puremagic", "python-multipart", "resvg-py"])  # fmt: skip
def test_what_reads_bytes_of_strangers_is_no_older_than_it_is_tested(name: str) -> None:
    root = DEPLOY.parent
    wanted = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    [least] = [each.partition(">=")[2] for each in wanted if each.partition(">=")[0] == name]
    tested = re.search(rf"^{name.replace('-', '[-_]')}==(.+)$", (root / "constraints.txt").read_text(), re.MULTILINE)
    assert tested
    parts = [int(part) for part in least.split(".")]
    assert parts == [int(part) for part in tested[1].split(".")[: len(parts)]]


def test_what_no_policy_names_is_closed() -> None:
    assert policies()["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_no_pod_reaches_the_inside_but_for_names_and_the_database() -> None:
    names, database, world = policies()["outside"]["egress"]
    assert [port["port"] for port in names["ports"]] == [53, 53]
    assert database["ports"] == [{"port": 5432}]
    blocks = [each["ipBlock"] for each in world["to"]]
    kept = [(ip_network(block["cidr"]), [ip_network(each) for each in block["except"]]) for block in blocks]
    for inside in (
        "10.1.2.3",
        "169.254.169.254",
        "192.168.1.1",
        "172.20.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "fd00::1",
        "fe80::1",
        "::1",
    ):
        address = ip_address(inside)
        [(_, closed)] = [one for one in kept if one[0].version == address.version]
        assert any(address in network for network in closed if network.version == address.version), inside
        assert not is_public_address(address)
    for outside in ("93.184.216.34", "2606:2800:220:1::1"):
        assert not any(ip_address(outside) in network for _, closed in kept for network in closed)


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_has_bounded_folders_a_release_and_only_the_secrets_that_it_needs(name: str, pod: dict[str, Any]) -> None:
    assert all(volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"])
    [container] = pod["containers"]
    assert container["image"] == f"opendance:{__version__}"
    secrets = {each["secretRef"]["name"] for each in container["envFrom"] if "secretRef" in each}
    assert secrets == ({"opendance", "opendance-admin"} if name == "server" else {"opendance"})
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert "OPENDANCE_ADMIN_KEY" not in services["worker"]["environment"]


async def test_the_ingress_leads_to_all_that_a_client_needs_and_to_nothing_of_operators() -> None:
    [ingress] = [each for each in resources(DEPLOY / "kubernetes" / "server.yaml") if each["kind"] == "Ingress"]
    routed = [path["path"] for path in ingress["spec"]["rules"][0]["http"]["paths"]]
    app = create_app(Settings(data_dir=Path("never-made")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        page = (await client.get("/docs")).text
    loaded = re.findall(r"""(?:src|href)=["'](/[^"']*)""", page)
    assert loaded
    paths = [
        path for path in app.openapi()["paths"] if not path.startswith(("/admin/", "/metrics", "/healthz", "/readyz"))
    ]
    for path in (*loaded, *paths, "/docs", "/openapi.json"):
        assert any(path == prefix or path.startswith(f"{prefix}/") for prefix in routed), path
    for path in ("/admin/v1/accounts", "/metrics"):
        assert not any(path == prefix or path.startswith(f"{prefix}/") for prefix in routed), path
