"""The ledger's schema, and what it remembers of the streams: how a loss is noticed."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

from cytolake_runtime.database import Database

_REMEMBER = """
INSERT INTO intake.stream (name, created_at) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at
"""
_KNOWN_SOURCES = "SELECT name FROM intake.source ORDER BY name"


async def apply_schema(database: Database) -> None:
    """Create what is missing of the ledger, as its owner."""
    folder = resources.files("cytolake_ingest_gateway.intake")
    async with database.transaction() as connection:
        for script in ("schema.sql", "decisions.sql", "releases.sql", "webhooks.sql"):
            await connection.execute(folder.joinpath(script).read_bytes())


class Watermarks:
    """When the streams were created, as of the last time everything was looked through."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remembered(self) -> dict[str, datetime]:
        """Return by stream the creation time last remembered."""
        async with self._database.transaction() as connection:
            rows = await connection.execute("SELECT name, created_at FROM intake.stream")
            return dict(await rows.fetchall())

    async def remember(self, name: str, created_at: datetime) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(_REMEMBER, [name, created_at])

    async def source_names(self) -> list[str]:
        """Return the registered sources: the prefixes where new files are likely."""
        async with self._database.transaction() as connection:
            rows = await (await connection.execute(_KNOWN_SOURCES)).fetchall()
        return [name for (name,) in rows]
