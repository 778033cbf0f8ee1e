"""Tables as laboratories write them, by a layout: numbers right, every other cell accounted for."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import Layout, read_layout
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_text
from cytolake_ingest_gateway.converter.times import Moment

RECEIVED = datetime(2026, 3, 22, 9, 0, tzinfo=UTC)
ORIGIN = Origin(
    ids={"object_id": "o", "run_id": "r", "run_no": 1}, otherwise_at=Moment(RECEIVED, "received")
)
COUNTS = """\
layout: counts
title: cell counts
dataset: measurement
file: {decimal: ",", thousands: "."}
header: {comment: "#", end: Ende}
times: {formats: ["%d.%m.%y %H:%M"], zone: Europe/Berlin}
placeholders: ["k.A."]
above:
  - {name: device_id, labels: [Gerät]}
columns:
  - {name: sample_id, headers: [Probe, Proben-ID], must: true}
  - {name: measured_at, headers: [Datum], clock: [Uhrzeit], kind: time}
measures:
  - {headers: ["VCD (10^6 cells/mL)"], quantity: vcd, unit: 10^6 cells/mL, must: true}
  - {headers: ["Viab. (%)"], quantity: viability, unit: "%"}
ignore: [Nr]
"""
SHEET = """\
# made up
Gerät;SYN-1;

Nr;Proben-ID;Datum;Uhrzeit;VCD (10^6 cells/mL);Viab. (%);Notiz
1;S-1;21.03.26;16:56;1.234,5;96,4;"zwei
Zeilen"
2;S-2;21.03.26;17:01;-0,0;<50;

3;S-3;;;0,5;k.A.;
Ende des Berichts;;;;;;
"""


def layout(text: str = COUNTS) -> Layout:
    return read_layout(text, file=f"{text.split()[1]}.layout.yaml", contracts=load_contracts())


def read(body: str | bytes, text: str = COUNTS, zone: str = "UTC") -> Table:
    table = outcome(body, text, zone)
    assert isinstance(table, Table), table
    return table


def outcome(body: str | bytes, text: str = COUNTS, zone: str = "UTC") -> Table | Rejection:
    body = body if isinstance(body, bytes) else body.encode()
    return read_text(body, layout(text), zone=ZoneInfo(zone), origin=ORIGIN)


def refused(body: str, text: str = COUNTS) -> Rejection:
    fault = outcome(body, text)
    assert isinstance(fault, Rejection), fault
    return fault


def test_every_value_of_a_wide_table_is_a_row_with_its_place() -> None:
    rows = read(SHEET).rows
    told = [
        (row["sample_id"], row["quantity"], row["value_num"], row["source_path"]) for row in rows
    ]
    assert told == [
        ("S-1", "vcd", 1234.5, "line 5/VCD (10^6 cells/mL)"),
        ("S-1", "viability", 96.4, "line 5/Viab. (%)"),
        ("S-2", "vcd", 0.0, "line 7/VCD (10^6 cells/mL)"),
        ("S-2", "viability", 50.0, "line 7/Viab. (%)"),
        ("S-3", "vcd", 0.5, "line 9/VCD (10^6 cells/mL)"),
        ("S-3", "viability", None, "line 9/Viab. (%)"),
    ]
    assert [row["qualifier"] for row in rows][3] == "<"
    assert (rows[0]["unit_ucum"], rows[0]["value_std"]) == ("10*6/mL", 1234.5)
    assert {row["device_id"] for row in rows} == {"SYN-1"}
    assert len({row["measurement_key"] for row in rows}) == 6


def test_date_and_clock_are_of_the_layouts_zone_and_the_files_time_stands_in() -> None:
    rows = read(SHEET, zone="America/New_York").rows
    assert (rows[0]["measured_at"], rows[0]["time_source"]) == (
        datetime(2026, 3, 21, 15, 56, tzinfo=UTC),
        "device",
    )
    assert (rows[5]["measured_at"], rows[5]["time_source"]) == (RECEIVED, "received")


def test_cells_not_read_are_counted_exactly() -> None:
    table = read(SHEET)
    assert table.unread.count == 2
    assert table.unread.examples == ("G5: zwei Zeilen", "A10: Ende des Berichts")
    assert table.added == ("Notiz",)


def test_the_same_rows_in_whatever_encoding() -> None:
    rows = read(SHEET).rows
    for body in (SHEET.encode("cp1252"), b"\xff\xfe" + SHEET.encode("utf-16-le")):
        assert read(body).rows == rows


def test_a_renamed_column_is_told_as_a_difference() -> None:
    fault = refused(SHEET.replace("VCD (10^6 cells/mL)", "VCD (10^5 cells/mL)"))
    assert fault.code == ReasonCode.MISSING_COLUMN
    for words in (
        "has no column VCD (10^6 cells/mL)",
        "New here, with values: VCD (10^5 cells/mL) (1.234,5, -0,0, 0,5)",
        "If 'VCD (10^5 cells/mL)' is the new name of VCD (10^6 cells/mL)",
        "Nothing was read.",
    ):
        assert words in fault.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("1.234,5", "1,234.5"), ("column VCD", "'1,234.5'", "as this layout writes them")),
        (("1.234,5", "1.23"), ("'1.23'",)),
        (("21.03.26;16:56", "2026-03-21;16:56"), ("%d.%m.%y %H:%M",)),
        (("Nr;", "Probe;"), ("'Probe' and 'Proben-ID'", "two headers for the same column")),
        (("Nr;", "Datum;"), ("Datum stands twice",)),
        (("2;S-2;21.03.26;17:01;-0,0;<50;", "2;S-2"), ("2 cells", "header has 7")),
    ],
)
def test_a_wrong_cell_is_named_in_words(change: tuple[str, str], said: tuple[str, ...]) -> None:
    fault = refused(SHEET.replace(*change))
    assert fault.code == ReasonCode.BAD_CELL
    assert [words for words in said if words not in fault.message] == []


LONG = """\
layout: long
title: results
dataset: result
header: {skip_below: 1}
columns:
  - {name: sample_id, headers: [Sample], must: true}
  - {name: quantity, headers: [Test], must: true}
  - {name: value, headers: [Result], kind: value, must: true, unit: EU/mL}
  - {name: unit, headers: [Unit]}
  - {name: replicate, headers: [Rep], kind: integer}
  - {name: state, headers: [State], texts: {OK: verified}}
