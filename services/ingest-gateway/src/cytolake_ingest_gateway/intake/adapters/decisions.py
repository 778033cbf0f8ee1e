"""Carry recorded decisions out, a portion a transaction, and hear of new ones.

A portion's runs, its objects' states and how far the decision has come are committed together:
killed at any point, intake goes on where it stood, and opens no run twice. The runs are announced
as all others: by whoever opened them, else by the sweep.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from cytolake_contracts.identity import run_id
from cytolake_ingest_gateway.intake.adapters import decisions_sql as sql
from cytolake_ingest_gateway.intake.adapters.cases import case_of
from cytolake_ingest_gateway.intake.adapters.snapshot import registrations
from cytolake_ingest_gateway.intake.reopen import Case, Doubled, Recorded, Reopening, reopened
from cytolake_ingest_gateway.intake.versions import Registration
from cytolake_ingest_gateway.lifecycle import DECISIONS, ENDS, Action
from cytolake_runtime.database import Connection, Database

log = logging.getLogger(__name__)
CHANNEL = "cytolake_decisions"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much at once: objects a portion, and runs of replays on the way before the next."""

    portion: int = 100
    most_on_the_way: int = 500


class Decisions:
    """The recorded decisions that are not carried out yet."""

    def __init__(self, database: Database, pace: Pace) -> None:
        self._database, self._pace = database, pace

    async def step(self) -> list[UUID] | None:
        """Carry out the next portion; return the runs to be announced, None: nothing (now)."""
        async with self._database.transaction() as connection:
            if not await self._next(connection):
                return None  # the locks of registering and folding are not for looking
            await connection.execute(sql.LOCKS)
            pending = await self._next(connection)
            return await self._portion(connection, pending) if pending else None

    async def _next(self, connection: Connection) -> Row | None:
        found = await _rows(connection, sql.PENDING, None)
        if not found or await self._is_too_much(connection, found[0]):
            return None
        return found[0]

    async def _is_too_much(self, connection: Connection, pending: Row) -> bool:
        if pending["object_id"] is not None:
            return False
        row = await (await connection.execute(sql.ON_THE_WAY)).fetchone()
        return row is not None and row[0] >= self._pace.most_on_the_way

    async def _portion(self, connection: Connection, pending: Row) -> list[UUID]:
        choice = DECISIONS[Action(pending["action"])]
        asked = pending | {
            "scope": Jsonb(pending["scope"]),
            "states": list(choice.of),
            "limit": self._pace.portion,
        }
        chosen = await _rows(connection, sql.PORTION, asked)
        now, decision = datetime.now(UTC), _recorded(pending)
        becoming = await self._becoming(connection, decision, [row["object_id"] for row in chosen])
        opened = [one for one in becoming if isinstance(one, Reopening)]
        doubled = [one for one in becoming if isinstance(one, Doubled)]
        await _carry_out(connection, decision, opened, doubled, now)
        last = chosen[-1] if chosen else {"received_at": None, "object_id": None}
        noted = {
            "decision_id": decision.decision_id,
            "opened": len(opened),
            "passed_over": len(chosen) - len(opened),
            "after_received_at": last["received_at"],
            "after_object_id": last["object_id"],
            "done_at": now if len(chosen) < self._pace.portion else None,
        }
        await connection.execute(sql.NOTE, noted)
        going = [one for one in opened if one.standing.state not in ENDS]
        return [run_id(one.object_id, one.run_no) for one in going]

    async def _becoming(
        self, connection: Connection, decision: Recorded, objects: Sequence[UUID]
    ) -> list[Reopening | Doubled]:
        if not objects:
            return []
        sources = await registrations(connection)
        rows = await _rows(connection, sql.CASES, [list(objects)])
        cases = [case for row in rows if (case := _case(row, sources)) is not None]
        return list(reopened(decision, cases))


def _case(row: Row, sources: Mapping[str, Registration]) -> Case | None:
    try:
        return case_of(row, sources)
    except ValidationError:  # one that cannot be read must not hold up all others
        log.exception("object %s is passed over", row["object_id"])
        return None


async def _carry_out(
    connection: Connection,
    decision: Recorded,
    opened: Sequence[Reopening],
    doubled: Sequence[Doubled],
    now: datetime,
) -> None:
    async with connection.cursor() as cursor:
        if opened:
            rows = [_run_row(decision, one, now) for one in opened]
            await cursor.executemany(sql.OPEN, rows)
            await cursor.executemany(sql.REOPEN, rows)
        if doubled:
            rows = [
                {
                    "object_id": one.object_id,
                    "original": one.original,
                    "source_revision": one.source_revision,
                    "now": now,
                }
                for one in doubled
            ]
            await cursor.executemany(sql.DOUBLE, rows)


def _run_row(decision: Recorded, one: Reopening, now: datetime) -> Row:
    return {
        "run_id": run_id(one.object_id, one.run_no),
        "object_id": one.object_id,
        "run_no": one.run_no,
        "action": decision.action,
        "actor": decision.actor,
        "reason": decision.reason,
        "source": one.source.model_dump_json(),
        "source_revision": one.source_revision,
        "now": now,
        "state": one.standing.state,
        "progress": one.standing.progress,
        "ended_at": now if one.standing.state in ENDS else None,
        "decision_id": decision.decision_id,
        "decided": one.decision.model_dump_json(exclude_none=True),
        "reason_code": one.reason_code,
        "message": one.message,
    }


def _recorded(row: Row) -> Recorded:
    return Recorded(
        decision_id=row["decision_id"],
        action=Action(row["action"]),
        actor=row["actor"],
        reason=row["reason"],
        decided_at=row["decided_at"],
        rules=tuple(row["rules"]),
    )


async def _rows(connection: Connection, query: str, asked: Any) -> list[Row]:  # noqa: ANN401
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), asked)
        return await cursor.fetchall()
