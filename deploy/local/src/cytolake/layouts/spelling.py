"""How cells are written: the decimal mark and the time formats that fit every one of them.

What fits in two ways is told as a question, never decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product

from cytolake_ingest_gateway.converter.cells import Cell, CellError, Dialect, typed

_GROUPS = re.compile(r"^[+-]?\d{1,3}(?:([., '])\d{3})+(?:([.,])\d*)?$")
_ONE_MARK = re.compile(r"^[<>≤≥~=\s]*[+-]?(\d*)([.,])(\d+)$")
DATES = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%Y%m%d",
)  # fmt: skip
CLOCKS = ("", "%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
MONTH_FIRST = ("%m/%d", "%m-%d", "%b %d")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks in numbers; `question` where the samples leave them open."""

    decimal: str | None = None
    thousands: str | None = None
    question: str | None = None


def marks_of(texts: Iterable[str]) -> Marks:
    """Return the marks that every number of these can be read by."""
    decimals: set[str] = set()
    thousands: set[str] = set()
    undecided: str | None = None
    for text in texts:
        groups = _GROUPS.match(text)
        if groups and not text.startswith("0"):
            if text.count(groups[1]) > 1 or groups[2] or groups[1] in " '":
                thousands.add(groups[1])
                decimals |= {groups[2]} if groups[2] else set()
            else:
                undecided = text
        elif one := _ONE_MARK.match(text):
            decimals.add(one[2])
    return _decided(decimals, thousands, undecided)


def _decided(decimals: set[str], thousands: set[str], undecided: str | None) -> Marks:
    if len(decimals) > 1 or len(thousands) > 1 or decimals & thousands:
        return Marks(question="the numbers are written in different ways; which is right?")
    decimal = next(iter(decimals), None)
    mark = next(iter(thousands), None)
    if decimal is None and mark in {".", ","}:
        decimal = "," if mark == "." else "."
    if undecided is None:
        return Marks(decimal, mark)
    if decimal is None:
        return Marks(question=f"is {undecided} a number with decimals, or with thousands?")
    used = next(letter for letter in undecided if letter in ".,")
    return Marks(decimal, mark if used == decimal else used)


def time_formats(cells: Sequence[Cell], *, order: str | None = None) -> tuple[str, ...] | None:
    """Return every format that fits all cells; () where none is needed; None where none fits.

    `order` is `day` or `month`, where a person has said which stands first.
    """
    dialect = Dialect(zone=UTC)
    if _all_read(cells, dialect) and not all(isinstance(cell, str) for cell in cells):
        return ()
    if _all_read(cells, dialect) and not any(str(cell).isdigit() for cell in cells):
        return ()
    texts = [" ".join(cell.split()) for cell in cells if isinstance(cell, str)]
    if len(texts) < len(cells):
        return None
    fitting = [form for form in _formats() if all(_fits(text, form) for text in texts)]
    if order:
        wanted = [form for form in fitting if is_month_first(form) == (order == "month")]
        fitting = wanted or fitting
    return tuple(fitting) or None


def is_month_first(form: str) -> bool:
    """Tell whether the format has the month before the day."""
    return form.startswith(MONTH_FIRST)


def is_ambiguous(formats: Sequence[str]) -> bool:
    """Tell whether the formats differ in what is the day and what is the month."""
    return len({is_month_first(form) for form in formats}) > 1


def _formats() -> Iterable[str]:
    for date, clock, between in product(DATES, CLOCKS, (" ", "T", ", ")):
        if clock:
            yield f"{date}{between}{clock}"
        elif between == " ":
            yield date


def _fits(text: str, form: str) -> bool:
    with suppress(ValueError):
        datetime.strptime(text, form)  # noqa: DTZ007 - only tried
        return True
    return False


def _all_read(cells: Sequence[Cell], dialect: Dialect) -> bool:
    with suppress(CellError):
        return all(typed(cell, "time", replace(dialect)) is not None for cell in cells)
    return False
