"""What DuckDB could not read in a large file, in words for whoever dropped it. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.cells import EXPECTED
from cytolake_ingest_gateway.converter.headers import shown
from cytolake_ingest_gateway.converter.large.plan import Plan
from cytolake_ingest_gateway.converter.large.sql import MAX_REJECTS
from cytolake_ingest_gateway.converter.rejection import Rejection

NAMED = 5
"""So many wrong cells are named, one after the other."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One fault as DuckDB's `reject_errors` has it; `line` counts from 1, `column` too."""

    line: int
    column: int | None
    kind: str
    text: str


def once_each(rejects: Iterable[Reject]) -> tuple[Reject, ...]:
    """Return each fault once: a line that is too short is told for every cell that it lacks."""
    found: dict[tuple[object, ...], Reject] = {}
    for reject in rejects:
        column = reject.column if reject.kind == "CAST" else None
        found.setdefault((reject.line, reject.kind, column), reject)
    return tuple(found.values())


def rejection_of(plan: Plan, rejects: Sequence[Reject], *, ends_whole: bool) -> Rejection:
    """Return why the file is not read; `ends_whole`: its last line has a line end."""
    last = rejects[-1]
    if len(rejects) == 1 and last.kind == "MISSING COLUMNS" and not ends_whole:
        return Rejection(
            ReasonCode.TRUNCATED_FILE,
            f"This file is cut off. Its last line (line {last.line}) has {_cells(plan, last)} of "
            f"{len(plan.header)} cells and no line end: the copy or upload was probably "
            "interrupted. Copy the whole file again and drop it once more.",
            "parse",
        )
    if rejects[0].kind == "INVALID ENCODING":
        return Rejection(
            ReasonCode.UNREADABLE_TEXT,
            f"Line {rejects[0].line} of this file is not UTF-8 as the lines before it. Save the "
            "file as CSV (UTF-8), or name its `encoding` in the layout, and drop it once more.",
            "parse",
        )
    told = "; ".join(_fault(plan, reject) for reject in rejects[:NAMED])
    more = len(rejects) - NAMED
    if more > 0:
        count = f"at least {more}" if len(rejects) >= MAX_REJECTS else str(more)
        told += f"; and {count} more"
    return Rejection(
        ReasonCode.BAD_CELL,
        f"{told}. Nothing was read. Correct this and drop the file once more.",
        "parse",
    )


def _fault(plan: Plan, reject: Reject) -> str:
    where = f"Line {reject.line} of the file"
    if reject.kind in {"MISSING COLUMNS", "TOO MANY COLUMNS"}:
        why = (
            "the file may be cut off, or a separator is missing"
            if reject.kind == "MISSING COLUMNS"
            else "a text that contains the separator must stand in quotation marks"
        )
        return (
            f"{where} has {_cells(plan, reject)} cells, but the header has {len(plan.header)} "
            f"({why})"
        )
    if reject.kind == "CAST" and reject.column is not None:
        return f"{where}, {_cast(plan, reject.column - 1, reject)}"
    if reject.kind == "UNQUOTED VALUE":
        return f"{where} cannot be split into cells (a quotation mark is not closed)"
    return f"{where} cannot be read ({reject.kind.casefold()})"


def _cast(plan: Plan, index: int, reject: Reject) -> str:
    cells = _split(plan, reject)
    cell = shown(cells[index]) if index < len(cells) else "its cell"
    name = plan.header[index] if index < len(plan.header) else f"{index + 1}"
    is_time = any(plan.places[column] == index for column in plan.times)
    form = next((t.format for c, t in plan.times.items() if plan.places[c] == index), None)
    expected = EXPECTED["time"] if is_time else EXPECTED["number"]
    if form:
        expected = f"a time in the form {form}, as the first one is"
    return f"column {name}: {cell} is not {expected}"


def _cells(plan: Plan, reject: Reject) -> int:
    return len(_split(plan, reject))


def _split(plan: Plan, reject: Reject) -> list[str]:
    try:
        return next(csv.reader([reject.text.strip("\r\n")], delimiter=plan.delimiter), [])
    except csv.Error:
        return reject.text.split(plan.delimiter)
