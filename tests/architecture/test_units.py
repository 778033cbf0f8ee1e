"""What dbt says of units and attributes is what the converter says of them."""

from __future__ import annotations

import re

from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS
from cytolake_ingest_gateway.converter.units import unit_of
from tests.architecture.tree import ROOT

CURATED = ROOT / "dbt" / "models" / "curated"
SPELLED = (
    *("10^6 cells", "cells/mL", "cells/uL", "10^6 cells/mL", "copies/mL", "copies/uL", "vg/mL"),
    *("vg/uL", "TU/mL", "TU/uL", "pg/mL", "ng/mL", "ug/mL", "mg/mL", "g/L", "ng/uL", "pg/uL"),
    *("mosm/kg", "osm/kg", "mL", "L", "h", "d", "copies/cells"),
)

RELATIVE = {"absorbance", "fluorescence", "luminescence"}
"""In units of the instrument's own (counts, RLU, AU): such numbers are compared with none other."""


def constants(model: str, pattern: str) -> list[tuple[str, ...]]:
    found = re.findall(pattern, (CURATED / f"{model}.sql").read_text(encoding="utf-8"))
    assert found
    return found


def test_an_attributes_unit_is_its_canonical_one() -> None:
    rows = constants("dim_attribute", r"\('(\w+)', '[^']*', '([^']*)'")
    listed = {row[0]: row[1] for row in rows}
    for attribute in listed.keys() & CANONICAL_UNITS.keys():
        canonical = unit_of(CANONICAL_UNITS[attribute])
        assert canonical is not None
        assert listed[attribute] == canonical.ucum, attribute


def test_every_quantity_with_a_unit_is_held_to_it() -> None:
    """Who has no canonical unit cannot be converted into it: the rule would hold back every row."""
    attributes = {
        row[0]: row[1] for row in constants("dim_attribute", r"\('(\w+)', '[^']*', ('[^']*')")
    }
    told = {name: held("result", name) for name in ("unit_fits_quantity", "unit_is_usual")}
    assert held("measurement", "unit_fits_quantity") == told["unit_fits_quantity"]
    assert not told["unit_fits_quantity"] & told["unit_is_usual"]
    assert told["unit_fits_quantity"] | told["unit_is_usual"] == CANONICAL_UNITS.keys() - RELATIVE
    assert attributes.keys() <= CANONICAL_UNITS.keys()


def held(dataset: str, name: str) -> set[str]:
    """Return the quantities that a rule of a contract speaks about."""
    (rule,) = (rule for rule in load_contracts()[dataset].rules if rule.id == name)
    by_name = (c for c in rule.where if c.column in {"quantity", "attribute"})
    return {value for condition in by_name for value in condition.values}


def test_units_are_as_large_beside_each_other_as_to_the_converter() -> None:
    rows = constants("dim_unit", r"\('([^']+)', '([^']+)', ([\d.]+)\)")
    sizes = {unit: (dimension, float(size)) for unit, dimension, size in rows}
    ratios: dict[str, set[float]] = {}
    for spelling in SPELLED:
        unit = unit_of(spelling)
        assert unit is not None
        dimension, size = sizes[unit.ucum]
        ratios.setdefault(dimension, set()).add(round(unit.size / size, 12))
    assert {dimension: len(found) for dimension, found in ratios.items() if len(found) > 1} == {}
