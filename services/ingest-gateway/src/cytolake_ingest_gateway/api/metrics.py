"""Figures for Prometheus: requests by route, bytes taken, runs on the way by state."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Receive, Scope, Send

from cytolake_ingest_gateway.lifecycle import OPEN


class Metrics:
    """One registry per app, so that two apps in a process do not clash."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "cytolake_http_requests",
            "HTTP requests answered.",
            (*labels, "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "cytolake_http_request_seconds",
            "Time to answer.",
            labels,
            registry=self._registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.received_bytes = Counter(
            "cytolake_upload_bytes", "Bytes of bodies read.", registry=self._registry
        )
        self.open_runs = Gauge(
            "cytolake_open_runs", "Runs on the way, by state.", ("state",), registry=self._registry
        )

    def text(self, open_runs: dict[str, int]) -> bytes:
        """Return the exposition format, version 0.0.4."""
        for state in OPEN:
            self.open_runs.labels(state).set(open_runs.get(state, 0))
        return generate_latest(self._registry)


class Measured:
    """ASGI middleware: counts and times every request by its route, never by its path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def counted() -> MutableMapping[str, Any]:
            message = await receive()
            self._metrics.received_bytes.inc(len(message.get("body", b"")))
            return message

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, counted, noted)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.requests.labels(scope["method"], route, status).inc()
            took = time.perf_counter() - started
            self._metrics.seconds.labels(scope["method"], route).observe(took)
