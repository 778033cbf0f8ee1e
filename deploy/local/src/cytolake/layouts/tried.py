"""A layout tried on files: the rows as they would be, and everything that is not well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cytolake.errors import StackError
from cytolake.layouts.samples import checked_body, read_grids
from cytolake_contracts import RuleFailure
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import (
    SUFFIX,
    Layout,
    LayoutError,
    layout_from,
    load_layouts,
)
from cytolake_ingest_gateway.converter.convert import failure
from cytolake_ingest_gateway.converter.declared import WORKBOOKS
from cytolake_ingest_gateway.converter.recorded import Recorded
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.child import parse_parquet
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.sandbox.unconfined import run_here
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_text, read_workbook
from cytolake_ingest_gateway.converter.times import Moment

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 10_000
NOBODY = str(UUID(int=0))
IDS = {"object_id": NOBODY, "run_id": NOBODY, "run_no": 1}
MADE = frozenset({*IDS, "lims", "measurement_key", "result_key", "reading_key", "parser_version"})
"""Columns that say nothing before a file has landed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one file."""

    file: Path
    rejection: Rejection | None = None
    count: int = 0
    rows: Sequence[Mapping[str, Any]] = ()
    """The first of them, at most SHOWN."""
    unread: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failures: tuple[RuleFailure, ...] = ()

    @property
    def is_loadable(self) -> bool:
        """Whether the file would come through: read, and no blocking rule broken."""
        blocked = any(failure.severity == "block" for failure in self.failures)
        return self.rejection is None and not blocked

    def as_data(self) -> dict[str, Any]:
        """Return what `layout test --json` prints."""
        fault = self.rejection
        return {
            "file": self.file.name,
            "loadable": self.is_loadable,
            "reason_code": fault.code if fault else None,
            "message": fault.message if fault else None,
            "count": self.count,
            "rows": [{k: v for k, v in row.items() if k not in MADE} for row in self.rows],
            "unread": list(self.unread),
            "warnings": list(self.warnings),
            "rules": [failure.model_dump(mode="json") for failure in self.failures],
        }


def chosen_layout(named: str, folder: Path | None) -> Layout:
    """Return the layout of a file, or of that name; raise StackError with every fault in it."""
    path = Path(named)
    try:
        if path.name.endswith(SUFFIX) or path.is_file():
            return layout_from(path)
        layouts = load_layouts(folder)
    except LayoutError as error:
        raise StackError(str(error)) from error
    if named not in layouts:
        raise StackError(f"there is no layout {named!r}; there are {', '.join(sorted(layouts))}")
    return layouts[named]


def tried(layout: Layout, files: Sequence[Path], zone: str) -> list[Tried]:
    """Read every file by the layout, and judge the rows by their contract."""
    seen = [(file, _seen(layout, file, zone)) for file in files]
    failures = _judged(layout, [one.rows for _, one in seen if isinstance(one, _Seen)])
    told: list[Tried] = []
    for file, one in seen:
        if isinstance(one, Rejection):
            told.append(Tried(file=file, rejection=one))
            continue
        told.append(
            Tried(
                file=file,
                count=one.count,
                rows=one.rows.slice(0, SHOWN).to_pylist(),
                unread=one.unread,
                warnings=one.warnings,
                failures=failures.pop(0),
            )
        )
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    rows: pa.Table
    count: int
    unread: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def _seen(layout: Layout, file: Path, zone: str) -> _Seen | Rejection:
    if layout.large:
        return _streamed(layout, file, zone)
    body = checked_body(file)
    modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    origin = Origin(ids=IDS, otherwise_at=Moment(modified, "file"))
    if layout.has_records:
        table = _recorded(layout, body, ZoneInfo(zone), origin)
    elif body.startswith(WORKBOOKS):
        table = read_workbook(read_grids(file), layout, zone=ZoneInfo(zone), origin=origin)
    else:
        table = read_text(body, layout, zone=ZoneInfo(zone), origin=origin)
    if isinstance(table, Rejection):
        return table
    import pyarrow as pa  # noqa: PLC0415 - a tenth of a second, not for every command

    schema = load_contracts()[layout.dataset].arrow_schema()
    return _Seen(
        rows=pa.Table.from_pylist(table.rows, schema=schema),
        count=len(table.rows),
        unread=tuple(table.each_unread()),
        warnings=table.warnings,
    )


def _recorded(layout: Layout, body: bytes, zone: ZoneInfo, origin: Origin) -> Table | Rejection:
    """Read records by this one layout, whatever stream or type its group would know it by."""
    read = Recorded(read_parquet=partial(run_here, parse_parquet))
    found = read.table(body, (layout,), folders=(), source=NOBODY, zone=zone, origin=origin)
    if isinstance(found, Ended):
        return failure(found, "records")
    return found


def _streamed(layout: Layout, file: Path, zone: str) -> _Seen | Rejection:
    from cytolake.layouts.streamed import JUDGED_ROWS, read_streamed  # noqa: PLC0415 - DuckDB

    read = read_streamed(layout, file, zone)
    if isinstance(read, Rejection):
        return read
    rows, count, unread = read
    partly = (f"The rules were tried on the first {JUDGED_ROWS:,} rows only.",)
    columns = tuple(f"column {header}" for header in unread)
    return _Seen(
        rows=rows, count=count, unread=columns, warnings=partly if count > rows.num_rows else ()
    )


def _judged(layout: Layout, tables: Sequence[pa.Table]) -> list[tuple[RuleFailure, ...]]:
    """Return what each table breaks, by the validator's own suite and in its own words."""
    if not tables:
        return []
    # Great Expectations takes seconds to import: not for every command of the CLI.
    from cytolake_validator.adapters import GreatExpectationsJudge  # noqa: PLC0415
    from cytolake_validator.rules import Candidate, broken_by_count  # noqa: PLC0415
    from cytolake_validator.words import failures_of  # noqa: PLC0415

    contract = load_contracts()[layout.dataset]
    judge = GreatExpectationsJudge({contract.name: contract})
    broken = judge.judge([Candidate(table=one, contract=contract) for one in tables])
    told = []
    for table, by_row in zip(tables, broken, strict=True):
        if isinstance(by_row, Exception):
            raise by_row
        told.append(failures_of(contract, table, {**broken_by_count(contract, table), **by_row}))
    return told
