"""Units by the spellings of instruments, of the LIMS and of UCUM itself."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS, quantity_of
from cytolake_ingest_gateway.converter.unit_table import PARTS
from cytolake_ingest_gateway.converter.units import converted, unit_of

FIELD = re.compile(r"^    (\w+): [^\n=]*?\bT(?:Nullable)?QuantityValue(\w+)", re.MULTILINE)
UNIT = re.compile(r'^class (\w+)\(.*\):\n    unit: str = "(.+)"$', re.MULTILINE)
LITERAL = re.compile(r'unit="([^"]+)"')
NAMED = re.compile(r"\bT(?:Nullable)?QuantityValue(\w+)")


@pytest.mark.parametrize("code", sorted({unit.ucum for unit in PARTS.values()}))
def test_a_ucum_code_reads_as_itself(code: str) -> None:
    unit = unit_of(code)
    assert unit
    assert unit.ucum == code


@pytest.mark.parametrize(
    ("raw", "ucum"),
    [
        ("10*6/mL", "10*6/mL"),
        ("10^6/mL", "10*6/mL"),
        ("x10E6 cells/mL", "10*6/mL"),
        ("1e6 cells/ml", "10*6/mL"),
        ("Mio/ml", "10*6/mL"),
        ("10^3 cells/\u00b5l", "10*3/uL"),
        ("10^9 CFU", "10*9.{CFU}"),
        ("{copies}/{cell}", "{copies}/{cell}"),
        ("{residual beads}", None),
        ("% of viable CD3+", "%"),
        ("mAU.mL", "{mAU}.mL"),
        ("[S/m].s", "S.s/m"),
        ("s^-1", "1/s"),
        ("/mL", "1/mL"),
        ("W/m^3", "W/m3"),
        ("mEq/L", "meq/L"),
        ("TCID50/mL", "[TCID_50]/mL"),
        ("days", "d"),
        ("C", None),
        ("", None),
        ("/", None),
        ("mL/furlong", None),
        ("furlong.s", None),
        ("10^furlong", None),
        ("10^99999999 cells", None),
        ("s/" * 100 + "s", None),
    ],
)
def test_a_unit_is_put_together_or_unknown(raw: str, ucum: str | None) -> None:
    unit = unit_of(raw)
    assert (unit.ucum if unit else None) == ucum


@pytest.mark.parametrize("spelled", ["10*6/mL", "10^6/mL", "Mio/ml", "1e6/mL", "10^3 cells/uL"])
def test_every_spelling_of_a_density_is_the_same_number(spelled: str) -> None:
    unit, canonical = unit_of(spelled), unit_of("10^6 cells/mL")
    assert unit
    assert canonical
    assert converted(0.8, unit, canonical) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("value", "raw", "into", "is_then"),
    [
        (98.6, "°F", "degC", 37.0),
        (310.15, "K", "degC", 37.0),
        (37.0, "°C", "K", 310.15),
        (-40.0, "degF", "degC", -40.0),
        (0.25, "IU/mL", "EU/mL", 0.25),
        (7.2, "(unitless)", "pH", 7.2),
        (37.0, "mg/mL", "degC", None),
        (12.5, "mmol/L", "mL", None),
        (0.95, "1", "%", None),
        (5.0, "EU/kg", "EU/mL", None),
    ],
)
def test_between_units_of_what_is_measured(
    value: float, raw: str, into: str, is_then: float | None
) -> None:
    unit, canonical = unit_of(raw), unit_of(into)
    assert unit
    assert canonical
    found = converted(value, unit, canonical)
    assert found == (None if is_then is None else pytest.approx(is_then))


def test_every_unit_that_the_parsers_write_is_known() -> None:
    """A unit that is not known holds its file back, so a new parser version must not bring one."""
    root, of_class = allotropy()
    definitions = root / "allotrope" / "models" / "shared" / "definitions"
    found = set()
    for path in [*root.glob("parsers/**/*.py"), *root.glob("allotrope/**/*.py")]:
        if path.is_relative_to(definitions):
            continue
        text = path.read_text(encoding="utf-8")
        found |= set(LITERAL.findall(text))
        found |= {of_class[name] for name in NAMED.findall(text) if name in of_class}
    assert len(found) > 60
    assert [unit for unit in sorted(found) if unit_of(unit) is None] == []


def test_no_parsers_unit_is_taken_for_a_wrong_one() -> None:
    """Each field of allotropy's models that is a quantity with a rule, in the unit that it has."""
    (rule,) = (r for r in load_contracts()["measurement"].rules if r.id == "unit_fits_quantity")
    bound = {name for condition in rule.where for name in condition.values}
    root, of_class = allotropy()
    found = {
        (quantity, of_class[name])
        for path in root.glob("allotrope/models/adm/**/*.py")
        for field, name in FIELD.findall(path.read_text(encoding="utf-8"))
        if (quantity := quantity_of(field.replace("_", " "), kind="measured")) in bound
        if name in of_class
    }
    assert len(found) > 12
    for quantity, raw in sorted(found):
        unit, canonical = unit_of(raw), unit_of(CANONICAL_UNITS[quantity])
        assert unit
        assert canonical
        assert converted(1.0, unit, canonical) is not None, (quantity, raw)


def allotropy() -> tuple[Path, dict[str, str]]:
    """Return the installed package's folder, and the unit of each class of its quantities."""
    package = find_spec("allotropy")
    assert package
    assert package.origin
    root = Path(package.origin).parent
    units = root / "allotrope" / "models" / "shared" / "definitions" / "units.py"
    return root, dict(UNIT.findall(units.read_text(encoding="utf-8")))
