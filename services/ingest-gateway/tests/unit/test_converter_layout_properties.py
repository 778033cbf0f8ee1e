"""Layouts against anything: rows or a reason, never an exception; what was written is read."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import Layout, load_layouts
from cytolake_ingest_gateway.converter.grid import workbook_grids
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.tables import parquet_of
from cytolake_ingest_gateway.converter.tabular import (
    Origin,
    Table,
    read_text,
    read_workbook,
    recognised_layout,
)

ORIGIN = Origin(ids={"object_id": "o", "run_id": "r", "run_no": 1})
SMALL = [one for one in load_layouts().values() if not one.large and not one.has_records]
HEADERS = sorted({text for one in SMALL for part in one.parts for text in part.spellings})
CELLS = st.one_of(
    st.sampled_from(
        [*HEADERS, "", " ", "<", "-0.0", "1e999", "NaN", '"', "21.03.2026", "1970-01-01"]
    ),
    st.text(max_size=12),
    st.floats().map(str),
    st.datetimes().map(str),
)


def outcome(body: bytes, layout: Layout) -> Table | Rejection:
    found = read_text(body, layout, zone=ZoneInfo("Europe/Berlin"), origin=ORIGIN)
    if isinstance(found, Table):
        assert parquet_of(layout.dataset, found.rows).rows == len(found.rows)
    else:
        assert found.message.endswith((".", "?"))
    return found


@pytest.mark.parametrize("layout", SMALL, ids=lambda one: one.name)
@given(body=st.binary(max_size=200))
@settings(deadline=None, max_examples=60)
def test_any_bytes(layout: Layout, body: bytes) -> None:
    outcome(body, layout)
    recognised_layout(body, load_layouts())


@pytest.mark.parametrize("layout", SMALL, ids=lambda one: one.name)
@given(
    rows=st.lists(st.lists(CELLS, max_size=8), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    with_header=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_any_table(
    layout: Layout, rows: list[list[str]], delimiter: str, *, with_header: bool
) -> None:
    header = [[part.spellings[0] for part in layout.parts]] if with_header else []
    text = "\n".join(delimiter.join(row) for row in [*header, *rows])
    outcome(text.encode("utf-8", "replace"), layout)


LETTERS = st.text(min_size=1, max_size=3)
LAYOUTS = st.fixed_dictionaries(
    {
        "file": st.fixed_dictionaries(
            {
                "decimal": st.sampled_from([None, ".", ","]),
                "thousands": st.sampled_from([None, ".", ",", " ", "'"]),
                "delimiter": st.sampled_from([None, ",", ";", "\t", "|"]),
                "encoding": st.sampled_from([None, "cp1252", "utf-16", "idna", "no such"]),
            }
        ),
        "header": st.fixed_dictionaries(
            {
                "row": st.none() | st.integers(1, 4),
                "skip_below": st.integers(0, 3),
                "comment": st.none() | LETTERS,
                "end": st.none() | LETTERS,
            }
        ),
        "placeholders": st.lists(LETTERS, max_size=2),
        "above": st.just([{"name": "device_id", "labels": ["Device"]}]),
        "columns": st.just(
            [
                {"name": "sample_id", "headers": ["Sample"], "texts": {"a": "b"}},
                {"name": "measured_at", "headers": ["At"], "kind": "time", "clock": ["Clock"]},
            ]
        ),
        "measures": st.just([{"headers": ["Value"], "unit": "%"}, {"headers": ["More"]}]),
    }
)
NAMES = ["Sample", "At", "Clock", "Value", "More", "Device", "Device: x"]


@given(
    said=LAYOUTS,
    rows=st.lists(st.lists(CELLS | st.sampled_from(NAMES), max_size=7), max_size=7),
    delimiter=st.sampled_from(",;\t|"),
)
@settings(deadline=None, max_examples=200)
def test_any_table_by_any_layout(
    said: dict[str, object], rows: list[list[str]], delimiter: str
) -> None:
    layout = Layout.model_validate({"layout": "t", "title": "t", "dataset": "measurement", **said})
    text = "\n".join(delimiter.join(row) for row in [*rows[:2], NAMES[:5], *rows[2:]])
    outcome(text.encode("utf-8", "replace"), layout)


NODES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.text(max_size=8),
    st.datetimes().map(lambda at: {"at": at.isoformat()}),
    st.text(max_size=5).map(lambda at: {"at": at}),
    st.sampled_from(HEADERS),
)


@pytest.mark.parametrize("layout", SMALL, ids=lambda one: one.name)
@given(rows=st.lists(st.lists(NODES, max_size=8), max_size=6))
@settings(deadline=None, max_examples=60)
def test_any_sheet(layout: Layout, rows: list[list[object]]) -> None:
    header = [part.spellings[0] for part in layout.parts]
    grids = workbook_grids([{"name": "S", "first_row": 1, "rows": [header, *rows]}])
    found = read_workbook(grids, layout, zone=UTC, origin=ORIGIN)
    if isinstance(found, Table):
        assert parquet_of(layout.dataset, found.rows).rows == len(found.rows)


MILLIONTHS = st.integers(-(10**12), 10**12).map(lambda number: number / 10**6)


def written(number: float, decimal: str, thousands: str | None) -> str:
    whole, _, rest = f"{number:,.6f}".partition(".")
    return whole.replace(",", thousands or "") + decimal + rest


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("marks", [(".", None), (".", ","), (",", "."), (",", None), (",", " ")])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@given(
    numbers=st.lists(
        st.integers(-(10**12), 10**12).map(lambda n: n / 10**6), min_size=1, max_size=5
    ),
    minutes=st.integers(0, 50_000_000),
)
@settings(deadline=None, max_examples=8)
def test_what_was_written_is_read(
    delimiter: str,
    marks: tuple[str, str | None],
    zone: str,
    numbers: list[float],
    minutes: int,
) -> None:
    at = datetime(1990, 1, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    local = at.astimezone(ZoneInfo(zone))
    layout = _layout(delimiter, marks, zone)
    sink = io.StringIO()
    table = csv.writer(sink, delimiter=delimiter)
    table.writerow(["Sample", "At", "Value"])
    table.writerows(
        [f"S-{n}", f"{local:%d/%m/%Y %H:%M%z}", written(number, *marks)]
        for n, number in enumerate(numbers)
    )
    found = read_text(sink.getvalue().encode(), layout, zone=UTC, origin=ORIGIN)
    assert isinstance(found, Table), found
    assert [row["value_num"] for row in found.rows] == numbers
    assert {row["measured_at"] for row in found.rows} == {at}


def _layout(delimiter: str, marks: tuple[str, str | None], zone: str) -> Layout:
    # Not held against `layout_faults`: a delimiter that is also the decimal mark is read, quoted.
    return Layout.model_validate(
        {
            "layout": "t",
            "title": "t",
            "dataset": "measurement",
            "file": {"delimiter": delimiter, "decimal": marks[0], "thousands": marks[1]},
            "times": {"formats": ["%d/%m/%Y %H:%M%z"], "zone": zone},
            "columns": [
                {"name": "sample_id", "headers": ["Sample"]},
                {"name": "measured_at", "headers": ["At"], "kind": "time"},
            ],
            "measures": [{"headers": ["Value"], "quantity": "vcd"}],
        }
    )


def test_every_dataset_with_values_has_a_layout() -> None:
    assert {one.dataset for one in load_layouts().values()} <= set(load_contracts())
