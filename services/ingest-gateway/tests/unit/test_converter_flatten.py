"""ASM documents to rows: context, kinds, links, and what is left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from cytolake_ingest_gateway.converter.flatten import Flattened, Origin, flatten, measurement_key
from cytolake_ingest_gateway.converter.tables import contract_of, parquet_of
from cytolake_ingest_gateway.converter.times import Moment

RECEIVED = datetime(2026, 3, 22, tzinfo=UTC)
ORIGIN = Origin(
    object_id="object-1",
    run_id="run-1",
    run_no=1,
    vendor="BECKMAN_VI_CELL_BLU",
    parser_version="allotropy 0",
    otherwise_at=Moment(RECEIVED, "file"),
)


def flat(document: dict[str, Any], zone: str = "UTC") -> Flattened:
    return flatten(document, ORIGIN, ZoneInfo(zone))


def measured(*measurements: dict[str, Any], **beside: Any) -> dict[str, Any]:
    """Return a document of a cell counter with these measurements."""
    return {
        "$asm.manifest": "http://example.org/cell-counting.manifest",
        "cell counting aggregate document": {
            "device system document": {
                "device identifier": "N/A",
                "model number": "Counter",
                "equipment serial number": "7",
            },
            "data system document": {"file name": "x.csv", "UNC path": "/srv/x.csv"},
            "cell counting document": [
                {
                    "analyst": "ann",
                    "measurement aggregate document": {"measurement document": [one]},
                }
                for one in measurements
            ],
            **beside,
        },
    }


def count(sample: str = "S1", /, **more: Any) -> dict[str, Any]:
    return {
        "measurement identifier": "generated-id-000001",
        "measurement time": "2022-03-21T16:56:00+00:00",
        "sample document": {"sample identifier": sample, "well location identifier": "A1"},
        "processed data aggregate document": {
            "processed data document": [
                {"viable cell density (cell counter)": {"value": 750000, "unit": "cells/mL"}}
            ]
        },
        **more,
    }


def row_of(flattened: Flattened, quantity: str) -> dict[str, Any]:
    (row,) = [row for row in flattened.rows if row["quantity"] == quantity]
    return row


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


def test_minus_zero_is_kept_as_missing_and_said() -> None:
    found = flat(measured(count(absorbance={"value": -0.0, "unit": "mAU"})))
    row = row_of(found, "absorbance")
    assert (row["value_raw"], row["value_num"], row["value_std"]) == ("-0.0", None, None)
    assert any("missing" in warning for warning in found.warnings)


def test_without_a_time_the_files_time_stands_in() -> None:
    row = row_of(flat(measured(count(**{"measurement time": "1970-01-01T00:00:00+01:00"}))), "vcd")
    assert (row["measured_at"], row["time_source"]) == (RECEIVED, "file")


def test_naive_times_are_read_in_the_sites_zone() -> None:
    naive = count(**{"measurement time": "2022-03-21T16:56:00"})
    row = row_of(flat(measured(naive), "Europe/Berlin"), "vcd")
    assert row["measured_at"] == datetime(2022, 3, 21, 15, 56, tzinfo=UTC)


def test_an_unknown_unit_is_kept_and_not_converted() -> None:
    found = flat(measured(count(speed={"value": 3.0, "unit": "furlong/fortnight"})))
    row = row_of(found, "speed")
    assert (row["unit_raw"], row["unit_ucum"]) == ("furlong/fortnight", None)
    assert any("furlong" in warning for warning in found.warnings)


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


def test_the_instruments_words_stand_for_a_missing_number() -> None:
    """The unit of `< 8.706` is not said, so it is no number of the value's unit."""
    analyte = {"analyte name": "pyruvate", "mass concentration": {"value": -0.0, "unit": "g/L"}}
    error = {"error": "< 8.706", "error feature": "pyruvate - Standard"}
    found = flat(
        measured(
            count(
                **{
                    "analyte aggregate document": {"analyte document": [analyte]},
                    "error aggregate document": {"error document": [error]},
                }
            )
        )
    )
    row = row_of(found, "mass_concentration")
    assert (row["value_num"], row["value_std"]) == (None, None)
    assert (row["value_text"], row["qualifier"], row["value_raw"]) == ("< 8.706", "<", "-0.0")
    assert row_of(found, "error")["target"] == "pyruvate - Standard"


def calculated(name: str, value: float, *sources: str, identity: str = "c1") -> dict[str, Any]:
    return {
        "calculated data name": name,
        "calculated data identifier": identity,
        "calculated result": {"value": value, "unit": "(unitless)"},
        "data source aggregate document": {
            "data source document": [{"data source identifier": source} for source in sources]
        },
    }


