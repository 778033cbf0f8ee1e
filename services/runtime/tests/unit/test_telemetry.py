"""One trace per run: its id is the run's, whoever works on it and with how many others."""

from __future__ import annotations

import time
from uuid import uuid4

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from cytolake_contracts.identity import traceparent_for_run
from cytolake_runtime.telemetry import span_per_run, trace_of


def current_trace_id() -> int:
    return trace.get_current_span().get_span_context().trace_id


def test_work_inside_is_in_the_runs_trace_and_outside_is_not() -> None:
    run = uuid4()
    with trace_of(traceparent_for_run(run)):
        assert current_trace_id() == run.int
    assert current_trace_id() != run.int


def test_without_a_traceparent_nothing_is_current() -> None:
    with trace_of(None):
        assert current_trace_id() == 0


def test_a_build_of_many_is_a_span_in_the_trace_of_each() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    runs = [uuid4(), uuid4()]
    parents = [traceparent_for_run(run) for run in runs]
    span_per_run(provider, "lake.build", [*parents, None], started_ns=time.time_ns())
    spans = exporter.get_finished_spans()
    assert [span.context.trace_id for span in spans] == [run.int for run in runs]
