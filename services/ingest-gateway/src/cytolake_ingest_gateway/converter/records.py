"""Records, nested as they may be, as one table: a column per field, named by the way to it.

`{"data": {"sample_id": "S-1"}}` has the field `data.sample_id`. Numbers stay the digits that they
were written with. Pure, and bounded: what is too deep, too wide or too much is refused in words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.cells import cell_text
from cytolake_ingest_gateway.converter.grid import Grid, Line
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.values import clean

Flat = dict[str, Any]
MAX_DEPTH = 32
MAX_FIELDS = 2_000
MAX_CELLS = 5_000_000
MAX_NAME = 200
PLUMBING = "_airbyte_"
"""Fields that Airbyte adds to each record: of the transport, not of the LIMS."""


class RecordsError(ValueError):
    """The file holds no records that could be read; the rejection says why."""

    def __init__(self, code: ReasonCode, message: str, *, is_unknown: bool = False) -> None:
        super().__init__(message)
        self.rejection = Rejection(code, message, "recognise" if is_unknown else "parse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The fields of all records, and of each its values in their order."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def texts(self, name: str) -> list[str]:
        """Return what each record says in a field, `""` for nothing."""
        index = self.names.index(name) if name in self.names else None
        return [cell_text(row[index]) if index is not None else "" for row in self.rows]

    def grid(self) -> Grid:
        """Return them as a table; its header is no line of the file."""
        body = (Line(number, row) for number, row in enumerate(self.rows, start=1))
        return Grid(lines=[Line(0, self.names), *body], has_records=True)


def records_of(flats: Sequence[Flat]) -> Records:
    """Return flat records as a table; raise RecordsError where it would be too large."""
    names = tuple(dict.fromkeys(name for flat in flats for name in flat))
    if len(names) > MAX_FIELDS or len(names) * len(flats) > MAX_CELLS:
        raise RecordsError(
            ReasonCode.FILE_TOO_LARGE,
            f"This file has {len(flats):,} records of {len(names):,} different fields; at most "
            f"{MAX_FIELDS:,} fields and {MAX_CELLS:,} values are read. Split it into smaller ones.",
        )
    return Records(names=names, rows=[[flat.get(name) for name in names] for flat in flats])


def flattened(record: Mapping[str, Any], number: int) -> Flat:
    """Return the record's values by the way to each; raise RecordsError."""
    found: Flat = {}
    for name, value in _leaves(record, "", 1, number):
        if name in found:
            raise _refused(number, f"has two values for {name[:MAX_NAME]!r}")
        found[name] = value
    if len(found) > MAX_FIELDS:
        raise _refused(number, f"has {len(found):,} fields; at most {MAX_FIELDS:,} are read")
    return found


def spread(document: Mapping[str, Any], path: str, number: int) -> Iterator[Mapping[str, Any]]:
    """Yield a record for each entry at `path`, with all that stands around it; or RecordsError."""
    key, _, rest = path.partition(".")
    inner = document.get(key)
    if rest and isinstance(inner, Mapping):
        for one in spread(inner, rest, number):
            yield {**document, key: one}
        return
    entries = inner if isinstance(inner, list) else [inner]
    if rest or not all(isinstance(entry, Mapping) for entry in entries):
        raise _refused(number, f"should hold an object, or a list of objects, in {path!r}")
    for entry in entries:
        yield {**document, key: entry}


def _leaves(
    node: Mapping[str, Any], prefix: str, depth: int, number: int
) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise _refused(number, f"is nested more than {MAX_DEPTH} deep")
    for key, value in node.items():
        name = prefix + clean(str(key))
        if depth == 1 and name.startswith(PLUMBING):
            continue
        if len(name) > MAX_NAME:
            raise _refused(number, f"has a field with a name of more than {MAX_NAME} letters")
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{name}.", depth + 1, number)
        else:
            yield name, _scalar(value)


def _scalar(value: object) -> Any:  # noqa: ANN401 - a cell
    if value is None or isinstance(value, str | bool | datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, float):
        return None if value != value else cell_text(value)  # noqa: PLR0124 - not a number
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, list | tuple):
        return _listed(value) if value else None
    return str(value)


def _listed(value: Iterable[Any]) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
    except (ValueError, RecursionError):
        return "..."


def _refused(number: int, why: str) -> RecordsError:
    return RecordsError(
        ReasonCode.BAD_CELL,
        f"Record {number} of this file {why}. Nothing was read. Have it sent in another form.",
    )
