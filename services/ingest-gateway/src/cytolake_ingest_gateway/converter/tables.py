"""Rows as Parquet: the contract's columns, and the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_contracts.datasets import DatasetContract, load_contracts


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file in memory, and the contract that it claims to keep."""

    dataset: str
    contract_version: str
    body: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A Parquet file that is kept beside the tables, with columns of its own: `what` names it."""

    what: str
    body: bytes
    rows: int
    columns: tuple[str, ...]


@cache
def contract_of(dataset: str) -> DatasetContract:
    """Return the dataset's contract, read once per process."""
    return load_contracts()[dataset]


def parquet_of(dataset: str, rows: Sequence[Mapping[str, Any]]) -> Parquet:
    """Return the rows as a Parquet file; nothing in it depends on the clock or on chance."""
    return parquet_of_table(dataset, _table(contract_of(dataset).arrow_schema(), rows))


def parquet_of_table(dataset: str, table: pa.Table) -> Parquet:
    """Return a table that has the contract's columns as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=True)
    version = contract_of(dataset).version
    return Parquet(dataset, version, sink.getvalue().to_pybytes(), table.num_rows)


def _table(schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns, fields = [], []
    for declared in schema:
        # A layout need not have every column of its dataset.
        column = pa.array([row.get(declared.name) for row in rows], type=declared.type)
        # A required value that a file lacks is for the validator to judge, not for us to hide.
        lacking = column.null_count > 0
        columns.append(column)
        fields.append(declared.with_nullable(nullable=True) if lacking else declared)
    return pa.table(columns, schema=pa.schema(fields, metadata=schema.metadata))
