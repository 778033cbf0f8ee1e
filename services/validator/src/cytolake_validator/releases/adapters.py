"""Releases in PostgreSQL, the lake by DuckDB, and the evidence bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import duckdb
from psycopg import errors
from psycopg.rows import dict_row

from cytolake_contracts.datasets import load_contracts
from cytolake_runtime import ObjectExistsError, Retryable
from cytolake_runtime.database import Database
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.settings import CheckerSettings
from cytolake_validator.releases.exporting import EvidenceDiffersError
from cytolake_validator.releases.files import WRITER, write_files
from cytolake_validator.releases.slices import MANIFEST, File, Release, tables

_PENDING = """
SELECT decision_id::text, batch_id, release_no, snapshot_id, actor, reason, decided_at
FROM intake.release WHERE exported_at IS NULL ORDER BY decided_at
"""
_EXPORTED = """
SELECT intake.release_exported(%(decision_id)s, %(key)s, %(sha256)s, %(files)s, %(rows)s)
"""


class PostgresReleases:
    """Port `Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self) -> list[Release]:
        try:
            async with (
                self._database.transaction() as connection,
                connection.cursor(row_factory=dict_row) as cursor,
            ):
                await cursor.execute(_PENDING)
                return [Release(**row) for row in await cursor.fetchall()]
        except (errors.UndefinedTable, errors.InsufficientPrivilege) as error:
            raise Retryable("intake has not made its tables yet") from error

    async def exported(
        self, release: Release, *, manifest_sha256: str, files: Sequence[File]
    ) -> None:
        told = {
            "decision_id": release.decision_id,
            "key": release.key(MANIFEST),
            "sha256": manifest_sha256,
            "files": len(files),
            "rows": sum(file.rows for file in files),
        }
        async with self._database.transaction() as connection:
            await connection.execute(_EXPORTED, told)


class LakeSlices:
    """Port `Slices`."""

    writer = WRITER

    def __init__(self, settings: CheckerSettings) -> None:
        """Keep how to reach the lake; it is opened for each release."""
        self._settings = settings
        self._tables = tables(load_contracts().values())

    async def write(self, release: Release, folder: Path) -> tuple[File, ...]:
        return await asyncio.to_thread(self._write, release, folder)

    def _write(self, release: Release, folder: Path) -> tuple[File, ...]:
        try:
            return write_files(
                self._settings,
                folder,
                tables=self._tables,
                batch=release.batch_id,
                snapshot=release.snapshot_id,
                memory=self._settings.duckdb_memory,
            )
        except (duckdb.IOException, duckdb.HTTPException) as error:
            raise Retryable(f"the lake cannot be read: {error}") from error


class BucketEvidence:
    """Port `Evidence`."""

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        """Keep files in this bucket, which is locked."""
        self._store, self._bucket = store, bucket

    async def keep(self, key: str, path: Path, *, sha256: str) -> None:
        kind = "application/json" if key.endswith(".json") else "application/vnd.apache.parquet"
        try:
            with path.open("rb") as body:
                await self._store.put(
                    self._bucket, key, body, content_type=kind, if_none_match=True
                )
        except ObjectExistsError as error:
            _, kept = await self._store.hashed(self._bucket, key)
            if kept != sha256:
                raise EvidenceDiffersError(
                    f"{key}: {kept} is kept, {sha256} is exported"
                ) from error
