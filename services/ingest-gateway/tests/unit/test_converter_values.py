"""Values, units, times and names: each hazard of instrument files, one test."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS, quantity_of, slug
from cytolake_ingest_gateway.converter.times import device_time, earliest_known
from cytolake_ingest_gateway.converter.units import converted, unit_of
from cytolake_ingest_gateway.converter.values import attribute_value, label, number_value

BERLIN = ZoneInfo("Europe/Berlin")


def test_minus_zero_is_a_missing_number() -> None:
    value = number_value(-0.0)
    assert (value.num, value.raw, value.is_missing) == (None, "-0.0", True)
    assert number_value(0.0).num == 0.0


@pytest.mark.parametrize("raw", ["N/A", "#N/A", "", " - ", "NaN", "<None>"])
def test_placeholders_are_missing(raw: str) -> None:
    assert number_value(raw).is_missing
    assert label(raw) is None


def test_sodium_is_no_placeholder() -> None:
    assert label("Na") == "Na"


@pytest.mark.parametrize(
    ("raw", "num", "qualifier"),
    [
        ("<2.805e9", 2.805e9, "<"),
        ("> 100", 100.0, ">"),
        ("≤5", 5.0, "<="),
        (">=1.5", 1.5, ">="),
        ("~7", 7.0, "~"),
        ("ND", None, "ND"),
        ("not detected", None, "ND"),
    ],
)
def test_censored_values_keep_their_text(raw: str, num: float | None, qualifier: str) -> None:
    value = number_value(raw)
    assert (value.num, value.qualifier, value.text) == (num, qualifier, raw)


def test_words_stay_words() -> None:
    assert number_value("negative to date").text == "negative to date"
    assert number_value("96.9").num == 96.9


def test_digits_of_a_vendor_field_stay_a_text() -> None:
    """`00123` may be a lot."""
    value = attribute_value("00123")
    assert (value.num, value.text) == (None, "00123")
    assert attribute_value(3.0).num == 3.0
    assert attribute_value(value=True).text == "true"


def test_no_character_that_postgresql_refuses() -> None:
    assert attribute_value("a\0b\ud800").text == "ab?"
    assert label(" S\n 1\t") == "S 1"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400])
def test_numbers_beyond_doubles_are_no_numbers(number: float) -> None:
    assert number_value(number).num is None


@pytest.mark.parametrize(
    ("raw", "ucum"),
    [
        ("\u00b5m", "um"),
        ("\u03bcm", "um"),
        ("ng/\u00b5L", "ng/uL"),
        ("ng/\u03bcL", "ng/uL"),
        ("10^6 cells/mL", "10*6/mL"),
        ("x10⁶ cells/mL", "10*6/mL"),
        ("cells/mL", "{cells}/mL"),
        ("(unitless)", "1"),
        ("#", "{#}"),
        ("#/μL", "{#}/uL"),
        ("degC", "Cel"),
        ("mmHg", "mm[Hg]"),
        ("mmol/L", "mmol/L"),
        ("mosm/kg", "mosm/kg"),
        ("furlong", None),
        (None, None),
    ],
)
def test_units_are_ucum_or_unknown(raw: str | None, ucum: str | None) -> None:
    unit = unit_of(raw)
    assert (unit.ucum if unit else None) == ucum


def test_conversion_within_a_dimension_only() -> None:
    million, cells, percent = unit_of("10^6 cells/mL"), unit_of("cells/mL"), unit_of("%")
    assert million
    assert cells
    assert percent
    assert converted(752_345.0, cells, million) == pytest.approx(0.752345)
    assert converted(0.75, million, million) == 0.75
    assert converted(0.75, million, percent) is None


def test_every_canonical_unit_is_known() -> None:
    assert [code for code, unit in CANONICAL_UNITS.items() if unit_of(unit) is None] == []


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("viability (cell counter)", "processed", "viability"),
        ("viable cell density (cell counter)", "processed", "vcd"),
        ("pH", "measured", "ph"),
        ("temperature", "setting", "temperature_setting"),
        ("Viability", "custom", "viability_custom"),
        ("Conc. [cp/μL] (undiluted sample)", "custom", "conc_cp_ul_undiluted_sample"),
        ("CI (95%)", "custom", "ci_95_percent"),
        ("Θ", "measured", "unnamed"),
    ],
)
def test_quantities(name: str, kind: str, code: str) -> None:
    assert quantity_of(name, kind=kind) == code


def test_both_micro_signs_give_one_name() -> None:
    assert slug("Volume [\u00b5l]") == slug("Volume [\u03bcl]") == "volume_ul"


def test_naive_times_are_of_the_site() -> None:
    assert device_time("2022-03-21T16:56:00", BERLIN) == datetime(2022, 3, 21, 15, 56, tzinfo=UTC)
    assert device_time("2022-03-21T16:56:00+00:00", BERLIN) == datetime(
        2022, 3, 21, 16, 56, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "epoch",
    ["1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00", "1970-01-01T00:00:00+01:00", "soon", 7],
)
def test_the_epoch_is_no_time(epoch: object) -> None:
    """Parsers that lack a time write 1970, in whatever zone they are told."""
    assert device_time(epoch, BERLIN) is None


def test_a_real_time_of_1970_is_a_time() -> None:
    assert device_time("1970-01-01T08:30:00", BERLIN) is not None


def test_without_a_time_the_earliest_known() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert earliest_known(early, late).source == "file"
    assert earliest_known(late, early) == earliest_known(late, early)
    assert earliest_known(late, early).source == "received"
