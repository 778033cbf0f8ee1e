"""Results for tests, as the services write them. Synthetic values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa

from cytolake_contracts import FileConverted, TableRef
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.identity import run_id
from cytolake_validator.results import result_document
from cytolake_validator.rules import Broken
from cytolake_validator.shown import shown_rows
from cytolake_validator.words import Judged, failures_of

SAMPLE = "sample.json"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def converted(
    number: int = 1, *, key: str = "syn/SYNTHETIC.csv", received_at: datetime = NOON
) -> FileConverted:
    """Return the event of some object's first run."""
    event = FileConverted.from_bytes(valid_examples(FileConverted.type_name())[SAMPLE])
    file = event.data.file.model_copy(update={"key": key, "received_at": received_at})
    of = UUID(int=number)
    return event.model_copy(
        update={
            "object_id": of,
            "run_id": run_id(of, 1),
            "data": event.data.model_copy(update={"file": file}),
        }
    )


def raw_result(
    broken: Broken | None = None,
    *,
    event: FileConverted | None = None,
    others: tuple[tuple[str, Broken], ...] = (),
    changed: dict[str, Any] | None = None,
) -> bytes:
    """Return the gate's result of a sample list of 8 rows, of which row 4 is `changed`."""
    event = event or converted()
    tables = (("sample", broken or {}), *others)
    judged = [_judged(name, event.data.table, found, changed or {}) for name, found in tables]
    return result_document(event, judged, engine="great_expectations 1")


def _judged(name: str, reference: TableRef, broken: Broken, changed: dict[str, Any]) -> Judged:
    contract = load_contracts()[name]
    table = table_of(contract, changed)
    failures = failures_of(contract, table, broken)
    return Judged(reference, contract, failures, shown_rows(contract, table, broken))


def table_of(contract: DatasetContract, changed: dict[str, Any]) -> pa.Table:
    """Return 8 good rows, of which the fourth is changed."""
    rows = good_rows(contract, 8)
    rows[3].update({name: value for name, value in changed.items() if name in rows[3]})
    return pa.Table.from_pylist(rows, schema=contract.arrow_schema())
