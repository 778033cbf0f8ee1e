"""A batch's rows at one snapshot, written as Parquet files: the same rows, the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb

from cytolake_runtime.lake import attached, literal
from cytolake_runtime.settings import ServiceSettings
from cytolake_validator.releases.slices import File, Table

WRITER = f"DuckDB {duckdb.__version__}, Parquet, zstd, {122_880} rows a group"
"""What the bytes depend on beside the rows."""
PARQUET = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
ABSENT = re.compile(r"Table with name \S+ does not exist")


def write_files(
    settings: ServiceSettings,
    folder: Path,
    *,
    tables: Iterable[Table],
    batch: str,
    snapshot: int,
    memory: str,
) -> tuple[File, ...]:
    """Write a file a table that has rows of the batch at the snapshot; raises duckdb.Error."""
    lake = attached(settings, memory=memory, threads=1, snapshot=snapshot)
    try:
        lake.execute(f"SET temp_directory = {literal(str(folder / 'spilled'))}")
        written = [_written(lake, folder, table, batch) for table in tables]
    finally:
        lake.close()
    return tuple(file for file in written if file is not None)


def _written(
    lake: duckdb.DuckDBPyConnection, folder: Path, table: Table, batch: str
) -> File | None:
    path = folder / table.file
    copy = f"COPY ({table.query(batch)}) TO {literal(str(path))} {PARQUET}"
    try:
        rows = int(lake.execute(copy).fetchall()[0][0])
    except duckdb.CatalogException as error:
        if ABSENT.search(str(error)):
            return None  # a table that came with a later version
        raise
    if rows == 0:
        path.unlink(missing_ok=True)
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{table.schema}.{table.name}"
    return File(table.file, name, rows, path.stat().st_size, digest, table.keys, table.by)
