"""Units by the spellings that instruments, LIMS and people give them, each with its UCUM code.

Source: The Unified Code for Units of Measure (ucum.org), version 2.2. Here are the parts that other
units are put together from (see `units`), and those that are written as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM code, what it measures, its size in that dimension's own unit, and its zero there."""

    ucum: str
    dimension: str
    size: float
    zero: float = 0.0


def _scaled(base: str, dimension: str, prefixes: Mapping[str, float]) -> dict[str, Unit]:
    return {f"{p}{base}": Unit(f"{p}{base}", dimension, size) for p, size in prefixes.items()}


_METRIC = {"k": 1e3, "": 1.0, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12,
           "f": 1e-15}  # fmt: skip
_SMALL = {p: _METRIC[p] for p in ("", "m", "u", "n")}
COUNTED: Mapping[str, str] = {
    "cell": "cells", "cells": "cells", "Cells": "cells", "Zellen": "cells", "#": "#",
    "Number": "#", "Counts": "counts", "counts": "counts", "count": "counts", "copies": "copies",
    "copy": "copies", "cp": "copies", "beads": "beads", "bead": "beads", "vg": "vg", "vp": "vp",
    "GC": "vg", "gc": "vg", "TU": "TU", "PFU": "PFU", "[PFU]": "PFU", "CFU": "CFU", "[CFU]": "CFU",
    "FFU": "FFU", "[FFU]": "FFU", "spots": "spots", "spot": "spots", "events": "events",
    "event": "events", "partitions": "partitions", "particles": "particles",
}  # fmt: skip
"""What is counted, as it is written, and its annotation: `cells` is `{cells}` in UCUM."""
_MOLAR = {
    f"{prefix}M": Unit(f"{prefix}mol/L", "amount/volume", size) for prefix, size in _SMALL.items()
}
_WHOLE = {
    "1": Unit("1", "1", 1.0),
    "%": Unit("%", "%", 1.0),
    "pH": Unit("[pH]", "1", 1.0),
    "degC": Unit("Cel", "temperature", 1.0, 273.15),
    "degF": Unit("[degF]", "temperature", 5 / 9, 459.67 * 5 / 9),
    "K": Unit("K", "temperature", 1.0),
    "mmHg": Unit("mm[Hg]", "pressure", 133.322),
    "mbar": Unit("mbar", "pressure", 1e2),
    "bar": Unit("bar", "pressure", 1e5),
    "psi": Unit("[psi]", "pressure", 6894.757),
    **_scaled("Pa", "pressure", {"": 1.0, "h": 1e2, "k": 1e3, "M": 1e6}),
    "mosm/kg": Unit("mosm/kg", "osmolality", 1e-3),
    "osm/kg": Unit("osm/kg", "osmolality", 1.0),
    "mosm/L": Unit("mosm/L", "osmolarity", 1e-3),
    "osm/L": Unit("osm/L", "osmolarity", 1.0),
    **_scaled("eq", "equivalents", {"": 1.0, "m": 1e-3, "u": 1e-6}),
    "m^2": Unit("m2", "area", 1.0),
    "cm^2": Unit("cm2", "area", 1e-4),
    "mm^2": Unit("mm2", "area", 1e-6),
    "um^2": Unit("um2", "area", 1e-12),
    "m^3": Unit("m3", "volume", 1e3),
    "cm^3": Unit("cm3", "volume", 1e-3),
    "mm^3": Unit("mm3", "volume", 1e-6),
    "um^3": Unit("um3", "volume", 1e-15),
    "RFU": Unit("{RFU}", "fluorescence", 1.0),
    "RLU": Unit("{RLU}", "luminescence", 1.0),
    "AU": Unit("{AU}", "absorbance", 1.0),
    "mAU": Unit("{mAU}", "absorbance", 1e-3),
    "OD": Unit("{OD}", "absorbance", 1.0),
    "RU": Unit("{RU}", "resonance", 1.0),
    "RU^2": Unit("{RU^2}", "resonance squared", 1.0),
    # Of endotoxin, the only thing measured in it: 1 EU is 1 IU (WHO's standard; Ph. Eur. 2.6.14).
    "EU": Unit("{EU}", "international units", 1.0),
    **_scaled("[IU]", "international units", {**_SMALL, "k": 1e3}),
    **_scaled("U", "enzyme activity", {**_SMALL, "k": 1e3}),
    "TCID50": Unit("[TCID_50]", "tissue culture infectious doses", 1.0),
    "CCID50": Unit("[CCID_50]", "cell culture infectious doses", 1.0),
    "kDa": Unit("kDa", "molar mass", 1e3),
    "Da": Unit("Da", "molar mass", 1.0),
    "g/mol": Unit("g/mol", "molar mass", 1.0),
    "bp": Unit("{bp}", "1", 1.0),
    "CV": Unit("{CV}", "column volumes", 1.0),
    "deg": Unit("deg", "angle", 1.0),
    "m°": Unit("10*-3.deg", "angle", 1e-3),
    "cP": Unit("cP", "viscosity", 1.0),
    "ppm": Unit("[ppm]", "ppm", 1.0),
    "ppb": Unit("[ppb]", "ppm", 1e-3),
    "rpm": Unit("{rpm}", "frequency", 1 / 60),
    "NTU": Unit("{NTU}", "turbidity", 1.0),
    "pixel": Unit("{pixel}", "pixel", 1.0),
    "S/m": Unit("S/m", "conductivity", 1.0),
    "[S/m].s": Unit("S.s/m", "conductivity.time", 1.0),
    "mS/cm": Unit("mS/cm", "conductivity", 1e-1),
    "uS/cm": Unit("uS/cm", "conductivity", 1e-4),
    **_MOLAR,
    "M-1s-1": Unit("L/mol/s", "volume/amount/time", 1.0),
    "M-1cm-1": Unit("L/mol/cm", "volume/amount/length", 1e2),
}
_SPELLINGS = {
    "(unitless)": "1", "unitless": "1", "dimensionless": "1", "ratio": "1", "fold": "1",
    "percent": "%", "Percent": "%", "°C": "degC", "°F": "degF", "°": "deg",
    "mOsm/kg": "mosm/kg", "mOsmol/kg": "mosm/kg", "mOsm/L": "mosm/L", "mEq": "meq",
    "IU": "[IU]", "mIU": "m[IU]", "kIU": "k[IU]", "RPM": "rpm",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "sec": "s",
    "second": "s", "seconds": "s", "minute": "min", "minutes": "min",
}  # fmt: skip
_MEASURED = {
    **_scaled("g", "mass", _METRIC),
    **_scaled("L", "volume", _METRIC),
    **_scaled("mol", "amount", _METRIC),
    **_scaled("m", "length", _METRIC),
    **_scaled("s", "time", _SMALL),
    **_scaled("V", "voltage", {k: _METRIC[k] for k in ("k", "", "m", "u")}),
    **_scaled("A", "current", {k: _METRIC[k] for k in ("", "m", "u", "n", "p")}),
    # Not C alone: people write it for degrees.
    **_scaled("C", "charge", {k: _METRIC[k] for k in ("u", "n", "p")}),
    **_scaled("W", "power", {k: _METRIC[k] for k in ("k", "", "m")}),
    **_scaled("Hz", "frequency", {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}),
    "min": Unit("min", "time", 60.0),
    "h": Unit("h", "time", 3600.0),
    "d": Unit("d", "time", 86400.0),
    **{raw: Unit(f"{{{name}}}", "1", 1.0) for raw, name in COUNTED.items()},
    **_WHOLE,
}
_LITRES = {f"{p}l": _MEASURED[f"{p}L"] for p in _METRIC}
PARTS: Mapping[str, Unit] = MappingProxyType(
    # Last, so that they win: what a table says of a spelling before what UCUM's code would mean.
    {unit.ucum: unit for unit in _MEASURED.values()}
    | _LITRES
    | {spelling: _MEASURED[name] for spelling, name in _SPELLINGS.items()}
    | _MEASURED
)
"""Every unit without a product, quotient or power of ten, by each of its spellings."""
