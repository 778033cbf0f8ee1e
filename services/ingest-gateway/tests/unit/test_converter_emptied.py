"""A file read again that yields nothing takes its older rows away; at first it is rejected."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from pyarrow import BufferReader

from cytolake_contracts import Decision, FileLanded, FileLandedData, ReasonCode
from cytolake_ingest_gateway.converter.convert import Converted
from cytolake_ingest_gateway.converter.emptied import emptied
from cytolake_ingest_gateway.converter.handlers import refused
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.testing import landed

EMPTY = Rejection(ReasonCode.NO_ROWS, "This file holds no values.", "flatten")


def decided(*datasets: str, rows: int | None = 2) -> FileLanded:
    event = landed(b"x")
    decision = Decision(
        action="replay",
        actor="jane",
        reason="a new parser",
        decided_at=datetime(2026, 11, 23, tzinfo=UTC),
        replaces=1 if datasets else None,
        replaces_datasets=datasets,
        replaces_rows=rows if datasets else None,
    )
    data = FileLandedData(file=event.data.file, decision=decision)
    return event.model_copy(update={"run_no": 2, "data": data})


def test_without_older_rows_it_is_rejected_as_ever() -> None:
    assert emptied(landed(b"x"), EMPTY) is EMPTY
    assert emptied(decided(), EMPTY) is EMPTY


def test_older_rows_are_replaced_by_empty_tables_of_their_datasets() -> None:
    found = emptied(decided("measurement", "sample"), EMPTY)
    assert isinstance(found, Converted)
    tables = (found.parquet, *found.others)
    assert [(table.dataset, table.rows) for table in tables] == [("measurement", 0), ("sample", 0)]
    assert pq.read_table(BufferReader(found.parquet.body)).num_rows == 0
    assert found.warnings == ("This file holds no values. The rows of run 1 are taken away.",)


@pytest.mark.parametrize("code", sorted(set(ReasonCode) - {ReasonCode.NO_ROWS}))
def test_what_cannot_be_read_says_nothing_about_older_rows(code: ReasonCode) -> None:
    unread = Rejection(code, "words", "parse")
    assert emptied(decided("measurement"), unread) is unread


def test_after_a_run_without_rows_no_rows_are_spoken_of() -> None:
    again = decided("measurement", rows=0)
    found = emptied(again, EMPTY)
    assert isinstance(found, Converted)
    assert found.warnings == ("This file holds no values. Run 1 had none either.",)
    unread = Rejection(ReasonCode.UNKNOWN_LAYOUT, "words.", "recognise")
    none = "words. (Run 1, loaded before, left no rows in the marts.)"
    assert refused(again, unread).data.message == none


@pytest.mark.parametrize("rows", [2, None])
@pytest.mark.parametrize("code", [ReasonCode.UNKNOWN_LAYOUT, ReasonCode.WRONG_VENDOR])
def test_a_run_without_rows_says_which_rows_stay(code: ReasonCode, rows: int | None) -> None:
    """An event of before the number was told has none."""
    unread = Rejection(code, "words.", "recognise")
    stay = "words. (The rows of run 1, loaded before, stay in the marts.)"
    assert refused(decided("measurement", rows=rows), unread).data.message == stay
    assert refused(decided(), unread).data.message == "words."
    assert refused(landed(b"x"), unread).data.message == "words."
