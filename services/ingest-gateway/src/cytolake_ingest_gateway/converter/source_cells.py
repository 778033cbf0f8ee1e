"""Cells of an instrument's file that the parser made nothing of, as far as that can be seen.

What a parser reads it does not say, so a file's cells are compared with what is in the ASM
document made of it. A cell counts as read when its number is there (to six digits, whatever the
power of ten) or its text, alone or within another; names of columns, placeholders, units, times
(which parsers write otherwise) and yes/no are not compared. So the count is neither an upper nor a
lower bound: a number that is there by chance hides a cell that was not read, and a converted unit
shows one that was. It points to columns that somebody should look at. Where allotropy itself keeps
what it did not read, it is in the document, as `custom information`, and so counts as read.
Bounded: at most `MAX_CELLS` cells are compared.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from cytolake_contracts import UnreadCells
from cytolake_ingest_gateway.converter.books import BookLimits, first_rows
from cytolake_ingest_gateway.converter.grid import column_letters
from cytolake_ingest_gateway.converter.shapes import DELIMITERS, Shape
from cytolake_ingest_gateway.converter.text import as_utf8
from cytolake_ingest_gateway.converter.units import unit_of
from cytolake_ingest_gateway.converter.values import PLACEHOLDERS

MAX_CELLS = 4_000
MAX_EXAMPLES = 20
MAX_TEXT = 80
MAX_HAYSTACK = 100_000
LONGEST_VALUE = 60
"""Longer cells and texts are compared as texts alone: no pattern meets what could slow it down."""
BOOK = BookLimits(max_sheets=20, max_rows=150, sheet_bytes=400_000, strings_bytes=1_000_000)
TEXT_BYTES = 400_000
_TIME = re.compile(
    r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|^\d{1,2}:\d{2}(:\d{2})?\b|^\d{4}-\d\d-\d\dT"
)
_NUMBER = re.compile(r"^[+-]?(\d[\d ,]*\.?\d*|\.\d+)([eE][+-]?\d+)?\s*%?$")
_SEPARATORS = re.compile(r"[ ,%]")
_NUMBERS = re.compile(r"\d[\d.eE+-]*")
_TEXT_NUMBER = re.compile(r"^[<>]?\s*-?(\d+\.?\d*(?:e[+-]?\d+)?)\s*%?$", re.MULTILINE)
_KEYED = re.compile(r"(\s*[=:]\s+)")
_YES_NO = frozenset({"true", "false", "yes", "no", "pass", "fail"})
Cell = tuple[str, int, int, str]
"""Sheet (and `!`) or nothing, row from 1, column from 0, and the text."""


def unread_cells(body: bytes, document: bytes, shape: Shape | None) -> UnreadCells | None:
    """Return the cells of a text table or workbook that the ASM JSON does not hold.

    None for a file that is neither.
    """
    cells = list(islice(_cells(body), MAX_CELLS))
    if not cells:
        return None
    read = _Read(document, shape)
    held: dict[str, bool] = {}
    for *_, text in cells:
        if text not in held:
            held[text] = read.holds(text)
    unread = [cell for cell in cells if not held[cell[-1]]]
    examples = tuple(
        f"{sheet}{column_letters(column) if column >= 0 else ''}{row or ''}: {text[:MAX_TEXT]}"
        for sheet, row, column, text in unread[:MAX_EXAMPLES]
    )
    return UnreadCells(count=len(unread), examples=examples)


class _Read:
    """What a document holds, to be asked for cells."""

    def __init__(self, document: bytes, shape: Shape | None) -> None:
        # By its quotation marks and not by walking: ten times as fast. Every other part is a
        # text, the rest are numbers; an escaped quotation mark cuts a text in two, no more.
        parts = document.decode("utf-8", "replace").split('"')
        told = "\n".join(set(parts[1::2])).casefold()
        self.texts = set(told.split("\n"))
        self.haystack = told if len(told) <= MAX_HAYSTACK else ""
        numbers = set(_NUMBERS.findall("\n".join(set(parts[::2]))))
        short = (text for text in self.texts if len(text) <= LONGEST_VALUE)
        numbers |= set(_TEXT_NUMBER.findall("\n".join(short)))
        self.digits = {_digits(number) for number in numbers}
        self.names = _names(shape)

    def holds(self, cell: str) -> bool:
        text = cell.casefold().rstrip(":")
        if text in self.texts or text in self.names or cell in PLACEHOLDERS or text in _YES_NO:
            return True
        if len(cell) > LONGEST_VALUE:
            return text in self.haystack
        if _NUMBER.match(cell):
            return _digits(_SEPARATORS.sub("", cell)) in self.digits or _is_serial_time(cell)
        if _TIME.match(cell) or unit_of(cell) is not None:
            return True
        if text in self.haystack or not any(map(str.isalnum, text)):
            return True
        name, mark, rest = _KEYED.split(cell, 1) if _KEYED.search(cell) else ("", "", "")
        return bool(mark) and name.casefold().strip() in self.names and self.holds(rest)


def _names(shape: Shape | None) -> frozenset[str]:
    """The names of columns, in a workbook without the sheet before them."""
    columns = shape.columns if shape else ()
    parts = (part for name in columns for part in {name, name.partition("/")[2]})
    return frozenset(part.casefold() for part in parts)


def _digits(number: str) -> str:
    """The first six digits without the power of ten: units are often scaled by one."""
    try:
        return f"{abs(float(number)):.5e}".partition("e")[0]
    except ValueError:
        return number


def _is_serial_time(cell: str) -> bool:
    """Workbooks keep times as days since 1900, here of the years 1954 to 2118."""
    whole, point, _ = cell.partition(".")
    return bool(point) and len(whole) == 5 and "20000" < whole < "80000"  # noqa: PLR2004


def _cells(body: bytes) -> Iterator[Cell]:
    if body.startswith(b"PK\x03\x04"):
        for sheet in first_rows(body, BOOK):
            for row in sheet.rows:
                yield from ((f"{sheet.name}!{cell.reference}", 0, -1, cell.text) for cell in row)
        return
    head = as_utf8(body[:TEXT_BYTES])
    if head.lstrip()[:1] in {b"<", b"{", b"["} or b"\0" in head or head.startswith(b"FCS"):
        return
    text = head.decode("utf-8", "replace")
    delimiter = max(DELIMITERS, key=text.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for line in reader:
            for index, content in enumerate(line):
                if plain := " ".join(content.split()):
                    yield "", reader.line_num, index, plain
    except csv.Error:
        return
