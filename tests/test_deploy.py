"""The files in deploy/ are what Docker and Kubernetes take, and name only what there is."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from sqlalchemy import text
from typer.testing import CliRunner

from opendance import __version__
from opendance.api.studio.page import ADMIN_PAGES, PAGES
from opendance.app import create_app
from opendance.catalog import MAX_BODY_BYTES, MAX_UPLOAD_BYTES, MODELS
from opendance.cli import app as cli
from opendance.engines.configured import Engines
from opendance.engines.registry import engine_facts, engine_options, known_engines
from opendance.engines.routes import read_routes
from opendance.net.addresses import is_public_address
from opendance.settings import Settings, load_settings
from opendance.store.beginning import ensure_default_account
from opendance.store.tasks import create_task
from tests.databases import PostgresqlServer, opened
from tests.tasks import order, waiting_task

ROOT = Path(__file__).parent.parent
DEPLOY, KUBERNETES = ROOT / "deploy", ROOT / "deploy" / "kubernetes"
SECRET = KUBERNETES / "secret.example.yaml"  # shows what to make outside; no kustomization applies it
# Of another API than Kubernetes' own, which its schemas do not know.
OF_KEDA = sorted(KUBERNETES.glob("*keda/worker*.yaml"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = [
    path
    for path in sorted(KUBERNETES.rglob("*.yaml"))
    if path.name != "kustomization.yaml" and path not in OF_KEDA
]  # fmt: skip
KUSTOMIZATIONS = sorted(KUBERNETES.rglob("kustomization.yaml"))
PODS = ("Deployment", "Job")
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")


def check_compose(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def resources(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def all_of(*kinds: str) -> list[dict[str, Any]]:
    return [resource for path in MANIFESTS for resource in resources(path) if resource["kind"] in kinds]


def pods() -> list[tuple[str, dict[str, Any]]]:
    return [(resource["metadata"]["name"], resource["spec"]["template"]["spec"]) for resource in all_of(*PODS)]


def variables(pod: dict[str, Any]) -> dict[str, str]:
    """What the first container of a pod is told, beside its secrets."""
    [shared] = resources(KUBERNETES / "settings.yaml")
    return shared["data"] | {variable["name"]: variable["value"] for variable in pod["containers"][0].get("env", [])}


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


def test_every_manifest_is_applied_and_no_secret() -> None:
    """By the kustomization of its folder; what that patches with is none of its own."""
    for path in KUSTOMIZATIONS:
        [listed] = resources(path)
        named = [
            *listed.get("resources", ()),
            *(patch["path"] for patch in listed.get("patches", ()) if "path" in patch),
        ]
        there = {each.name for each in path.parent.glob("*.yaml")} - {"kustomization.yaml", SECRET.name}
        assert set(named) == there, path.parent.name
    assert not [resource for resource in all_of("Secret") if resource not in resources(SECRET)]


def built(folder: Path, kustomization: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What kubectl makes of a kustomization beside a copy of ours, which is named `opendance`; by kind and name."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    shutil.copytree(KUBERNETES, folder / "opendance")
    (folder / "kustomization.yaml").write_text(kustomization)
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done.stdout)}


@pytest.mark.parametrize("components", [(), ("gpu",), ("keda",), ("gpu", "keda", "gpu-keda")], ids="+".join)
def test_kubectl_builds_the_whole(tmp_path: Path, components: tuple[str, ...]) -> None:
    mine = {"resources": ["opendance"], "components": [f"opendance/{name}" for name in components]}
    made = built(tmp_path, yaml.safe_dump(mine))
    assert {kind for kind, _ in made} >= {"Deployment", "Job", "NetworkPolicy", "Ingress"}
    assert not [name for kind, name in made if kind == "Secret"]
    assert {one["metadata"].get("namespace", "opendance") for one in made.values()} == {"opendance"}
    for (kind, name), one in made.items():
        if kind == "Deployment":
            counted = name == "server" or ("keda" in components and name == "worker") or "gpu-keda" in components
            assert ("replicas" in one["spec"]) is not counted, f"{name}: an apply must not undo what is counted"


def test_kubectl_builds_the_example_of_the_docs(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(apiVersion: kustomize.*?)```", OPERATING, re.DOTALL)
    made = built(tmp_path, example)
    images = {
        container["image"] for (kind, _), one in made.items() if kind in PODS
        for container in one["spec"]["template"]["spec"]["containers"]
    }  # fmt: skip
    assert images == {f"registry.example.com/{name}:{__version__}" for name in ("opendance", "opendance-gpu")}
    settings = made["ConfigMap", "opendance"]["data"]
    assert settings.keys() >= {"OPENDANCE_ROUTES", "OPENDANCE_STORAGE_URL", "OPENDANCE_PUBLIC_URL"}


def test_every_variable_is_a_setting() -> None:
    known = {f"OPENDANCE_{name.upper()}" for name in Settings.model_fields}
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    for path in files:
        named = set(re.findall(r"\bOPENDANCE_[A-Z0-9]+(?:_[A-Z0-9]+)*", path.read_text()))
        assert named <= known, path.name
    assert len(files) > 15


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_settings_of_a_pod_are_valid(name: str, pod: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [variable for variable in os.environ if variable.startswith("OPENDANCE_")]:
        monkeypatch.delenv(variable)
    told = variables(pod)
    if name == "worker-gpu":
        [more] = resources(KUBERNETES / "gpu" / "settings.yaml")
        told |= more["data"]
    for variable, value in told.items():
        monkeypatch.setenv(variable, value)
    secret, of_servers = resources(SECRET)
    for variable in secret["stringData"] | (of_servers["stringData"] if name == "server" else {}):
        monkeypatch.setenv(variable, "postgresql://opendance@database/x")
    settings = load_settings()
    assert (settings.migrate_at_start, settings.log_format) == (False, "json")


def test_every_secret_of_the_compose_file_has_an_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "compose.yaml").read_text()))
    given = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert asked == given


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_is_given_more_time_than_it_takes_to_drain(name: str, pod: dict[str, Any]) -> None:
    if name == "migrate":
        return
    container = pod["containers"][0]
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert (pause > 0) == (name == "server"), "who is asked over the network answers until nobody asks any more"
    assert pod["terminationGracePeriodSeconds"] > int(variables(pod)["OPENDANCE_DRAIN_SECONDS"]) + pause + 5


def test_no_example_works_as_it_is() -> None:
    for path in DEPLOY.rglob("*"):
        assert path.is_dir() or "change-me" not in path.read_text(), path.name
    for secret in resources(SECRET):
        assert set(secret["stringData"].values()) == {""}


def test_compose_opens_ports_to_this_machine_alone_and_gives_containers_no_more_than_they_need() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in services.values())
    for name in ("server", "worker"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])


@pytest.mark.parametrize("name", ["av", "cryptography", "filelock", "httptools", "opencv-python-headless", "pillow", "puremagic", "python-multipart", "resvg-py"])  # fmt: skip
def test_what_reads_bytes_of_strangers_is_no_older_than_it_is_tested(name: str) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    [least] = [each.partition(">=")[2] for each in wanted if each.partition(">=")[0] == name]
    tested = re.search(rf"^{name.replace('-', '[-_]')}==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert tested
    parts = [int(part) for part in least.split(".")]
    assert parts == [int(part) for part in tested[1].split(".")[: len(parts)]]


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_has_bounded_folders_a_release_and_only_the_secrets_that_it_needs(name: str, pod: dict[str, Any]) -> None:
    assert all(volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"] if "emptyDir" in volume)
    [container] = pod["containers"]
    [images] = [yaml.safe_load(path.read_text())["images"] for path in KUSTOMIZATIONS if path.parent == KUBERNETES]
    assert {image["newTag"] for image in images} == {__version__}
    secrets = {each["secretRef"]["name"] for each in container["envFrom"] if "secretRef" in each}
    assert secrets == ({"opendance", "opendance-admin"} if name == "server" else {"opendance"})
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert "OPENDANCE_ADMIN_KEY" not in services["worker"]["environment"]


def test_no_pod_reaches_the_inside_but_for_names_and_the_database() -> None:
    [general] = [policy for policy in all_of("NetworkPolicy") if policy["metadata"]["name"] == "opendance"]
    names, database, world = general["spec"]["egress"]
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
def test_a_pod_can_do_no_more_than_it_must(name: str, pod: dict[str, Any]) -> None:
    assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
    for container in (*pod["containers"], *pod.get("initContainers", ())):
        security = container["securityContext"]
        assert (security["readOnlyRootFilesystem"], security["allowPrivilegeEscalation"]) == (True, False)
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert {"memory"} <= set(container["resources"]["limits"])
        assert {"secretRef": {"name": "opendance"}} in container["envFrom"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert "tmp" in mounted
        assert mounted <= {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_waits_for_the_migrations_and_is_asked_where_it_answers(name: str, pod: dict[str, Any]) -> None:
    container = pod["containers"][0]
    if name == "migrate":
        assert container["args"] == ["migrate", "up"]
        return
    [before] = pod["initContainers"]
    assert before["args"][:3] == ["migrate", "check", "--wait"]
    assert before["image"] == container["image"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports["http"] == 8000
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert container[probe]["httpGet"] == {"path": path, "port": "http"}
    startup = container["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 1800, "long enough for a migration"
    topologies = {spread["topologyKey"]: spread["labelSelector"] for spread in pod["topologySpreadConstraints"]}
    assert set(topologies) == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
    [deployment] = [one for one in all_of("Deployment") if one["metadata"]["name"] == name]
    assert all(selector == deployment["spec"]["selector"] for selector in topologies.values())


def test_workers_take_no_more_than_fits_and_gpu_workers_keep_their_weights() -> None:
    made = dict(pods())
    assert made["worker"]["containers"][0]["args"][-2:] == ["--concurrency", "1"]
    container = made["worker-gpu"]["containers"][0]
    weights = variables(made["worker-gpu"])["HF_HOME"]
    assert weights in [mount["mountPath"] for mount in container["volumeMounts"]]
    assert {"name": "weights", "persistentVolumeClaim": {"claimName": "weights"}} in made["worker-gpu"]["volumes"]
    assert [claim["metadata"]["name"] for claim in all_of("PersistentVolumeClaim")] == ["weights"]


def routes_of_the_gpus() -> dict[str, tuple[str, ...]]:
    [settings] = resources(KUBERNETES / "gpu" / "settings.yaml")
    return {key: tuple(names) for key, names in json.loads(settings["data"]["OPENDANCE_ROUTES"]).items()}


def test_engines_of_the_manifests_are_there_and_have_models() -> None:
    [settings] = resources(KUBERNETES / "gpu" / "settings.yaml")
    routes = read_routes(routes_of_the_gpus(), Engines({"ltx2": {}}))
    for name, pod in pods():
        arguments = pod["containers"][0]["args"]
        if "--engines" in arguments:
            engine = arguments[arguments.index("--engines") + 1]
            assert engine in known_engines(), name
            assert routes.lanes([engine]), f"{name}: no route leads to {engine}"
    for variable, value in settings["data"].items():
        if variable.startswith("OPENDANCE_ENGINE__"):
            _, engine, option = variable.lower().split("__")
            assert getattr(engine_options(engine_facts(engine, "test"), {option: value}), option) == value


def queries(folder: str) -> dict[str, str]:
    """What each pool of workers is scaled by."""
    found: dict[str, str] = {}
    secret, _ = resources(SECRET)
    named = {
        resource["metadata"]["name"]: resource for path in OF_KEDA for resource in resources(path) if "kind" in resource
    }
    for path in OF_KEDA:
        for resource in resources(path) if path.parent.name in ("keda", folder) else ():
            if isinstance(resource, list):  # a patch
                [change] = resource
                found["worker"] = change["value"]
            elif resource["kind"] == "ScaledObject":
                target, [trigger] = resource["spec"]["scaleTargetRef"]["name"], resource["spec"]["triggers"]
                assert target in dict(pods())
                assert trigger["type"] == "postgresql"
                [parameter] = named[trigger["authenticationRef"]["name"]]["spec"]["secretTargetRef"]
                assert parameter["key"] in secret["stringData"]
                found.setdefault(target, trigger["metadata"]["query"])
    return found


@pytest.mark.parametrize("folder", ["keda", "gpu-keda"])
async def test_workers_are_counted_by_the_videos_that_they_can_make(postgresql: PostgresqlServer, folder: str) -> None:
    asked = queries(folder)
    async with opened(postgresql.new_database()) as database:
        async with database.write() as connection:
            account = await ensure_default_account(connection)
            for model in MODELS.values():
                await create_task(connection, waiting_task(account, order(model=model.id)))
                ended = waiting_task(account, order(model=model.id))
                await create_task(connection, ended)
                await connection.execute(text("UPDATE tasks SET status = 'completed' WHERE id = :id"), {"id": ended.id})
        async with database.read() as connection:
            counted = {name: (await connection.execute(text(query))).scalar() for name, query in asked.items()}
    if folder == "keda":
        assert counted == {"worker": len(MODELS)}
        return
    routes = read_routes(routes_of_the_gpus(), Engines({"ltx2": {}}))
    made_by = [routes.of(model) for model in MODELS.values()]
    assert counted == {"worker": made_by.count(("previs",)), "worker-gpu": made_by.count(("ltx2",))}


def test_the_ingress_leads_to_all_that_clients_use_and_to_nothing_else(tmp_path: Path) -> None:
    [ingress] = all_of("Ingress")
    [rule] = ingress["spec"]["rules"]
    told = {(path["path"], path["pathType"]) for path in rule["http"]["paths"]}

    def leads(path: str) -> bool:
        return any(path == one or (kind == "Prefix" and path.startswith(f"{one}/")) for one, kind in told)

    inside = ("/healthz", "/readyz", "/metrics", "/admin/")
    paths = {"/docs", "/openapi.json", *create_app(Settings(data_dir=tmp_path)).openapi()["paths"]}
    assert len(paths) > 30
    for path in paths:
        assert leads(path) is not path.startswith(inside), path
    assert leads("/static-offline-docs/swagger-ui.css")
    assert leads("/assets/main.js")
    assert all(leads(page.replace("{task_id}", "x")) for page in PAGES)
    assert not any(leads(page) for page in ADMIN_PAGES)
    [size] = re.findall(r"^(\d+)m$", ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"])
    assert int(size) << 20 > max(MAX_UPLOAD_BYTES, MAX_BODY_BYTES)
    services = {one["metadata"]["name"]: one for one in all_of("Service")}
    for path in rule["http"]["paths"]:
        backend = path["backend"]["service"]
        assert backend["port"]["name"] in [port["name"] for port in services[backend["name"]]["spec"]["ports"]]


def test_policies_are_for_pods_that_there_are() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in all_of(*PODS)]
    ports = {port["containerPort"] for _, pod in pods() for port in pod["containers"][0].get("ports", ())}
    for policy in all_of("NetworkPolicy"):
        wanted = policy["spec"]["podSelector"]["matchLabels"].items()
        assert [one for one in labels if wanted <= one.items()], policy["metadata"]["name"]
        open_ports = {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
        assert open_ports <= ports
    [general] = [policy for policy in all_of("NetworkPolicy") if policy["metadata"]["name"] == "opendance"]
    assert all(general["spec"]["podSelector"]["matchLabels"].items() <= one.items() for one in labels)


# ── Prometheus ──


@pytest.mark.parametrize("name", ["prometheus.yaml", "prometheus-kubernetes.yaml"])
def test_prometheus_sends_the_token_and_reads_the_alerts(name: str) -> None:
    told = yaml.safe_load((DEPLOY / name).read_text())
    [job] = told["scrape_configs"]
    assert job["authorization"] == {"type": "Bearer", "credentials_file": "opendance-token"}
    assert all((DEPLOY / file).exists() for file in told["rule_files"])


def test_prometheus_asks_where_metrics_are() -> None:
    [job] = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text())["scrape_configs"]
    server = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["server"]
    [target] = job["static_configs"][0]["targets"]
    assert f"{target}:{server['environment']['OPENDANCE_ADMIN_PORT']}" in server["ports"]
    [of_pods] = yaml.safe_load((DEPLOY / "prometheus-kubernetes.yaml").read_text())["scrape_configs"]
    keep = next(rule["regex"] for rule in of_pods["relabel_configs"] if rule.get("action") == "keep")
    asked = {
        (name, port["containerPort"])
        for name, pod in pods()
        for port in pod["containers"][0].get("ports", ())
        if re.fullmatch(keep, f"{name};{port['name']}")
    }
    assert asked == {("server", 8001), ("worker", 8000), ("worker-gpu", 8000)}


# ── the image ──


def instructions() -> Iterator[tuple[str, str]]:
    """Of the Dockerfile, with lines that go on joined."""
    whole = re.sub(r"\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text())
    for line in whole.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest


def test_nothing_comes_into_the_image_whose_hash_is_not_told() -> None:
    pip = [rest for word, rest in instructions() if word == "RUN" and "pip " in rest]
    assert pip
    for command in pip:
        assert "--require-hashes --only-binary :all: -r" in command or "--no-deps" in command
    named = re.findall(r"REQUIREMENTS=(\w+)", (DEPLOY / "Dockerfile").read_text())
    assert named == ["gpu", "image"], "that of the engines with weights, and the default"
    assert all((ROOT / "requirements" / f"{name}.txt").exists() for name in named)


def test_the_image_answers_where_it_is_asked() -> None:
    told = dict(instructions())
    variables = dict(pair.split("=", 1) for pair in told["ENV"].split())
    assert variables["OPENDANCE_WORKER_PORT"] == told["EXPOSE"] == str(Settings.model_fields["port"].default)
    assert f":{told['EXPOSE']}/readyz" in told["HEALTHCHECK"]
    assert variables["OPENDANCE_DATA_DIR"] == told["VOLUME"]
    made = next(rest for word, rest in instructions() if word == "RUN" and "useradd" in rest)
    assert {variables["OPENDANCE_DATA_DIR"], variables["HF_HOME"]} <= set(made.split())
    [uid] = re.findall(r"--uid (\d+)", made)
    assert {pod["securityContext"]["runAsUser"] for _, pod in pods()} == {int(uid)}
    copied = [rest.split()[:-1] for kind, rest in instructions() if kind == "COPY" and "--from=" not in rest]
    for source in (word for words in copied for word in words):
        assert (ROOT / source).exists(), source


# ── systemd ──


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_takes_the_unit(path: Path, tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not installed")
    unit = path.read_text().replace("/opt/opendance/bin/opendance", sys.executable)
    for text_, problem in ((unit, ""), (unit.replace("UMask=", "UMsak="), "UMsak")):
        (tmp_path / path.name).write_text(text_)
        done = subprocess.run(
            [verify, "verify", str(tmp_path / path.name)], capture_output=True, text=True, check=False
        )
        told = "".join(line for line in done.stderr.splitlines() if path.name in line)  # not of other units there
        assert (problem in told) if problem else told == "", done.stderr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_keeps_its_folder_closed_and_lets_work_finish(path: Path) -> None:
    told: dict[str, str] = dict(re.findall(r"^(\w+)=(.*)$", path.read_text(), re.MULTILINE))
    assert (told["UMask"], told["StateDirectoryMode"]) == ("0077", "0700")
    assert f"OPENDANCE_DATA_DIR=/var/lib/{told['StateDirectory']}" in told["Environment"].split()
    assert told["KillMode"] == "mixed", "engines end with the process that they work for, not before it"
    assert float(told["TimeoutStopSec"]) > Settings.model_fields["drain_seconds"].default + 10
    command = told["ExecStart"].split()[1:]
    assert CliRunner().invoke(cli, [*command, "--help"]).exit_code == 0


# ── proxies, in docs/operating.md ──


@pytest.mark.parametrize("language", ["nginx", "caddy", "yaml"])
def test_proxies_of_the_docs_pass_on_all_that_clients_use(language: str) -> None:
    [_, section] = OPERATING.split("## Behind a proxy\n")
    [example] = re.findall(rf"```{language}\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
    for path in (
        "v1",
        "api",
        "docs",
        "static-offline-docs",
        r"openapi\.json" if language == "nginx" else "openapi.json",
    ):
        assert re.search(rf"[/(|]{re.escape(path)}[/)|`\s*]", example), path
    assert "/admin" not in example
    if language == "nginx":
        [size] = re.findall(r"client_max_body_size (\d+)m;", example)
        assert int(size) << 20 > max(MAX_UPLOAD_BYTES, MAX_BODY_BYTES)
