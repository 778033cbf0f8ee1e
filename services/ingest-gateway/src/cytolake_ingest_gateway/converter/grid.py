"""A table of text, of a workbook or of records as lines of cells, each with its number in the file.

Nothing is left out here but lines without any content: what stands above and below a table
is for the layout to say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.cells import Cell, cell_text
from cytolake_ingest_gateway.converter.rejection import Rejection

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Line:
    """One line with content, or one record; `number` is the file's own, from 1."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The lines of one table; `sheet` in a workbook, `delimiter` in a text.

    Of records the first line holds the names of their fields, and is no line of the file.
    """

    lines: Sequence[Line]
    sheet: str | None = None
    delimiter: str | None = None
    has_records: bool = False

    def place(self, line: Line) -> str:
        """Return how a line of this table is named where one looks for a value."""
        prefix = f"{self.sheet}/" if self.sheet else ""
        return f"{prefix}{'record' if self.has_records else 'line'} {line.number}"

    def place_of_row(self, line: Line, row_no: int) -> str:
        """Return how a row is named to a person who is to correct it."""
        if self.has_records:
            return f"Record {line.number}"
        return f"Row {row_no} (line {line.number} of the file)"


class GridError(ValueError):
    """The text cannot be split into cells; the rejection says why."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message)
        self.rejection = rejection


def text_grid(text: str, delimiter: str | None, fits: Callable[[Grid], int]) -> Grid:
    """Return the text's cells, by the delimiter that gives the header most names.

    `fits` counts the names that a layout finds in a grid; without any, the delimiter that
    stands most often in the first line is taken. Raises GridError.
    """
    if delimiter is None:
        best = max(text_heads(text), key=fits)
        delimiter = best.delimiter if fits(best) else _most_frequent(text)
    return Grid(lines=list(_lines(text, delimiter or ",")), delimiter=delimiter)


def text_heads(text: str) -> Iterator[Grid]:
    """Yield the first lines of a text, split by each delimiter."""
    for delimiter in DELIMITERS:
        yield Grid(lines=_head(text, delimiter), delimiter=delimiter)


def workbook_grids(sheets: Iterable[Mapping[str, Any]]) -> list[Grid]:
    """Return the sheets as the sandbox's child told them: see `sandbox.workbook`."""
    return [Grid(lines=list(_sheet_lines(sheet)), sheet=sheet["name"]) for sheet in sheets]


def column_letters(index: int) -> str:
    """Return a column's name as spreadsheets have it: 0 is A, 27 is AB."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _sheet_lines(sheet: Mapping[str, Any]) -> Iterator[Line]:
    for number, row in enumerate(sheet["rows"], start=sheet["first_row"]):
        cells = [cell_of(node) for node in row]
        if any(cell_text(cell) for cell in cells):
            yield Line(number, cells)


def cell_of(node: object) -> Cell:
    """Return a cell as the sandbox's child told it."""
    if isinstance(node, Mapping):
        try:
            return datetime.fromisoformat(str(node["at"]))
        except ValueError:
            return str(node["at"])
    if isinstance(node, int) and not isinstance(node, bool):
        return float(node)
    return node if isinstance(node, str | float | bool) else None


def _head(text: str, delimiter: str, most: int = 1000) -> list[Line]:
    found: list[Line] = []
    try:
        for line in _lines(text, delimiter):
            found.append(line)
            if len(found) >= most:
                break
    except GridError:
        pass  # a wrong delimiter may well meet quotation marks that make no sense
    return found


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begin = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield Line(begin, row)
            begin = reader.line_num + 1
    except csv.Error as error:
        words = (
            f"Line {reader.line_num} cannot be split into cells ({error}). "
            "Look for a quotation mark that is not closed."
        )
        raise GridError(Rejection(ReasonCode.BAD_CELL, words, "parse")) from error


def _most_frequent(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)
