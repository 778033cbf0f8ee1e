"""The cells of a declared layout, typed; what cannot be typed is said in words."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, tzinfo

from cytolake_ingest_gateway.converter.layouts import Kind
from cytolake_ingest_gateway.converter.values import clean

_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_DOTTED_DATE = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?))?$")
EXPECTED: dict[Kind, str] = {
    "text": "a text",
    "number": "a number such as 12.5",
    "time": "a time such as 2026-03-21 16:56 (or with its zone, 2026-03-21T16:56+01:00)",
}
Typed = str | float | datetime | None


class CellError(ValueError):
    """The cell does not hold what its column is for."""


def typed(cell: str, kind: Kind, *, zone: tzinfo, decimal_comma: bool) -> Typed:
    """Return the cell's value, None for an empty cell; raise CellError for anything else."""
    text = clean(cell).strip()
    if not text:
        return None
    if kind == "number":
        return _number(text, decimal_comma=decimal_comma)
    return _time(text, zone) if kind == "time" else " ".join(text.split())


def _number(text: str, *, decimal_comma: bool) -> float:
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _NUMBER.match(text):
        raise CellError
    number = float(text)
    if not math.isfinite(number):
        raise CellError
    return number + 0.0  # a written -0 is zero


def _time(text: str, zone: tzinfo) -> datetime:
    try:
        read = datetime.fromisoformat(_iso(text))
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CellError from error


def _iso(text: str) -> str:
    """21.03.2026 can only be read one way; 3/4/2026 can be read two ways and is refused."""
    if dotted := _DOTTED_DATE.match(text):
        day, month, year, clock = dotted.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}T{(clock or '00:00').zfill(5)}"
    return text
