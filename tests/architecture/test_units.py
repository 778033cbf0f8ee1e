"""What dbt says of units and attributes is what the converter says of them."""

from __future__ import annotations

import re

from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS
from cytolake_ingest_gateway.converter.units import unit_of
from tests.architecture.tree import ROOT

CURATED = ROOT / "dbt" / "models" / "curated"
SPELLED = (
    *("10^6 cells", "cells/mL", "cells/uL", "10^6 cells/mL", "copies/mL", "copies/uL", "vg/mL"),
    *("vg/uL", "TU/mL", "TU/uL", "pg/mL", "ng/mL", "ug/mL", "mg/mL", "g/L", "ng/uL", "pg/uL"),
    *("mosm/kg", "osm/kg", "mL", "L", "h", "d", "copies/cells"),
)


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
