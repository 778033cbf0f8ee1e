"""The cells of a table that no row holds, counted exactly."""

from __future__ import annotations

from collections.abc import Iterator

from cytolake_contracts import UnreadCells
from cytolake_contracts.layouts import Layout, header_name
from cytolake_ingest_gateway.converter.cells import cell_text
from cytolake_ingest_gateway.converter.grid import Grid, column_letters
from cytolake_ingest_gateway.converter.headers import Header, value_above

MAX_EXAMPLES = 20
MAX_TEXT = 80
Place = tuple[int, int]


def unread_cells(grid: Grid, header: Header, layout: Layout) -> UnreadCells:
    """Count the cells with content that are neither read nor declared as known.

    Declared are: the header itself, lines of comment, lines skipped right below the header, and
    columns under `ignore`. What stands above the header or after the table's end counts.
    """
    examples: list[str] = []
    count = 0
    for told in each_unread(grid, header, layout):
        count += 1
        if len(examples) < MAX_EXAMPLES:
            examples.append(told)
    return UnreadCells(count=count, examples=tuple(examples))


def each_unread(grid: Grid, header: Header, layout: Layout) -> Iterator[str]:
    """Yield every such cell with its place, in words of spreadsheets (`B7: lot 12`)."""
    for number, index, text in _unread(grid, header, layout):
        place = f"{column_letters(index)}{number}"
        if grid.has_records:
            place = f"record {number}, {header.cells[index]}"
        yield f"{place}: {text[:MAX_TEXT]}"


def _unread(grid: Grid, header: Header, layout: Layout) -> Iterator[tuple[int, int, str]]:
    ignored = set(map(header_name, layout.ignore))
    known = {n for n, cell in enumerate(header.cells) if header_name(cell) in ignored}
    known |= set(header.places.values())
    body = {line.number for line in header.body}
    declared = _declared(grid, header, layout)
    read = set(_read_above(header, layout))
    for line in grid.lines:
        if line.number in declared:
            continue
        for index, cell in enumerate(line.cells):
            text = cell_text(cell)
            is_read = index in known if line.number in body else (line.number, index) in read
            if text and not is_read:
                yield line.number, index, text


def _declared(grid: Grid, header: Header, layout: Layout) -> set[int]:
    found = {header.line.number}
    mark = layout.header.comment
    if mark is not None:
        found |= {one.number for one in grid.lines if cell_text(one.cells[0]).startswith(mark)}
    below = [one.number for one in grid.lines if one.number > header.line.number]
    plain = [number for number in below if number not in found]
    return found | set(plain[: layout.header.skip_below])


def _read_above(header: Header, layout: Layout) -> Iterator[Place]:
    labels = {header_name(label.rstrip(": ")) for above in layout.above for label in above.labels}
    for above in layout.above:
        found = value_above(header, above)
        if found is not None:
            line, index, _ = found
            yield line.number, index
    for line in header.above:
        for index, cell in enumerate(line.cells):
            if header_name(cell_text(cell).rstrip(": ")) in labels:
                yield line.number, index
