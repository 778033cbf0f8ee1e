"""One line of a table by its layout: the columns' values typed, a wrong cell named in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.layouts import VALUE_NAMES, Kind, Layout, LayoutColumn
from cytolake_ingest_gateway.converter.cells import (
    EXPECTED,
    Cell,
    CellError,
    Dialect,
    cell_text,
    typed,
    value_of,
)
from cytolake_ingest_gateway.converter.grid import Grid, Line
from cytolake_ingest_gateway.converter.headers import (
    Header,
    LayoutMismatchError,
    shown,
    value_above,
)
from cytolake_ingest_gateway.converter.units import Unit, converted, unit_of
from cytolake_ingest_gateway.converter.values import Value

Fields = dict[str, Any]
"""By column of the dataset, or quantity, value and unit; a `value` is a Value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A column at its place, ready to be read line by line."""

    column: LayoutColumn
    index: int
    others: tuple[int, ...]
    """Of records: where its value is when it is not at `index`."""
    clock: int | None
    dialect: Dialect
    texts: Mapping[str, Any]
    units: tuple[Unit, Unit] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReader:
    """Reads the lines below one header; made once per table by `line_reader`."""

    grid: Grid
    header: Header
    dialect: Dialect
    same: Mapping[str, Any]
    """What holds for every line: constants, and what stands above the header."""
    bound: tuple[_Bound, ...]
    is_text: bool

    def fields(self, line: Line, row_no: int) -> Fields:
        """Return the line's values by name; raise LayoutMismatchError for a wrong cell."""
        where = self.grid.place_of_row(line, row_no)
        if self.is_text:
            _check_width(line, self.header, where)
        found = dict(self.same)
        for bound in self.bound:
            found[bound.column.name] = _read(bound, line, where)
        return found

    def value(self, line: Line, index: int, unit: str | None, row_no: int) -> Value | None:
        """Return the value in one cell; None for a blank one."""
        cell = cell_at(line, index)
        if not cell_text(cell):
            return None
        try:
            return value_of(cell, self.dialect, unit)
        except CellError:
            where = self.grid.place_of_row(line, row_no)
            raise _wrong(where, self.header.cells[index], cell, "value") from None


def line_reader(
    grid: Grid, header: Header, layout: Layout, contract: DatasetContract, zone: tzinfo
) -> LineReader:
    """Return what reads the lines of this table; raise LayoutMismatchError if nothing could."""
    dialect = Dialect(
        zone=ZoneInfo(layout.times.zone) if layout.times.zone else zone,
        decimal=layout.file.decimal,
        thousands=layout.file.thousands,
        may_comma=grid.delimiter != "," and not grid.has_records,
        formats=layout.times.formats,
        placeholders=frozenset(layout.placeholders),
    )
    bound = tuple(_bound(header, layout, contract, dialect))
    read = {one.column.name for one in bound}
    absent = {c.name: None for c in layout.columns if c.name not in read}
    return LineReader(
        grid=grid,
        header=header,
        dialect=dialect,
        same=absent | layout.constants | dict(_above(header, layout, dialect)),
        bound=bound,
        is_text=grid.sheet is None and not grid.has_records,
    )


def cell_at(line: Line, index: int) -> Cell:
    """Return the cell; a line that ends before it has a blank there."""
    return line.cells[index] if index < len(line.cells) else None


def _bound(
    header: Header, layout: Layout, contract: DatasetContract, dialect: Dialect
) -> Iterator[_Bound]:
    units = {column.name: column.unit for column in contract.columns}
    for column in layout.columns:
        places = header.all_places(column.spellings)
        if not places:
            continue
        yield _Bound(
            column=column,
            index=places[0],
            others=places[1:],
            clock=header.place(column.clock),
            dialect=replace(dialect, formats=column.formats or dialect.formats),
            texts={text.casefold(): meant for text, meant in column.texts.items()},
            units=_units(column, units.get(column.name), layout),
        )


def _units(column: LayoutColumn, into: str | None, layout: Layout) -> tuple[Unit, Unit] | None:
    if column.unit is None or column.name in VALUE_NAMES:
        return None
    read, wanted = unit_of(column.unit), unit_of(into)
    if read is None or wanted is None or converted(1.0, read, wanted) is None:
        raise LayoutMismatchError(
            ReasonCode.UNKNOWN_LAYOUT,
            f"The layout {layout.name} gives {column.name} in {column.unit}, which cannot be "
            f"turned into {into or 'a unit: the dataset has none for it'}. Correct the layout.",
        )
    return read, wanted


def _above(header: Header, layout: Layout, dialect: Dialect) -> Iterator[tuple[str, Any]]:
    for above in layout.above:
        found = value_above(header, above)
        if found is None:
            if above.must:
                raise LayoutMismatchError(
                    ReasonCode.MISSING_COLUMN,
                    f"This {layout.title} does not say {' or '.join(above.labels)} above its "
                    "header. Export it again with its head, or correct the layout.",
                )
            yield above.name, None
            continue
        line, _, cell = found
        where = f"Line {line.number} of the file"
        yield above.name, _typed(cell, above.kind, dialect, where, above.labels[0])


def _read(bound: _Bound, line: Line, where: str) -> Any:  # noqa: ANN401 - typed by its kind
    column, cell = bound.column, cell_at(line, bound.index)
    for index in bound.others:
        cell = cell if cell_text(cell) else cell_at(line, index)
    if bound.clock is not None:
        cell = _joined(cell, cell_at(line, bound.clock))
    if bound.texts:
        cell = bound.texts.get(cell_text(cell).casefold(), cell)
    read = _typed(cell, column.kind, bound.dialect, where, column.name, column.unit)
    if bound.units is not None and isinstance(read, float):
        return converted(read, *bound.units)
    return read


def _joined(day: Cell, clock: Cell) -> Cell:
    """A date and a clock from two cells as one time; Excel's date has a midnight of its own."""
    first = cell_text(day).removesuffix(" 00:00:00") if not isinstance(day, str) else cell_text(day)
    return f"{first} {cell_text(clock)}".strip()


def _typed(
    cell: Cell, kind: Kind, dialect: Dialect, where: str, name: str, unit: str | None = None
) -> Any:  # noqa: ANN401
    try:
        if kind == "value":
            return value_of(cell, dialect, unit) if cell_text(cell) else None
        return typed(cell, kind, dialect)
    except CellError:
        raise _wrong(where, name, cell, kind, dialect) from None


def _wrong(
    where: str, name: str, cell: Cell, kind: Kind, dialect: Dialect | None = None
) -> LayoutMismatchError:
    expected = EXPECTED[kind]
    if kind == "time" and dialect is not None and dialect.formats:
        expected = f"a time written as {' or '.join(dialect.formats)}"
    return LayoutMismatchError(
        ReasonCode.BAD_CELL,
        f"{where}, column {name}: {shown(cell_text(cell))} is not {expected}. "
        "Correct the cell and drop the file once more.",
    )


def _check_width(line: Line, header: Header, where: str) -> None:
    width = max(index for index, cell in enumerate(header.cells) if cell) + 1
    if len(line.cells) < width:
        raise LayoutMismatchError(
            ReasonCode.BAD_CELL,
            f"{where} has {len(line.cells)} cells, but the header has {width}. "
            "The file may be cut off, or a separator is missing.",
        )
    if any(cell_text(cell) for cell in line.cells[len(header.cells) :]):
        raise LayoutMismatchError(
            ReasonCode.BAD_CELL,
            f"{where} has {len(line.cells)} cells, but the header has {width}. "
            "A text that contains the separator must stand in quotation marks.",
        )
