"""Sources and API keys: the two tables of the ledger that the api writes."""

from __future__ import annotations

import hashlib
from typing import Any

from psycopg.rows import dict_row

from cytolake_ingest_gateway.api.auth import Caller
from cytolake_ingest_gateway.api.sources import Source
from cytolake_runtime.database import Connection, Database

_ADD = """
INSERT INTO intake.source (name, site, vendor, layout, timezone)
VALUES (%(name)s, %(site)s, %(vendor)s, %(layout)s, %(timezone)s)
ON CONFLICT (name) DO NOTHING RETURNING name, site, vendor, layout, timezone, revision
"""
_CHANGE = """
UPDATE intake.source SET site = %(site)s, vendor = %(vendor)s, layout = %(layout)s,
  timezone = %(timezone)s, revision = revision + 1, updated_at = now()
WHERE name = %(name)s AND (site, vendor, layout, timezone)
  IS DISTINCT FROM (%(site)s, %(vendor)s::text, %(layout)s::text, %(timezone)s)
RETURNING name, site, vendor, layout, timezone, revision
"""
_KEY = """
INSERT INTO intake.api_key (key_sha256, source, label)
SELECT %s, name, 'made over HTTP' FROM intake.source WHERE name = %s RETURNING source
"""
_CALLER = "SELECT source FROM intake.api_key WHERE key_sha256 = %s AND revoked_at IS NULL"
_ALL = """
SELECT name, site, vendor, layout, timezone, revision FROM intake.source ORDER BY name
"""
_ONE = """
SELECT name, site, vendor, layout, timezone, revision FROM intake.source WHERE name = %(name)s
"""


class SourceRegistry:
    """The registered sources and the keys to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def caller(self, key_sha256: str) -> Caller | None:
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_CALLER, [key_sha256])).fetchone()
        return Caller(source=row[0]) if row else None

    async def sources(self) -> list[Source]:
        async with self._database.transaction() as connection:
            return await _sources(connection, _ALL, {})

    async def source(self, name: str) -> Source | None:
        async with self._database.transaction() as connection:
            return next(iter(await _sources(connection, _ONE, {"name": name})), None)

    async def add(self, wanted: Source, *, api_key: str) -> Source | None:
        async with self._database.transaction() as connection:
            added = await _sources(connection, _ADD, wanted.model_dump())
            if not added:
                return None
            await connection.execute(_KEY, [_sha256(api_key), wanted.name])
        return added[0]

    async def change(self, wanted: Source) -> Source | None:
        async with self._database.transaction() as connection:
            changed = await _sources(connection, _CHANGE, wanted.model_dump())
            found = changed or await _sources(connection, _ONE, {"name": wanted.name})
        return next(iter(found), None)

    async def add_key(self, source: str, *, api_key: str) -> bool:
        async with self._database.transaction() as connection:
            made = await connection.execute(_KEY, [_sha256(api_key), source])
            return await made.fetchone() is not None


async def _sources(connection: Connection, query: str, asked: dict[str, Any]) -> list[Source]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), asked)
        return [Source(**row) for row in await cursor.fetchall()]


def _sha256(api_key: str) -> str:
    return hashlib.sha256(api_key.encode()).hexdigest()