def with_calculated(*documents: dict[str, Any]) -> dict[str, Any]:
    first = count("S1", **{"measurement identifier": "m1"})
    second = count("S1", **{"measurement identifier": "m2"})
    second["sample document"]["well location identifier"] = "A2"
    return measured(
        first,
        second,
        **{"calculated data aggregate document": {"calculated data document": list(documents)}},
    )


def test_a_calculated_value_belongs_to_its_sources() -> None:
    row = row_of(flat(with_calculated(calculated("Mean", 1.0, "m1"))), "mean")
    assert (row["kind"], row["sample_id"], row["well"]) == ("calculated", "S1", "A1")


def test_of_several_sources_only_what_they_share() -> None:
    row = row_of(flat(with_calculated(calculated("Mean", 1.0, "m1", "m2"))), "mean")
    assert (row["sample_id"], row["well"]) == ("S1", None)


def test_calculated_from_calculated_is_followed() -> None:
    found = flat(
        with_calculated(
            calculated("SD", 0.1, "c1", identity="c2"), calculated("Mean", 1.0, "m2", identity="c1")
        )
    )
    assert row_of(found, "sd")["well"] == "A2"


def test_a_circle_of_calculated_values_ends() -> None:
    found = flat(
        with_calculated(
            calculated("X", 0.1, "c2", identity="c1"), calculated("Y", 1.0, "c1", identity="c2")
        )
    )
    assert row_of(found, "x")["sample_id"] is None


def population(name: str, count_: int, *inside: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"written name": name, "count": {"value": count_, "unit": "#"}}
    if inside:
        document["population aggregate document"] = [{"population document": list(inside)}]
    return document


def test_populations_have_their_path() -> None:
    tree = population("run 1.fcs", 9, population("Lymphocytes", 8, population("CD3+", 7)))
    inside = {
        "processed data document": [
            {"population aggregate document": [{"population document": [tree]}]}
        ]
    }
    rows = flat(measured(count(**{"processed data aggregate document": inside}))).rows
    found = {
        row["population_path"]: row["value_num"] for row in rows if row["kind"] == "population"
    }
    assert found == {None: 9.0, "Lymphocytes": 8.0, "Lymphocytes/CD3+": 7.0}


def test_populations_side_by_side_are_joined_by_parent() -> None:
    flat_list = [
        population("CD3+", 7)
        | {"population identifier": "p2", "parent population identifier": "p1"},
        population("Lymphocytes", 8) | {"population identifier": "p1"},
    ]
    inside = {"population aggregate document": {"population document": flat_list}}
    rows = flat(measured(count(**inside))).rows
    assert {"Lymphocytes", "Lymphocytes/CD3+"} <= {row["population_path"] for row in rows}


def test_curves_are_counted_not_flattened() -> None:
    cube = {"cube-structure": {"dimensions": []}, "data": {"measures": [[1.0, 2.0]]}}
    found = flat(measured(count(**{"absorption spectrum data cube": cube})))
    assert any("1 curve(s)" in warning for warning in found.warnings)
    assert not [row for row in found.rows if "cube" in row["source_path"]]


def test_the_order_of_keys_does_not_matter() -> None:
    """Parsers build some documents from sets."""
    forwards = measured(count(a={"value": 1.0, "unit": "%"}, b={"value": 2.0, "unit": "%"}))
    backwards = json.loads(json.dumps(forwards), object_pairs_hook=lambda p: dict(reversed(p)))
    one, two = (parquet_of("measurement", flat(d).rows).body for d in (forwards, backwards))
    assert one == two


def test_nested_beyond_the_interpreters_stack() -> None:
    tree = population("leaf", 1)
    for depth in range(1_200):
        tree = population(f"g{depth}", 1, tree)
    inside = {"population aggregate document": {"population document": [tree]}}
    assert len(flat(measured(count(**inside))).rows) == 1_202


KEYS = st.sampled_from(
    [
        "measurement document", "processed data document", "custom information document",
        "calculated data document", "population document", "written name", "value", "unit",
        "sample document", "sample identifier", "measurement time", "data cube", "cube-structure",
        "calculated data name", "calculated result", "data source identifier",
        "population identifier",
        "parent population identifier", "calculated data identifier", "a/b~c", "é", "",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["N/A", "<5", "1970-01-01T00:00:00+00:00", "p1", "p2", "-0.0", "\ud800"]),
)  # fmt: skip
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=40,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, DOCUMENTS, max_size=4))
def test_any_document_becomes_rows_that_keep_their_contract(document: dict[str, Any]) -> None:
    """No exception, no key twice, the same bytes every time."""
    rows = flat(measured(count(), **document)).rows
    assert len({row["measurement_key"] for row in rows}) == len(rows)
    twice = flat(measured(count(), **document)).rows
    assert parquet_of("measurement", rows).body == parquet_of("measurement", twice).body
