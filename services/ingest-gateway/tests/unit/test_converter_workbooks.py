"""Workbooks by a layout: typed cells as they are, the sheet by its name or by its header."""

from __future__ import annotations

from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook  # type: ignore[import-untyped]

from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import Layout, read_layout
from cytolake_ingest_gateway.converter.grid import workbook_grids
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.workbook import read_sheets
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_workbook

ORIGIN = Origin(ids={"object_id": "o", "run_id": "r", "run_no": 1})
TITERS = """\
layout: titers
title: titer report
dataset: result
file: {kind: xlsx, decimal: ",", thousands: "."}
above:
  - {name: analyst, labels: [Operator]}
columns:
  - {name: sample_id, headers: [Sample], must: true}
  - {name: value, headers: [Titer], kind: value, unit: TU/mL, must: true}
  - {name: tested_at, headers: [Day], clock: [Clock], kind: time}
  - {name: replicate, headers: [Rep], kind: integer}
constants: {quantity: LV titer}
"""
DAY = datetime(2026, 3, 21)  # noqa: DTZ001 - a workbook knows no zones
ROWS: list[list[Any]] = [
    ["Report (SYNTHETIC)"],
    ["Operator:", "syn"],
    [],
    ["Sample", "Titer", "Day", "Clock", "Rep", "Note"],
    [1001.0, 1.234, DAY, time(16, 56), 1, None],
    ["S-2", "1.234,5", DAY, time(17, 1), 2.0, "odd"],
    ["S-3", "<1,5", None, None, None, None],
]


def book(sheets: dict[str, list[list[Any]]]) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    sink = BytesIO()
    made.save(sink)
    return sink.getvalue()


def layout(text: str = TITERS) -> Layout:
    return read_layout(text, file="titers.layout.yaml", contracts=load_contracts())


def outcome(body: bytes, text: str = TITERS) -> Table | Rejection:
    zone = ZoneInfo("Europe/Berlin")
    return read_workbook(workbook_grids(read_sheets(body)), layout(text), zone=zone, origin=ORIGIN)


def test_typed_cells_are_as_they_are_and_texts_are_read_as_the_layout_says() -> None:
    table = outcome(book({"Info": [["x"]], "Results": ROWS}))
    assert isinstance(table, Table), table
    told = [
        (row["sample_id"], row["value_raw"], row["value_num"], row["qualifier"], row["replicate"])
        for row in table.rows
    ]
    assert told == [
        ("1001", "1.234", 1.234, None, 1),
        ("S-2", "1.234,5", 1234.5, None, 2),
        ("S-3", "<1,5", 1.5, "<", None),
    ]
    assert table.rows[0]["tested_at"] == datetime(2026, 3, 21, 15, 56, tzinfo=UTC)
    assert table.rows[0]["source_path"] == "Results/line 5/Titer"
    assert {row["analyst"] for row in table.rows} == {"syn"}
    assert table.unread.examples == ("A1: Report (SYNTHETIC)", "F6: odd")


def test_a_sheet_by_its_name_is_not_looked_for_elsewhere() -> None:
    text = TITERS.replace("kind: xlsx", "kind: xlsx, sheet: Data")
    fault = outcome(book({"Results": ROWS}), text)
    assert isinstance(fault, Rejection)
    assert (fault.code, "no sheet 'Data'" in fault.message) == (ReasonCode.UNKNOWN_LAYOUT, True)
    assert "'Results'" in fault.message


def test_no_sheet_has_the_header() -> None:
    fault = outcome(book({"One": [["a", "b"]], "Two": []}))
    assert isinstance(fault, Rejection)
    assert (fault.code, "of the sheet One" in fault.message) == (ReasonCode.UNKNOWN_LAYOUT, True)
