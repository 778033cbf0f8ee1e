"""What the LIMS says of samples, as the marts show it: one indexed look, a few milliseconds."""

from __future__ import annotations

from collections.abc import Collection

from psycopg import errors
from psycopg.rows import dict_row

from cytolake_runtime.database import Database
from cytolake_validator.identity import COLUMNS, Identity

SAMPLES = """
    select sample_id, batch_id, plate_id, well from marts.mart_sample
    where sample_id = any(%(samples)s) or plate_id = any(%(plates)s)
"""


class MartSamples:
    """Port `Lims` on `marts.mart_sample`."""

    def __init__(self, database: Database) -> None:
        """Ask `database`, which who starts the service opens."""
        self._database = database

    async def samples(self, claims: Collection[Identity]) -> list[Identity]:
        """Return what is known of these samples and plates; Retryable while it cannot be asked."""
        asked = {
            "samples": sorted({claim.sample_id for claim in claims}),
            "plates": sorted({claim.plate_id for claim in claims if claim.plate_id}),
        }
        try:
            async with (
                self._database.transaction() as connection,
                connection.cursor(row_factory=dict_row) as cursor,
            ):
                await cursor.execute(SAMPLES, asked)
                rows = await cursor.fetchall()
        except errors.UndefinedTable:
            return []  # a site that is new: nothing was loaded yet, so nothing is known
        return [Identity(**{name: row[name] for name in COLUMNS}) for row in rows]
