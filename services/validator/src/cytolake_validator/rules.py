"""Contract rules as Great Expectations' expectations, and the table that these look at.

Every check looks at one column of a *judged table* made here: the rule's own column with the rows
that the rule does not speak about left null. Conditions are thereby worked out once, in Arrow, and
each expectation is a plain one of Great Expectations' own (a row condition costs it 8 ms apiece).
All rules that only ask for a value share one column: the ids of those that a row breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from cytolake_contracts.datasets import Condition, DatasetContract, Rule

FILE, ROW, MISSING = "_file", "_row", "_missing"
"""Columns of a judged table: the file's place in its batch, the row's in its file, see above."""

Broken = Mapping[str, tuple[int, ...]]
"""Rule id -> the rows of one file, from 0, that break it; a rule that holds is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file's rows and the contract that they claim to keep."""

    table: pa.Table
    contract: DatasetContract


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Whereof a table holds only some failing rows: what the whole one is, and breaks."""

    rows: int
    counts: Mapping[str, int]
    """Rule id -> how many rows of the whole table break it."""
    numbers: Sequence[int]
    """Of each row here, its number in the whole table, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One expectation (its class name in Great Expectations) of one judged column."""

    column: str
    expectation: str
    rules: tuple[Rule, ...]
    kwargs: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def checks_of(contract: DatasetContract) -> tuple[Check, ...]:
    """Return the checks that together hold every rule of the contract about rows."""
    required = tuple(rule for rule in contract.rules if rule.kind == "required")
    missing = Check(column=MISSING, expectation="ExpectColumnValuesToBeNull", rules=required)
    others = [_check(rule) for rule in contract.rules if rule.kind in EXPECTATIONS]
    return (missing, *others) if required else tuple(others)


def _check(rule: Rule) -> Check:
    name, kwargs = EXPECTATIONS[rule.kind]
    return Check(column=rule.id, expectation=name, kwargs=kwargs(rule.params), rules=(rule,))


EXPECTATIONS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Mapping[str, object]]]] = (
    MappingProxyType(
        {
            "unique": ("ExpectColumnValuesToBeUnique", lambda _: {}),
            "pattern": ("ExpectColumnValuesToMatchRegex", lambda p: {"regex": p["pattern"]}),
            "in_set": ("ExpectColumnValuesToBeInSet", lambda p: {"value_set": list(p["values"])}),
            "range": ("ExpectColumnValuesToBeBetween", dict),
        }
    )
)


def judged_table(tables: Sequence[pa.Table], checks: Iterable[Check]) -> pa.Table:
    """Return one table with the judged columns of several files of one dataset."""
    whole = pa.concat_tables(tables)
    counts = [table.num_rows for table in tables]
    columns: dict[str, Any] = {
        FILE: pa.array([file for file, count in enumerate(counts) for _ in range(count)]),
        ROW: pa.array([row for count in counts for row in range(count)]),
    }
    for check in checks:
        columns[check.column] = (
            _missing(whole, check.rules)
            if check.column == MISSING
            else _judged(whole, columns[FILE], check.rules[0])
        )
    return pa.table(columns)


def _judged(table: pa.Table, file: pa.Array, rule: Rule) -> Any:  # noqa: ANN401
    if rule.kind == "unique":
        columns = cast("tuple[str, ...]", rule.params["columns"])
        parts = [pc.cast(column, pa.string()) for column in (file, *map(table.column, columns))]
        joined = pc.binary_join_element_wise(*parts, "\x1f")  # null where any part is
        return _where(table, rule.where, joined)
    column = table.column(str(rule.column))
    if rule.kind == "range" and not pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.float64())
        # pandas cannot tell "not a number" from a missing one: it must be out of every range.
        column = pc.if_else(pc.is_nan(column), pa.scalar(float("inf")), column)
    return _where(table, rule.where, column)


def _where(table: pa.Table, conditions: Iterable[Condition], column: Any) -> Any:  # noqa: ANN401
    for condition in conditions:
        column = pc.if_else(_holds(table, condition), column, pa.scalar(None, column.type))
    return column


def _holds(table: pa.Table, condition: Condition) -> Any:  # noqa: ANN401
    column = table.column(condition.column)
    if condition.by_value:
        return pc.is_in(column, pa.array(condition.values, column.type))
    return pc.is_valid(column) if condition.present else pc.is_null(column)


def _missing(table: pa.Table, rules: Iterable[Rule]) -> Any:  # noqa: ANN401
    """Return the ids of the rules that each row breaks, joined by blanks; null for none."""
    names = []
    for rule in rules:
        absent = pc.is_null(table.column(str(rule.column)))
        name = pc.if_else(absent, pa.scalar(rule.id), pa.scalar(None, pa.string()))
        names.append(_where(table, rule.where, name))
    # Not null_handling="skip": pyarrow 26 then leaves out the rows where nothing is left to join.
    joined = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(*names, " ", null_handling="replace", null_replacement="")
    )
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def broken_by_count(contract: DatasetContract, table: pa.Table) -> Broken:
    """Return the rules about a whole file that it breaks."""
    return {
        rule.id: ()
        for rule in contract.rules
        if rule.kind == "row_count" and table.num_rows < cast("int", rule.params["min_value"])
    }


def shape_difference(contract: DatasetContract, table: pa.Table, *, rows: int) -> str | None:
    """Say how a table differs from what its contract and its event say; None if it does not."""
    if table.num_rows != rows:
        return f"the table has {table.num_rows} rows, announced were {rows}"
    wanted = {f.name: str(f.type) for f in contract.arrow_schema()}
    found = {f.name: str(f.type) for f in table.schema}
    if list(wanted.items()) == list(found.items()):
        return None
    named = {
        "lacks": wanted.keys() - found.keys(),
        "adds": found.keys() - wanted.keys(),
        "has other types in": {n for n in wanted.keys() & found.keys() if wanted[n] != found[n]},
    }
    parts = [f"{words} {', '.join(sorted(names))}" for words, names in named.items() if names]
    return f"the table {'; '.join(parts) or 'has its columns in another order'}"


def in_batches(sizes: Sequence[int], *, max_rows: int) -> list[list[int]]:
    """Return the places 0, 1, … of `sizes` in runs that stay within `max_rows` (one may exceed)."""
    runs: list[list[int]] = []
    total = 0
    for place, size in enumerate(sizes):
        if not runs or total + size > max_rows:
            runs.append([])
            total = 0
        runs[-1].append(place)
        total += size
    return runs
