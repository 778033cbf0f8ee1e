"""Units by the spellings of instruments, of the LIMS and of UCUM itself."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from cytolake_ingest_gateway.converter.unit_table import PARTS
from cytolake_ingest_gateway.converter.units import converted, unit_of

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


def test_every_unit_that_the_parsers_write_is_known() -> None:
    """A unit that is not known holds its file back, so a new parser version must not bring one."""
    package = find_spec("allotropy")
    assert package
    assert package.origin
    root = Path(package.origin).parent
    definitions = root / "allotrope" / "models" / "shared" / "definitions"
    of_class = dict(UNIT.findall((definitions / "units.py").read_text(encoding="utf-8")))
    found = set()
    for path in [*root.glob("parsers/**/*.py"), *root.glob("allotrope/**/*.py")]:
        if path.is_relative_to(definitions):
            continue
        text = path.read_text(encoding="utf-8")
        found |= set(LITERAL.findall(text))
        found |= {of_class[name] for name in NAMED.findall(text) if name in of_class}
    assert len(found) > 60
    assert [unit for unit in sorted(found) if unit_of(unit) is None] == []
