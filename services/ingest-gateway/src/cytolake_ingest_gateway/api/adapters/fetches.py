"""What thin events left to be fetched, as a queue in PostgreSQL."""

from __future__ import annotations

from typing import Any

from psycopg.rows import dict_row

from cytolake_ingest_gateway.api.webhooks.models import FetchSettings
from cytolake_ingest_gateway.api.webhooks.ports import Work
from cytolake_runtime.database import Database

_DUE = """
SELECT DISTINCT lims FROM intake.resource_fetch WHERE state = 'waiting' AND next_at <= now()
"""
_NEXT = """
WITH taken AS (
  UPDATE intake.resource_fetch SET attempts = attempts + 1, next_at = now() + interval '3 minutes'
  WHERE fetch_id = (
    SELECT fetch_id FROM intake.resource_fetch
    WHERE lims = %(lims)s AND state = 'waiting' AND next_at <= now()
    ORDER BY next_at, fetch_id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING *
)
SELECT t.fetch_id, t.lims, t.url, t.resource, t.attempts, l.fetching AS settings, (
  SELECT value FROM intake_secret.lims_key k
  WHERE k.lims = t.lims AND purpose = 'fetch' AND retired_at IS NULL
  ORDER BY added_at DESC LIMIT 1) AS token
FROM taken t JOIN intake.lims l ON l.name = t.lims
"""
_FETCHED = """
UPDATE intake.resource_fetch SET state = 'stored', key = %(key)s, message = NULL
WHERE fetch_id = %(fetch_id)s
"""
_FAILED = """
UPDATE intake.resource_fetch SET message = %(message)s,
  state = CASE WHEN %(delay)s::double precision IS NULL THEN 'given_up' ELSE 'waiting' END,
  next_at = now() + coalesce(%(delay)s::double precision, 0) * interval '1 second'
WHERE fetch_id = %(fetch_id)s
"""


class PostgresFetches:
    """Port `Fetches`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self) -> list[str]:
        return [row["lims"] for row in await self._rows(_DUE, {})]

    async def next_of(self, lims: str) -> Work | None:
        found = await self._rows(_NEXT, {"lims": lims})
        if not found:
            return None
        settings = found[0].pop("settings")
        return Work(**found[0], settings=FetchSettings(**settings) if settings else None)

    async def fetched(self, fetch_id: int, key: str) -> None:
        await self._rows(_FETCHED, {"fetch_id": fetch_id, "key": key})

    async def failed(self, fetch_id: int, message: str, *, delay_seconds: float | None) -> None:
        asked = {"fetch_id": fetch_id, "message": message, "delay": delay_seconds}
        await self._rows(_FAILED, asked)

    async def _rows(self, query: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        async with (
            self._database.transaction() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query.encode(), asked)
            return await cursor.fetchall() if cursor.description else []
