"""The one place where lineage is put together."""

from __future__ import annotations

from cytolake_lineage.adapters import PostgresAudit, Streams
from cytolake_lineage.handlers import Lineage
from cytolake_lineage.settings import LineageSettings
from cytolake_runtime import topology
from cytolake_runtime.database import Database
from cytolake_runtime.service import Service


def build_app(settings: LineageSettings) -> Service:
    """Return the service, nothing of it started."""
    service = Service(settings, name="lineage")
    database = Database(settings.dsn, max_connections=2)
    audit = PostgresAudit(database)
    lineage = Lineage(audit=audit, stream_created=Streams(service.bus).created)
    service.on_start(database.open)
    service.on_start(audit.migrate)
    service.on_stop(database.close)
    service.bus.consume_raw(
        stream=topology.CYTOLAKE,
        subject="cytolake.>",
        durable="lineage",
        handler=lineage.on_message,
        workers=64,
    )
    return service
