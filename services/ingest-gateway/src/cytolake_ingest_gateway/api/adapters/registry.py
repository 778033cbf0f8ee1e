"""Sources and API keys: the two tables of the ledger that the api writes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row

from cytolake_contracts import KnownShape
from cytolake_ingest_gateway.api.source_models import Source, SourceStatus, is_late
from cytolake_runtime.database import Connection, Database

_COLUMNS = (
    "name, site, vendor, layout, timezone, instrument, owner, file_names, freshness_hours, revision"
)
_ADD = f"""
INSERT INTO intake.source
  (name, site, vendor, layout, timezone, instrument, owner, file_names, freshness_hours)
VALUES (%(name)s, %(site)s, %(vendor)s, %(layout)s, %(timezone)s, %(instrument)s, %(owner)s,
  %(file_names)s, %(freshness_hours)s)
ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}
"""  # noqa: S608 - names of columns only
_CHANGE = f"""
UPDATE intake.source SET site = %(site)s, vendor = %(vendor)s, layout = %(layout)s,
  timezone = %(timezone)s, instrument = %(instrument)s, owner = %(owner)s,
  file_names = %(file_names)s, freshness_hours = %(freshness_hours)s, updated_at = now(),
  revision = revision + ((site, vendor, layout, timezone)
    IS DISTINCT FROM (%(site)s, %(vendor)s::text, %(layout)s::text, %(timezone)s))::int
WHERE name = %(name)s
  AND (site, vendor, layout, timezone, instrument, owner, file_names, freshness_hours)
  IS DISTINCT FROM (%(site)s, %(vendor)s::text, %(layout)s::text, %(timezone)s,
    %(instrument)s::text, %(owner)s::text, %(file_names)s::text[],
    %(freshness_hours)s::double precision)
RETURNING {_COLUMNS}
"""  # noqa: S608
_KEY = """
INSERT INTO intake.api_key (key_sha256, source, label)
SELECT %s, name, 'made over HTTP' FROM intake.source WHERE name = %s RETURNING source
"""
_STATUS = f"""
SELECT {_COLUMNS}, created_at, (
  SELECT max(received_at) FROM intake.object WHERE object.source = s.name) AS last_received_at
FROM intake.source s WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY name
"""  # noqa: S608
_SHAPES = """
SELECT fingerprint, vendor, layout, columns FROM intake.shape
WHERE source = %(name)s ORDER BY last_seen_at DESC
"""


class SourceRegistry:
    """The registered sources and the keys to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sources(self) -> list[SourceStatus]:
        return await self._statuses(None)

    async def source(self, name: str) -> SourceStatus | None:
        return next(iter(await self._statuses(name)), None)

    async def shapes(self, name: str) -> list[KnownShape]:
        async with self._database.transaction() as connection:
            return [KnownShape(**row) for row in await _rows(connection, _SHAPES, {"name": name})]

    async def add(self, wanted: Source, *, api_key: str) -> Source | None:
        async with self._database.transaction() as connection:
            added = await source_added(connection, wanted)
            if added is not None:
                await connection.execute(_KEY, [_sha256(api_key), wanted.name])
        return added

    async def change(self, wanted: Source) -> Source | None:
        async with self._database.transaction() as connection:
            changed = await _rows(connection, _CHANGE, _asked(wanted))
        if changed:
            return Source(**changed[0])
        known = await self.source(wanted.name)
        return None if known is None else Source(**known.registration, revision=known.revision)

    async def add_key(self, source: str, *, api_key: str) -> bool:
        async with self._database.transaction() as connection:
            made = await connection.execute(_KEY, [_sha256(api_key), source])
            return await made.fetchone() is not None

    async def _statuses(self, name: str | None) -> list[SourceStatus]:
        async with self._database.transaction() as connection:
            rows = await _rows(connection, _STATUS, {"name": name})
        now = datetime.now(UTC)
        return [_status(row, now) for row in rows]


async def source_added(connection: Connection, wanted: Source) -> Source | None:
    """Register a source in this transaction; None, changing nothing, if the name is taken."""
    added = await _rows(connection, _ADD, _asked(wanted))
    return Source(**added[0]) if added else None


def _status(row: dict[str, Any], now: datetime) -> SourceStatus:
    registered_at = row.pop("created_at")
    since = row["last_received_at"] or registered_at
    return SourceStatus(**row, is_late=is_late(row["freshness_hours"], since, now=now))


def _asked(wanted: Source) -> dict[str, Any]:
    return wanted.registration | {"file_names": list(wanted.file_names)}


async def _rows(connection: Connection, query: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), asked)
        return await cursor.fetchall()


def _sha256(api_key: str) -> str:
    return hashlib.sha256(api_key.encode()).hexdigest()
