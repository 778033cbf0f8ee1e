"""Declared layouts: encodings, separators, times, and cells that are named when they are wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake_contracts import ReasonCode
from cytolake_contracts.layouts import load_layouts
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.tables import contract_of, parquet_of
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_text, recognised_layout

LAYOUTS = load_layouts()
ORIGIN = Origin(ids={"run_no": 1})

HEADER = "sample_id,batch_id,step,collected_at,culture_day,volume_ml"
ROW = "S-1,B-1,expand,2026-03-21 16:56,3,250.5"
SHEET = f"{HEADER}\n{ROW}\n"


def read(text: str | bytes, zone: str = "UTC") -> Table | Rejection:
    body = text if isinstance(text, bytes) else text.encode()
    return read_text(body, LAYOUTS["sample_list"], zone=ZoneInfo(zone), origin=ORIGIN)


def rows(text: str | bytes, zone: str = "UTC") -> list[dict[str, object]]:
    table = read(text, zone)
    assert isinstance(table, Table), table
    return table.rows


def refused(text: str | bytes) -> Rejection:
    fault = read(text)
    assert isinstance(fault, Rejection), fault
    return fault


def test_a_sample_list() -> None:
    assert rows(SHEET, "Europe/Berlin") == [
        {
            "run_no": 1,
            "row_no": 1,
            "sample_id": "S-1",
            "batch_id": "B-1",
            "step": "expand",
            "collected_at": datetime(2026, 3, 21, 15, 56, tzinfo=UTC),
            "culture_day": 3.0,
            "volume_ml": 250.5,
        }
    ]


@pytest.mark.parametrize(
    "body",
    [
        SHEET.replace("\n", "\r\n"),
        SHEET.replace(",", "\t"),
        SHEET.replace(",", ";"),
        SHEET.replace(",", ";").replace("250.5", "250,5"),
        SHEET.replace("sample_id", "Sample ID").replace("volume_ml", "VOLUME-ML"),
        "\n" + SHEET + "\n\n",
        SHEET.replace("2026-03-21 16:56", "21.03.2026 16:56"),
        SHEET.replace("2026-03-21 16:56", "2026-03-21T17:56+01:00"),
        SHEET.replace("S-1", '"S-1"'),
        SHEET.encode("utf-8-sig"),
        b"\xff\xfe" + SHEET.encode("utf-16-le"),
        b"\xfe\xff" + SHEET.encode("utf-16-be"),
        SHEET.encode("utf-16-le"),
    ],
)
def test_however_it_was_written(body: str | bytes) -> None:
    (row,) = rows(body)
    assert row["volume_ml"] == 250.5
    assert row["collected_at"] == datetime(2026, 3, 21, 16, 56, tzinfo=UTC)
    assert (row["sample_id"], row["batch_id"]) == ("S-1", "B-1")


def test_windows_text_keeps_its_umlauts() -> None:
    (row,) = rows(SHEET.replace("expand", "verdünnen").encode("cp1252"))
    assert row["step"] == "verdünnen"


def test_empty_cells_are_for_the_contract_to_judge() -> None:
    (row,) = rows(f"{HEADER}\nS-1,,,,,\n")
    assert [row[name] for name in ("batch_id", "collected_at", "volume_ml")] == [None, None, None]
    ids = {"object_id": "o", "run_id": "r"}
    made = parquet_of("sample", [ids | row])
    assert made.rows == 1
    said = pq.read_schema(pa.BufferReader(made.body)).metadata
    assert said[b"cytolake.contract"] == contract_of("sample").reference.encode()


def test_columns_that_are_not_known_are_named() -> None:
    table = read("sample_id,batch_id,collected_at,colour\nS,B,2026-01-01,red\n")
    assert isinstance(table, Table)
    assert table.warnings == ("Columns not read: colour.",)
    assert table.rows[0]["culture_day"] is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("S-1,B-1,expand,3/4/2026 10:00,3,250", ("Row 1 (line 2", "collected_at", "3/4/2026")),
        ("S-1,B-1,expand,2026-03-21,three,250", ("culture_day", "'three'", "a number")),
        ("S-1,B-1,expand,2026-03-21,3,NaN", ("volume_ml", "'NaN'")),
        ('S-1,B-1,expand,2026-03-21,3,"250,5"', ("volume_ml", "'250,5'")),
        ("S-1,B-1,expand,2026-13-45,3,250", ("collected_at",)),
        ("S-1,B-1,expand", ("3 cells", "header has 6")),
        ("S-1,B-1,expand,2026-03-21,3,250,extra", ("7 cells", "header has 6")),
    ],
)
def test_a_wrong_cell_is_named_in_words(wrong: str, said: tuple[str, ...]) -> None:
    fault = refused(f"{HEADER}\n{wrong}\n")
    assert fault.code == ReasonCode.BAD_CELL
    assert [words for words in said if words not in fault.message] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("sample_id,step\nS,x\n", ReasonCode.MISSING_COLUMN),
        ("colour,size\nred,1\n", ReasonCode.UNKNOWN_LAYOUT),
        (f"{HEADER}\n", ReasonCode.NO_ROWS),
        (f"sample_id,{HEADER}\nS,{ROW}\n", ReasonCode.BAD_CELL),
        (b"\x00\x01\x02\x03" * 100, ReasonCode.UNREADABLE_TEXT),
        (f'{HEADER}\n"S-1,{ROW}\n', ReasonCode.BAD_CELL),
    ],
)
def test_what_is_no_sample_list(body: str | bytes, code: ReasonCode) -> None:
    assert refused(body).code == code


def test_a_layout_is_recognised_by_all_its_columns_only() -> None:
    assert recognised_layout(SHEET.encode(), LAYOUTS) is LAYOUTS["sample_list"]
    assert recognised_layout(b"a,b\n1,2\n", LAYOUTS) is None
    assert recognised_layout(b"sample_id,batch_id\n1,2\n", LAYOUTS) is None
    assert recognised_layout(b"\x00\x01\x02", LAYOUTS) is None


def test_layouts_fill_their_contract() -> None:
    for layout in (LAYOUTS["sample_list"],):
        own = {column.name for column in layout.columns}
        rest = {"object_id", "run_id", "run_no", "row_no"}
        of_a_lims = {
            "parent_sample_id", "container", "plate_id", "well",
            "record_version", "modified_at", "lims",
        }  # fmt: skip
        assert own | rest | of_a_lims == set(contract_of(layout.dataset).column_names)


def test_a_column_that_no_layout_names_is_null() -> None:
    rows = [
        {"sample_id": "S-1", "batch_id": "B-1", "collected_at": datetime(2026, 3, 21, tzinfo=UTC)}
    ]
    table = pq.read_table(pa.BufferReader(parquet_of("sample", rows).body))
    assert table.column("step").to_pylist() == [None]
