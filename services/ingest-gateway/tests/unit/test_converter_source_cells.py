"""Cells of an instrument's file that are not in its ASM document."""

from __future__ import annotations

import pytest

from cytolake_contracts import UnreadCells
from cytolake_ingest_gateway.converter.outcome import together
from cytolake_ingest_gateway.converter.sandbox.child import canonical_json
from cytolake_ingest_gateway.converter.shapes import shape_of
from cytolake_ingest_gateway.converter.source_cells import MAX_CELLS, MAX_EXAMPLES, unread_cells
from cytolake_ingest_gateway.converter.testing import workbook

TABLE = b"Sample ID,Density,When,Unit,Note\nS-1,2.72E6,3/21/2022 16:56,mg/L,lot 12\n"
DOCUMENT = canonical_json({"a": {"sample identifier": "S-1"}, "b": {"value": 2.72, "unit": "x"}})


def unread(body: bytes, document: bytes = DOCUMENT) -> UnreadCells:
    found = unread_cells(body, document, shape_of(body))
    assert found is not None
    return found


def test_a_cell_that_is_nowhere_is_told_with_its_place() -> None:
    assert unread(TABLE) == UnreadCells(count=1, examples=("E2: lot 12",))


def test_a_text_within_another_counts_as_read() -> None:
    document = canonical_json({"x": "S-1", "note": "made from Lot 12 and more", "y": 2.72})
    assert unread(TABLE, document).count == 0


@pytest.mark.parametrize(
    ("number", "count"),
    [("0.272", 0), ("272 000", 0), ("27.2 %", 0), ("-2.72", 0), ("2.73", 1), ("272.001", 1)],
)
def test_numbers_are_compared_by_their_digits(number: str, count: int) -> None:
    body = f"Sample ID,Density,When\nS-1,{number},1/2/2026\n".encode()
    assert unread(body).count == count


def test_numbers_in_arrays_and_in_texts_are_read() -> None:
    document = canonical_json({"s": "S-1", "cube": [[1.5, 2.25], [3.125]], "t": "< 8.706"})
    assert unread(b"Sample ID,a,b\nS-1,3.125,8.706\nS-1,2.25,1.5\n", document).count == 0


def test_a_workbooks_cells_are_told_by_sheet_and_its_times_are_passed_over() -> None:
    book = workbook({"A1": "S-1", "B2": "lost", "C3": "44105.46609"})
    assert unread(book) == UnreadCells(count=1, examples=("Sheet1!B2: lost",))


@pytest.mark.parametrize("body", [b"<a/>", b'{"a": 1}'])
def test_other_kinds_of_file_are_not_compared(body: bytes) -> None:
    assert unread_cells(body, DOCUMENT, shape_of(body)) is None


def test_it_is_bounded() -> None:
    rows = "".join(f"S-1,lost {row},{row}9.5\n" for row in range(MAX_CELLS))
    found = unread(f"Sample ID,a,b\n{rows}".encode())
    assert len(found.examples) == MAX_EXAMPLES
    assert found.count < MAX_CELLS


def test_two_looks_are_one_count() -> None:
    one, other = UnreadCells(count=2, examples=("a", "b")), UnreadCells(count=1, examples=("c",))
    assert together(one, None, other) == UnreadCells(count=3, examples=("a", "b", "c"))
    assert together(None, None) is None
