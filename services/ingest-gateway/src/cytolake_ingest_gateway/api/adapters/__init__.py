"""The ledger in PostgreSQL as the api reads it, and what the api itself writes there."""

from cytolake_ingest_gateway.api.adapters.desk import PostgresDesk
from cytolake_ingest_gateway.api.adapters.fetches import PostgresFetches
from cytolake_ingest_gateway.api.adapters.ledger import Ledger
from cytolake_ingest_gateway.api.adapters.people import PostgresPeople
from cytolake_ingest_gateway.api.adapters.probes import Probes
from cytolake_ingest_gateway.api.adapters.registry import SourceRegistry
from cytolake_ingest_gateway.api.adapters.releases import PostgresReleases
from cytolake_ingest_gateway.api.adapters.webhooks import PostgresLims

__all__ = [
    "Ledger",
    "PostgresDesk",
    "PostgresFetches",
    "PostgresLims",
    "PostgresPeople",
    "PostgresReleases",
    "Probes",
    "SourceRegistry",
]
