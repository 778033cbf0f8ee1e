"""A file of a declared layout as rows: CSV in any usual encoding, or a workbook's sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from cytolake_contracts import ReasonCode, UnreadCells
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import VALUE_DATASETS, Layout, header_name
from cytolake_ingest_gateway.converter.grid import Grid, GridError, text_grid, text_heads
from cytolake_ingest_gateway.converter.headers import (
    Header,
    LayoutMismatchError,
    added,
    find_header,
    matches,
    names_of,
)
from cytolake_ingest_gateway.converter.lines import LineReader, line_reader
from cytolake_ingest_gateway.converter.rejection import Rejection, size_in_words
from cytolake_ingest_gateway.converter.text import decoded
from cytolake_ingest_gateway.converter.times import Moment
from cytolake_ingest_gateway.converter.unread import each_unread, unread_cells
from cytolake_ingest_gateway.converter.value_rows import ValueRows

Row = dict[str, Any]
HEAD_BYTES = 16_384
UNKNOWN_TIME = Moment(datetime(1970, 1, 1, tzinfo=UTC), "received")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What every row carries (`object_id` and the like), and the time of one without its own."""

    ids: Mapping[str, Any] = field(default_factory=dict)
    otherwise_at: Moment = UNKNOWN_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The typed rows, and what was left out."""

    rows: list[Row]
    grid: Grid
    found: Header
    layout: Layout
    added: tuple[str, ...] = ()
    """Headers that the layout neither names nor ignores."""
    unread: UnreadCells
    warnings: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The header's cells as written."""
        return self.found.cells

    def each_unread(self) -> Iterator[str]:
        """Yield every cell that no row holds, with its place."""
        return each_unread(self.grid, self.found, self.layout)


def read_text(body: bytes, layout: Layout, *, zone: tzinfo, origin: Origin) -> Table | Rejection:
    """Return the rows of a delimited text, or why there are none."""
    try:
        text = _text(body, layout)
        grid = text_grid(text, layout.file.delimiter, lambda head: matches(head, layout))
        return read_grid(grid, layout, zone=zone, origin=origin)
    except (LayoutMismatchError, GridError) as fault:
        return fault.rejection


def read_workbook(
    grids: Sequence[Grid], layout: Layout, *, zone: tzinfo, origin: Origin
) -> Table | Rejection:
    """Return the rows of the layout's sheet: by its name, or by its header's cells."""
    named = [grid for grid in grids if layout.file.sheet in {None, grid.sheet}]
    if not named:
        sheets = ", ".join(repr(grid.sheet) for grid in grids) or "none"
        return Rejection(
            ReasonCode.UNKNOWN_LAYOUT,
            f"This workbook has no sheet {layout.file.sheet!r}, which a {layout.title} has. "
            f"Its sheets: {sheets}.",
            "parse",
        )
    try:
        best = max(named, key=lambda grid: matches(grid, layout))
        table = read_grid(best, layout, zone=zone, origin=origin)
    except LayoutMismatchError as fault:
        return fault.rejection
    return table


def recognised_layout(body: bytes, layouts: Mapping[str, Layout]) -> Layout | None:
    """Return the layout whose columns the header names exactly; None for any other file."""
    # Cut at a line's end: half a letter would make another encoding of the whole.
    head = body[:HEAD_BYTES].rpartition(b"\n")[0] if len(body) > HEAD_BYTES else body
    text = decoded(head)
    grids = list(text_heads(text)) if text else []
    found = [one for one in layouts.values() if any(_is(grid, one) for grid in grids)]
    return found[0] if len(found) == 1 else None


def _is(grid: Grid, layout: Layout) -> bool:
    if layout.large or layout.file.kind != "csv":
        return False  # what is streamed is declared: it is not looked at before
    if layout.file.delimiter not in {None, grid.delimiter}:
        return False
    if matches(grid, layout) < len(layout.parts):
        return False
    try:
        header = find_header(grid, layout)
    except LayoutMismatchError:
        return False
    every = all(header.place(part.spellings) is not None for part in layout.parts)
    return every and {header_name(cell) for cell in header.cells if cell} <= names_of(layout)


def _text(body: bytes, layout: Layout) -> str:
    if len(body) > layout.max_bytes:
        size = size_in_words(len(body))
        raise LayoutMismatchError(
            ReasonCode.FILE_TOO_LARGE,
            f"This {layout.title} has {size}; at most {size_in_words(layout.max_bytes)} are read. "
            "Split it into smaller files.",
        )
    text = decoded(body) if layout.file.encoding is None else _by(layout.file.encoding, body)
    if text is None:
        how = f" in {layout.file.encoding}" if layout.file.encoding else ""
        raise LayoutMismatchError(
            ReasonCode.UNREADABLE_TEXT,
            f"This file is not a text table{how}, so it cannot be a {layout.title}. "
            "Save it as CSV (UTF-8) and drop it once more.",
        )
    return text


def _by(encoding: str, body: bytes) -> str | None:
    try:
        text = body.decode(encoding).removeprefix("\ufeff")
    except (ValueError, LookupError):  # a UnicodeError is a ValueError
        return None
    return None if "\0" in text else text


def read_grid(grid: Grid, layout: Layout, *, zone: tzinfo, origin: Origin) -> Table:
    """Return the rows of a table; raise LayoutMismatchError."""
    header = find_header(grid, layout)
    if len(header.body) > layout.max_rows:
        raise LayoutMismatchError(
            ReasonCode.FILE_TOO_LARGE,
            f"This {layout.title} has {len(header.body):,} rows; at most {layout.max_rows:,} are "
            "read. Split it into smaller files.",
        )
    contract = load_contracts()[layout.dataset]
    reader = line_reader(grid, header, layout, contract, zone)
    made = ValueRows(
        layout=layout,
        contract=contract,
        reader=reader,
        ids=origin.ids,
        otherwise_at=origin.otherwise_at,
    )
    rows = list(_rows(header, reader, made, origin))
    if made.skipped.total() == len(header.body):
        raise LayoutMismatchError(ReasonCode.NO_ROWS, " ".join(made.warnings()))
    new = tuple(name for name, _ in added(header, layout))
    told = (f"Columns not read: {', '.join(new)[:200]}.",) if new else ()
    return Table(
        rows=rows,
        grid=grid,
        found=header,
        layout=layout,
        added=new,
        unread=unread_cells(grid, header, layout),
        warnings=(*told, *made.warnings()),
    )


def _rows(header: Header, reader: LineReader, made: ValueRows, origin: Origin) -> Iterator[Row]:
    has_values = made.contract.name in VALUE_DATASETS
    for row_no, line in enumerate(header.body, start=1):
        fields = reader.fields(line, row_no)
        lacks = next((n for n in made.layout.skip_without if fields.get(n) is None), None)
        if lacks is not None:
            made.skipped[lacks] += 1
        elif has_values:
            yield from made.rows(line, row_no, fields)
        else:
            yield dict(origin.ids) | {"row_no": row_no} | fields
