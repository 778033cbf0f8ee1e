"""What dbt is told of a build, and what it notes: a temporary table of names, columns and ids.

A transaction may write to one database and to what is temporary (macro `build_set`).
"""

# ruff: noqa: S608 - the name is a constant

from __future__ import annotations

from collections.abc import Sequence

import duckdb

ENVIRONMENT = "CYTOLAKE_BUILD_SET"
"""The variable by which dbt's macros know the table."""
TABLE = "temp.main.build_set"
Note = tuple[str, str, str]
"""Name of a list or of a model, column, id."""


def tell(connection: duckdb.DuckDBPyConnection, told: Sequence[Note]) -> None:
    """Make the table anew, with what is known before the build."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {TABLE} (name text, slice_key text, id text)")
    if told:
        columns = [list(column) for column in zip(*told, strict=True)]
        connection.execute(f"INSERT INTO {TABLE} SELECT unnest(?), unnest(?), unnest(?)", columns)


def read(connection: duckdb.DuckDBPyConnection) -> list[Note]:
    """Return what it was told and what it noted since."""
    return connection.execute(f"SELECT name, slice_key, id FROM {TABLE}").fetchall()
