"""Alerts are told of what the service exports, and of the first failure too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import AggregateExpr, MatchOp, VectorSelector

from opendance.app import create_app
from opendance.engines.health import Health
from opendance.engines.pool import EnginePool
from opendance.settings import Settings
from opendance.telemetry import metrics

FILE = Path(__file__).parent.parent / "deploy" / "alerts.yaml"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]}


def parts(text: str, kind: type[Any]) -> list[Any]:
    """The parts of this kind of an expression.

    Raises:
        ValueError: it is none.
    """
    found: list[Any] = []
    promql_parser.walk(promql_parser.parse(text), found.append)
    return [part for part in found if isinstance(part, kind)]


def labels_of(name: str) -> set[str]:
    """The labels of an exported series; fails where there is none of this name."""
    collectors = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    for collector in collectors:
        (family,) = collector.describe()
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
        if name in {family.name + suffix for suffix in suffixes}:
            return set(collector._labelnames)
    raise AssertionError(f"{name} is not exported")


def series() -> dict[str, list[dict[str, str]]]:
    """The labels of every series that a process has before anything happened, by name."""
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(generate_latest(REGISTRY).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def test_the_seven_alerts_are_there() -> None:
    assert list(ALERTS) == [
        "QueueWaitsTooLong", "RequestsFail", "TasksFail", "CallbacksLost", "EngineMissing", "DiskRunsFull",
        "TasksAreSlow",
    ]  # fmt: skip
    for rule in ALERTS.values():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["annotations"].keys() == {"summary", "description"}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_asks_only_for_what_is_exported(name: str) -> None:
    expression = ALERTS[name]["expr"]
    asked = parts(expression, VectorSelector)
    assert asked
    grouped = {label for part in parts(expression, AggregateExpr) if part.modifier for label in part.modifier.labels}
    for selector in asked:
        labels = labels_of(selector.name)
        assert {matcher.name for matcher in selector.matchers.matchers} <= labels
        assert grouped - {"le"} <= labels
    for label in re.findall(r"\$labels\.(\w+)", str(ALERTS[name]["annotations"])):
        assert label in grouped or (not grouped and all(label in labels_of(each.name) | {"instance"} for each in asked))


@pytest.mark.parametrize("expression", ["sum(rate(x[5m]) > 1", "rate(x)", "sum(x) by"])
def test_a_wrong_expression_is_noticed(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parts(expression, VectorSelector)


def test_a_metric_that_is_not_exported_is_noticed() -> None:
    with pytest.raises(AssertionError, match="opendance_tasks_total is not exported"):
        labels_of("opendance_tasks_total")


@pytest.mark.parametrize("name", ALERTS)
def test_counters_of_an_alert_are_there_before_anything_has_happened(name: str, tmp_path: Path) -> None:
    """Else the first event is the birth of its series, and `increase` and `rate` see nothing of it."""
    create_app(Settings(data_dir=tmp_path))
    known = series()
    for selector in parts(ALERTS[name]["expr"], VectorSelector):
        if not selector.name.endswith("_total"):
            continue
        wanted = {matcher.name: matcher.value for matcher in selector.matchers.matchers}  # as `=` and `=~` mean it
        assert all(matcher.op in (MatchOp.Equal, MatchOp.Re) for matcher in selector.matchers.matchers)
        at_zero = [
            labels
            for labels in known[selector.name]
            if all(re.fullmatch(value, labels[label]) for label, value in wanted.items())
        ]
        assert at_zero, selector.name


def test_every_route_counts_its_failures_from_zero(tmp_path: Path) -> None:
    document = create_app(Settings(data_dir=tmp_path)).openapi()
    counted = {(each["method"], each["route"], each["status"]) for each in series()["opendance_http_requests_total"]}
    for path, methods in document["paths"].items():
        for method in methods:
            for status in ("500", "503"):
                assert (method.upper(), path, status) in counted


def test_an_engine_is_up_and_has_not_failed_before_its_first_job() -> None:
    Health(["moody"])
    assert REGISTRY.get_sample_value("opendance_engine_up", {"engine": "moody"}) == 1
    failures = {"engine": "moody", "code": "service_error"}
    assert REGISTRY.get_sample_value("opendance_engine_failures_total", failures) == 0


async def test_a_process_that_is_missing_is_one_less_than_there_should_be() -> None:
    pool = EnginePool("nowhere", size=2, options={}, environments=[])

    def told(name: str) -> float | None:
        return REGISTRY.get_sample_value(f"opendance_engine_processes{name}", {"engine": "nowhere"})

    await pool.start()
    assert (told("_wanted"), told(""), told("_loaded")) == (2, 2, 0)
    await pool.close()
    assert (told(""), told("_loaded")) == (0, 0)
