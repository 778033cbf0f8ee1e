"""A table of a declared layout as rows: comma, semicolon or tab; any of the usual encodings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.cells import EXPECTED, CellError, typed
from cytolake_ingest_gateway.converter.layouts import (
    Layout,
    LayoutColumn,
    header_name,
    layout_with_header,
)
from cytolake_ingest_gateway.converter.rejection import Rejection, size_in_words
from cytolake_ingest_gateway.converter.text import decoded

DELIMITERS = (",", ";", "\t")
MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Table:
    """The typed rows, and what was left out."""

    rows: list[dict[str, Any]]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines that hold something, with their number in the file, from 1."""

    header: Sequence[str]
    body: Sequence[tuple[int, Sequence[str]]]
    delimiter: str


class _RejectedError(Exception):
    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.rejection = Rejection(code, message, "parse")


def read_table(
    body: bytes, layout: Layout, *, zone: tzinfo, extra: Mapping[str, Any]
) -> Table | Rejection:
    """Return the table's rows, each with `row_no` from 1 and what `extra` says of all."""
    try:
        lines = _lines(_text(body, layout))
        places = _places(lines, layout)
        rows = [dict(extra) | row for row in _rows(lines, places, layout, zone)]
    except _RejectedError as fault:
        return fault.rejection
    known = {column.name for column in layout.columns}
    others = [name for name in lines.header if header_name(name) not in known and name.strip()]
    told = (f"Columns not read: {', '.join(others)[:200]}.",) if others else ()
    return Table(rows, told)


def recognised_layout(body: bytes) -> Layout | None:
    """Return the layout whose columns the header names exactly; None for any other file."""
    text = decoded(body)
    if text is None:
        return None
    try:
        header = _lines(text[:10_000]).header
    except _RejectedError:
        return None
    return layout_with_header(frozenset(map(header_name, header)))


def _text(body: bytes, layout: Layout) -> str:
    if len(body) > layout.max_bytes:
        size = size_in_words(len(body))
        raise _RejectedError(
            ReasonCode.FILE_TOO_LARGE,
            f"This {layout.title} has {size}; at most {size_in_words(layout.max_bytes)} are read. "
            "Split it into smaller files.",
        )
    text = decoded(body)
    if text is None:
        raise _RejectedError(
            ReasonCode.UNREADABLE_TEXT,
            f"This file is not a text table, so it cannot be a {layout.title}. "
            "Save it as CSV (UTF-8) and drop it once more.",
        )
    return text


def _lines(text: str) -> _Lines:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int, Sequence[str]]] = []
    try:
        found += ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise _RejectedError(
            ReasonCode.BAD_CELL,
            f"Line {reader.line_num} cannot be split into cells ({error}). "
            "Look for a quotation mark that is not closed.",
        ) from error
    if not found:
        raise _RejectedError(ReasonCode.NO_ROWS, "This file holds no header and no rows.")
    return _Lines(found[0][1], found[1:], delimiter)


def _places(lines: _Lines, layout: Layout) -> dict[str, int]:
    names = [header_name(cell) for cell in lines.header]
    wanted = [column.name for column in layout.columns]
    if not set(names) & set(wanted):
        raise _RejectedError(
            ReasonCode.UNKNOWN_LAYOUT,
            f"This is not a {layout.title}: its first line should name the columns "
            f"{', '.join(wanted)}, but is {_shown(lines.delimiter.join(lines.header))}.",
        )
    missing = [column.name for column in layout.columns if column.must and column.name not in names]
    if missing:
        raise _RejectedError(
            ReasonCode.MISSING_COLUMN,
            f"This {layout.title} has no column {' and no column '.join(missing)}. "
            f"It has: {', '.join(cell.strip() for cell in lines.header)}.",
        )
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise _RejectedError(
            ReasonCode.BAD_CELL, f"The column {twice[0]} stands twice. Remove one of the two."
        )
    if not lines.body:
        raise _RejectedError(
            ReasonCode.NO_ROWS, f"This {layout.title} has a header but no rows below it."
        )
    return {name: names.index(name) for name in wanted if name in names}


def _rows(
    lines: _Lines, places: Mapping[str, int], layout: Layout, zone: tzinfo
) -> Iterator[dict[str, Any]]:
    if len(lines.body) > layout.max_rows:
        raise _RejectedError(
            ReasonCode.FILE_TOO_LARGE,
            f"This {layout.title} has {len(lines.body):,} rows; at most {layout.max_rows:,} are "
            "read. Split it into smaller files.",
        )
    for row_no, (line_no, cells) in enumerate(lines.body, start=1):
        where = f"Row {row_no} (line {line_no} of the file)"
        if len(cells) < len(lines.header):
            raise _RejectedError(
                ReasonCode.BAD_CELL,
                f"{where} has {len(cells)} cells, but the header has {len(lines.header)}. "
                "The file may be cut off, or a separator is missing.",
            )
        if any(cell.strip() for cell in cells[len(lines.header) :]):
            raise _RejectedError(
                ReasonCode.BAD_CELL,
                f"{where} has {len(cells)} cells, but the header has {len(lines.header)}. "
                "A text that contains the separator must stand in quotation marks.",
            )
        yield {"row_no": row_no} | {
            column.name: _cell(cells, column, places, where, (zone, lines.delimiter))
            for column in layout.columns
        }


def _cell(
    cells: Sequence[str],
    column: LayoutColumn,
    places: Mapping[str, int],
    where: str,
    reading: tuple[tzinfo, str],
) -> Any:  # noqa: ANN401 - text, number or time
    zone, delimiter = reading
    if column.name not in places:
        return None
    cell = cells[places[column.name]]
    try:
        return typed(cell, column.kind, zone=zone, decimal_comma=delimiter != ",")
    except CellError:
        raise _RejectedError(
            ReasonCode.BAD_CELL,
            f"{where}, column {column.name}: {_shown(cell)} is not {EXPECTED[column.kind]}. "
            "Correct the cell and drop the file once more.",
        ) from None


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}...")
