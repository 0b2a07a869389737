"""OpenTelemetry spans over API, worker and engine: one trace for each task. FastAPI makes those of requests.

They cost next to nothing unless an exporter is set up, which the standard variables do (`OTEL_EXPORTER_OTLP_ENDPOINT`);
that needs `pip install opendance[telemetry]`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_log = logging.getLogger(__name__)
_tracer = trace.get_tracer("opendance")
_propagator = TraceContextTextMapPropagator()
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def set_up_traces(service: str) -> None:
    """Send spans where the standard variables say; without them, or without the packages, nowhere.

    Args:
        service: the name of this process's kind, such as `opendance-worker`.
    """
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("no traces are sent: pip install 'opendance[telemetry]'")
        return
    resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", service)})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def flush_traces() -> None:
    """Send what has not been sent; a process does this before it ends itself."""
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush()


@contextmanager
def span(
    name: str, *, parent: str | None = None, kind: SpanKind = SpanKind.INTERNAL, **attributes: str | float
) -> Generator[Span]:
    """A span around a block.

    Args:
        parent: a `traceparent` from another process; None for the span that is open here.
    """
    context = None if parent is None else _propagator.extract({"traceparent": parent})
    with _tracer.start_as_current_span(name, context=context, kind=kind) as current:
        for key, value in attributes.items():
            current.set_attribute(f"opendance.{key}", value)
        yield current


def trace_id_of(parent: str | None) -> str | None:
    """The trace that a `traceparent` belongs to, as trace viewers name it; None where none is recorded."""
    return None if parent is None else parent.split("-")[1]


def traceparent() -> str | None:
    """The open span, for another process (W3C Trace Context); None where none is recorded."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")
