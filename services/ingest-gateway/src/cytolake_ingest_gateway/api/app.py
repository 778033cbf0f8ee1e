"""Put the api together: the only place that constructs its adapters and mounts its routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields

from fastapi import FastAPI

from cytolake_ingest_gateway.api import (
    data_docs,
    dbt_docs,
    files,
    health,
    openapi,
    people,
    problems,
    quarantine,
    releases,
    replays,
    sources,
    uploads,
)
from cytolake_ingest_gateway.api.adapters import (
    Ledger,
    PostgresDesk,
    PostgresFetches,
    PostgresLims,
    PostgresPeople,
    PostgresReleases,
    Probes,
    SourceRegistry,
)
from cytolake_ingest_gateway.api.auth import Keys
from cytolake_ingest_gateway.api.data_docs import Pages
from cytolake_ingest_gateway.api.decided import Desk
from cytolake_ingest_gateway.api.files import Histories
from cytolake_ingest_gateway.api.health import Faults
from cytolake_ingest_gateway.api.metrics import Measured, Metrics
from cytolake_ingest_gateway.api.people import People
from cytolake_ingest_gateway.api.recent import Recent
from cytolake_ingest_gateway.api.releases import Releases
from cytolake_ingest_gateway.api.settings import ApiSettings
from cytolake_ingest_gateway.api.sources import Registry
from cytolake_ingest_gateway.api.uploads import Inbound
from cytolake_ingest_gateway.api.webhooks import inbox, registered
from cytolake_ingest_gateway.api.webhooks.asking import HttpAsk
from cytolake_ingest_gateway.api.webhooks.fetcher import Fetcher
from cytolake_ingest_gateway.api.webhooks.jwks import KeySets
from cytolake_ingest_gateway.api.webhooks.ports import Deliveries, Judge, LimsBook
from cytolake_ingest_gateway.api.webhooks.verifier import Verifier
from cytolake_ingest_gateway.layouts import LayoutShelf
from cytolake_runtime import Retryable
from cytolake_runtime.database import Database
from cytolake_runtime.store import ObjectStore

_WEBHOOKS_AT_ONCE = 4
log = logging.getLogger(__name__)
DESCRIPTION = """
Files in, and what became of each. A file stored here, or put into the inbound bucket by S3,
travels by events through conversion, validation and the lake into the marts; its history tells
every step in words. Times are UTC. Errors are RFC 9457 problem details with a stable `code`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes need: real ones here, fakes in tests."""

    inbound: Inbound
    registry: Registry
    keys: Keys
    histories: Histories
    pages: Pages
    people: People
    desk: Desk
    releases: Releases
    lims: LimsBook
    deliveries: Deliveries
    judge: Judge
    fetch_soon: Callable[[], None]
    probes: Faults


def build_app(settings: ApiSettings) -> FastAPI:
    """Return the api on its real servers."""
    database, store = Database(settings.dsn), ObjectStore(settings)
    # Webhooks hold a row while their object is stored: a slow store must not block other requests.
    webhooks = Database(settings.dsn, max_connections=_WEBHOOKS_AT_ONCE)
    ask, lims = HttpAsk(), PostgresLims(webhooks)
    fetcher = _fetcher(settings, database, store, ask)
    persons = PostgresPeople(database)
    probes = Probes(database, store, bucket=settings.inbound_bucket)
    parts = Parts(
        inbound=store,
        registry=SourceRegistry(database),
        keys=persons,
        histories=Ledger(database),
        pages=store,
        people=persons,
        desk=PostgresDesk(database),
        releases=PostgresReleases(database),
        lims=lims,
        deliveries=lims,
        judge=Verifier(KeySets(ask)),
        fetch_soon=fetcher.soon,
        probes=probes,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await _until_ready(database, probes)
        await webhooks.open()
        async with _beside(fetcher):
            yield
        await ask.close()
        await webhooks.close()
        await database.close()
        store.close()

    return assemble(settings, parts, lifespan)


def assemble(settings: ApiSettings, parts: Parts, lifespan: object | None = None) -> FastAPI:
    """Return the app over these parts."""
    app = FastAPI(
        title="Cytolake ingest gateway",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,  # type: ignore[arg-type]
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.layouts = LayoutShelf(settings.layouts_dir)
    app.state.recent, app.state.metrics = Recent(), Metrics()
    for field in fields(parts):
        setattr(app.state, field.name, getattr(parts, field.name))
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Measured, metrics=app.state.metrics)
    for routes in (
        uploads,
        files,
        sources,
        inbox,
        registered,
        data_docs,
        dbt_docs,
        quarantine,
        releases,
        replays,
        people,
        health,
    ):
        app.include_router(routes.router)
    return app


def _fetcher(
    settings: ApiSettings, database: Database, store: ObjectStore, ask: HttpAsk
) -> Fetcher:
    return Fetcher(
        queue=PostgresFetches(database),
        ask=ask,
        inbound=store,
        bucket=settings.inbound_bucket,
        first_delay_seconds=settings.fetch_first_delay_seconds,
    )


@asynccontextmanager
async def _beside(fetcher: Fetcher) -> AsyncIterator[None]:
    """Fetch while the block runs."""
    running = asyncio.create_task(fetcher.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _until_ready(database: Database, probes: Probes) -> None:
    """Open the pool and wait for intake's tables: before them no request can be answered."""
    while True:
        try:
            await database.open()
            faults = await probes.faults()
        except Retryable as error:
            faults = {"postgres": str(error)}
        if not faults:
            return
        log.info("waiting to start: %s", faults)
        await asyncio.sleep(0.5)
