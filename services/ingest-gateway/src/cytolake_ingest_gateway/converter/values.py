"""One value as the file has it: number, text, qualifier; and what stands for nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

PLACEHOLDERS = frozenset(
    {
        "", "N/A", "n/a", "#N/A", "NA", "na", "n.a.", "N.A.", "NaN", "nan", "inf", "-inf",
        "Infinity", "-Infinity", "None", "none", "<None>", "NULL", "null", "-", "--", "---",
        "Undefined", "undefined", "#VALUE!", "#DIV/0!", "#REF!", "(null)",
    }
)  # fmt: skip
"""Exact spellings: `Na` is sodium."""
NOT_DETECTED = frozenset({"nd", "n.d.", "not detected", "none detected"})
NEVER_ZERO = frozenset({"plate well count"})
"""What cannot be zero: parsers write 0 where the file does not say how many there are."""
QUALIFIERS = {"<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=", "~": "~"}
_CENSORED = re.compile(r"^(<=|>=|<|>|≤|≥|~)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$")
_NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """`raw` is what was read; with nothing else, the file says that there is no value."""

    raw: str
    num: float | None = None
    text: str | None = None
    qualifier: str | None = None

    @property
    def is_missing(self) -> bool:
        """No number, no text and no qualifier."""
        return self.num is None and self.text is None and self.qualifier is None


def possible(value: Value, name: str) -> Value:
    """Return a zero that cannot be one as the missing value that it stands for."""
    is_placeholder = value.num == 0 and name.casefold() in NEVER_ZERO
    return Value(raw=value.raw) if is_placeholder else value


def stated(value: Value, said: str | None) -> Value:
    """Return a missing value with the instrument's words in its place.

    Words like `< 8.7` are a text and a qualifier here, never a number: they name no unit,
    and need not be in the unit of the value that they stand for.
    """
    if said is None or not value.is_missing:
        return value
    read = _from_text(said)
    return Value(raw=value.raw, text=said, qualifier=read.qualifier)


def qualified(value: Value, said: str) -> Value:
    """Return the value with a qualifier that stands in a field of its own.

    One that is no qualifier is kept, for the contract to refuse; ValueError where the value has
    another one already.
    """
    qualifier = "ND" if said.casefold() in NOT_DETECTED else QUALIFIERS.get(said, said)
    if value.qualifier not in {None, qualifier}:
        raise ValueError(said)
    if value.qualifier or qualifier == "=":
        return value
    return replace(value, qualifier=qualifier, text=value.text or f"{said} {value.raw}".strip())


def clean(text: str) -> str:
    """Return a text that databases take: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def label(value: object) -> str | None:
    """Return an identifier or a name on one line; None for a placeholder."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(clean(str(value)).split())
    return None if text in PLACEHOLDERS else text


def number_value(value: object) -> Value:
    """Read a quantity's value, which may be a number or a text like `<2.805e9`."""
    if isinstance(value, str):
        return _from_text(value)
    return attribute_value(value)


def attribute_value(value: object) -> Value:
    """Read a vendor's own field: a text of digits may be a lot number, so it stays a text."""
    if isinstance(value, bool):
        return Value(raw=str(value).lower(), text=str(value).lower())
    if isinstance(value, int | float):
        return _from_number(value)
    raw = clean(str(value))
    text = raw.strip()
    return Value(raw=raw, text=None if text in PLACEHOLDERS else text)


def _from_number(value: float) -> Value:
    try:
        number = float(value)
    except OverflowError:  # an integer beyond any double
        return Value(raw=str(value), text=str(value))
    # -0.0 is how allotropy writes a number that the file does not have.
    if not math.isfinite(number) or (number == 0 and math.copysign(1.0, number) < 0):
        return Value(raw=repr(value))
    return Value(raw=repr(value), num=number)


def _from_text(value: str) -> Value:
    raw = clean(value)
    text = " ".join(raw.split())
    if text in PLACEHOLDERS:
        return Value(raw=raw)
    if text.casefold() in NOT_DETECTED:
        return Value(raw=raw, text=text, qualifier="ND")
    if censored := _CENSORED.match(text):
        limit = _from_number(float(censored[2])).num
        return Value(raw=raw, num=limit, text=text, qualifier=QUALIFIERS[censored[1]])
    if _NUMBER.match(text):
        number = _from_number(float(text))
        return Value(raw=raw, num=number.num)
    return Value(raw=raw, text=text)
