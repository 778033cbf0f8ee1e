"""The run ledger as an outbox: what is to be announced, and what has been."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row
from pydantic import ValidationError

from cytolake_contracts import FileLanded, FileLandedData, FileRef, KnownShape, SourceRef
from cytolake_contracts.identity import event_id, traceparent_for_run
from cytolake_ingest_gateway.intake.sweep import OpenRun
from cytolake_ingest_gateway.lifecycle import OPEN
from cytolake_runtime.database import Database

log = logging.getLogger(__name__)
Shapes = tuple[KnownShape, ...]
_LANDED = """
SELECT r.run_id, r.run_no, r.announcement, r.source AS run_source, r.decided, o.*
FROM intake.run r JOIN intake.object o USING (object_id)
WHERE r.run_id = ANY(%s) AND r.state = ANY(%s) ORDER BY r.opened_at, o.object_seq
"""
# Read when a run is announced, not when it is opened: by then more may be known.
_SHAPES = """
SELECT source, fingerprint, vendor, layout, columns FROM (
  SELECT *, row_number() OVER (PARTITION BY source ORDER BY last_seen_at DESC) AS place
  FROM intake.shape WHERE source = ANY(%s)
) s WHERE place <= %s ORDER BY source, place
"""
SHAPES_TOLD = 8
# Two announcers may tell of the same run: the higher number holds.
_ANNOUNCED = """
UPDATE intake.run r SET announced_at = %s, announcement = greatest(r.announcement, t.announcement)
FROM unnest(%s::uuid[], %s::int[]) t(run_id, announcement) WHERE r.run_id = t.run_id
"""
_OPEN = """
SELECT run_id, progress::int, opened_at, state_since, announced_at, announcement
FROM intake.run WHERE state = ANY(%s) AND (announced_at IS NULL OR announced_at < %s)
ORDER BY announced_at NULLS FIRST, opened_at LIMIT %s
"""
_YOUNGEST = """
SELECT step, (SELECT max(opened_at) FROM intake.run WHERE progress = step)
FROM generate_series(0, 10) step
"""


class Runs:
    """Open runs, and the event that announces each."""

    def __init__(self, database: Database, *, source: str = "cytolake/intake") -> None:
        self._database = database
        self._source = source

    async def landed(self, runs: Sequence[UUID]) -> list[FileLanded]:
        """Return the next announcement of each of these runs that is still open."""
        async with (
            self._database.transaction() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_LANDED, [list(runs), list(OPEN)])
            rows = await cursor.fetchall()
            await cursor.execute(_SHAPES, [list({row["source"] for row in rows}), SHAPES_TOLD])
            shapes = _by_source(await cursor.fetchall())
        return [event for row in rows if (event := self._event(row, shapes)) is not None]

    def _event(self, row: dict[str, Any], shapes: Mapping[str, Shapes]) -> FileLanded | None:
        try:
            known = shapes.get(row["source"], ())
            return file_landed(row, source=self._source, known_shapes=known)
        except ValidationError:  # one row that cannot be told of must not silence all others
            log.exception("run %s cannot be announced", row["run_id"])
            return None

    async def announced(self, events: Sequence[FileLanded]) -> None:
        """Note that the broker has stored these announcements."""
        runs = [event.run_id for event in events]
        numbers = [event.announcement for event in events]
        async with self._database.transaction() as connection:
            await connection.execute(_ANNOUNCED, [datetime.now(UTC), runs, numbers])

    async def open(self, *, announced_before: datetime, limit: int = 1000) -> list[OpenRun]:
        """Return open runs not announced since, those longest without an announcement first."""
        async with (
            self._database.transaction() as connection,
            connection.cursor(row_factory=class_row(OpenRun)) as cursor,
        ):
            await cursor.execute(_OPEN, [list(OPEN), announced_before, limit])
            return await cursor.fetchall()

    async def youngest(self) -> dict[int, datetime]:
        """Return by progress when the youngest run that has come just so far was opened."""
        async with self._database.transaction() as connection:
            rows = await (await connection.execute(_YOUNGEST)).fetchall()
        return {step: opened_at for step, opened_at in rows if opened_at is not None}


def _by_source(rows: Sequence[dict[str, Any]]) -> dict[str, Shapes]:
    found: dict[str, Shapes] = {}
    for row in rows:
        name = row.pop("source")
        found[name] = (*found.get(name, ()), KnownShape(**row))
    return found


def file_landed(row: dict[str, Any], *, source: str, known_shapes: Shapes = ()) -> FileLanded:
    """Return the next announcement of a run, from its row beside its object's."""
    run, ref = row["run_id"], SourceRef.model_validate(row["run_source"])
    ref = ref.model_copy(update={"known_shapes": known_shapes})
    fields = {name: row[name] for name in FileRef.model_fields if name != "source"}
    return FileLanded(
        id=event_id(run, FileLanded.type_name()),
        source=source,
        type=FileLanded.type_name(),
        subject=row["key"],
        time=datetime.now(UTC),
        site=ref.site,
        run_id=run,
        run_no=row["run_no"],
        object_id=row["object_id"],
        announcement=row["announcement"] + 1,
        traceparent=traceparent_for_run(run),
        data=FileLandedData(file=FileRef(**fields, source=ref), decision=row.get("decided")),
    )
