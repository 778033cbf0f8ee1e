"""SQL that derives from a dataset contract: reading slices, and merging them. Pure text.

The rows to delete are part of the merge's source. PostgreSQL's `WHEN NOT MATCHED BY SOURCE`
would say the same, but it joins the whole mart: 440 ms and more for one file where a million
rows are present, against 8 ms for this form (measured, PostgreSQL 18.6).
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from cytolake_contracts import SliceSet
from cytolake_contracts.datasets import DatasetContract

MARTS = "marts"
LAKE = "lake"


def read_slices(
    contract: DatasetContract,
    slices: SliceSet,
    snapshot_id: int,
    *,
    lacking: Container[str] = (),
) -> str:
    """Return DuckDB's query of the slices as of the snapshot; null for columns that it lacks.

    The ids are literals: DuckLake leaves out files by them, which it does not for parameters.
    """
    wanted = f"{_name(slices.key)} IN ({', '.join(map(literal, slices.ids))})"
    columns = (
        f"NULL::{c.physical_type} AS {_name(c.name)}" if c.name in lacking else _name(c.name)
        for c in contract.columns
    )
    return (
        f"SELECT {', '.join(columns)} "  # noqa: S608 - names and literals are quoted
        f"FROM {_in_lake(contract, snapshot_id)}" + ("" if slices.all else f" WHERE {wanted}")
    )


def columns_in_lake(contract: DatasetContract, snapshot_id: int) -> str:
    """Return DuckDB's query of the mart's columns as of the snapshot."""
    return f"DESCRIBE FROM {_in_lake(contract, snapshot_id)}"


def staging(contract: DatasetContract) -> str:
    """Return what makes the session's own table for arriving rows; emptied by every commit."""
    return (
        f"CREATE TEMP TABLE IF NOT EXISTS {_incoming(contract)} "
        f"(LIKE {_table(contract)}) ON COMMIT DELETE ROWS"
    )


def copy(contract: DatasetContract) -> str:
    """Return the COPY of CSV into the arriving rows: empty is null, `""` is an empty text."""
    columns = _names(contract.column_names)
    return f"COPY {_incoming(contract)} ({columns}) FROM STDIN (FORMAT csv)"


def analyze(contract: DatasetContract) -> str:
    """Return what tells the planner how many rows arrived: worth it for a whole mart only."""
    return f"ANALYZE {_incoming(contract)}"


def merge(contract: DatasetContract, slices: SliceSet) -> str:
    """Return the one MERGE that makes the slices equal to the arriving rows.

    Parameter `ids` unless the whole mart is replaced. Equal rows are not written. Answers
    rows (action, slice id, number of rows).
    """
    columns, key = contract.column_names, _name(slices.key)
    rest = [name for name in columns if name not in contract.primary_key]
    return f"""WITH merged AS (
  MERGE INTO {_table(contract)} AS t
  USING (
    SELECT {_names(columns, "i")}, false AS "_gone" FROM {_incoming(contract)} AS i
    UNION ALL
    SELECT {_names(columns, "o")}, true FROM {_table(contract)} AS o
    WHERE {_in_slices(contract, slices)}
      AND NOT EXISTS (SELECT 1 FROM {_incoming(contract)} AS i WHERE {_same_key(contract, "o")})
  ) AS i ON {_same_key(contract, "t")}
  WHEN MATCHED AND i."_gone" THEN DELETE
  WHEN MATCHED AND ROW({_names(rest, "t")}) IS DISTINCT FROM ROW({_names(rest, "i")})
    THEN UPDATE SET {", ".join(f"{_name(name)} = i.{_name(name)}" for name in rest)}
  WHEN NOT MATCHED THEN INSERT ({_names(columns)}) VALUES ({_names(columns, "i")})
  RETURNING merge_action() AS action, t.{key}::text AS slice_id
)
SELECT action, slice_id, count(*) FROM merged GROUP BY action, slice_id"""  # noqa: S608 - quoted


def _in_slices(contract: DatasetContract, slices: SliceSet) -> str:
    if slices.all:
        return "true"
    types = {column.name: column.physical_type for column in contract.columns}
    return f"o.{_name(slices.key)} = ANY(%(ids)s::{types[slices.key]}[])"


def _same_key(contract: DatasetContract, alias: str) -> str:
    return " AND ".join(f"{alias}.{_name(key)} = i.{_name(key)}" for key in contract.primary_key)


def _in_lake(contract: DatasetContract, snapshot_id: int) -> str:
    return f"{LAKE}.{MARTS}.{_name(contract.name)} AT (VERSION => {int(snapshot_id)})"


def _incoming(contract: DatasetContract) -> str:
    return f"pg_temp.{_name('incoming_' + contract.name)}"


def _table(contract: DatasetContract) -> str:
    return f"{MARTS}.{_name(contract.name)}"


def _names(names: Iterable[str], alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + _name(name) for name in names)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
