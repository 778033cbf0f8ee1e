"""The object store, as much of it as the converter needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cytolake_contracts import FileRef
from cytolake_ingest_gateway.converter.settings import ConverterSettings
from cytolake_runtime.errors import ObjectMissingError
from cytolake_runtime.large_objects import LargeObjects
from cytolake_runtime.store import ObjectStore

PARQUET = "application/vnd.apache.parquet"
GZIPPED_JSON = "application/gzip"


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """Implements `handlers.Files`."""

    store: ObjectStore
    settings: ConverterSettings

    async def read(self, file: FileRef) -> bytes | None:
        try:
            return await self.store.get(file.bucket, file.key, file.version_id)
        except ObjectMissingError:
            return None

    async def write_table(self, key: str, body: bytes) -> None:
        await self.store.put(self.settings.lake_bucket, key, body, content_type=PARQUET)

    async def write_evidence(self, key: str, body: bytes) -> None:
        await self.store.put(self.settings.evidence_bucket, key, body, content_type=GZIPPED_JSON)


@dataclass(frozen=True, slots=True)
class StoredLargeFiles:
    """Implements `large.conversion.Objects`."""

    objects: LargeObjects
    lake_bucket: str

    def read(self, file: FileRef, each: Callable[[bytes], None]) -> None:
        self.objects.read(file.bucket, file.key, file.version_id, each)

    def store_table(self, key: str, path: Path, each: Callable[[int], None]) -> None:
        self.objects.store(self.lake_bucket, key, path, content_type=PARQUET, each=each)
