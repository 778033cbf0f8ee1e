"""Values that are not what they look like: -0.0, 1970, naive times, odd units, words."""

from __future__ import annotations

from datetime import UTC, datetime

from cytolake_ingest_gateway.converter.testing_asm import RECEIVED, count, flat, measured, row_of


def test_minus_zero_is_kept_as_missing_and_said() -> None:
    found = flat(measured(count(absorbance={"value": -0.0, "unit": "mAU"})))
    row = row_of(found, "absorbance")
    assert (row["value_raw"], row["value_num"], row["value_std"]) == ("-0.0", None, None)
    assert any("missing" in warning for warning in found.warnings)


def test_a_plate_without_wells_is_one_whose_wells_were_not_told() -> None:
    """QIAcuity exports do not say it, and the parser writes 0."""
    wells = {"plate well count": {"value": 0, "unit": "#"}, "valid partitions": {"value": 0}}
    found = flat(measured(count(**wells)))
    row = row_of(found, "plate_well_count")
    assert (row["value_raw"], row["value_num"]) == ("0", None)
    assert row_of(found, "valid_partitions")["value_num"] == 0


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