"""
RESULTS = (
    "Sample|Test|Result|Unit|Rep|State\n(text)|(text)|(any)||(1..)|\n"
    "S-1|Endotoxin|<0.05 EU/mL||1|ok\nS-1|Endotoxin|0.2|furlong|2|verified\n"
    "S-1|Sterility|negative to date|||\nS-2|VCN|N/A|copies/cell||\nS-3|VCN|||| \n"
)


def test_a_long_table_keeps_texts_limits_and_what_is_missing() -> None:
    table = read(RESULTS, LONG)
    told = [
        (row["attribute"], row["value_raw"], row["value_num"], row["qualifier"], row["value_text"])
        for row in table.rows
    ]
    assert told == [
        ("endotoxin", "<0.05 EU/mL", 0.05, "<", "<0.05 EU/mL"),
        ("endotoxin", "0.2", 0.2, None, None),
        ("sterility", "negative to date", None, None, "negative to date"),
        ("vcn", "N/A", None, None, None),
        ("vcn", None, None, None, None),
    ]
    assert [row["state"] for row in table.rows][:2] == ["verified", "verified"]
    assert [row["unit_ucum"] for row in table.rows][:2] == ["{EU}/mL", None]
    assert table.warnings == (
        "2 value(s) are missing in the file and are shown as empty.",
        "The unit 'furlong' of 1 value(s) is not known, so they are not converted.",
    )
    assert table.unread.count == 0


SAMPLES = """\
layout: litres
title: sample list in litres
dataset: sample
file: {decimal: "."}
columns:
  - {name: sample_id, must: true}
  - {name: batch_id, must: true}
  - {name: collected_at, kind: time, must: true}
  - {name: volume_ml, headers: [Volume L], kind: number, unit: L}
"""


def test_a_columns_unit_becomes_that_of_the_dataset() -> None:
    sheet = "sample_id,batch_id,collected_at,Volume L\nS,B,2026-03-21,0.25\n"
    (row,) = read(sheet, SAMPLES).rows
    assert row["volume_ml"] == pytest.approx(250.0)
    fault = refused(sheet, SAMPLES.replace("unit: L", "unit: g"))
    assert (fault.code, "cannot be turned into mL" in fault.message) == (
        ReasonCode.UNKNOWN_LAYOUT,
        True,
    )


def test_a_required_label_above_the_header() -> None:
    text = COUNTS.replace("labels: [Gerät]}", "labels: [Gerät], must: true}")
    assert read(SHEET, text).rows[0]["device_id"] == "SYN-1"
    fault = refused(SHEET.replace("Gerät;", "Reader;"), text)
    assert fault.code == ReasonCode.MISSING_COLUMN
    assert "does not say Gerät above its header" in fault.message


def test_the_epoch_is_no_time() -> None:
    sheet = "sample_id,batch_id,collected_at,Volume L\nS,B,1970-01-01 00:00,0.25\n"
    assert read(sheet, SAMPLES).rows[0]["collected_at"] is None
