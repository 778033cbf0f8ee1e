"""Units as instruments write them, in UCUM, and between units of one dimension.

A unit is one of the table, or put together from its units: `ng/uL`, `mAU.s`, `10^3 cells/uL`,
`s^-1`. Annotations in braces are legal in UCUM and count as 1. What is anything else is unknown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, reduce

from cytolake_ingest_gateway.converter.unit_table import COUNTED, PARTS, Unit

__all__ = ["Unit", "converted", "unit_of"]

MAX_LENGTH = 60
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_SCIENTIFIC = re.compile(r"(?<![\w.])1[eE]\+?(\d{1,2})(?!\d)")
_POWER = re.compile(r"10[\^*](-?\d{1,2})(?:[ .](\S+))?")
_MILLIONS = re.compile(r"(?:Mio\.?|million)(?= |/|$)")
_ANNOTATION = re.compile(r"\{[!-z|~]+\}")
_PERCENT_OF = re.compile(r"% of \S.*")
_PRODUCT = re.compile(r"[.·⋅](?![^\[]*\])")
_ONE = PARTS["1"]


def normalised(raw: str) -> str:
    """Return one spelling for a unit: NFKC, exponents as `^6`, one micro sign, one blank."""
    powers = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run[0].translate(_SUPERSCRIPTS), raw)
    text = unicodedata.normalize("NFKC", powers).replace("μ", "u")
    # 10E6 is how counters' headers write a million.
    text = " ".join(text.split()).replace("10E6", "10^6").replace("10e6", "10^6")
    text = _MILLIONS.sub("10^6", _SCIENTIFIC.sub(r"10^\1", text))
    return re.sub(r"^(?:1 ?)?[x×] ?(?=10\^)", "", text)


@lru_cache(maxsize=1_024)
def unit_of(raw: str | None) -> Unit | None:
    """Return the unit; None for one that is not known: it is never guessed."""
    if not raw or len(raw) > MAX_LENGTH:
        return None
    text = normalised(raw)
    if text in PARTS:
        return PARTS[text]
    if _PERCENT_OF.fullmatch(text):
        return PARTS["%"]
    above, *below = text.split("/")
    parts = [_factor(above or "1"), *map(_factor, below)]
    known = [part for part in parts if part is not None]
    return reduce(_quotient, known) if len(known) == len(parts) else None


def converted(value: float, unit: Unit, into: Unit) -> float | None:
    """Return the value in another unit of the same dimension; None across dimensions."""
    if unit.dimension != into.dimension:
        return None
    if unit.zero != into.zero:
        return (value * unit.size + unit.zero - into.zero) / into.size
    ratio = unit.size / into.size
    return value if ratio == 1.0 else value * ratio


def _factor(text: str) -> Unit | None:
    """Return what stands between two strokes: a unit, a power of ten, a product, an inverse."""
    if (found := _part(text)) is not None:
        return found
    if text.endswith("^-1") and (inverted := _part(text[:-3])) is not None:
        return _quotient(_ONE, inverted)
    factors = [_part(part) for part in _PRODUCT.split(text)]
    known = [factor for factor in factors if factor is not None]
    return reduce(_product, known) if 1 < len(known) == len(factors) else None


def _part(text: str) -> Unit | None:
    if text in PARTS:
        return PARTS[text]
    if _ANNOTATION.fullmatch(text):
        return Unit(text, "1", 1.0)
    power = _POWER.fullmatch(text)
    return _of_ten(power[1], power[2]) if power else None


def _of_ten(exponent: str, of: str | None) -> Unit | None:
    """`10^6 cells` is `10*6`: that cells are counted goes without saying; `10^6 CFU` says it."""
    size, code = 10.0 ** int(exponent), f"10*{exponent}"
    if of is None or COUNTED.get(of.strip("{}")) == "cells":
        return Unit(code, "1", size)
    unit = _part(of)
    return Unit(f"{code}.{unit.ucum}", unit.dimension, size * unit.size) if unit else None


def _quotient(above: Unit, below: Unit) -> Unit:
    return Unit(
        f"{above.ucum}/{below.ucum}",
        f"{above.dimension}/{below.dimension}",
        above.size / below.size,
    )


def _product(one: Unit, other: Unit) -> Unit:
    return Unit(
        f"{one.ucum}.{other.ucum}", f"{one.dimension}.{other.dimension}", one.size * other.size
    )
