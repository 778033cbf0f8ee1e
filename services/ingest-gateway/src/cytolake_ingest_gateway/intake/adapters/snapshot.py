"""Read the part of the ledger that decides about a batch of sightings (`versions.Known`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg.rows import dict_row

from cytolake_contracts import SourceRef
from cytolake_ingest_gateway.intake.versions import Held, Known, Registration, Sighting
from cytolake_runtime.database import Connection

# A version is its key's head when the key has none with a higher number.
_HEADS = """
WITH sighted AS (
  SELECT DISTINCT * FROM unnest(%(buckets)s::text[], %(keys)s::text[]) t(bucket, key)
),
heads AS (
  SELECT DISTINCT ON (o.bucket, o.key) o.object_id
  FROM intake.object o JOIN sighted USING (bucket, key)
  WHERE o.object_seq IS NOT NULL ORDER BY o.bucket, o.key, o.object_seq DESC
),
twins AS (
  SELECT o.object_id, o.bucket, o.key, o.object_seq FROM intake.object o
  WHERE o.content_sha256 = ANY(%(contents)s) AND o.source = ANY(%(sources)s)
  UNION
  SELECT d.object_id, d.bucket, d.key, d.object_seq FROM intake.object d
  JOIN intake.object o ON o.object_id = d.duplicate_of
  JOIN sighted s ON s.bucket = o.bucket AND s.key = o.key
)
SELECT o.*, coalesce(a.bucket, o.bucket) AS original_bucket, coalesce(a.key, o.key) AS original_key,
       coalesce(a.state, o.state) = 'rejected' AS is_refused
FROM (
  SELECT object_id FROM heads
  UNION
  SELECT object_id FROM twins t WHERE NOT EXISTS (
    SELECT FROM intake.object newer
    WHERE newer.bucket = t.bucket AND newer.key = t.key AND newer.object_seq > t.object_seq)
) h JOIN intake.object o USING (object_id) LEFT JOIN intake.object a ON a.object_id = o.duplicate_of
WHERE o.content_sha256 IS NOT NULL
"""
_PARSED = """
SELECT DISTINCT o.bucket, o.key FROM intake.object o JOIN intake.run USING (object_id)
JOIN unnest(%(buckets)s::text[], %(keys)s::text[]) t(bucket, key) USING (bucket, key)
"""
_REGISTERED = "SELECT object_id FROM intake.object WHERE object_id = ANY(%(ids)s)"
_ELSEWHERE = """
SELECT content_sha256, array_agg(DISTINCT source) AS sources FROM intake.object
WHERE content_sha256 = ANY(%(contents)s) GROUP BY content_sha256
"""
_SOURCES = """
SELECT name, site, vendor, layout, timezone, instrument, file_names, revision FROM intake.source
"""


async def known(connection: Connection, sightings: Sequence[Sighting]) -> Known:
    """Return what the ledger holds that matters to these sightings."""
    asked = {
        "ids": [s.object_id for s in sightings],
        "buckets": [s.bucket for s in sightings],
        "keys": [s.key for s in sightings],
        "sources": list({s.source for s in sightings}),
        "contents": list({s.content_sha256 for s in sightings if s.content_sha256}),
    }
    async with connection.cursor(row_factory=dict_row) as cursor:

        async def rows(query: str) -> list[dict[str, Any]]:
            return await (await cursor.execute(query.encode(), asked)).fetchall()

        return Known(
            sources=await registrations(connection),
            registered=frozenset(r["object_id"] for r in await rows(_REGISTERED)),
            heads=tuple(_held(r) for r in await rows(_HEADS)),
            parsed=frozenset((r["bucket"], r["key"]) for r in await rows(_PARSED)),
            elsewhere={
                r["content_sha256"]: frozenset(r["sources"]) for r in await rows(_ELSEWHERE)
            },
        )


async def registrations(connection: Connection) -> dict[str, Registration]:
    """Return every source as it is registered now, by name."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_SOURCES)).fetchall()
    return {row["name"]: _registration(row) for row in rows}


def _registration(row: dict[str, Any]) -> Registration:
    revision = row.pop("revision")
    return Registration(SourceRef(**row), revision)


def _held(row: dict[str, Any]) -> Held:
    return Held(
        object_id=row["object_id"],
        address=(row["bucket"], row["key"]),
        object_seq=row["object_seq"],
        source=row["source"],
        source_revision=row["source_revision"],
        content_sha256=row["content_sha256"],
        received_at=row["received_at"],
        duplicate_of=row["duplicate_of"],
        original_address=(row["original_bucket"], row["original_key"]),
        is_refused=row["is_refused"],
    )
