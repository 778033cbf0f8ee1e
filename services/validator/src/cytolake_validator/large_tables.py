"""Large tables of the raw zone in a file of their own while they are judged: bounded memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_contracts import TableRef
from cytolake_contracts.checks_sql import where_of
from cytolake_contracts.datasets import DatasetContract, Rule
from cytolake_runtime import ObjectMissingError, Retryable
from cytolake_runtime.large_objects import LargeObjects
from cytolake_validator.large import Tally, by_batches
from cytolake_validator.rules import Broken, Candidate, in_batches, shape_difference
from cytolake_validator.shown import MAX_ROWS, shown_rows
from cytolake_validator.words import Judged, failures_of

BATCH_ROWS = 500_000
"""Judged at once: 40 MB, for a text is held once and as a number in each row."""

JudgeOne = Callable[[Candidate], Broken]
"""Judges one batch; raises where it cannot. Blocks."""


class LargeShapeError(Exception):
    """The table is not what its contract and its event say: a bug of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeTables:
    """Judges tables of more than `max_rows` rows, in batches."""

    objects: LargeObjects
    bucket: str
    judge: JudgeOne
    max_rows: int
    batch_rows: int = BATCH_ROWS
    duckdb_memory: str = "128MB"

    def takes(self, table: TableRef) -> bool:
        """Say whether the table is too large to be held."""
        return table.rows > self.max_rows

    async def judged(self, table: TableRef, contract: DatasetContract) -> Judged:
        """Return what the table breaks; raise `Retryable` while its bytes are not there."""
        return await asyncio.to_thread(self._judged, table, contract)

    def _judged(self, reference: TableRef, contract: DatasetContract) -> Judged:
        with TemporaryDirectory(prefix="cytolake-validator-") as folder:
            path = Path(folder) / "table.parquet"
            self._fetch(reference, path)
            tally = self.tally(path, contract, rows=reference.rows)
        table, broken, whole = tally.result()
        return Judged(
            reference,
            contract,
            failures_of(contract, table, broken, of=whole),
            shown_rows(contract, table, broken, of=whole),
        )

    def tally(self, path: Path, contract: DatasetContract, *, rows: int) -> Tally:
        """Judge a Parquet file batch by batch."""
        tally, singly = Tally(contract), by_batches(contract)
        metadata = _checked(path, contract, rows)
        texts = _repeating(metadata)
        # Neither mapped nor read ahead: both would grow with the file.
        with pq.ParquetFile(
            path, metadata=metadata, pre_buffer=False, read_dictionary=texts
        ) as file:
            for table in _batches(file, self.batch_rows):
                tally.add(table, self.judge(Candidate(table=table, contract=singly)))
        for rule in tally.undecided():
            self._find_duplicates(path, rule, tally)
        return tally

    def _fetch(self, reference: TableRef, path: Path) -> None:
        digest = hashlib.sha256()
        with path.open("wb") as file:

            def each(chunk: bytes) -> None:
                digest.update(chunk)
                file.write(chunk)

            try:
                self.objects.read(self.bucket, reference.parquet_key, None, each)
            except ObjectMissingError as error:
                where = f"{self.bucket}/{reference.parquet_key}"
                raise Retryable(f"{where} is not there (yet)") from error
        if (found := digest.hexdigest()) != reference.parquet_sha256:
            raise Retryable(f"{reference.parquet_key} holds other bytes than announced: {found}")

    def _find_duplicates(self, path: Path, rule: Rule, tally: Tally) -> None:
        columns = ", ".join(f'"{name}"' for name in cast("tuple[str]", rule.params["columns"]))
        present = " AND ".join(f"{name} IS NOT NULL" for name in columns.split(", "))
        chosen = where_of(rule.where) or "true"
        whole = f"read_parquet('{path}', file_row_number = true)"
        rows = f"(SELECT * FROM {whole} WHERE {chosen}) AS t"  # noqa: S608
        twice = (
            f"SELECT {columns}, count(*) AS n FROM {rows} WHERE {present} "  # noqa: S608
            f"GROUP BY {columns} HAVING count(*) > 1"
        )
        with self._database(path.parent) as db:
            count = db.execute(f"SELECT coalesce(sum(n), 0)::BIGINT FROM ({twice})").fetchall()  # noqa: S608
            if not count[0][0]:
                return
            tally.counts[rule.id] = int(count[0][0])
            first = db.execute(
                f"SELECT t.* FROM {rows} SEMI JOIN ({twice}) AS d USING ({columns}) "  # noqa: S608
                f"ORDER BY file_row_number LIMIT {MAX_ROWS}"
            ).to_arrow_table()
        numbers = first.column("file_row_number").to_pylist()
        table = first.drop_columns(["file_row_number"]).cast(tally.contract.arrow_schema())
        tally.keep(rule.id, table, range(table.num_rows), numbers)

    @contextmanager
    def _database(self, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(
            config={"memory_limit": self.duckdb_memory, "threads": 1, "temp_directory": str(folder)}
        ) as db:
            db.execute("SET TimeZone = 'UTC'")
            yield db


def _repeating(metadata: pq.FileMetaData) -> list[str]:
    """Return the columns that hold each text once in every row group; Arrow reads only such so."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [[group.column(n) for group in groups] for n in range(metadata.num_columns)]
    return [
        column[0].path_in_schema
        for column in chunks
        if column and all(one.physical_type == "BYTE_ARRAY" and _is_coded(one) for one in column)
    ]


def _is_coded(chunk: pq.ColumnChunkMetaData) -> bool:
    return chunk.has_dictionary_page and "DELTA_LENGTH_BYTE_ARRAY" not in chunk.encodings


def _batches(file: pq.ParquetFile, rows: int) -> Iterator[pa.Table]:
    """Yield the file's rows in order, whole row groups together where they fit."""
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    for groups in in_batches(sizes, max_rows=rows):
        table = file.read_row_groups(groups).unify_dictionaries()
        for start in range(0, table.num_rows, rows):
            yield table.slice(start, rows)


def _checked(path: Path, contract: DatasetContract, rows: int) -> pq.FileMetaData:
    metadata = pq.read_metadata(path)
    if metadata.num_rows != rows:
        raise LargeShapeError(f"{metadata.num_rows} rows where {rows} were announced")
    empty = metadata.schema.to_arrow_schema().empty_table()
    if difference := shape_difference(contract, empty, rows=0):
        raise LargeShapeError(f"{contract.name}: {difference}")
    return metadata
