"""A file of a `large` layout, tried: streamed as it would be, its beginning shown and judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_contracts import FileRef, SourceRef
from cytolake_contracts.layouts import Layout
from cytolake_ingest_gateway.converter.large.reader import Budget
from cytolake_ingest_gateway.converter.large.streamed import Request, read_large
from cytolake_ingest_gateway.converter.rejection import Rejection

CHUNK_BYTES = 1 << 20
JUDGED_ROWS = 200_000


def read_streamed(
    layout: Layout, file: Path, zone: str
) -> tuple[pa.Table, int, tuple[str, ...]] | Rejection:
    """Return the first rows, how many there are in all, and the headers of unread columns."""

    def stream(each: Callable[[bytes], None]) -> None:
        with file.open("rb") as body:
            while chunk := body.read(CHUNK_BYTES):
                each(chunk)

    with TemporaryDirectory() as folder:
        read = read_large(
            Request(
                file=_reference(file, zone),
                layout=layout,
                ids={"object_id": str(UUID(int=0)), "run_id": str(UUID(int=0)), "run_no": 1},
                folder=Path(folder),
                stream=stream,
                progressed=lambda _: None,
                budget=Budget(),
            )
        )
        if isinstance(read, Rejection):
            return read
        batches = pq.ParquetFile(read.path).iter_batches(batch_size=JUDGED_ROWS)
        table = pa.Table.from_batches([next(iter(batches))])
        return table, read.rows, tuple(read.plan.unread)


def _reference(file: Path, zone: str) -> FileRef:
    with file.open("rb") as body:
        digest = hashlib.file_digest(body, "sha256").hexdigest()
    about = file.stat()
    return FileRef(
        bucket="none",
        key=file.name,
        version_id="none",
        etag="none",
        object_seq=1,
        content_sha256=digest,
        size_bytes=about.st_size,
        last_modified=datetime.fromtimestamp(about.st_mtime, UTC),
        received_at=datetime.fromtimestamp(about.st_mtime, UTC),
        source=SourceRef(name="none", site="none", timezone=zone),
    )
