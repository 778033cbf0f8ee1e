"""The releases of batches in the ledger, and the state of the lake that the marts show."""

from __future__ import annotations

from uuid import UUID

from psycopg import errors
from psycopg.rows import dict_row

from cytolake_ingest_gateway.api.releases import Release
from cytolake_runtime.database import Database

# Of the lake that was loaded last: one made anew counts its snapshots from 0 again.
_SHOWN = """
SELECT max(read_snapshot_id) AS snapshot_id FROM marts.applied
WHERE lake = (SELECT lake FROM marts.applied ORDER BY applied_at DESC LIMIT 1)
AND (
  EXISTS (SELECT FROM marts.mart_batch WHERE batch_id = %(batch)s)
  OR EXISTS (SELECT FROM marts.mart_sample WHERE batch_id = %(batch)s)
)
"""
_RELEASES = """
SELECT * FROM intake.release
WHERE (%(batch)s::text IS NULL OR batch_id = %(batch)s)
  AND (%(decision_id)s::uuid IS NULL OR decision_id = %(decision_id)s)
ORDER BY decided_at DESC, release_no DESC LIMIT %(limit)s
"""


class PostgresReleases:
    """Port `Releases`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shown(self, batch: str) -> int | None:
        try:
            async with self._database.transaction() as connection:
                row = await (await connection.execute(_SHOWN, {"batch": batch})).fetchone()
        except errors.UndefinedTable:
            return None  # nothing was loaded yet
        return row[0] if row else None

    async def releases(
        self, *, batch: str | None = None, decision_id: UUID | None = None, limit: int = 1
    ) -> list[Release]:
        asked = {"batch": batch, "decision_id": decision_id, "limit": limit}
        async with (
            self._database.transaction() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_RELEASES, asked)
            return [Release(**row) for row in await cursor.fetchall()]
