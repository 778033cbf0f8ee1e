"""From the head of a large file and its layout to the one statement that DuckDB runs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_contracts.layouts import Layout, header_name
from cytolake_ingest_gateway.converter.cells import EXPECTED, cell_text
from cytolake_ingest_gateway.converter.grid import text_grid
from cytolake_ingest_gateway.converter.headers import (
    Header,
    LayoutMismatchError,
    find_header,
    matches,
    names_of,
    shown,
)
from cytolake_ingest_gateway.converter.large.times import TimeColumn, time_column
from cytolake_ingest_gateway.converter.lines import line_reader
from cytolake_ingest_gateway.converter.values import PLACEHOLDERS

_NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")
USUAL_NULLS = ("", "N/A", "n/a", "NaN", "-")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A column of the file whose cells are readings; None where rows or constants say it."""

    index: int
    tag: str
    unit_operation: str | None
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where everything stands in the file, and how it is written."""

    layout: Layout
    contract: DatasetContract
    header: tuple[str, ...]
    skip_lines: int
    delimiter: str
    decimal: str
    width: int
    """Cells in a line: those of the header, or more where lines end in empty ones."""
    same: Mapping[str, Any]
    places: Mapping[str, int]
    """From the layout's column to its index in the file."""
    times: Mapping[str, TimeColumn]
    tags: tuple[Tag, ...]
    units: tuple[str, ...]
    """Units in the head of a long table."""
    is_plain: bool
    """Whether all readings in the head are numbers and no text has blanks around it.

    Then the file is read in half the time. Where it turns out otherwise further down, it is read
    once more, with care.
    """
    nulls: tuple[str, ...]
    unread: tuple[str, ...]


def plan_of(head: str, layout: Layout, zone: tzinfo) -> Plan:
    """Return the plan of the file that begins so; raise LayoutMismatchError or GridError."""
    zone = ZoneInfo(layout.times.zone) if layout.times.zone else zone
    contract = load_contracts()[layout.dataset]
    grid = text_grid(head, layout.file.delimiter, lambda found: matches(found, layout))
    header = find_header(grid, layout)
    reader = line_reader(grid, header, layout, contract, zone)
    places = _places(header, layout)
    tags = tuple(_tags(header, layout))
    cells = _reading_cells(header, places, tags)
    delimiter = grid.delimiter or ","
    nulls = _nulls(header, layout)
    decimal = layout.file.decimal or (
        "," if delimiter != "," and any(map(_COMMA.match, cells)) else "."
    )
    return Plan(
        layout=layout,
        contract=contract,
        header=header.cells,
        skip_lines=header.line.number + layout.header.skip_below,
        delimiter=delimiter,
        decimal=decimal,
        width=max(len(header.cells), len(header.body[0].cells)),
        same=reader.same,
        places=places,
        times=_times(header, layout, places, zone),
        tags=tags,
        units=_units(header, places),
        is_plain=layout.file.thousands is None
        and not _has_blanks(header)
        and all(_NUMBER.match(cell.replace(decimal, ".")) for cell in cells),
        nulls=nulls,
        unread=tuple(_unread(header, layout, tags)),
    )


def _places(header: Header, layout: Layout) -> dict[str, int]:
    found = ((column.name, header.place(column.spellings)) for column in layout.columns)
    return {name: index for name, index in found if index is not None}


def _tags(header: Header, layout: Layout) -> list[Tag]:
    tags = []
    for measure in layout.measures:
        if (index := header.place(measure.headers)) is not None:
            name = measure.quantity or header.cells[index]
            tags.append(Tag(index=index, tag=name, unit_operation=None, unit=measure.unit))
    if layout.tags is not None:
        known = names_of(layout) | frozenset(map(header_name, layout.ignore))
        pattern = re.compile(layout.tags.header)
        for index, cell in enumerate(header.cells):
            found = pattern.fullmatch(cell) if header_name(cell) not in known else None
            if found:
                tags.append(_tag(index, found.groupdict()))
    if not tags and not _has_values(header, layout):
        raise LayoutMismatchError(
            ReasonCode.MISSING_COLUMN,
            f"This {layout.title} has no column with readings. "
            f"It has: {', '.join(cell for cell in header.cells if cell)}.",
        )
    return sorted(tags, key=lambda tag: tag.index)


def _tag(index: int, groups: Mapping[str, str | None]) -> Tag:
    said = {name: " ".join(text.split()) or None for name, text in groups.items() if text}
    return Tag(
        index=index,
        tag=said.get("tag") or "",
        unit_operation=said.get("unit_operation"),
        unit=said.get("unit"),
    )


def _has_values(header: Header, layout: Layout) -> bool:
    return any(c.name == "value" and header.place(c.spellings) is not None for c in layout.columns)


def _reading_cells(header: Header, places: Mapping[str, int], tags: Sequence[Tag]) -> list[str]:
    indexes = [tag.index for tag in tags] + ([places["value"]] if "value" in places else [])
    found = (cell_text(cell) for index in indexes for cell in _column(header, index))
    return [text for text in found if text not in PLACEHOLDERS]


def _column(header: Header, index: int) -> list[Any]:
    return [line.cells[index] for line in header.body if index < len(line.cells)]


def with_care(plan: Plan) -> Plan:
    """Return the plan that takes nothing for granted."""
    nulls = (*sorted(PLACEHOLDERS), *plan.layout.placeholders)
    return replace(plan, is_plain=False, nulls=nulls)


def _nulls(header: Header, layout: Layout) -> tuple[str, ...]:
    """Return what stands for no value: each costs time in every cell, so the usual and the seen."""
    seen = {cell_text(cell) for line in header.body for cell in line.cells} & PLACEHOLDERS
    return tuple(dict.fromkeys((*USUAL_NULLS, *sorted(seen), *layout.placeholders)))


def _has_blanks(header: Header) -> bool:
    cells = (cell for line in header.body for cell in line.cells if isinstance(cell, str))
    return any(cell[:1].isspace() or cell[-1:].isspace() for cell in cells if cell)


def _times(
    header: Header, layout: Layout, places: Mapping[str, int], zone: tzinfo
) -> dict[str, TimeColumn]:
    found = {}
    for column in layout.columns:
        if column.kind != "time" or column.name not in places:
            continue
        index = places[column.name]
        texts = (cell_text(cell) for cell in _column(header, index))
        first = next((text for text in texts if text not in PLACEHOLDERS), "")
        formats = column.formats or layout.times.formats
        read = time_column(f"c{index}", first, formats, zone)
        if read is None:
            raise LayoutMismatchError(
                ReasonCode.BAD_CELL,
                f"Row 1 (line {header.body[0].number} of the file), column "
                f"{header.cells[index]}: {shown(first)} is not {EXPECTED['time']}. "
                "Correct the cell, or the time format of the layout, and drop the file once more.",
            )
        found[column.name] = read
    return found


def _units(header: Header, places: Mapping[str, int]) -> tuple[str, ...]:
    if "unit" not in places:
        return ()
    cells = (cell_text(cell) for cell in _column(header, places["unit"]))
    return tuple(dict.fromkeys(text for text in cells if text not in PLACEHOLDERS))


def _unread(header: Header, layout: Layout, tags: Sequence[Tag]) -> list[str]:
    known = names_of(layout) | frozenset(map(header_name, layout.ignore))
    taken = {tag.index for tag in tags}
    return [
        cell
        for index, cell in enumerate(header.cells)
        if cell and index not in taken and header_name(cell) not in known
    ]
