"""ASM documents to rows: context, kinds, and what is left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from cytolake_ingest_gateway.converter.flatten import measurement_key
from cytolake_ingest_gateway.converter.tables import contract_of, parquet_of
from cytolake_ingest_gateway.converter.testing_asm import count, flat, measured, row_of


def test_a_value_with_everything_around_it() -> None:
    row = row_of(flat(measured(count())), "vcd")
    path = row["source_path"]
    assert path.endswith("/processed data document/0/viable cell density (cell counter)")
    assert row == {
        "measurement_key": measurement_key("object-1", path),
        "object_id": "object-1",
        "run_id": "run-1",
        "run_no": 1,
        "kind": "processed",
        "sample_id": "S1",
        "plate_id": None,
        "well": "A1",
        "sample_role": None,
        "target": None,
        "population_path": None,
        "device_id": None,
        "device_model": "Counter",
        "device_serial": "7",
        "analyst": "ann",
        "measured_at": datetime(2022, 3, 21, 16, 56, tzinfo=UTC),
        "time_source": "device",
        "quantity_raw": "viable cell density (cell counter)",
        "quantity": "vcd",
        "value_raw": "750000",
        "value_num": 750000.0,
        "value_text": None,
        "qualifier": None,
        "unit_raw": "cells/mL",
        "unit_ucum": "{cells}/mL",
        "value_std": 0.75,
        "is_custom": False,
        "ordinal": 0,
        "source_path": path,
        "vendor": "BECKMAN_VI_CELL_BLU",
        "asm_manifest": "http://example.org/cell-counting.manifest",
        "parser_version": "allotropy 0",
    }
    assert set(row) == set(contract_of("measurement").column_names)


def test_paths_of_this_machine_and_made_up_ids_are_nowhere() -> None:
    text = repr(flat(measured(count())).rows)
    assert "/srv" not in text
    assert "generated-id" not in text


def test_vendor_fields_are_marked() -> None:
    found = flat(
        measured(count(**{"custom information document": {"Lot": "00123", "Empty": "N/A"}}))
    )
    row = row_of(found, "lot")
    assert (row["kind"], row["is_custom"], row["value_text"]) == ("custom", True, "00123")
    assert not [row for row in found.rows if row["quantity_raw"] == "Empty"]


def test_settings_are_settings() -> None:
    control = {"device control document": [{"wavelength setting": {"value": 450, "unit": "nm"}}]}
    found = flat(measured(count(**{"device control aggregate document": control})))
    assert row_of(found, "wavelength_setting")["kind"] == "setting"


def test_an_analyte_is_the_target() -> None:
    analytes = {
        "analyte document": [
            {"analyte name": name, "molar concentration": {"value": value, "unit": "mmol/L"}}
            for name, value in (("glucose", 5.0), ("Na", 140.0))
        ]
    }
    found = flat(measured(count(**{"analyte aggregate document": analytes})))
    rows = [row for row in found.rows if row["quantity"] == "molar_concentration"]
    assert [(row["target"], row["value_std"]) for row in rows] == [("glucose", 5.0), ("Na", 140.0)]


def test_curves_are_points_and_not_rows() -> None:
    cube = {"cube-structure": {"dimensions": []}, "data": {"measures": [[1.0, 2.0]]}}
    found = flat(measured(count(**{"absorption spectrum data cube": cube})))
    assert found.points is not None
    assert found.points.column("y_value").to_pylist() == [1.0, 2.0]
    assert not [row for row in found.rows if "cube" in row["source_path"]]


def test_the_order_of_keys_does_not_matter() -> None:
    """Parsers build some documents from sets."""
    forwards = measured(count(a={"value": 1.0, "unit": "%"}, b={"value": 2.0, "unit": "%"}))
    backwards = json.loads(json.dumps(forwards), object_pairs_hook=lambda p: dict(reversed(p)))
    one, two = (parquet_of("measurement", flat(d).rows).body for d in (forwards, backwards))
    assert one == two
