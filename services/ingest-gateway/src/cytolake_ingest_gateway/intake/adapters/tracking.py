"""Record what the tracker hears and move runs and objects: one transaction a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cytolake_ingest_gateway.intake.adapters import tracking_sql as sql
from cytolake_ingest_gateway.intake.news import News, Progress, folded
from cytolake_ingest_gateway.lifecycle import (
    ENDS,
    Loaded,
    Standing,
    State,
    surpassed,
)
from cytolake_runtime.database import Connection, Database


class Tracking:
    """The histories and the states in the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, news: Sequence[News]) -> None:
        """Keep what is new in it and fold it; the same news again changes nothing."""
        async with self._database.transaction() as connection:
            # Among replicas of the tracker: which version supersedes which needs one view.
            await connection.execute(sql.LOCK)
            fresh = await _kept(connection, news)
            moved = folded(await _standings(connection, fresh), fresh)
            if moved:
                await _move(connection, moved)
            loaded = [p.run_id for p in moved if p.standing.state is State.LOADED]
            if loaded:
                await connection.execute(sql.REMEMBER_SHAPES, [loaded])
                await _supersede(connection, loaded)


async def _kept(connection: Connection, news: Sequence[News]) -> list[News]:
    """Insert the events; return those that were not known."""
    once = {item.event_id: item for item in news}
    rows = [_event_row(item) for item in once.values()]
    cursor = await connection.execute(sql.KEEP, _columns(rows))
    fresh = [once[event_id] for (event_id,) in await cursor.fetchall()]
    covered = [(run, item.event_id) for item in fresh for run in item.covers]
    if covered:
        await connection.execute(sql.COVER, _columns(covered))
    order = {item.event_id: place for place, item in enumerate(news)}
    return sorted(fresh, key=lambda item: order[item.event_id])


def _event_row(item: News) -> tuple[Any, ...]:
    return (
        item.event_id,
        item.run_id,
        item.kind,
        item.time,
        item.stream_sequence,
        item.message,
        item.data,
    )


async def _standings(connection: Connection, news: Sequence[News]) -> dict[UUID, Progress]:
    runs = list({run for item in news for run in item.runs})
    cursor = await connection.execute(sql.STANDINGS, [runs])
    return {
        run: Progress(run_id=run, standing=Standing(State(state), progress), rows=rows)
        for run, state, progress, rows in await cursor.fetchall()
    }


async def _move(connection: Connection, moved: Sequence[Progress]) -> None:
    await connection.execute(sql.MOVE_RUNS, _columns([_moved_row(run) for run in moved]))
    # Late news (rows) of a run that stays where it is must not blot out its reason.
    told = [_told_row(run) for run in moved if run.since is not None]
    if told:
        await connection.execute(sql.MOVE_OBJECTS, _columns(told))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _told_row(progress: Progress) -> tuple[Any, ...]:
    reason = progress.reason
    return (
        progress.run_id,
        reason.code if reason else None,
        reason.message if reason else None,
    )


def _moved_row(progress: Progress) -> tuple[Any, ...]:
    state = progress.standing.state
    return (
        progress.run_id,
        state,
        progress.standing.progress,
        progress.since,
        progress.rows,
        state in ENDS,
    )


async def _supersede(connection: Connection, just_loaded: Sequence[UUID]) -> None:
    """Of each key now loaded anew only the newest loaded run stays current."""
    cursor = await connection.execute(sql.LOADED_OF_SAME_KEYS, [list(just_loaded)])
    by_key: dict[tuple[str, str], list[Loaded]] = {}
    for bucket, key, object_seq, run_no, run in await cursor.fetchall():
        by_key.setdefault((bucket, key), []).append(Loaded(object_seq, run_no, run))
    over = [run for loaded in by_key.values() for run in surpassed(loaded)]
    if not over:
        return
    now, message = datetime.now(UTC), "A newer version of this file is loaded in its place."
    await connection.execute(sql.SUPERSEDE_RUNS, [now, now, over])
    await connection.execute(sql.MOVE_OBJECTS, [over, [None] * len(over), [message] * len(over)])
    await connection.execute(sql.WARN_OF_SHORTER, [over])
