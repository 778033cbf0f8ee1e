"""The lake and the marts, read by one DuckDB of our own, off the event loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from uuid import UUID

import duckdb
import pyarrow as pa

from cytolake_runtime import Retryable
from cytolake_runtime.lake import attached, literal
from cytolake_validator.checker.checks import Found, Slices
from cytolake_validator.checker.settings import CheckerSettings

ZONES = {"curated": "curated", "mart": "marts"}
"""Zone: the schema that its tables are in."""
ABSENT = re.compile(r"Table with name \S+ does not exist|relation \S+ does not exist")


class DuckTables:
    """Port `Tables`; opened at the first use and again after a fault."""

    def __init__(self, settings: CheckerSettings) -> None:
        """Keep the settings; nothing is opened yet."""
        self._settings = settings
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._turn = Lock()

    async def applied(self, builds: Collection[UUID]) -> set[UUID]:
        """Return those of these `lake.built` events that the marts show."""
        return await asyncio.to_thread(self._applied, builds)

    async def read(self, slices: Slices, *, snapshot_id: int) -> Found:
        """Return the rows of the slices: of the lake at the snapshot, of the marts as they are.

        Raises Retryable when the store or PostgreSQL is away, or there is no such snapshot (yet).
        """
        return await asyncio.to_thread(self._read, slices, snapshot_id)

    async def close(self) -> None:
        """Let go of both."""
        self._forget()

    def _applied(self, builds: Collection[UUID]) -> set[UUID]:
        ids = _literals(map(str, builds))
        asked = f"SELECT event_id::text FROM marts.applied WHERE event_id IN ({ids})"  # noqa: S608
        with self._connected() as connection:
            query = f"FROM postgres_query('postgres', {literal(asked)})"
            return {UUID(found) for (found,) in connection.execute(query).fetchall()}

    def _read(self, slices: Slices, snapshot_id: int) -> Found:
        most = self._settings.checker_max_rows
        with self._connected() as connection:
            rows = _rows(connection, statement(slices, snapshot_id, most + 1))
        is_cut = rows.num_rows > most
        return Found(rows=rows.slice(0, most) if is_cut else rows, is_cut=is_cut)

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._turn:
            try:
                if self._connection is None:
                    self._connection = opened(self._settings)
                yield self._connection
            except duckdb.Error as error:
                self._forget()
                raise Retryable(f"the lake or the marts cannot be read: {error}") from error

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(duckdb.Error):
                connection.close()


def statement(slices: Slices, snapshot_id: int, most: int) -> str:
    """Return the query of at most so many of the slices' rows.

    The ids are literals: DuckLake leaves out files by them, which it does not for parameters.
    """
    contract = slices.contract
    table = f"{name(ZONES[contract.zone])}.{name(contract.name)}"
    chosen = "true" if slices.all else f"{name(slices.key)} IN ({_literals(slices.ids)})"
    if contract.zone == "curated":
        at = f"AT (VERSION => {int(snapshot_id)})"
        return f"SELECT * FROM lake.{table} {at} WHERE {chosen} LIMIT {most}"  # noqa: S608
    asked = f"SELECT * FROM {table} WHERE {chosen} LIMIT {most}"  # noqa: S608
    return f"FROM postgres_query('postgres', {literal(asked)})"


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """Return what the query finds; nothing of a table that is not made yet."""
    try:
        return connection.execute(query).to_arrow_table()
    except duckdb.Error as error:
        if ABSENT.search(str(error)):
            return pa.table({})
        raise


def opened(settings: CheckerSettings) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB that sees the lake as `lake` and PostgreSQL as `postgres`, both read-only."""
    connection = attached(settings, memory=settings.duckdb_memory, threads=1)
    try:
        connection.execute("ATTACH '' AS postgres (TYPE postgres, SECRET postgres, READ_ONLY)")
    except BaseException:
        connection.close()
        raise
    return connection


def _literals(values: Iterable[str]) -> str:
    return ", ".join(map(literal, values))


def name(text: str) -> str:
    """Return an SQL name."""
    return '"' + text.replace('"', '""') + '"'
