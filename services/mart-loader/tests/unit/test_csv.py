from __future__ import annotations

import csv as std_csv
import io
from datetime import UTC, datetime

import pyarrow as pa

from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.adapters.postgres import csv
from cytolake_mart_loader.testing import filled

MART = load_contracts()["mart_measurement"]


def test_null_is_empty_and_an_empty_text_is_quoted() -> None:
    row = filled(
        MART, measurement_key="k", value_text="", measured_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    text = csv(pa.RecordBatch.from_pylist([row], schema=MART.arrow_schema()), MART).decode()
    fields = dict(zip(MART.column_names, text.rstrip("\n").split(","), strict=True))
    assert fields["value_text"] == '""'
    assert fields["value_num"] == ""
    assert fields["measured_at"] == "2026-01-01 00:00:00.000000Z"


def test_a_naive_time_of_the_lake_is_utc() -> None:
    schema = pa.schema(
        field.with_type(pa.timestamp("us")) if field.name == "measured_at" else field
        for field in MART.arrow_schema()
    )
    row = filled(MART, measurement_key="k", measured_at=datetime(2026, 1, 1))  # noqa: DTZ001
    text = csv(pa.RecordBatch.from_pylist([row], schema=schema), MART).decode()
    assert "2026-01-01 00:00:00.000000Z" in text


def test_text_survives_whatever_it_holds() -> None:
    nasty = 'a"b,\n\\.\né µ'
    row = filled(MART, measurement_key="k", value_text=nasty)
    text = csv(pa.RecordBatch.from_pylist([row], schema=MART.arrow_schema()), MART).decode()
    (fields,) = std_csv.reader(io.StringIO(text))
    assert fields[MART.column_names.index("value_text")] == nasty
