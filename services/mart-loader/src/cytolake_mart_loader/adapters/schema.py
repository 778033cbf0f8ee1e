"""What the marts' tables are like, asked of PostgreSQL, and changed to what the contracts say."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from psycopg.errors import DependentObjectsStillExist, FeatureNotSupported

from cytolake_contracts.datasets import DatasetContract, postgres_ddl
from cytolake_mart_loader import access, tables
from cytolake_mart_loader.migrations import Step, Table, steps
from cytolake_mart_loader.statements import MARTS
from cytolake_runtime.database import Connection

log = logging.getLogger(__name__)
COLUMNS = """SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
CONSTRAINTS = """SELECT conname, contype, pg_get_constraintdef(oid), (
  SELECT array_agg(attname::text ORDER BY place)
  FROM unnest(conkey) WITH ORDINALITY AS k (no, place)
  JOIN pg_attribute ON attrelid = conrelid AND attnum = no
) FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype IN ('c', 'p')"""
RECORD = """INSERT INTO marts.migration (mart, contract_version, kind, column_name, statement)
VALUES (%s, %s, %s, %s, %s)"""
BEHIND = b"""SELECT DISTINCT mart FROM marts.migration
WHERE filled_at IS NULL AND kind IN ('create', 'add_column')"""
FILLED = b"""UPDATE marts.migration SET filled_at = now()
WHERE filled_at IS NULL AND kind IN ('create', 'add_column') AND mart = ANY(%s)"""


async def migrate(
    connection: Connection, contracts: Iterable[DatasetContract], *, drop_columns: bool
) -> None:
    """Make and change the tables as the contracts say, and record it; raises MigrationError."""
    contracts = tuple(contracts)
    await connection.execute((tables.APPLIED + tables.MIGRATION).encode())
    await _make_access(connection)
    for contract in contracts:
        await _migrate(connection, contract, drop_columns=drop_columns)
    names = ("access", "applied", "migration", *(contract.name for contract in contracts))
    for statement in tables.grants(names, await _roles(connection)):
        await connection.execute(statement.encode())
    for contract in contracts:
        for statement in access.policies(contract):
            await connection.execute(statement.encode())


async def _make_access(connection: Connection) -> None:
    found = await (await connection.execute("SELECT to_regclass('marts.access')")).fetchone()
    if found is None or found[0] is None:
        for statement in access.table_of_access(await _roles(connection)):
            await connection.execute(statement.encode())
    await connection.execute(access.FUNCTIONS.encode())


async def _migrate(
    connection: Connection, contract: DatasetContract, *, drop_columns: bool
) -> None:
    present = await table(connection, f'{MARTS}."{contract.name}"')
    # PostgreSQL reads the contract into a table of its own: then both are told in one language.
    await connection.execute(postgres_ddl(contract, "pg_temp").encode())
    wanted = await table(connection, f'pg_temp."{contract.name}"')
    await connection.execute(f'DROP TABLE pg_temp."{contract.name}"'.encode())
    for step in steps(contract, present, wanted, drop_columns=drop_columns):
        await _do(connection, contract, step)
    await connection.execute(tables.create(contract).encode())


async def _do(connection: Connection, contract: DatasetContract, step: Step) -> None:
    try:
        await connection.execute(step.statement.encode())
    except (DependentObjectsStillExist, FeatureNotSupported) as error:
        raise tables.MigrationError(
            f"{step.statement}: {error}; a view stands in the way, drop it and start again"
        ) from error
    what = (contract.name, contract.version, step.kind, step.column, step.statement)
    await connection.execute(RECORD, what)
    log.info("%s %s: %s", contract.name, contract.version, step.statement)


async def table(connection: Connection, of: str) -> Table:
    """Return what a table is like; one without columns where there is none."""
    columns = await (await connection.execute(COLUMNS, [of])).fetchall()
    found = await (await connection.execute(CONSTRAINTS, [of])).fetchall()
    return Table(
        columns={column: kind for column, kind, _ in columns},
        not_null=frozenset(column for column, _, demanded in columns if demanded),
        key=next((tuple(key) for _, kind, _, key in found if kind == "p"), ()),
        checks={rule: definition for rule, kind, definition, _ in found if kind == "c"},
    )


async def behind(connection: Connection) -> set[str]:
    """Return the marts that lack rows, or values of an added column, that the lake may have."""
    return {mart async for (mart,) in await connection.execute(BEHIND)}


async def caught_up(connection: Connection, marts: Collection[str]) -> None:
    """Remember that every row of the marts was loaded anew."""
    await connection.execute(FILLED, [list(marts)])


async def _roles(connection: Connection) -> list[str]:
    cursor = await connection.execute("SELECT rolname FROM pg_roles")
    return [name async for (name,) in cursor]
