"""The records of a Parquet file, read in the sandbox's child: its reader is native code.

A time is told as `{"at": "2026-03-21T16:56:00+00:00"}`, as in workbooks; nested records are flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.records import RecordsError, flattened, records_of
from cytolake_ingest_gateway.converter.sandbox.child import Answer, Request

MAX_ROWS = 200_000
BATCH_ROWS = 1_000


def parse(request: Request) -> Answer:
    """Return the names of all fields and the values of each record; damage is an answer."""
    # Arrow's own allocators reserve more address space than a child may have.
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        records = records_of(
            [flattened(row, number) for number, row in enumerate(_rows(request.body), start=1)]
        )
    except RecordsError as fault:
        return _rejected(fault.rejection.code, fault.rejection.message)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        why = " ".join(str(error).split())[:200].rstrip(".")
        words = f"This file could not be read as Parquet: {why}. Have it written once more."
        return _rejected(ReasonCode.UNREADABLE_TEXT, words)
    rows = [[_plain(cell) for cell in row] for row in records.rows]
    return Answer(
        outcome="parsed", vendor=request.vendor, document={"names": records.names, "rows": rows}
    )


def _rows(body: bytes) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(pa.BufferReader(body), pre_buffer=False) as file:
        if file.metadata.num_rows > MAX_ROWS:
            raise RecordsError(
                ReasonCode.FILE_TOO_LARGE,
                f"This file has {file.metadata.num_rows:,} records; at most {MAX_ROWS:,} are read. "
                "Have it written in smaller parts.",
            )
        for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
            yield from pa.table(
                [_microseconds(column) for column in batch.columns], names=batch.schema.names
            ).to_pylist()


def _microseconds(column: pa.Array) -> pa.Array:
    """Python's times are no finer."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return column


def _rejected(code: ReasonCode, words: str) -> Answer:
    return Answer(outcome="rejected", code=f"parse/{code}", message=words)


def _plain(cell: object) -> object:
    return {"at": cell.isoformat()} if isinstance(cell, datetime) else cell
