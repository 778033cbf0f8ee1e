"""Register sightings: one transaction under one lock, so that order and duplicates are certain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from cytolake_contracts.identity import run_id
from cytolake_ingest_gateway.intake.adapters.snapshot import known
from cytolake_ingest_gateway.intake.register import decide
from cytolake_ingest_gateway.intake.versions import Decisions, NewObject, Opening, Sighting
from cytolake_runtime.database import Connection, Database

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('cytolake.intake.register'))"
_ENTER = """
INSERT INTO intake.object (object_id, bucket, key, version_id, etag, size_bytes, content_type,
  last_modified, content_sha256, source, source_revision, object_seq, received_at, duplicate_of,
  state, state_since, reason_code, message, warnings, dropped_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_REPOINT = "UPDATE intake.object SET duplicate_of = %s WHERE object_id = %s"
# Of use to a duplicate that becomes an original; for a new object it changes nothing.
_REVIVE = """
UPDATE intake.object SET duplicate_of = NULL, state = 'received', state_since = %s,
  reason_code = NULL, message = NULL
WHERE object_id = %s AND duplicate_of IS NOT NULL
"""
_OPEN = """
INSERT INTO intake.run (run_id, object_id, run_no, reason, source, opened_at, state_since)
VALUES (%s, %s, 1, %s, %s, %s, %s)
"""
_UNREGISTERED = """
SELECT t.bucket, t.key, t.version_id
FROM unnest(%s::text[], %s::text[], %s::text[]) t(bucket, key, version_id)
WHERE NOT EXISTS (
  SELECT FROM intake.object o WHERE o.bucket = t.bucket AND o.key = t.key
  AND o.version_id = t.version_id AND o.version_id <> 'null')
"""
Version = tuple[str, str, str]
"""Bucket, key, version id."""


class Book:
    """The register of object versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unregistered(self, versions: Sequence[Version]) -> set[Version]:
        """Return those versions that are not in the ledger."""
        if not versions:
            return set()
        columns = [list(column) for column in zip(*versions, strict=True)]
        async with self._database.transaction() as connection:
            return set(await (await connection.execute(_UNREGISTERED, columns)).fetchall())

    async def register(self, sightings: Sequence[Sighting]) -> list[UUID]:
        """Enter what is new, each key's versions in the order given; return the runs opened."""
        async with self._database.transaction() as connection:
            await connection.execute(_LOCK)
            # Only now: a time taken before the lock would not rise with object_seq.
            now = datetime.now(UTC)
            decisions = decide(await known(connection, sightings), sightings, at=now)
            await _carry_out(connection, decisions, now)
        return [run_id(opening.object_id, 1) for opening in decisions.openings]


async def _carry_out(connection: Connection, decisions: Decisions, now: datetime) -> None:
    async with connection.cursor() as cursor:
        if decisions.objects:
            await cursor.executemany(_ENTER, [_object_row(new) for new in decisions.objects])
        if decisions.repointed:
            repointed = [(original, one) for one, original in decisions.repointed]
            await cursor.executemany(_REPOINT, repointed)
        if decisions.openings:
            revived = [(now, opening.object_id) for opening in decisions.openings]
            await cursor.executemany(_REVIVE, revived)
            await cursor.executemany(_OPEN, [_run_row(o, now) for o in decisions.openings])


def _object_row(new: NewObject) -> tuple[object, ...]:
    seen = new.sighting
    return (
        seen.object_id,
        seen.bucket,
        seen.key,
        seen.version_id,
        seen.etag,
        seen.size_bytes,
        seen.content_type,
        seen.last_modified,
        seen.content_sha256,
        seen.source,
        new.source_revision,
        new.object_seq,
        new.received_at,
        new.duplicate_of,
        new.state,
        new.received_at,
        new.reason_code,
        new.message,
        list(new.warnings),
        seen.dropped_by,
    )


def _run_row(opening: Opening, now: datetime) -> tuple[object, ...]:
    run = run_id(opening.object_id, 1)
    source = opening.source.model_dump_json()
    return (run, opening.object_id, opening.reason, source, now, now)
