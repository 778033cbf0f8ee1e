"""What tells whether two states of a table hold the same rows, in any order."""

from __future__ import annotations

from collections.abc import Mapping

from cytolake_transformer.dbt_run import Ask

Digest = tuple[int, int]
"""How many rows there are, and the sum of their hashes."""
COLUMNS = (
    "SELECT schema_name || '.' || table_name, list(column_name ORDER BY column_name),"
    " list(data_type ORDER BY column_name) FROM duckdb_columns()"
    " WHERE database_name = 'lake' AND schema_name <> 'raw'"
    " AND (schema_name, table_name) IN (SELECT (schema_name, table_name) FROM duckdb_tables()"
    " WHERE database_name = 'lake') GROUP BY ALL ORDER BY ALL"
)


def digests(ask: Ask) -> dict[str, Digest]:
    """Return the digest of each table behind the raw zone, by its name without schema.

    Numbers are compared to seven digits: the last ones of a sum depend on the order of its terms.
    """
    found = {}
    for table, names, types in ask(COLUMNS):
        ((rows, total),) = ask(_query(table, dict(zip(names, types, strict=True))))
        found[table.rpartition(".")[2]] = (int(rows), int(total))
    return found


def _query(table: str, columns: Mapping[str, str]) -> str:
    told = ", ".join(
        f'TRY_CAST("{name}" AS FLOAT)' if kind == "DOUBLE" else f'"{name}"'
        for name, kind in columns.items()
    )
    schema, _, name = table.partition(".")
    return (
        f"SELECT count(*), coalesce(sum(hash(row({told}))), 0)"  # noqa: S608 - names of the lake's
        f' FROM lake."{schema}"."{name}"'
    )
