"""The decisions in PostgreSQL: recorded by the one function that may, and told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cytolake_ingest_gateway.api.adapters.shown import SHOWN_VERSION, with_words
from cytolake_ingest_gateway.api.decided import (
    Asked,
    DecisionLine,
    DecisionProgress,
    Matching,
    QuarantineCase,
    QuarantineLine,
)
from cytolake_ingest_gateway.api.links import page_of_result
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.lifecycle import DECISIONS, Action, State
from cytolake_runtime.database import Connection, Database

_LINE = "decision_id, action, actor, reason, decided_at, denied_code, denied_message"
_DECIDE = """
SELECT (d).* FROM (SELECT intake.decide(%(id)s, %(action)s, %(actor)s, %(reason)s, %(object_id)s,
  %(scope)s, %(rules)s::text[], %(denied_code)s, %(denied_message)s) AS d) t
"""
_PROGRESS = """
SELECT d.*, coalesce(p.opened, 0) AS opened, coalesce(p.passed_over, 0) AS passed_over,
  p.done_at IS NOT NULL OR d.denied_code IS NOT NULL AS is_carried_out,
  (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM (
    SELECT state, count(*) AS n FROM intake.run WHERE decision_id = d.decision_id GROUP BY state
  ) r) AS states
FROM intake.decision d LEFT JOIN intake.decision_progress p USING (decision_id)
WHERE decision_id = %(id)s
"""
_MATCHING = """
SELECT o.source, o.state, count(*)::int AS n
FROM intake.chosen(%(scope)s, %(states)s::text[], %(now)s) c JOIN intake.object o USING (object_id)
GROUP BY o.source, o.state
"""
_HELD = f"""
SELECT o.*, o.state_since AS since, n.run_no, e.data, {SHOWN_VERSION},
  coalesce(e.data ->> 'stage', 'validate') AS stage, e.data #>> '{{table,dataset}}' AS dataset
FROM intake.object o
JOIN LATERAL (
  SELECT r.run_no, e.data FROM intake.run r
  JOIN intake.event e ON e.run_id = r.run_id AND e.type = 'file.quarantined'
  WHERE r.object_id = o.object_id ORDER BY r.run_no DESC LIMIT 1
) e ON true
JOIN LATERAL (SELECT run_no FROM intake.run r WHERE r.object_id = o.object_id
  ORDER BY run_no DESC LIMIT 1) n ON true
"""  # noqa: S608 - names of columns only
_WAITING = f"""{_HELD} WHERE o.state = 'quarantined' AND (%(source)s::text IS NULL
  OR o.source = %(source)s) ORDER BY o.state_since LIMIT %(limit)s
"""
_ONE = f"{_HELD} WHERE o.object_id = %(id)s"
_ABOUT = f"""
SELECT {_LINE} FROM intake.decision WHERE object_id = %(id)s OR decision_id IN (
  SELECT decision_id FROM intake.run WHERE object_id = %(id)s)
ORDER BY decision_no
"""  # noqa: S608 - names of columns only
Row = dict[str, Any]


class PostgresDesk:
    """Port `Desk` on intake's ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, asked: Asked) -> DecisionLine:
        row = {
            "id": asked.request_id,
            "action": asked.action,
            "actor": asked.actor,
            "reason": asked.reason,
            "object_id": asked.object_id,
            "scope": Jsonb(asked.scope),
            "rules": list(asked.rules),
            "denied_code": asked.denial.code if asked.denial else None,
            "denied_message": asked.denial.words if asked.denial else None,
        }
        try:
            (made,) = await self._rows(_DECIDE, row)
        except psycopg.errors.UniqueViolation as error:
            words = "This request id was another decision; take a new one."
            raise ProblemError(409, "OTHER_REQUEST", words) from error
        except psycopg.errors.ForeignKeyViolation as error:
            words = "The lake does not keep this state any more; release the batch as it is now."
            raise ProblemError(409, "SNAPSHOT_GONE", words) from error
        except psycopg.errors.InsufficientPrivilege as error:
            words = f"The database denies it: {error.diag.message_primary}."
            raise ProblemError(403, "DENIED", words) from error
        return DecisionLine(**{name: made[name] for name in DecisionLine.model_fields})

    async def progress(self, decision_id: UUID) -> DecisionProgress | None:
        rows = await self._rows(_PROGRESS, {"id": decision_id})
        return DecisionProgress(**rows[0]) if rows else None

    async def matching(self, action: Action, scope: dict[str, Any]) -> Matching:
        states = list(DECISIONS[action].of)
        asked = {"scope": Jsonb(scope), "states": states, "now": datetime.now(UTC)}
        rows = await self._rows(_MATCHING, asked)
        return Matching(
            files=sum(row["n"] for row in rows),
            by_source=_summed(rows, "source"),
            by_state={State(state): n for state, n in _summed(rows, "state").items()},
        )

    async def quarantined(self, source: str | None, limit: int) -> list[QuarantineLine]:
        rows = await self._rows(_WAITING, {"source": source, "limit": limit})
        return [QuarantineLine(**with_words(row)) for row in rows]

    async def case(self, object_id: UUID) -> QuarantineCase | None:
        async with self._database.transaction() as connection:
            rows = await _fetched(connection, _ONE, {"id": object_id})
            decisions = await decisions_about(connection, object_id)
        return _case(rows[0], decisions) if rows else None

    async def _rows(self, query: str, asked: Row) -> list[Row]:
        async with self._database.transaction() as connection:
            return await _fetched(connection, query, asked)


async def decisions_about(connection: Connection, object_id: UUID) -> list[DecisionLine]:
    """Return every decision and every denied attempt about a file, oldest first."""
    rows = await _fetched(connection, _ABOUT, {"id": object_id})
    return [DecisionLine(**row) for row in rows]


async def _fetched(connection: Connection, query: str, asked: Row) -> list[Row]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), asked)
        return await cursor.fetchall()


def _case(row: Row, decisions: list[DecisionLine]) -> QuarantineCase:
    told = row["data"]
    table = told.get("table") or {}
    return QuarantineCase(
        **with_words(row),
        contract_version=table.get("contract_version"),
        rows=table.get("rows"),
        failures=told.get("failures", []),
        recognition=told.get("recognition"),
        result_key=told.get("result_key"),
        page=page_of_result(told),
        decisions=decisions,
    )


def _summed(rows: list[Row], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row[name]] = found.get(row[name], 0) + row["n"]
    return found
