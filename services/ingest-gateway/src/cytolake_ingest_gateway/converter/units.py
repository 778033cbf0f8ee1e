"""Units as instruments write them, in UCUM, and between units of one dimension.

Source: The Unified Code for Units of Measure (ucum.org), version 2.2; annotations in
braces are legal there and count as 1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM code, what it measures, and its size in that dimension's own unit."""

    ucum: str
    dimension: str
    size: float


def _scaled(base: str, dimension: str, prefixes: dict[str, float]) -> dict[str, Unit]:
    return {f"{p}{base}": Unit(f"{p}{base}", dimension, size) for p, size in prefixes.items()}


_METRIC = {"k": 1e3, "": 1.0, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12,
           "f": 1e-15}  # fmt: skip
_COUNTED = {
    "cell": "cells", "cells": "cells", "Cells": "cells", "#": "#", "Counts": "counts",
    "counts": "counts", "count": "counts", "copies": "copies", "cp": "copies", "beads": "beads",
    "vg": "vg", "TU": "TU", "PFU": "PFU", "CFU": "CFU", "FFU": "FFU", "spots": "spots",
    "events": "events", "partitions": "partitions",
}  # fmt: skip
_WHOLE = {
    "(unitless)": Unit("1", "1", 1.0),
    "unitless": Unit("1", "1", 1.0),
    "1": Unit("1", "1", 1.0),
    "%": Unit("%", "%", 1.0),
    "10^6 cells/mL": Unit("10*6/mL", "1/volume", 1e6 / 1e-3),
    "10^6 cells": Unit("10*6", "1", 1e6),
    "pH": Unit("[pH]", "pH", 1.0),
    "degC": Unit("Cel", "temperature", 1.0),
    "°C": Unit("Cel", "temperature", 1.0),
    "mmHg": Unit("mm[Hg]", "pressure", 133.322),
    "mbar": Unit("mbar", "pressure", 1e2),
    "bar": Unit("bar", "pressure", 1e5),
    "psi": Unit("[psi]", "pressure", 6894.757),
    "kPa": Unit("kPa", "pressure", 1e3),
    "MPa": Unit("MPa", "pressure", 1e6),
    "mosm/kg": Unit("mosm/kg", "osmolality", 1e-3),
    "mOsm/kg": Unit("mosm/kg", "osmolality", 1e-3),
    "osm/kg": Unit("osm/kg", "osmolality", 1.0),
    "mm^2": Unit("mm2", "area", 1e-6),
    "um^2": Unit("um2", "area", 1e-12),
    "mm^3": Unit("mm3", "volume", 1e-6),
    "RFU": Unit("{RFU}", "fluorescence", 1.0),
    "RLU": Unit("{RLU}", "luminescence", 1.0),
    "AU": Unit("{AU}", "absorbance", 1.0),
    "mAU": Unit("{mAU}", "absorbance", 1e-3),
    "OD": Unit("{OD}", "absorbance", 1.0),
    "RU": Unit("{RU}", "resonance", 1.0),
    "IU": Unit("[IU]", "international units", 1.0),
    "EU": Unit("{EU}", "endotoxin units", 1.0),
    "U": Unit("U", "enzyme activity", 1.0),
    "kDa": Unit("kDa", "molar mass", 1e3),
    "Da": Unit("Da", "molar mass", 1.0),
    "g/mol": Unit("g/mol", "molar mass", 1.0),
    "bp": Unit("{bp}", "1", 1.0),
    "deg": Unit("deg", "angle", 1.0),
    "°": Unit("deg", "angle", 1.0),
    "cP": Unit("cP", "viscosity", 1.0),
    "ppm": Unit("[ppm]", "ppm", 1.0),
    "rpm": Unit("{rpm}", "frequency", 1 / 60),
    "pixel": Unit("{pixel}", "pixel", 1.0),
    "mS/cm": Unit("mS/cm", "conductivity", 1e-1),
    "uS/cm": Unit("uS/cm", "conductivity", 1e-4),
    "M": Unit("mol/L", "amount/volume", 1.0),
    "mM": Unit("mmol/L", "amount/volume", 1e-3),
    "uM": Unit("umol/L", "amount/volume", 1e-6),
    "nM": Unit("nmol/L", "amount/volume", 1e-9),
}  # fmt: skip
_PARTS: MappingProxyType[str, Unit] = MappingProxyType(
    {
        **_scaled("g", "mass", _METRIC),
        **_scaled("L", "volume", _METRIC),
        **_scaled("mol", "amount", _METRIC),
        **_scaled("m", "length", _METRIC),
        **_scaled("s", "time", {k: v for k, v in _METRIC.items() if k in {"", "m", "u", "n"}}),
        **_scaled("V", "voltage", {k: _METRIC[k] for k in ("k", "", "m", "u")}),
        **_scaled("A", "current", {k: _METRIC[k] for k in ("", "m", "u", "n", "p")}),
        **_scaled("Hz", "frequency", {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}),
        "min": Unit("min", "time", 60.0),
        "h": Unit("h", "time", 3600.0),
        "hr": Unit("h", "time", 3600.0),
        "d": Unit("d", "time", 86400.0),
        "cm^2": Unit("cm2", "area", 1e-4),
        **{raw: Unit(f"{{{name}}}", "1", 1.0) for raw, name in _COUNTED.items()},
        **_WHOLE,
    }
)


def normalised(raw: str) -> str:
    """Return one spelling for a unit: NFKC, exponents as `^6`, one micro sign, one blank."""
    powers = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run[0].translate(_SUPERSCRIPTS), raw)
    text = unicodedata.normalize("NFKC", powers).replace("μ", "u")
    text = re.sub(r"^[x×]\s*(?=10\^)", "", " ".join(text.split()))
    return text.replace("10E6", "10^6").replace("10e6", "10^6")


@lru_cache(maxsize=1_000)
@lru_cache(maxsize=1_024)
def unit_of(raw: str | None) -> Unit | None:
    """Return the unit; None for one that is not known: it is never guessed."""
    if raw is None:
        return None
    text = normalised(raw)
    if text in _PARTS:
        return _PARTS[text]
    above, slash, below = text.partition("/")
    if slash and above in _PARTS and below in _PARTS:
        return _quotient(_PARTS[above], _PARTS[below])
    return None


def converted(value: float, unit: Unit, into: Unit) -> float | None:
    """Return the value in another unit of the same dimension; None across dimensions."""
    if unit.dimension != into.dimension:
        return None
    ratio = unit.size / into.size
    return value if ratio == 1.0 else value * ratio


def _quotient(above: Unit, below: Unit) -> Unit:
    return Unit(
        f"{above.ucum}/{below.ucum}",
        f"{above.dimension}/{below.dimension}",
        above.size / below.size,
    )
