"""Read files and their histories from the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from cytolake_ingest_gateway.api.adapters.desk import decisions_about
from cytolake_ingest_gateway.api.adapters.shown import SHOWN_VERSION, with_words
from cytolake_ingest_gateway.api.files import Wanted
from cytolake_ingest_gateway.api.histories import (
    EventLine,
    FileHistory,
    FileLine,
    Links,
    RunHistory,
)
from cytolake_runtime.database import Connection, Database

_LINE = f"""
SELECT o.object_id, o.key, o.source, o.state, o.reason_code, o.message, o.received_at, r.rows,
  {SHOWN_VERSION}
FROM intake.object o LEFT JOIN LATERAL (
  SELECT rows FROM intake.run WHERE run.object_id = o.object_id ORDER BY run_no DESC LIMIT 1
) r ON true
"""  # noqa: S608 - names of columns only
_OBJECT = f"""
SELECT o.*, (SELECT rows FROM intake.run WHERE run.object_id = o.object_id
             ORDER BY run_no DESC LIMIT 1) AS rows, {SHOWN_VERSION}
FROM intake.object o WHERE object_id = %(id)s
"""  # noqa: S608 - names of columns only
_RUNS = "SELECT * FROM intake.run WHERE object_id = %(id)s ORDER BY run_no"
_EVENTS = """
SELECT e.*, t.of_run FROM (
  SELECT event_id, run_id AS of_run FROM intake.event
  WHERE run_id IN (SELECT run_id FROM intake.run WHERE object_id = %(id)s)
  UNION
  SELECT event_id, run_id FROM intake.event_run
  WHERE run_id IN (SELECT run_id FROM intake.run WHERE object_id = %(id)s)
) t JOIN intake.event e USING (event_id) ORDER BY e.time, e.stream_sequence
"""
_CONDITIONS = {
    "key": "o.key = %(key)s",
    "source": "o.source = %(source)s",
    "state": "o.state = %(state)s",
    "received_at": "(o.received_at, o.object_id) < (%(received_at)s, %(object_id)s)",
}
_OPEN = """
SELECT state, count(*) FROM intake.run
WHERE state IN ('received', 'landed', 'converted', 'validated', 'built') GROUP BY state
"""


class Ledger:
    """The intake ledger, to read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def files(self, wanted: Wanted) -> list[FileLine]:
        asked: dict[str, Any] = {
            "key": wanted.key,
            "source": wanted.source,
            "state": wanted.state,
            "received_at": wanted.after[0] if wanted.after else None,
            "object_id": wanted.after[1] if wanted.after else None,
            "limit": wanted.limit,
        }
        conditions = [text for name, text in _CONDITIONS.items() if asked[name] is not None]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        query = f"{_LINE} {where} ORDER BY o.received_at DESC, o.object_id DESC LIMIT %(limit)s"
        async with self._database.transaction() as connection:
            rows = await _rows(connection, query, asked)
        return [FileLine(**with_words(row)) for row in rows]

    async def history(self, object_id: UUID) -> FileHistory | None:
        asked = {"id": object_id}
        async with self._database.transaction() as connection:
            objects = await _rows(connection, _OBJECT, asked)
            runs = await _rows(connection, _RUNS, asked)
            events = await _rows(connection, _EVENTS, asked)
            decisions = await decisions_about(connection, object_id)
        if not objects:
            return None
        return _history(with_words(objects[0]) | {"decisions": decisions}, runs, events)

    async def open_runs(self) -> dict[str, int]:
        """Return by state how many runs have not ended."""
        async with self._database.transaction() as connection:
            return dict(await (await connection.execute(_OPEN)).fetchall())


async def _rows(connection: Connection, query: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), asked)
        return await cursor.fetchall()


def _history(
    row: dict[str, Any], runs: list[dict[str, Any]], events: list[dict[str, Any]]
) -> FileHistory:
    original = row["duplicate_of"]
    links = Links(
        self=f"/v1/files/{row['object_id']}",
        original=f"/v1/files/{original}" if original else None,
    )
    return FileHistory(**row, runs=[_run(run, events) for run in runs], links=links)


def _run(run: dict[str, Any], events: list[dict[str, Any]]) -> RunHistory:
    own = [EventLine(**event) for event in events if event["of_run"] == run["run_id"]]
    return RunHistory(**run, events=own).with_stages()
