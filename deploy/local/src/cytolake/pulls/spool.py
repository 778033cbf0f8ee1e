"""The records of one stream while they come: on disk, each once, then one Parquet object."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

Record = dict[str, Any]
ROWS_AT_ONCE = 10_000
DEEPEST = 4
LARGEST_INT = 2**63 - 1
RAW_ID, EXTRACTED_AT = "_airbyte_raw_id", "_airbyte_extracted_at"
ARROW = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64()}


def digest_of(record: Record) -> str:
    """Return the SHA-256 of what a record says, however its fields are ordered."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Spool:
    """Records of one stream. `known` are digests of what landed before: they are left out."""

    path: Path
    known: frozenset[str] = frozenset()
    came: dict[str, str] = field(default_factory=dict)
    """Digest -> cursor of every record that came, also of known ones."""
    keys: set[str] = field(default_factory=set)
    """The names of all records that came: one that changed meanwhile comes twice."""
    rows: int = 0
    _kinds: dict[str, str] = field(default_factory=dict)
    _file: IO[str] | None = None

    def add(self, record: Record, *, key: str, cursor: str, extracted_ms: int) -> None:
        """Keep a record unless just the same one is here or has landed before."""
        digest = digest_of(record)
        is_new = digest not in self.came
        self.keys.add(key or digest)
        self.came[digest] = cursor
        if not is_new or digest in self.known:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        flat = dict(flattened(record))
        json.dump([digest, extracted_ms, flat], self._file, ensure_ascii=False)
        self._file.write("\n")
        self.rows += 1
        for name, value in flat.items():
            self._kinds[name] = merged(self._kinds.get(name), kind_of(value))

    @property
    def content(self) -> str:
        """The SHA-256 of all that came, whatever its order."""
        return hashlib.sha256("\n".join(sorted(self.came)).encode()).hexdigest()

    def close(self) -> None:
        """End writing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, target: Path) -> None:
        """Write the records as Parquet, once all have come: the same records, the same bytes."""
        kinds = {name: ARROW.get(kind, pa.string()) for name, kind in self._kinds.items()}
        own = {RAW_ID: pa.string(), EXTRACTED_AT: pa.timestamp("us", tz="UTC")}
        schema = pa.schema([(name, kind) for name, kind in {**kinds, **own}.items()])
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for lines in batched(self._read(), ROWS_AT_ONCE):
                writer.write_table(pa.Table.from_pylist(list(map(self._row, lines)), schema))

    def _read(self) -> Iterator[list[Any]]:
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def _row(self, line: list[Any]) -> Record:
        digest, extracted_ms, record = line
        return {name: cell(record.get(name), kind) for name, kind in self._kinds.items()} | {
            RAW_ID: str(UUID(digest[:32])),
            EXTRACTED_AT: datetime.fromtimestamp(extracted_ms / 1000, UTC),
        }


def flattened(record: Record, above: str = "", depth: int = 1) -> Iterator[tuple[str, object]]:
    """Yield a record's fields as columns: what is inside another with dots between."""
    for name, value in record.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            yield from flattened(value, f"{above}{name}.", depth + 1)
        else:
            yield f"{above}{name}", value


def kind_of(value: object) -> str | None:
    """Return what a value is as a column: bool, int, float or text; None for null."""
    match value:
        case None:
            return None
        case bool():
            return "bool"
        case int():
            return "int" if -LARGEST_INT <= value <= LARGEST_INT else "text"
        case float():
            return "float"
        case _:
            return "text"


def merged(one: str | None, other: str | None) -> str:
    """Return the kind of a column that holds both: text holds everything as it was written."""
    kinds = {kind for kind in (one, other) if kind and kind != "null"}
    if kinds == {"int", "float"}:
        return "float"
    return kinds.pop() if len(kinds) == 1 else ("text" if kinds else "null")


def cell(value: object, kind: str) -> object:
    """Return a value as its column holds it; lists, and what is nested deep, are JSON text."""
    if value is None or kind in ARROW:
        return float(value) if kind == "float" and isinstance(value, int) else value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
