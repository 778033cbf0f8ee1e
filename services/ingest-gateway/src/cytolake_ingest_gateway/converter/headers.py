"""Where a layout's columns stand in a table: found by the header's cells, never by counting.

A header that lacks what the layout needs is told as a difference: what is missing, what is new
with some of its values, and which new name may be the missing one's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from cytolake_contracts import ReasonCode
from cytolake_contracts.layouts import Above, Layout, LayoutColumn, Measure, header_name
from cytolake_ingest_gateway.converter.cells import Cell, cell_text
from cytolake_ingest_gateway.converter.grid import Grid, Line
from cytolake_ingest_gateway.converter.rejection import Rejection

MAX_SHOWN = 60
SHOWN_VALUES = 3
UNTESTED = "assigned"
"""The state of a result that is still to be tested (contract `result`)."""
Part = LayoutColumn | Measure


class LayoutMismatchError(ValueError):
    """The table is not of the layout; the rejection says what differs."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.rejection = Rejection(code, message, "parse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header's cells as written, and the place of every column that the layout names."""

    line: Line
    cells: tuple[str, ...]
    places: Mapping[str, int]
    """From the compared name (`header_name`) of every spelling that is there to its index."""
    above: Sequence[Line]
    body: Sequence[Line]

    def place(self, spellings: Iterable[str]) -> int | None:
        """Return where the column of these spellings stands."""
        return next(iter(self.all_places(spellings)), None)

    def all_places(self, spellings: Iterable[str]) -> tuple[int, ...]:
        """Return every place of a column's spellings, in their order: records may have several."""
        names = dict.fromkeys(map(header_name, spellings))
        return tuple(self.places[name] for name in names if name in self.places)


def names_of(layout: Layout) -> frozenset[str]:
    """Return every name that a header of this layout may have, as they are compared."""
    spellings = [text for part in layout.parts for text in part.spellings]
    spellings += [text for column in layout.columns for text in column.clock]
    return frozenset(map(header_name, spellings))


def matches(grid: Grid, layout: Layout) -> int:
    """Return how many of the layout's names the best line of the grid has."""
    return max((count for _, count in _scored(grid, layout)), default=0)


def find_header(grid: Grid, layout: Layout) -> Header:
    """Return the header with what stands above and below; raise LayoutMismatchError."""
    if not grid.lines:
        raise LayoutMismatchError(ReasonCode.NO_ROWS, "This file holds no header and no rows.")
    index, count = max(_scored(grid, layout), key=lambda found: found[1], default=(0, 0))
    if grid.has_records:
        index = 0
    if not count:
        raise LayoutMismatchError(ReasonCode.UNKNOWN_LAYOUT, _unlike(grid, layout))
    line = grid.lines[index]
    cells = tuple(cell_text(cell) for cell in line.cells)
    body = list(_body(grid.lines[index + 1 :], layout))[layout.header.skip_below :]
    header = Header(
        line=line,
        cells=cells,
        places=_places(cells, layout, has_records=grid.has_records),
        above=[one for one in grid.lines[:index] if not _is_comment(one, layout)],
        body=body,
    )
    _require(header, layout)
    if not body:
        raise LayoutMismatchError(
            ReasonCode.NO_ROWS, f"This {layout.title} has a header but no rows below it."
        )
    return header


def _scored(grid: Grid, layout: Layout) -> Iterator[tuple[int, int]]:
    known = names_of(layout)
    for index, line in enumerate(grid.lines[: layout.header.within]):
        if layout.header.row in {None, line.number} and not _is_comment(line, layout):
            yield index, len(known & {header_name(cell_text(cell)) for cell in line.cells})


def _is_comment(line: Line, layout: Layout) -> bool:
    mark = layout.header.comment
    return mark is not None and cell_text(line.cells[0]).startswith(mark)


def _body(lines: Iterable[Line], layout: Layout) -> Iterator[Line]:
    end = layout.header.end
    for line in lines:
        first = next((text for cell in line.cells if (text := cell_text(cell))), "")
        if end is not None and first.startswith(end):
            return
        if not _is_comment(line, layout):
            yield line


