"""The one place where the mart-loader is put together."""

from __future__ import annotations

from cytolake_contracts import LakeBuilt, MartLoaded
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.adapters.ducklake import DuckLake
from cytolake_mart_loader.adapters.postgres import PostgresMarts
from cytolake_mart_loader.handlers import MartLoading
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_runtime.database import Database
from cytolake_runtime.service import Service


def build_app(settings: MartLoaderSettings) -> Service:
    """Return the service, nothing of it started."""
    service = Service(settings, name="mart-loader")
    contracts = {name: found for name, found in load_contracts().items() if found.zone == "mart"}
    database = Database(settings.dsn, max_connections=2)
    marts = PostgresMarts(database, contracts.values())
    lake = DuckLake(settings)
    loading = MartLoading(lake=lake, marts=marts, contracts=contracts, publish=service.bus.publish)
    service.on_start(database.open)
    service.on_start(marts.migrate)
    service.on_start(lake.warm)
    service.on_stop(lake.close)
    service.on_stop(database.close)
    service.bus.consume(LakeBuilt, durable="mart-loader", handler=loading.on_lake_built, workers=16)
    service.bus.publishes(MartLoaded)
    return service
