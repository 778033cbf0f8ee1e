"""The one place where the mart-loader is put together."""

from __future__ import annotations

import time
from functools import partial

from cytolake_contracts import LakeBuilt, MartLoaded
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.adapters.ducklake import DuckLake
from cytolake_mart_loader.adapters.postgres import PostgresMarts
from cytolake_mart_loader.handlers import MartLoading
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_runtime.database import Database
from cytolake_runtime.service import Service
from cytolake_runtime.telemetry import span_per_run


def build_app(settings: MartLoaderSettings) -> Service:
    """Return the service, nothing of it started."""
    service = Service(settings, name="mart-loader")
    contracts = {name: found for name, found in load_contracts().items() if found.zone == "mart"}
    database = Database(settings.dsn, max_connections=2)
    marts = PostgresMarts(database, contracts.values())
    lake = DuckLake(settings)
    loading = MartLoading(lake=lake, marts=marts, contracts=contracts, publish=service.bus.publish)

    async def on_lake_built(event: LakeBuilt) -> None:
        started_ns = time.time_ns()
        await loading.on_lake_built(event)
        parents = (built.traceparent for built in event.data.objects)
        span_per_run(service.tracer_provider, "mart.load", parents, started_ns=started_ns)

    service.on_start(database.open)
    service.on_start(partial(marts.migrate, drop_columns=settings.marts_drop_columns))
    service.on_start(lake.warm)
    service.on_stop(lake.close)
    service.on_stop(database.close)
    service.bus.consume(LakeBuilt, durable="mart-loader", handler=on_lake_built, workers=16)
    service.bus.publishes(MartLoaded)
    return service