def _places(cells: tuple[str, ...], layout: Layout, *, has_records: bool) -> dict[str, int]:
    known, found = names_of(layout), dict[str, int]()
    for index, name in enumerate(map(header_name, cells)):
        if name in found:
            raise LayoutMismatchError(
                ReasonCode.BAD_CELL,
                f"The column {cells[index]} stands twice. Remove one of the two.",
            )
        if name in known:
            found[name] = index
    for part in () if has_records else layout.parts:  # of a record, the first that has a value
        here = sorted({found[n] for n in map(header_name, part.spellings) if n in found})
        if len(here) > 1:
            both = " and ".join(shown(cells[index]) for index in here)
            raise LayoutMismatchError(
                ReasonCode.BAD_CELL,
                f"{both} are two headers for the same column. Remove one of the two.",
            )
    return found


def _require(header: Header, layout: Layout) -> None:
    missing = [part for part in layout.must if header.place(part.spellings) is None]
    if not missing or _is_untested(missing, header, layout):
        return
    lacks = " and no column ".join(" or ".join(part.spellings) for part in missing)
    new = list(added(header, layout))
    told = [f"This {layout.title} has no column {lacks}."]
    if new:
        listed = "; ".join(f"{name} ({values})" for name, values in new[:5])
        told.append(f"New here, with values: {listed}.")
    else:
        told.append(f"It has: {', '.join(cell for cell in header.cells if cell)}.")
    told += _guesses(missing, [name for name, _ in new])
    told.append("Nothing was read.")
    raise LayoutMismatchError(ReasonCode.MISSING_COLUMN, " ".join(told))


def _is_untested(missing: list[Part], header: Header, layout: Layout) -> bool:
    """Whether only results are missing, of records that are all still to be tested."""
    state = next((column for column in layout.columns if column.name == "state"), None)
    if not layout.has_records or state is None or any(part.kind != "value" for part in missing):
        return False
    index = header.place(state.spellings)
    if index is None:
        return False
    meant = {text.casefold(): value for text, value in state.texts.items()}
    told = (cell_text(line.cells[index]) for line in header.body)
    return all(meant.get(text.casefold(), text) == UNTESTED for text in told)


def _guesses(missing: Iterable[Part], new: list[str]) -> Iterator[str]:
    """A likely new name is proposed to a person, and never used."""
    for part in missing:
        close = get_close_matches(part.spellings[0], new, n=1, cutoff=0.4)
        if close or len(new) == 1:
            name = (close or new)[0]
            yield (
                f"If {shown(name)} is the new name of {part.spellings[0]}, add it to that column's "
                "`headers` in the layout and have the file read again."
            )


def added(header: Header, layout: Layout) -> Iterator[tuple[str, str]]:
    """Yield the headers that the layout neither names nor ignores, each with some values."""
    known = names_of(layout) | frozenset(map(header_name, layout.ignore))
    for index, cell in enumerate(header.cells):
        if cell and header_name(cell) not in known:
            yield cell, ", ".join(_some_values(header, index)) or "no values"


def _some_values(header: Header, index: int) -> list[str]:
    cells = (line.cells[index] for line in header.body if index < len(line.cells))
    texts = dict.fromkeys(text[:MAX_SHOWN] for cell in cells if (text := cell_text(cell)))
    return list(texts)[:SHOWN_VALUES]


def value_above(header: Header, above: Above) -> tuple[Line, int, Cell] | None:
    """Return the value beside (or, after a colon, in) the cell with this label."""
    labels = {header_name(label.rstrip(": ")) for label in above.labels}
    for line in header.above:
        for index, cell in enumerate(line.cells):
            text = cell_text(cell)
            before, colon, after = text.partition(":")
            if colon and after.strip() and header_name(before) in labels:
                return line, index, after.strip()
            if header_name(text.rstrip(": ")) in labels:
                rest = range(index + 1, len(line.cells))
                found = next((n for n in rest if cell_text(line.cells[n])), None)
                return None if found is None else (line, found, line.cells[found])
    return None


def shown(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}...")


def _unlike(grid: Grid, layout: Layout) -> str:
    wanted = ", ".join(part.spellings[0] for part in layout.parts)
    first = grid.lines[0]
    if grid.has_records:
        has = shown(", ".join(map(cell_text, first.cells)))
        return f"This is not a {layout.title}: its records should have {wanted}, but have {has}."
    line = next((one for one in grid.lines if one.number == layout.header.row), first)
    mark = grid.delimiter or ", "
    has = shown(mark.join(cell_text(cell) for cell in line.cells))
    where = f" of the sheet {grid.sheet}" if grid.sheet else ""
    return (
        f"This is not a {layout.title}: a line near its top should name the columns {wanted}, but "
        f"line {line.number}{where} is {has}."
    )
