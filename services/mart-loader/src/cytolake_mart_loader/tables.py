"""The marts' tables, derived from the dataset contracts: made, and widened, never narrowed. Pure.

A column that a contract no longer has stays in the table, null from then on. A changed type
or key is no additive change: it is refused with words, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cytolake_contracts.datasets import DatasetContract, postgres_ddl
from cytolake_mart_loader.statements import MARTS

READERS = ("reader", "dbt_marts")
"""Roles that may select from every mart."""

APPLIED = f"""CREATE TABLE IF NOT EXISTS {MARTS}.applied (
  lake uuid NOT NULL,
  event_id uuid NOT NULL,
  build_no bigint NOT NULL,
  snapshot_id bigint NOT NULL,
  read_snapshot_id bigint NOT NULL,
  marts jsonb NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (lake, event_id)
);
CREATE INDEX IF NOT EXISTS applied_snapshot ON {MARTS}.applied (lake, read_snapshot_id);
COMMENT ON TABLE {MARTS}.applied IS
  'Builds of the lake that the marts show: written in the transaction that merged their rows.';
COMMENT ON COLUMN {MARTS}.applied.lake IS
  'Which catalog the snapshots are of: one made anew counts from 0 again.';
COMMENT ON COLUMN {MARTS}.applied.read_snapshot_id IS
  'The snapshot that was read: the newest known, so that no build rolls a mart back.';
"""

SAME_TYPE = {"timestamptz": "timestamp with time zone"}
"""PostgreSQL's own names (`format_type`) for what the contracts write."""


class MigrationError(RuntimeError):
    """A table and its contract differ by more than columns to add: people must decide."""


def create(contract: DatasetContract) -> str:
    """Return the statements that make the table, and the index on its slices, if not there."""
    statements = postgres_ddl(contract, MARTS)
    key = contract.slice_key
    if key is None:
        raise MigrationError(f"{contract.name}: a mart needs a sliceKey in its contract")
    if contract.primary_key[:1] == (key,):  # the key's own index serves
        return statements
    return statements + (
        f'CREATE INDEX IF NOT EXISTS "{contract.name}_{key}" '
        f'ON {MARTS}."{contract.name}" ("{key}");\n'
    )


def widen(contract: DatasetContract, present: Mapping[str, str]) -> list[str]:
    """Return the ALTER TABLE statements for columns that the table lacks.

    `present` maps the table's columns to their types, as PostgreSQL's `format_type` names
    them; empty when there is no table yet. A new column is nullable, whatever the contract:
    the rows present have no value until their slices are loaded again. Raises MigrationError
    for a column of another type and for a new column of the key.
    """
    if not present:
        return []
    statements = []
    for column in contract.columns:
        expected = SAME_TYPE.get(column.physical_type, column.physical_type)
        found = present.get(column.name)
        if found == expected:
            continue
        if found is not None or column.primary_key:
            raise MigrationError(
                f"{MARTS}.{contract.name}.{column.name} is {found or 'absent'}, "
                f"its contract says {expected}: this needs a migration by hand"
            )
        statements.append(
            f'ALTER TABLE {MARTS}."{contract.name}" ADD COLUMN "{column.name}" {expected}'
        )
    return statements


def grants(tables: Iterable[str], roles_present: Iterable[str]) -> list[str]:
    """Return the GRANT statements for the readers that this server has."""
    readers = [role for role in READERS if role in set(roles_present)]
    return [
        statement
        for role in readers
        for statement in (
            f'GRANT USAGE ON SCHEMA {MARTS} TO "{role}"',
            *(f'GRANT SELECT ON {MARTS}."{table}" TO "{role}"' for table in tables),
        )
    ]
