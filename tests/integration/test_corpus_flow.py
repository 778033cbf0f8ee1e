"""The flow cytometry files at hand, through the real sandbox: four are read, one is for people.

They are published test inputs of FlowIO and FlowKit (BSD-3), in `../shared/data/flow`.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import flowio
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.testing import landed
from tests.support.corpus import Corpus

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "flow"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="there is no ../shared/data/flow here"),
]
GOOD = {
    "data1.fcs": (13_367, 8),
    "B01 KC-A-W---91-US.fcs": (1_589, 14),
    "variable_int_example.fcs": (2, 26),
    "data_set_simple_line_100.fcs": (100, 2),
}
DAMAGED = "data_start_offset_discrepancy_example.fcs"


@pytest.fixture
def converter(corpus: Corpus) -> Converter:
    return corpus.converter


def outcome(converter: Converter, name: str, vendor: str | None) -> Converted | Rejection:
    body = (FOLDER / name).read_bytes()
    return converter(landed(body, name=name, vendor=vendor, timezone="Europe/Berlin"), body)


def rows(found: Converted) -> list[dict[str, Any]]:
    found_rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(found.parquet.body)).to_pylist()
    return found_rows


@pytest.mark.parametrize("vendor", [None, "FCS"])
@pytest.mark.parametrize("name", GOOD)
def test_every_event_of_every_channel_is_kept_as_it_is(
    converter: Converter, name: str, vendor: str | None
) -> None:
    found = outcome(converter, name, vendor)
    assert isinstance(found, Converted), found
    (kept,) = found.kept
    events, channels = GOOD[name]
    assert (kept.what, kept.rows, len(kept.columns)) == ("flow_event", events, channels)
    table = pq.read_table(io.BytesIO(kept.body))
    read = flowio.FlowData(str(FOLDER / name))
    for number, column in enumerate(table.columns):
        expected = pa.array(list(read.events[number::channels]), column.type)
        assert column.combine_chunks() == expected
    assert (found.parser.name, found.parser.vendor) == ("flowio", "FCS")
    again = outcome(converter, name, vendor)  # the same file gives the same bytes
    assert isinstance(again, Converted)
    assert (again.kept, again.parquet) == (found.kept, found.parquet)


def test_what_an_acquisition_says_of_itself_is_rows(converter: Converter) -> None:
    found = outcome(converter, "data1.fcs", "FCS")
    assert isinstance(found, Converted)
    values = {(row["target"], row["quantity"]): row for row in rows(found)}
    assert values[None, "event_count"]["value_num"] == 13_367
    cd4 = {q: row for (target, q), row in values.items() if target == "FL1-H"}
    assert cd4["marker"]["value_text"] == "CD4 FITC"
    assert (cd4["detector_range"]["kind"], cd4["median_signal"]["kind"]) == ("setting", "processed")
    first = values[None, "event_count"]
    assert (first["device_model"], first["device_serial"]) == ("FACSCalibur", "E3820")
    assert first["measured_at"].isoformat() == "2002-08-23T14:31:33+00:00", "16:31 in Berlin"
    assert first["time_source"] == "device"
    told = " ".join(str(row["value_text"]) for row in rows(found)) + str(first["sample_id"])
    assert "Default" not in told, "what the software writes where nobody wrote anything"


def test_a_file_that_contradicts_itself_is_for_people(converter: Converter) -> None:
    found = outcome(converter, DAMAGED, None)
    assert isinstance(found, Rejection)
    assert (found.code, found.stage) == (ReasonCode.DAMAGED_FILE, "recognise")
    assert found.is_for_people
    assert "5555 (HEADER) vs 6081 (TEXT)" in found.message
    assert found.recognition is not None
    assert found.recognition.vendor == "FCS"


def test_an_fcs_file_cut_off_is_to_be_dropped_again(converter: Converter) -> None:
    whole = (FOLDER / "data1.fcs").read_bytes()
    body = whole[: len(whole) // 2]
    found = converter(landed(body, name="data1.fcs"), body)
    assert isinstance(found, Rejection)
    assert found.code == ReasonCode.TRUNCATED_FILE
    assert not found.is_for_people


def test_an_fcs_file_in_another_instruments_source_is_for_people(converter: Converter) -> None:
    found = outcome(converter, "data1.fcs", "BECKMAN_VI_CELL_BLU")
    assert isinstance(found, Rejection)
    assert found.code == ReasonCode.WRONG_VENDOR
    assert "file of FCS" in found.message


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"Sample ID,Cell count\n1,2\n", "UNREADABLE_BY_VENDOR"), (b"FCS3.0 no more", "DAMAGED_FILE")],
)
def test_what_is_no_fcs_file_is_said_to_be_none(
    converter: Converter, body: bytes, code: str
) -> None:
    found = converter(landed(body, name="a.fcs", vendor="FCS"), body)
    assert isinstance(found, Rejection)
    assert found.code == code
