"""The page of all metrics, from the collectors of `opendance.telemetry.metrics`."""

from __future__ import annotations

from typing import cast

import prometheus_client
from prometheus_client.metrics import MetricWrapperBase
from tools.documentation.markdown import code, table

from opendance.telemetry import metrics

_HEAD = """# Metrics

What `GET /metrics` tells of a process, for Prometheus. What each is good for, how to ask for it, and which are worth an alarm:
[operating.md](../operating.md#metrics). A histogram has `_bucket`, `_sum` and `_count`. This page is made from the code.

"""


def page() -> str:
    """The page, in Markdown."""
    rows = [_row(metric) for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    return _HEAD + table(["metric", "kind", "labels", "what it counts or measures"], sorted(rows))


def _row(metric: MetricWrapperBase) -> tuple[str, str, str, str]:
    [family, *_] = metric.describe()
    name = str(family.name) + ("_total" if isinstance(metric, prometheus_client.Counter) else "")
    names = cast(tuple[str, ...], metric._labelnames)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
    return code(name), str(family.type), ", ".join(map(code, names)), str(family.documentation)
