"""The events of a flow cytometer as a Parquet file of their own: one column for each channel.

They stay beside the tables (ADR 0020): a million events of twenty channels are no rows to query by
value, and any Parquet tool reads them where they are.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_ingest_gateway.converter.tables import Kept
from cytolake_ingest_gateway.converter.values import clean

WHAT = "flow_event"
Told = dict[str, Any]


def flow_events(attachment: bytes, ids: Told) -> Kept:
    """Return the columns that the child sent: a line of JSON that names them, then their bytes."""
    head, _, _ = attachment.partition(b"\n")
    told: list[Told] = json.loads(head)
    names = _names(told)
    rest, at, columns = pa.py_buffer(attachment), len(head) + 1, []
    for one in told:
        kind = getattr(pa, str(one["type"]))()
        size = int(one["rows"]) * kind.bit_width // 8
        # Copied to where a number may stand in memory.
        values = pa.py_buffer(rest.slice(at, size).to_pybytes())
        columns.append(pa.Array.from_buffers(kind, int(one["rows"]), [None, values]))
        at += size
    schema = pa.schema(
        [pa.field(name, column.type) for name, column in zip(names, columns, strict=True)],
        metadata={"values": "as stored", **{key: str(value) for key, value in ids.items()}},
    )
    table = pa.table(columns, schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=True)
    return Kept(WHAT, sink.getvalue().to_pybytes(), table.num_rows, names)


def _names(told: list[Told]) -> tuple[str, ...]:
    """Return a name for each column; the standard forbids equal ones, files have them."""
    wanted = [clean(str(one["name"])).strip() or "channel" for one in told]
    counted = Counter(wanted)
    return tuple(
        name if counted[name] == 1 else f"{name} ({number})"
        for number, name in enumerate(wanted, start=1)
    )
