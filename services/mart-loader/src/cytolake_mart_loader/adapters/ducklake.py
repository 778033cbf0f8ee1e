"""The lake, read-only, by a DuckDB of our own, off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

import duckdb
import pyarrow as pa

from cytolake_contracts import SliceSet
from cytolake_contracts.datasets import DatasetContract
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_mart_loader.statements import columns_in_lake, read_slices
from cytolake_runtime import Retryable
from cytolake_runtime.lake import attached

BATCH_ROWS = 32_768
log = logging.getLogger(__name__)


class DuckLake:
    """DuckLake attached READ_ONLY; opened at the first use and again after a fault."""

    def __init__(self, settings: MartLoaderSettings) -> None:
        """Keep the settings; nothing is opened yet."""
        self._settings = settings
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opening = Lock()

    async def warm(self) -> None:
        """Open ahead of the first build, which is the slow part; no lake yet is no fault."""
        try:
            await asyncio.to_thread(self._open)
        except Retryable as fault:
            log.info("%s", fault)

    async def close(self) -> None:
        """Let go of the lake."""
        self._forget()

    async def read(
        self, contract: DatasetContract, slices: SliceSet, *, snapshot_id: int
    ) -> AsyncIterator[pa.RecordBatch]:
        """Give the slices' rows as of the snapshot, columns in the contract's order.

        Raises Retryable when the store or the catalog is away, or has no such snapshot (yet).
        """
        reader = await asyncio.to_thread(self._start, contract, slices, snapshot_id)
        while (batch := await asyncio.to_thread(self._next, reader)) is not None:
            yield batch

    async def is_as_contracted(self, contract: DatasetContract, *, snapshot_id: int) -> bool:
        """Tell whether the lake has the mart, with every column; raises Retryable."""
        return not await asyncio.to_thread(self._lacking, contract, snapshot_id)

    def _start(
        self, contract: DatasetContract, slices: SliceSet, snapshot_id: int
    ) -> pa.RecordBatchReader:
        with self._faults_told():
            cursor = self._open().cursor()
            try:
                cursor.execute(read_slices(contract, slices, snapshot_id))
            except duckdb.BinderException:
                lacking = self._lacking(contract, snapshot_id)
                if not lacking or not lacking < set(contract.column_names):
                    raise
                # The contract is newer than the lake: rows of before have no such values.
                cursor.execute(read_slices(contract, slices, snapshot_id, lacking=lacking))
            return cursor.to_arrow_reader(BATCH_ROWS)

    def _lacking(self, contract: DatasetContract, snapshot_id: int) -> set[str]:
        """Return the contract's columns that the lake's table lacks; all, of no table."""
        with self._faults_told():
            try:
                query = columns_in_lake(contract, snapshot_id)
                found = self._open().cursor().execute(query).fetchall()
            except duckdb.CatalogException:
                return set(contract.column_names)
            return set(contract.column_names) - {str(row[0]) for row in found}

    def _next(self, reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
        with self._faults_told():
            try:
                return reader.read_next_batch()
            except StopIteration:
                return None
            except (pa.ArrowException, OSError) as error:
                # What DuckDB raises while rows stream comes wrapped by Arrow; the query has
                # been bound by then, so it is the store or the catalog that fails.
                raise Retryable(f"the lake cannot be read: {error}") from error

    @contextmanager
    def _faults_told(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            self._forget()
            # A snapshot that was expired is passed over: a repair names a newer one.
            if isinstance(error, duckdb.OperationalError) or "No snapshot" in str(error):
                raise Retryable(f"the lake cannot be read: {error}") from error
            raise

    def _open(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._connection is None:
                try:
                    self._connection = attached(
                        self._settings,
                        memory=self._settings.duckdb_memory,
                        threads=self._settings.duckdb_threads,
                    )
                except duckdb.Error as error:  # of any kind: that there is no lake yet as well
                    raise Retryable(f"the lake cannot be opened: {error}") from error
            return self._connection

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(duckdb.Error):
                connection.close()
