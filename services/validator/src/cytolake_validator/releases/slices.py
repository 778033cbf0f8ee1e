"""Which rows of the lake are a batch's, and the manifest of the files that they become. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.evidence import RELEASES

FORMAT = "org.cytolake.release.v1"
SCHEMAS = {"curated": "curated", "mart": "marts"}
"""Zone: the schema that its tables are in."""
CHOICES = {
    "batch_id": "batch_id = {batch}",
    "sample_id": "sample_id IN (SELECT sample_id FROM lake.curated.dim_sample"
    " WHERE batch_id = {batch})",
    "product_code": "product_code IN (SELECT product_code FROM lake.curated.dim_batch"
    " WHERE batch_id = {batch})",
}
"""Column: how a batch's rows are found by it; the first that a table has counts."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of a batch: how they are told apart, and by which column found."""

    schema: str
    name: str
    keys: tuple[str, ...]
    by: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.schema}.{self.name}.parquet"

    def query(self, batch: str) -> str:
        """Return the query of the batch's rows, in an order that they alone decide."""
        chosen = CHOICES[self.by].format(batch=_literal(batch))
        table = f'lake."{self.schema}"."{self.name}"'
        return f"SELECT * FROM {table} WHERE {chosen} ORDER BY ALL"  # noqa: S608 - quoted


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release."""

    name: str
    table: str
    rows: int
    size_bytes: int
    sha256: str
    keys: tuple[str, ...]
    rows_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release as it is recorded."""

    decision_id: str
    batch_id: str
    release_no: int
    snapshot_id: int
    actor: str
    reason: str
    decided_at: datetime

    def key(self, name: str) -> str:
        """Return where one of its files lies in the evidence bucket."""
        return f"{RELEASES}{folder(self.batch_id)}/{self.release_no}/{name}"


MANIFEST = "manifest.json"


def tables(contracts: Iterable[DatasetContract]) -> tuple[Table, ...]:
    """Return the curated and mart tables that have rows of a batch, by name.

    By its samples where they do not name it, by its product for what it was judged by. A view
    counts only where it names the batch: others are computed of all batches there are.
    """
    found = []
    for contract in contracts:
        by = next((column for column in CHOICES if column in contract.column_names), None)
        is_one = by == "batch_id" or (by is not None and contract.made_as == "table")
        if contract.zone in SCHEMAS and by is not None and is_one:
            schema = SCHEMAS[contract.zone]
            found.append(Table(schema, contract.name, contract.primary_key, by))
    return tuple(sorted(found, key=lambda table: table.file))


def manifest(release: Release, files: Sequence[File], *, writer: str) -> bytes:
    """Return the document that names every file and its hash: same release, same bytes."""
    told = asdict(release) | {"decided_at": release.decided_at.astimezone(UTC).isoformat()}
    document = {"format": FORMAT, "writer": writer, **told, "files": list(map(asdict, files))}
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def files_in(document: bytes) -> tuple[File, ...]:
    """Return the files that a manifest names."""
    listed = json.loads(document)["files"]
    return tuple(File(**(one | {"keys": tuple(one["keys"])})) for one in listed)


def tables_in(document: bytes) -> tuple[Table, ...]:
    """Return the tables that a manifest names: what they are chosen by may change later."""
    return tuple(
        Table(*_named(file.table), keys=file.keys, by=file.rows_by) for file in files_in(document)
    )


def folder(batch: str) -> str:
    """Return a name for the batch that every store takes, and no other batch has."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", batch)
    if plain == batch and not batch.startswith("."):
        return batch
    return f"{plain.strip('.')}-{hashlib.sha256(batch.encode()).hexdigest()[:12]}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _named(table: str) -> tuple[str, str]:
    schema, name = table.split(".", 1)
    return schema, name
