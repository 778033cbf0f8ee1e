"""The marts' tables as the dataset contracts say, and who may read them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

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

MIGRATION = f"""CREATE TABLE IF NOT EXISTS {MARTS}.migration (
  migration_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now(),
  mart text NOT NULL,
  contract_version text NOT NULL,
  kind text NOT NULL,
  column_name text,
  statement text NOT NULL,
  filled_at timestamptz
);
COMMENT ON TABLE {MARTS}.migration IS
  'What was done to the marts'' tables when a contract changed, and for which of its versions.';
COMMENT ON COLUMN {MARTS}.migration.filled_at IS
  'Of a new table or column: when all that the lake had before was loaded into it.';
"""


class MigrationError(RuntimeError):
    """A table cannot become what its contract says without people who decide."""


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
