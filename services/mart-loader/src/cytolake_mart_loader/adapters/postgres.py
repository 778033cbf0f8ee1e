"""The marts in PostgreSQL: their tables, and one transaction per load."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg.errors import InsufficientPrivilege, InvalidSchemaName, UndefinedTable
from psycopg.types.json import Jsonb

from cytolake_contracts import LakeBuilt, MartChange, SliceSet
from cytolake_contracts.datasets import DatasetContract
from cytolake_mart_loader import statements
from cytolake_mart_loader.adapters import schema
from cytolake_mart_loader.handlers import Changes
from cytolake_mart_loader.slices import Written
from cytolake_runtime import Retryable
from cytolake_runtime.database import Connection, Database

OWNER_LOCK = 0x6D61727473
"""Advisory lock of whoever loads or changes the marts ("marts" in ASCII)."""
THIS_LAKE = b"SELECT schema_uuid FROM ducklake.ducklake_schema WHERE schema_id = 0"
"""Which catalog this is: one made anew has another id, and counts its snapshots from 0."""
TAKE_TURNS = f"SET LOCAL lock_timeout = '20s'; SELECT pg_advisory_xact_lock({OWNER_LOCK})".encode()
RECORD = """INSERT INTO marts.applied
  (lake, event_id, build_no, snapshot_id, read_snapshot_id, marts)
VALUES (%(lake)s, %(event_id)s, %(build_no)s, %(snapshot_id)s, %(read_snapshot_id)s, %(marts)s)
"""
CSV = pa_csv.WriteOptions(include_header=False)  # null is empty, a text is always quoted


class PostgresMarts:
    """Schema `marts`, by its owner."""

    def __init__(self, database: Database, contracts: Iterable[DatasetContract]) -> None:
        """Keep the database and the contracts of the marts."""
        self._database = database
        self._contracts = tuple(contracts)

    @asynccontextmanager
    async def load(self) -> AsyncIterator[PostgresLoad]:
        """Begin a load; committed at its end.

        Raises Retryable when PostgreSQL is away, or there is no lake (yet).
        """
        async with self._turn() as connection:
            yield PostgresLoad(connection, await _lake(connection))

    async def migrate(self, *, drop_columns: bool = False) -> None:
        """Make and change the tables as the contracts say; raises MigrationError."""
        async with self._turn() as connection:
            await schema.migrate(connection, self._contracts, drop_columns=drop_columns)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[Connection]:
        """Give a transaction that holds the owner's lock, and with it ends.

        So replicas take turns, and one whose session is cut can neither keep the lock nor
        write without it.
        """
        async with self._database.transaction() as connection:
            await connection.execute(TAKE_TURNS)
            yield connection


@dataclass(frozen=True, slots=True)
class PostgresLoad:
    """One transaction on the marts that holds the owner's lock."""

    connection: Connection
    lake: UUID

    async def applied(self, builds: Collection[UUID]) -> dict[UUID, Changes]:
        """Return what earlier loads recorded of these builds."""
        cursor = await self.connection.execute(
            "SELECT event_id, marts FROM marts.applied WHERE lake = %s AND event_id = ANY(%s)",
            [self.lake, list(builds)],
        )
        return {
            event_id: {mart: MartChange(**counts) for mart, counts in marts.items()}
            async for event_id, marts in cursor
        }

    async def newest_snapshot(self) -> int:
        """Return the newest snapshot that the marts show, of the lake of today; 0 if none."""
        cursor = await self.connection.execute(
            "SELECT coalesce(max(read_snapshot_id), 0) FROM marts.applied WHERE lake = %s",
            [self.lake],
        )
        row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def behind(self) -> set[str]:
        """Return the marts that lack rows, or values of an added column, that the lake may have."""
        return await schema.behind(self.connection)

    async def caught_up(self, marts: Collection[str]) -> None:
        """Remember that the marts were loaded as a whole."""
        await schema.caught_up(self.connection, marts)

    async def replace(
        self, contract: DatasetContract, slices: SliceSet, rows: AsyncIterator[pa.RecordBatch]
    ) -> list[Written]:
        """Make the slices equal to the rows; return what that wrote."""
        await self.connection.execute(statements.staging(contract).encode())
        async with self.connection.cursor() as cursor:
            async with cursor.copy(statements.copy(contract).encode()) as copy:
                async for batch in rows:
                    await copy.write(csv(batch, contract))
            if slices.all:
                await cursor.execute(statements.analyze(contract).encode())
            # Never prepared: a plan made while the mart was small would read all of it later.
            await cursor.execute(
                statements.merge(contract, slices).encode(),
                {"ids": list(slices.ids)},
                prepare=False,
            )
            return [
                Written(mart=contract.name, slice_id=slice_id, action=action, rows=count)
                async for action, slice_id, count in cursor
            ]

    async def record(
        self,
        builds: Sequence[LakeBuilt],
        *,
        read_snapshot_id: int,
        changes: Mapping[UUID, Changes],
    ) -> None:
        """Remember that the marts show the builds, and what each changed."""
        rows = [
            {
                "lake": self.lake,
                "event_id": build.id,
                "build_no": build.data.build_no,
                "snapshot_id": build.data.snapshot_id,
                "read_snapshot_id": read_snapshot_id,
                "marts": Jsonb({m: c.model_dump() for m, c in changes[build.id].items()}),
            }
            for build in builds
        ]
        async with self.connection.cursor() as cursor:
            await cursor.executemany(RECORD, rows)


async def _lake(connection: Connection) -> UUID:
    try:
        cursor = await connection.execute(THIS_LAKE)
    except (UndefinedTable, InvalidSchemaName, InsufficientPrivilege) as error:
        raise Retryable(f"there is no lake to read yet: {error}") from error
    row = await cursor.fetchone()
    if row is None:
        raise Retryable("there is no lake to read yet")
    return UUID(str(row[0]))


def csv(batch: pa.RecordBatch, contract: DatasetContract) -> bytes:
    """Return the rows as PostgreSQL's COPY reads them, in the types of the contract."""
    # Whether a value is required is the table's to judge: it says so by name.
    types = pa.schema([(field.name, field.type) for field in contract.arrow_schema()])
    out = io.BytesIO()
    pa_csv.write_csv(batch.cast(types), out, CSV)
    return out.getvalue()
