"""Shapes of any bytes whatever: an answer, and the same one twice; never an exception."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cytolake_ingest_gateway.converter.sandbox.child import canonical_json
from cytolake_ingest_gateway.converter.shapes import shape_of
from cytolake_ingest_gateway.converter.source_cells import unread_cells
from cytolake_ingest_gateway.converter.testing import workbook, zipped

BEGINNINGS = st.sampled_from(
    [b"", b"<a", b"{", b"[" * 990, b"FCS3.1    ", b"PK\x03\x04", b"\xff\xfe", b'"a,b', b"x,y,z\n"]
)
LINES = st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=12)
BOOK = workbook({"A1": "Well", "B2": "7", "C3": "x"})
PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml")


@given(BEGINNINGS, st.binary(max_size=200))
def test_any_bytes(beginning: bytes, rest: bytes) -> None:
    body = beginning + rest
    assert shape_of(body) == shape_of(body)
    unread_cells(body, b"{}", shape_of(body))


@given(LINES, st.sampled_from([",", ";", "\t", "|"]))
def test_any_table(lines: list[list[str]], delimiter: str) -> None:
    body = "\n".join(delimiter.join(line) for line in lines).encode("utf-8", "replace")
    found = shape_of(body)
    assert found is None or len(set(found.columns)) == len(found.columns)
    unread_cells(body, b'{"a": 1}', found)


@given(st.sampled_from(PARTS), st.binary(max_size=300))
def test_any_part_of_a_workbook(part: str, content: bytes) -> None:
    body = zipped({**dict.fromkeys(PARTS, b"<x/>"), part: content})
    assert shape_of(body) == shape_of(body)
    assert shape_of(BOOK) == shape_of(BOOK)


def test_long_cells_and_texts_cost_no_time() -> None:
    """A pattern that tries again from each digit would take minutes here."""
    long = "1" * 60_000 + "x"
    body = f"a,b,c\n{long},{long[::-1]},- {long}\n".encode()
    assert unread_cells(body, canonical_json({"a": long, "b": f"< {long}"}), shape_of(body))
