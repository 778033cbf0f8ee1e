"""Sample files as lines of cells, and the header that they have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cytolake.errors import StackError
from cytolake_contracts.layouts import header_name
from cytolake_ingest_gateway.converter.cells import Cell, cell_text
from cytolake_ingest_gateway.converter.declared import WORKBOOKS
from cytolake_ingest_gateway.converter.grid import (
    DELIMITERS,
    Grid,
    GridError,
    Line,
    text_grid,
    workbook_grids,
)
from cytolake_ingest_gateway.converter.guards import GuardLimits, content_fault
from cytolake_ingest_gateway.converter.text import decoded

WITHIN = 100
"""Lines in which a header is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample: its lines, and which of them is the header."""

    path: Path
    grid: Grid
    header: int

    @property
    def names(self) -> list[str]:
        """The header's cells as written."""
        return [cell_text(cell) for cell in self.grid.lines[self.header].cells]

    @property
    def above(self) -> Sequence[Line]:
        return self.grid.lines[: self.header]

    @property
    def below(self) -> Sequence[Line]:
        return self.grid.lines[self.header + 1 :]


def read_samples(paths: Sequence[Path]) -> list[Sample]:
    """Return the samples with the header that all of them have; raise StackError in words."""
    readings = [_readings(path) for path in paths]
    best: tuple[int, list[Sample]] = (0, [])
    for first in readings[0]:
        # Each further sample by the reading that agrees best with this one of the first.
        rest = (max(ways, key=lambda way: _alike(first, way)) for ways in readings[1:] if ways)
        grids = [first, *rest]
        found = _common_header(paths, grids) if len(grids) == len(paths) else (0, [])
        if found[0] > best[0]:
            best = found
    if not best[1]:
        names = " and ".join(path.name for path in paths)
        raise StackError(
            f"no header found that {names} have in common: a line near the top with a name above "
            "every column. Are they exports of the same kind?"
        )
    return best[1]


def read_grids(path: Path) -> list[Grid]:
    """Return a workbook's sheets; raise StackError for what cannot be read."""
    # Loaded for workbooks only; here in this process, after the guards: it is the user's own file.
    from cytolake_ingest_gateway.converter.sandbox.workbook import read_sheets  # noqa: PLC0415

    try:
        return workbook_grids(read_sheets(path.read_bytes()))
    except Exception as error:
        raise StackError(f"{path.name} cannot be read as a workbook: {error}") from error


def checked_body(path: Path) -> bytes:
    """Return the file's bytes; raise StackError for what the converter would not open either."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise StackError(f"{path} cannot be read: {error.strerror}") from error
    if fault := content_fault(body, path.name, GuardLimits()):
        raise StackError(f"{path.name}: {fault.message}")
    return body


def _readings(path: Path) -> list[Grid]:
    """Return every way to read the file: by each delimiter, or each of its sheets."""
    body = checked_body(path)
    if body.startswith(WORKBOOKS):
        return [grid for grid in read_grids(path) if grid.lines]
    text = decoded(body)
    if text is None:
        raise StackError(f"{path.name} is neither a text nor a workbook")
    return list(_by_each_delimiter(text))


def _by_each_delimiter(text: str) -> Iterator[Grid]:
    for delimiter in DELIMITERS:
        try:
            grid = text_grid(text, delimiter, lambda _: 0)
        except GridError:
            continue
        if any(len(line.cells) > 1 for line in grid.lines):
            yield grid


def _common_header(paths: Sequence[Path], grids: Sequence[Grid]) -> tuple[int, list[Sample]]:
    """Return how good the best common header is, and the samples with it."""
    first = [_names(line) for line in grids[0].lines[:WITHIN]]
    best: tuple[int, list[Sample]] = (0, [])
    if len({(grid.delimiter, grid.sheet is None) for grid in grids}) > 1:
        return best
    for place, names in enumerate(first):
        places, score = [place], 2 * len(names) if names else 0
        for grid in grids[1:]:
            shared = [(len(names & _names(line)), n) for n, line in enumerate(grid.lines[:WITHIN])]
            most, where = max(shared, key=lambda found: (found[0], -found[1]), default=(0, 0))
            score += 2 * most - len(names ^ _names(grid.lines[where]))
            places.append(where)
        if len(names) > 1 and score > best[0]:
            best = (
                score,
                [
                    Sample(path=path, grid=grid, header=where)
                    for path, grid, where in zip(paths, grids, places, strict=True)
                ],
            )
    return best


def _alike(one: Grid, other: Grid) -> int:
    return _common_header([Path(), Path()], [one, other])[0]


def _names(line: Line) -> frozenset[str]:
    """Return the line's cells as names; nothing if one of them stands twice or is no name."""
    texts = [cell_text(cell) for cell in line.cells if cell_text(cell)]
    names = frozenset(map(header_name, texts))
    if len(names) < len(texts) or not all(map(_is_name, line.cells)):
        return frozenset()
    return names


def _is_name(cell: Cell) -> bool:
    if cell is None:
        return True
    text = cell_text(cell)
    return isinstance(cell, str) and (not text or any(letter.isalpha() for letter in text[:40]))
