"""What a round of builds calls for, and what was found, as a document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from cytolake_contracts import LakeBuilt
from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.evidence import Stage, build_result_key, run_result_key
from cytolake_validator.results import rules_of, written
from cytolake_validator.rules import Broken
from cytolake_validator.shown import shown_rows
from cytolake_validator.words import failures_of

OBJECT_KEY = "object_id"
IDS_NAMED = 50
"""A result names so many of the slices that were looked at."""
COLUMNS_RULE = "columns_as_contracted"
FLAG = "has_warnings"
"""The column of a row that rests on a file with warnings, such as a rule that was released."""
GATE = "the gate (every row of these has_warnings)"

Judge = Callable[[pa.Table, DatasetContract], Broken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """The rows of one table to look at: those whose `key` is one of `ids`, or all of them."""

    contract: DatasetContract
    key: str
    ids: tuple[str, ...]
    all: bool = False

    @property
    def stage(self) -> Stage:
        """Where the table is."""
        return self.contract.zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A table's rows as they are, and whether there were more than were asked for."""

    rows: pa.Table
    is_cut: bool = False


def wanted(
    builds: Sequence[LakeBuilt], contracts: Mapping[str, DatasetContract]
) -> tuple[Slices, ...]:
    """Return what the builds made anew: curated rows by object, marts by the slices they name."""
    objects = sorted({str(built.object_id) for build in builds for built in build.data.objects})
    curated = [
        Slices(contract=contract, key=OBJECT_KEY, ids=tuple(objects))
        for contract in contracts.values()
        if objects and contract.zone == "curated" and OBJECT_KEY in contract.column_names
    ]
    return (*curated, *_of_marts(builds, contracts))


def _of_marts(
    builds: Iterable[LakeBuilt], contracts: Mapping[str, DatasetContract]
) -> Iterable[Slices]:
    ids: dict[str, set[str]] = {}
    whole: set[str] = set()
    for build in builds:
        for mart, slices in build.data.marts.items():
            ids.setdefault(mart, set()).update(slices.ids)
            whole |= {mart} if slices.all else set()
    for mart, found in sorted(ids.items()):
        if mart in contracts and (found or mart in whole):
            yield Slices(
                contract=contracts[mart],
                key=str(contracts[mart].slice_key),
                ids=tuple(sorted(found)),
                all=mart in whole,
            )


def result_keys(builds: Iterable[LakeBuilt]) -> tuple[str, ...]:
    """Return the keys of the gate's results of every run that the builds hold, each once."""
    runs = {(built.object_id, built.run_no) for build in builds for built in build.data.objects}
    return tuple(run_result_key(object_id, run_no) for object_id, run_no in sorted(runs))


def document_of(
    slices: Slices, found: Found, builds: Sequence[LakeBuilt], judge: Judge, *, engine: str
) -> tuple[str, bytes]:
    """Return the result and its key in the evidence bucket; the same rows, the same bytes."""
    contract, rows = slices.contract, found.rows
    if odd := odd_columns(contract, rows):
        told = {**rules_of(contract, (), {}), "rules": [_columns_rule(odd)]}
    else:
        table = rows.select(contract.column_names).cast(_plain(contract))
        told = _judged(contract, table, judge(table, contract))
    ordered = sorted(builds, key=lambda build: (build.data.build_no, build.id))
    newest = ordered[-1]
    document = {
        "stage": slices.stage,
        "engine": engine,
        **told,
        "rows": rows.num_rows,
        "limit": rows.num_rows if found.is_cut else None,
        "builds": [_build(build) for build in ordered],
        "slices": {
            "key": slices.key,
            "count": len(slices.ids),
            "all": slices.all,
            "ids": list(slices.ids[:IDS_NAMED]),
        },
    }
    key = build_result_key(slices.stage, contract.name, newest.data.build_no, newest.id)
    return key, written(document)


def _judged(contract: DatasetContract, table: pa.Table, broken: Broken) -> dict[str, object]:
    failures = tuple(
        failure.model_copy(update={"released_by": GATE})
        if _let_in(table, broken[failure.rule])
        else failure
        for failure in failures_of(contract, table, broken)
    )
    return rules_of(contract, failures, shown_rows(contract, table, broken))


def _let_in(table: pa.Table, rows: tuple[int, ...]) -> bool:
    """Whether every row that breaks a rule says itself that it was let in with warnings."""
    if not rows or FLAG not in table.column_names:
        return False
    return all(table.column(FLAG).take(list(rows)).to_pylist())


def _build(build: LakeBuilt) -> dict[str, object]:
    return {
        "build_no": build.data.build_no,
        "event_id": str(build.id),
        "snapshot_id": build.data.snapshot_id,
        "built_at": build.time.isoformat(),
        "site": build.site,
    }


def odd_columns(contract: DatasetContract, rows: pa.Table) -> str | None:
    """Say which columns a table lacks or holds in another type; None when it is as contracted."""
    lacking = [name for name in contract.column_names if name not in rows.column_names]
    if lacking:
        return f"it lacks {', '.join(lacking)}"
    odd = [
        f"{field.name} is {rows.schema.field(field.name).type}, not {field.type}"
        for field in contract.arrow_schema()
        if not _fits(rows.schema.field(field.name).type, field.type)
    ]
    return "; ".join(odd) or None


def _fits(found: pa.DataType, expected: pa.DataType) -> bool:
    if pa.types.is_timestamp(found):
        return pa.types.is_timestamp(expected) and found.tz is not None
    return bool(found.equals(expected)) or pa.types.is_null(found)


def _plain(contract: DatasetContract) -> pa.Schema:
    return contract.arrow_schema().remove_metadata()


def _columns_rule(odd: str) -> dict[str, object]:
    return {
        "rule": COLUMNS_RULE,
        "kind": "columns",
        "column": None,
        "severity": "block",
        "description": f"the table must have the columns that its contract says; {odd}",
        "passed": False,
        "failing_rows": 0,
        "examples": [],
        "shown": None,
    }
