"""What each column of the samples holds, and what it is for, as far as the samples tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cytolake.layouts.samples import Sample
from cytolake.layouts.spelling import Marks, marks_of, time_formats
from cytolake_contracts.layouts import header_name
from cytolake_ingest_gateway.converter.cells import (
    Cell,
    CellError,
    Dialect,
    cell_text,
    number,
    value_of,
)
from cytolake_ingest_gateway.converter.grid import Line
from cytolake_ingest_gateway.converter.units import unit_of
from cytolake_ingest_gateway.converter.values import PLACEHOLDERS

Holds = Literal["text", "number", "time", "value", "nothing"]
_IN_BRACKETS = re.compile(r"^(.*?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_DIGITS = re.compile(r"^[<>≤≥~=\s]*[+-]?[\d.,' ]*\d[\d.,' ]*(?:[eE][+-]?\d+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenColumn:
    """One column, by all of its cells in all samples."""

    header: str
    holds: Holds
    unit: str | None
    formats: tuple[str, ...] = ()
    """Every time format that fits; several may differ in what is the day."""
    examples: tuple[str, ...] = ()
    different: int = 0
    missing_in: tuple[str, ...] = ()
    """Names of the samples that do not have it."""

    @property
    def name(self) -> str:
        return header_name(_IN_BRACKETS.sub(r"\1", self.header))


def marks_in(samples: Sequence[Sample]) -> Marks:
    """Return the marks of the numbers in all columns; a workbook's own numbers have none."""
    cells = (cell for sample in samples for line in sample.below for cell in line.cells)
    texts = (cell_text(cell) for cell in cells if isinstance(cell, str))
    return marks_of(text for text in texts if _DIGITS.match(text))


def seen_columns(
    samples: Sequence[Sample], marks: Marks, *, skip_below: int, order: str | None
) -> Iterator[SeenColumn]:
    """Yield the columns of the first sample, then what only another one has."""
    dialect = Dialect(
        zone=UTC,
        decimal=marks.decimal,
        thousands=marks.thousands,
        may_comma=samples[0].grid.delimiter != ",",
    )
    headers: dict[str, str] = {}
    for sample in samples:
        for written in sample.names:
            headers.setdefault(header_name(written), written)
    for name, written in headers.items():
        if name:
            cells = [cell for sample in samples for cell in _cells(sample, name, skip_below)]
            yield _seen(written, cells, dialect, order, _without(samples, name))


def unit_in(header: str) -> str | None:
    """Return the unit that a header names, e.g. in `VCD (10^6 cells/mL)` or `Viability %`."""
    if found := _IN_BRACKETS.match(header):
        return found[2]
    _, _, last = header.strip().rpartition(" ")
    return last if re.search(r"[%/°^µμ]", last) and unit_of(last) else None


def units_below(samples: Sequence[Sample]) -> dict[str, str]:
    """Return the units that the line right below the header gives, by the header's name."""
    found: dict[str, str] = {}
    for sample in samples:
        cells = sample.below[0].cells if sample.below else ()
        texts = [cell_text(cell).strip("()[] ") for cell in cells]
        known = [text for text in texts if unit_of(text) is not None and not text.isdigit()]
        if not known or len(known) < sum(bool(text) for text in texts):
            return {}
        for written, text in zip(sample.names, texts, strict=False):
            if text:
                found[header_name(written)] = text
    return found


def _without(samples: Sequence[Sample], name: str) -> tuple[str, ...]:
    return tuple(s.path.name for s in samples if name not in map(header_name, s.names))


def _cells(sample: Sample, name: str, skip_below: int) -> Iterator[Cell]:
    names = [header_name(written) for written in sample.names]
    if name in names:
        index = names.index(name)
        for line in table_lines(sample)[skip_below:]:
            if index < len(line.cells) and cell_text(line.cells[index]):
                yield line.cells[index]


def table_lines(sample: Sample) -> list[Line]:
    """Return the lines of the table itself: a footer has fewer cells than the header."""
    width = sum(bool(written) for written in sample.names)
    lines = list(sample.below)
    while lines and width > 2 and sum(bool(cell_text(c)) for c in lines[-1].cells) == 1:  # noqa: PLR2004
        lines.pop()
    return lines


def _seen(
    written: str, cells: list[Cell], dialect: Dialect, order: str | None, missing: tuple[str, ...]
) -> SeenColumn:
    told = [cell for cell in cells if cell_text(cell) not in PLACEHOLDERS]
    texts = dict.fromkeys(cell_text(cell) for cell in told)
    formats = time_formats(told, order=order) if told and _may_be_times(told) else None
    holds: Holds = "time" if formats is not None else _holds(told, dialect)
    return SeenColumn(
        header=written,
        holds=holds,
        unit=unit_in(written),
        formats=formats or (),
        examples=tuple(list(texts)[:3]),
        different=len(texts),
        missing_in=missing,
    )


def _may_be_times(cells: list[Cell]) -> bool:
    first = cells[0]
    return isinstance(first, datetime) or (isinstance(first, str) and len(first.strip()) >= 8)  # noqa: PLR2004


def _holds(cells: list[Cell], dialect: Dialect) -> Holds:
    if not cells:
        return "nothing"
    numbers = sum(_is_number(cell, dialect) for cell in cells)
    if numbers == len(cells):
        return "number"
    limited = sum(_is_limited(cell, dialect) for cell in cells)
    mostly = numbers > 0 and numbers + limited > len(cells) / 2
    return "value" if mostly or limited == len(cells) else "text"


def _is_number(cell: Cell, dialect: Dialect) -> bool:
    with suppress(CellError):
        number(cell, dialect)
        return True
    # A number whose marks are still a question is a number all the same.
    return isinstance(cell, str) and bool(re.match(r"^[+-]?\d[\d.,' ]*$", cell_text(cell)))


def _is_limited(cell: Cell, dialect: Dialect) -> bool:
    with suppress(CellError):
        return value_of(cell, dialect).qualifier is not None
    return False
