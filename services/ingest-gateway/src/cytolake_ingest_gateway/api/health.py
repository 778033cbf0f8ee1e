"""`/healthz`, `/readyz`, `/metrics`: for whoever watches the process; no key needed."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from cytolake_ingest_gateway.api.metrics import Metrics
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_runtime import Retryable


class Faults(Protocol):
    """What the api needs, asked whether it answers."""

    async def faults(self) -> dict[str, str]:
        """Return what does not answer, with why."""
        ...


class OpenRuns(Protocol):
    """The ledger, for figures."""

    async def open_runs(self) -> dict[str, int]:
        """Return by state how many runs have not ended; raises Retryable."""
        ...


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Health:
    """Answer: the process lives."""
    return Health()


@router.get("/readyz", responses=documented(503))
async def readyz(request: Request) -> Health:
    """Answer once PostgreSQL and the object store do; 503 with what is missing otherwise."""
    probes: Faults = request.app.state.probes
    faults = await probes.faults()
    if faults:
        words = "; ".join(f"{name}: {fault}" for name, fault in faults.items())
        raise ProblemError(503, "NOT_READY", words, headers={"Retry-After": "2"})
    return Health()


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Give the figures in Prometheus' text format; without those of a ledger that is away."""
    kept: Metrics = request.app.state.metrics
    ledger: OpenRuns = request.app.state.histories
    try:
        open_runs = await ledger.open_runs()
    except Retryable:
        open_runs = {}
    return Response(kept.text(open_runs), media_type="text/plain; version=0.0.4")
