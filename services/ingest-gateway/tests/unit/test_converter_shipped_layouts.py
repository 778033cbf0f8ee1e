"""The shipped layouts on made-up files: what is reported stays what it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cytolake_contracts.layouts import load_layouts
from cytolake_ingest_gateway.converter.tables import parquet_of
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_text

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"
IDS = {"object_id": "o", "run_id": "r", "run_no": 1}


def read(layout: str, file: str) -> Table:
    body = (EXAMPLES / file).read_bytes()
    table = read_text(
        body, load_layouts()[layout], zone=ZoneInfo("Europe/Berlin"), origin=Origin(ids=IDS)
    )
    assert isinstance(table, Table), table
    assert parquet_of(table.layout.dataset, table.rows).rows == len(table.rows)
    return table


def test_a_result_table_keeps_numbers_limits_and_words() -> None:
    table = read("result_table", "SYNTHETIC-results.csv")
    told = [
        (row["attribute"], row["value_num"], row["qualifier"], row["value_text"], row["state"])
        for row in table.rows
    ]
    assert told == [
        ("vcn", 2.4, None, None, "verified"),
        ("residual_beads", 100.0, "<", "<100", "verified"),
        ("mycoplasma", None, "ND", "not detected", "verified"),
        ("appearance", None, None, "clear, colourless", "to_be_verified"),
        ("sterility", None, None, "negative to date", "provisional"),
    ]
    assert table.rows[0]["tested_at"] == datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
    assert table.rows[0]["unit_ucum"] == "{copies}/{cells}"
    assert (table.unread.count, table.warnings) == (0, ())


def test_an_endotoxin_report_names_its_reader_above_the_header() -> None:
    table = read("endotoxin_cartridge", "SYNTHETIC-endotoxin.csv")
    below, above = table.rows
    assert (below["value_num"], below["qualifier"], below["value_text"]) == (0.05, "<", "<0.050")
    assert (above["value_num"], above["unit_ucum"], above["value_std"]) == (0.132, "{EU}/mL", 0.132)
    assert {row["device_id"] for row in table.rows} == {"SYN-PTS-01"}
    assert {row["attribute"] for row in table.rows} == {"endotoxin"}
    assert above["tested_at"] == datetime(2026, 3, 11, 9, 31, 40, tzinfo=UTC)
    assert table.unread.count == 0


def test_a_bottle_still_in_the_incubator_is_provisional() -> None:
    rows = read("sterility_bottles", "SYNTHETIC-sterility.csv").rows
    assert [(row["value_text"], row["state"]) for row in rows] == [
        ("Negative", "to_be_verified"),
        ("Negative", "to_be_verified"),
        ("Negative to date", "provisional"),
        ("Positive", "to_be_verified"),
    ]
    assert len({row["result_key"] for row in rows}) == 4
