"""What tells whether two states of a table hold the same rows, in any order."""

from __future__ import annotations

from cytolake_transformer.dbt_run import Ask

Digest = tuple[int, int]
"""How many rows there are, and the sum of their hashes."""
COLUMNS = (
    "SELECT schema_name, table_name, list(column_name ORDER BY column_name),"
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
    for schema, table, names, types in ask(COLUMNS):
        row = ", ".join(map(_compared, names, types))
        query = f"SELECT count(*), coalesce(sum(hash(row({row}))), 0)"
        ((rows, total),) = ask(f'{query} FROM lake."{schema}"."{table}"')
        found[table] = (int(rows), int(total))
    return found


def _compared(column: str, kind: str) -> str:
    return f'TRY_CAST("{column}" AS FLOAT)' if kind == "DOUBLE" else f'"{column}"'
