"""A layout tried on files: the rows as they would be, and everything that is not well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

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
from cytolake_ingest_gateway.converter.declared import WORKBOOKS
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_text, read_workbook
from cytolake_ingest_gateway.converter.times import Moment

if TYPE_CHECKING:
    import pyarrow as pa

NOBODY = str(UUID(int=0))
IDS = {"object_id": NOBODY, "run_id": NOBODY, "run_no": 1}
MADE = frozenset({*IDS, "measurement_key", "result_key", "reading_key", "parser_version"})
"""Columns that say nothing before a file has landed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one file."""

    file: Path
    rejection: Rejection | None = None
    rows: Sequence[Mapping[str, Any]] = ()
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


def tried(layout: Layout, files: Sequence[Path], zone: tzinfo) -> list[Tried]:
    """Read every file by the layout, and judge the rows by their contract."""
    tables = [(file, _table(layout, file, zone)) for file in files]
    failures = _judged(layout, [table for _, table in tables if isinstance(table, Table)])
    told: list[Tried] = []
    for file, table in tables:
        if isinstance(table, Rejection):
            told.append(Tried(file=file, rejection=table))
            continue
        told.append(
            Tried(
                file=file,
                rows=table.rows,
                unread=tuple(table.each_unread()),
                warnings=table.warnings,
                failures=failures.pop(0),
            )
        )
    return told


def _table(layout: Layout, file: Path, zone: tzinfo) -> Table | Rejection:
    body = checked_body(file)
    modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    origin = Origin(ids=IDS, otherwise_at=Moment(modified, "file"))
    if body.startswith(WORKBOOKS):
        return read_workbook(read_grids(file), layout, zone=zone, origin=origin)
    return read_text(body, layout, zone=zone, origin=origin)


def _judged(layout: Layout, tables: Sequence[Table]) -> list[tuple[RuleFailure, ...]]:
    """Return what each table breaks, by the validator's own suite and in its own words."""
    if not tables:
        return []
    # Great Expectations takes seconds to import: not for every command of the CLI.
    from cytolake_validator.adapters import GreatExpectationsJudge  # noqa: PLC0415
    from cytolake_validator.rules import Candidate, broken_by_count  # noqa: PLC0415
    from cytolake_validator.words import failures_of  # noqa: PLC0415

    contract = load_contracts()[layout.dataset]
    arrow = [_arrow(layout, table) for table in tables]
    judge = GreatExpectationsJudge({contract.name: contract})
    broken = judge.judge([Candidate(table=one, contract=contract) for one in arrow])
    told = []
    for table, by_row in zip(arrow, broken, strict=True):
        if isinstance(by_row, Exception):
            raise by_row
        told.append(failures_of(contract, table, {**broken_by_count(contract, table), **by_row}))
    return told


def _arrow(layout: Layout, table: Table) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - a tenth of a second, see above

    schema = load_contracts()[layout.dataset].arrow_schema()
    return pa.Table.from_pylist(table.rows, schema=schema)
