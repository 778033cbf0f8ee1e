"""The lake as it was: every table at one snapshot, read with the checker's rights.

Only a snapshot that a build ended with is shown (ARCHITECTURE.md: the others hold half a build).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from cytolake.blueprint import REGION, Blueprint
from cytolake.errors import StackError
from cytolake_runtime.lake import attached
from cytolake_runtime.settings import ServiceSettings

USER, MEMORY, THREADS = "checker", "1GB", 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the lake that a build ended with."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found, and where."""

    snapshot: Snapshot
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def moment(text: str) -> datetime | int:
    """Return when: a snapshot's number, or an ISO 8601 time (UTC unless it says otherwise).

    Raises StackError for anything else.
    """
    if text.isdigit() and len(text) < len("20260101"):
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is neither a snapshot's number nor a time such as 2026-11-27T10:00:00Z"
        raise StackError(msg) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def chosen(snapshots: Sequence[Snapshot], when: datetime | int) -> Snapshot:
    """Return the newest state not after `when`; raise StackError when there is none."""
    if isinstance(when, int):
        found = [one for one in snapshots if one.number <= when]
    else:
        found = [one for one in snapshots if one.at <= when]
    if not found:
        first = f"; the first is {snapshots[0].at:%Y-%m-%dT%H:%M:%SZ}" if snapshots else ""
        raise StackError(f"the lake has no state as old as {when}{first}")
    return found[-1]


def ask(blueprint: Blueprint, when: datetime | int, query: str) -> Answer:
    """Return what the query finds in the lake as it was; raise StackError in DuckDB's words."""
    try:
        with _reading(blueprint) as lake:
            snapshot = chosen(states(lake), when)
        with _reading(blueprint, snapshot.number) as lake:
            lake.execute("USE lake.marts")
            cursor = lake.execute(query)
            columns = tuple(column[0] for column in cursor.description or ())
            return Answer(snapshot, columns, cursor.fetchall())
    except duckdb.Error as error:
        raise StackError(f"the lake could not be asked: {error}") from error


def states(lake: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """Return every state that a build ended with, oldest first."""
    table = lake.execute(
        "select table_id from ducklake_table_info('lake') where table_name = 'build'"
    ).fetchone()
    if table is None:
        return []
    found = lake.execute(
        "select snapshot_id, snapshot_time from lake.snapshots()"
        " where list_contains(changes['tables_inserted_into'], $build)"
        " or list_contains(changes['inlined_insert'], $build) order by snapshot_id",
        {"build": str(table[0])},
    )
    return [Snapshot(number, at.astimezone(UTC)) for number, at in found.fetchall()]


@contextmanager
def _reading(
    blueprint: Blueprint, snapshot: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    key = blueprint.credentials.s3[USER]
    settings = ServiceSettings.model_validate(
        {
            "s3_endpoint": blueprint.s3_endpoint,
            "s3_access_key": key.access_key,
            "s3_secret_key": key.secret_key,
            "s3_region": REGION,
            "postgres_dsn": blueprint.dsn(USER),
        }
    )
    lake = attached(settings, memory=MEMORY, threads=THREADS, snapshot=snapshot)
    try:
        yield lake
    finally:
        lake.close()
