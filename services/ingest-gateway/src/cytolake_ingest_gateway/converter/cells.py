"""The cells of a declared layout, typed; what cannot be typed is said in words.

A cell of a CSV is a text; a workbook's may also be a number, a time or a yes/no already, and
then no decimal comma and no time format is asked for.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from cytolake_contracts.layouts import Kind
from cytolake_ingest_gateway.converter.times import EPOCH
from cytolake_ingest_gateway.converter.values import PLACEHOLDERS, Value, clean, number_value

Cell = str | float | bool | datetime | None
Typed = str | float | int | bool | datetime | None

NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_LOOKS_LIKE_A_NUMBER = re.compile(r"^(?:<=|>=|[<>≤≥~])?\s*[+-]?[\d.,' ]*\d[\d.,' ]*$")
_LIMITED = re.compile(r"^(<=|>=|[<>≤≥~])\s*(.+)$")
_DOTTED_DATE = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?))?$")
COMPACT_DATE = len("20260321")
_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})
EXPECTED: Mapping[Kind, str] = {
    "text": "a text",
    "number": "a number such as 12.5",
    "integer": "a whole number such as 12",
    "time": "a time such as 2026-03-21 16:56 (or with its zone, 2026-03-21T16:56+01:00)",
    "boolean": "yes or no",
    "value": "a number as this layout writes them",
}


class CellError(ValueError):
    """The cell does not hold what its column is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells are written; `decimal` None takes a point, and a comma where `may_comma`."""

    zone: tzinfo
    decimal: str | None = None
    thousands: str | None = None
    may_comma: bool = False
    formats: tuple[str, ...] = ()
    placeholders: frozenset[str] = frozenset()


def typed(cell: Cell, kind: Kind, dialect: Dialect) -> Typed:
    """Return the cell's value, None for an empty cell; raise CellError for anything else."""
    text = cell_text(cell)
    if not text or text in dialect.placeholders:
        return None
    if kind == "time":
        return _time(cell, text, dialect)
    if kind == "number":
        return number(cell, dialect)
    if kind == "integer":
        return _integer(number(cell, dialect))
    if kind == "boolean":
        return _boolean(text)
    return None if text in PLACEHOLDERS else text


def cell_text(cell: Cell) -> str:
    """Return the cell as one line of text: a workbook's 12.0 is 12, its time ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell if cell.isascii() and "\0" not in cell else clean(cell)
        return " ".join(text.split())
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    whole = math.isfinite(cell) and cell == int(cell) and abs(cell) < 1e15  # noqa: PLR2004
    return str(int(cell)) if whole else repr(cell)


def value_of(cell: Cell, dialect: Dialect, unit: str | None = None) -> Value:
    """Return a result's value: a number, a limited one (`<0.05`), or a text that stays one.

    A text that looks like a number, but not as this layout writes them, raises CellError: it
    is neither read wrongly nor hidden among the texts.
    """
    text = cell_text(cell)
    if not isinstance(cell, str):
        if cell is None or isinstance(cell, bool | datetime):
            return number_value(text)
        return Value(raw=text, num=0.0 if cell == 0 else number_value(cell).num)
    if text in dialect.placeholders:
        return Value(raw=text)
    bare = text.removesuffix(unit).rstrip() if unit else text
    limit = _LIMITED.match(bare)
    digits = _plain(limit[2] if limit else bare, dialect)
    if digits is None:
        if _LOOKS_LIKE_A_NUMBER.match(bare):
            raise CellError
        return number_value(text)
    if limit is None and float(digits) == 0:
        return Value(raw=text, num=0.0)  # a written -0 is zero
    read = number_value(f"{limit[1] if limit else ''}{digits}")
    return Value(raw=text, num=read.num, text=text if limit else None, qualifier=read.qualifier)


def number(cell: Cell, dialect: Dialect) -> float:
    """Return the cell's number; raise CellError where it holds none."""
    if isinstance(cell, bool | datetime):
        raise CellError
    digits = _plain(cell_text(cell), dialect) if isinstance(cell, str) else repr(cell)
    if digits is None:
        raise CellError
    found = float(digits)
    if not math.isfinite(found):
        raise CellError
    return found + 0.0  # a written -0 is zero


def _plain(text: str, dialect: Dialect) -> str | None:
    """Return a number's digits with a decimal point; None where the text is no number."""
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    if dialect.thousands:
        text = _ungrouped(text, dialect.thousands, dialect.decimal or ".")
    points, commas = text.count("."), text.count(",")
    if dialect.decimal == ",":
        if points:
            return None
        text = text.replace(",", ".")
    elif dialect.decimal is None and dialect.may_comma and commas == 1 and not points:
        text = text.replace(",", ".")
    return text if NUMBER.match(text) else None


def _ungrouped(text: str, mark: str, point: str) -> str:
    """Take the marks out where they part whole thousands: 1.234.567,8 but not 1.23,4."""
    grouped = rf"^[+-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:{re.escape(point)}\d*)?$"
    return text.replace(mark, "") if re.match(grouped, text) else text


def _integer(read: float) -> int:
    if read != int(read) or abs(read) >= 2**31:
        raise CellError
    return int(read)


def _boolean(text: str) -> bool:
    said = text.casefold()
    if said not in _YES | _NO:
        raise CellError
    return said in _YES


def _time(cell: Cell, text: str, dialect: Dialect) -> datetime | None:
    read = cell if isinstance(cell, datetime) else None
    if read is None and not isinstance(cell, str):
        raise CellError
    try:
        read = read or _read_time(text, dialect.formats)
        at = (read if read.tzinfo else read.replace(tzinfo=dialect.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CellError from error
    return None if read.replace(tzinfo=None) == EPOCH else at


def _read_time(text: str, formats: tuple[str, ...]) -> datetime:
    if not formats:
        if text.isdigit() and len(text) > COMPACT_DATE:
            raise CellError  # seconds since 1970, or whatever they are: not to be guessed
        return datetime.fromisoformat(_iso(text))
    for form in formats:
        with suppress(ValueError):
            return datetime.strptime(text, form)  # noqa: DTZ007 - a naive one is of the source
    raise CellError


def _iso(text: str) -> str:
    """21.03.2026 can only be read one way; 3/4/2026 can be read two ways and is refused."""
    if dotted := _DOTTED_DATE.match(text):
        day, month, year, clock = dotted.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}T{(clock or '00:00').zfill(5)}"
    return text
