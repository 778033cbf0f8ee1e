"""Traces by OpenTelemetry: one trace per run, its id the run's; sent only where asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from cytolake_runtime.settings import ServiceSettings

_propagator = TraceContextTextMapPropagator()


def tracer_provider(settings: ServiceSettings, *, service: str) -> TracerProvider:
    """Return the service's tracer provider; spans leave the process only by an endpoint set."""
    provider = TracerProvider(resource=Resource.create({"service.name": f"cytolake-{service}"}))
    if settings.otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


@contextmanager
def trace_of(traceparent: str | None) -> Iterator[None]:
    """Work within the trace named, unless a span of that very trace is already current."""
    if traceparent is None or _current_trace_id() == traceparent.split("-")[1]:
        yield
        return
    token = context.attach(_propagator.extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        context.detach(token)


def span_per_run(
    provider: TracerProvider, name: str, traceparents: Iterable[str | None], *, started_ns: int
) -> None:
    """Record work that was done for many runs at once in the trace of each of them.

    `started_ns` is nanoseconds since the epoch (`time.time_ns()` as the work began).
    """
    tracer = provider.get_tracer("cytolake")
    for traceparent in filter(None, traceparents):
        parent = _propagator.extract({"traceparent": traceparent})
        tracer.start_span(name, context=parent, start_time=started_ns).end()


def _current_trace_id() -> str:
    return f"{trace.get_current_span().get_span_context().trace_id:032x}"
