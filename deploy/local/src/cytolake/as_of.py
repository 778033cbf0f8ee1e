"""The lake as it was: every table at one snapshot, read with the checker's rights.

Only a snapshot that a build ended with is shown (ARCHITECTURE.md: the others hold half a build), or
one that a batch was released at. Of times whose snapshots expired nothing is said: what is older
and still there is not what the lake held then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from cytolake.blueprint import REGION, Blueprint
from cytolake.errors import StackError
from cytolake.releases.recorded import releases_of
from cytolake_runtime.lake import attached, salting, snapshots
from cytolake_runtime.settings import ServiceSettings

USER, MEMORY, THREADS = "checker", "1GB", 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of the lake; a state that may be shown if a build ended with it."""

    number: int
    at: datetime
    is_state: bool = True


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
        msg = (
            f"{text!r} is no batch that was released, and neither a snapshot's number nor a time"
            " such as 2026-11-27T10:00:00Z"
        )
        raise StackError(msg) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def chosen(snapshots: Sequence[Snapshot], when: datetime | int) -> Snapshot:
    """Return the newest state not after `when`; raise StackError when it is not known any more."""
    if isinstance(when, int):
        before = [one for one in snapshots if one.number <= when]
    else:
        before = [one for one in snapshots if one.at <= when]
    states = [one for one in before if one.is_state]
    if not states:
        first = next((f"; the first is {_told(one)}" for one in snapshots if one.is_state), "")
        raise StackError(f"the lake has no state as old as {when}{first}")
    later = snapshots[len(before) : len(before) + 1]
    since = [one.number for one in (*before, *later) if one.number >= states[-1].number]
    is_whole = isinstance(when, int) and when == states[-1].number
    if since[-1] - since[0] >= len(since) and not is_whole:
        kept = " and ".join(_told(one) for one in (states[-1], *later))
        raise StackError(f"the lake's state of {when} expired; {kept} are kept")
    return states[-1]


def _told(snapshot: Snapshot) -> str:
    return f"{snapshot.at:%Y-%m-%dT%H:%M:%SZ}"


def ask(blueprint: Blueprint, when: str, query: str) -> Answer:
    """Return what the query finds in the lake as it was; raise StackError in DuckDB's words."""
    snapshot = _meant(blueprint, when)
    with reading(blueprint, snapshot.number) as lake:
        lake.execute("USE lake.marts")
        cursor = lake.execute(query)
        columns = tuple(column[0] for column in cursor.description or ())
        return Answer(snapshot, columns, cursor.fetchall())


def newest_state(blueprint: Blueprint) -> Snapshot:
    """Return the state that the last build ended with."""
    with reading(blueprint) as lake:
        return [one for one in snapshots_of(lake) if one.is_state][-1]


def _meant(blueprint: Blueprint, when: str) -> Snapshot:
    if released := releases_of(blueprint, when):
        return Snapshot(released[0].snapshot_id, released[0].decided_at.astimezone(UTC))
    with reading(blueprint) as lake:
        return chosen(snapshots_of(lake), moment(when))


def snapshots_of(lake: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """Return every snapshot that is kept, oldest first."""
    found = snapshots(lake)
    return [Snapshot(number, at.astimezone(UTC), is_end) for number, at, is_end in found]


def reading_settings(blueprint: Blueprint) -> ServiceSettings:
    """Return how the lake is reached with the checker's rights."""
    key = blueprint.credentials.s3[USER]
    return ServiceSettings.model_validate(
        {
            "s3_endpoint": blueprint.s3_endpoint,
            "s3_access_key": key.access_key,
            "s3_secret_key": key.secret_key,
            "s3_region": REGION,
            "postgres_dsn": blueprint.dsn(USER),
        }
    )


@contextmanager
def reading(
    blueprint: Blueprint, snapshot: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the lake, at a snapshot, as `lake`; raise StackError for what DuckDB raises."""
    settings = reading_settings(blueprint)
    try:
        with closing(attached(settings, memory=MEMORY, threads=THREADS, snapshot=snapshot)) as lake:
            lake.execute(salting(blueprint.credentials.identity_salt))
            yield lake
    except duckdb.Error as error:
        raise StackError(f"the lake could not be asked: {error}") from error
