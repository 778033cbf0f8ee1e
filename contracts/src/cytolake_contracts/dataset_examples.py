"""Rows generated from a dataset contract: good ones, and for each rule a file that breaks only it.

For tests: nothing here is data. Texts say their column and number, so that they are seen for what
they are.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from cytolake_contracts.dataset_types import Column, DatasetContract, Rule

Row = dict[str, Any]
NEIGHBOURS = 3
BAD_TEXTS = ("", "no such value", "NO-CODE!")
EARLY, LATE = datetime(1801, 1, 1, tzinfo=UTC), datetime(2250, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A file whose `failing` rows (from 0) break `rule` and nothing else."""

    rule: Rule
    rows: tuple[Row, ...]
    failing: tuple[int, ...]


def good_rows(contract: DatasetContract, count: int, *, start: int = 0) -> list[Row]:
    """Return rows, every column filled, that break no rule of the contract."""
    return [
        {column.name: _good(contract, column, number) for column in contract.columns}
        for number in range(start, start + count)
    ]


def violations(contract: DatasetContract) -> Iterator[Violation]:
    """Yield one file per rule; good rows stand before the bad ones."""
    for rule in contract.rules:
        rows = good_rows(contract, NEIGHBOURS + 1)
        if rule.kind == "row_count":
            yield Violation(rule=rule, rows=(), failing=())
            continue
        bad = rows[-1]
        bad.update(_row_in_scope(rule))
        if rule.kind == "unique":
            rows[0].update(_row_in_scope(rule))
            bad.update({name: rows[0][name] for name in cast("Any", rule.params["columns"])})
            yield Violation(rule=rule, rows=tuple(rows), failing=(0, NEIGHBOURS))
            continue
        column = str(rule.column)
        bad[column] = next(v for v in _bad_values(rule) if _breaks_only(contract, rule, bad, v))
        yield Violation(rule=rule, rows=tuple(rows), failing=(NEIGHBOURS,))


def _good(contract: DatasetContract, column: Column, number: int) -> object:
    rules = [rule for rule in contract.rules if rule.column == column.name]
    return next(
        value
        for value in _plausible(column, rules, number)
        if not any(_breaks(rule, value) for rule in rules)
    )


def _plausible(column: Column, rules: list[Rule], number: int) -> tuple[object, ...]:
    sets = [cast("tuple[object, ...]", r.params["values"]) for r in rules if r.kind == "in_set"]
    digest = hashlib.sha256(f"{column.name}{number}".encode()).hexdigest()
    by_type: dict[str, tuple[object, ...]] = {
        "string": (f"{column.name}-{number}", f"{column.name}_{number}", digest, digest[:32]),
        "integer": (number + 1, 1),
        "number": (1.0,),
        "boolean": (False,),
        "timestamp": (datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=number),),
    }
    return sets[0] if sets else by_type[column.logical_type]


def _row_in_scope(rule: Rule) -> Row:
    """Return what makes a good row one that the rule speaks about."""
    return {
        condition.column: condition.values[0] if condition.by_value else None
        for condition in rule.where
        if condition.by_value or not condition.present
    }


def _bad_values(rule: Rule) -> tuple[object, ...]:
    if rule.kind == "required":
        return (None,)
    if rule.kind != "range":
        return BAD_TEXTS
    bounds = [rule.params.get("min_value"), rule.params.get("max_value")]
    if any(isinstance(bound, datetime) for bound in bounds):
        return (EARLY, LATE)
    low, high = (cast("Any", bound) for bound in bounds)
    near = ([low - 1] if low is not None else []) + ([high + 1] if high is not None else [])
    return (*near, math.inf, -math.inf, math.nan)


def _breaks_only(contract: DatasetContract, rule: Rule, row: Row, value: object) -> bool:
    changed = {**row, str(rule.column): value}
    broken = [r.id for r in contract.rules if r.column and _applies(r, changed)]
    return broken == [rule.id]


def _applies(rule: Rule, row: Row) -> bool:
    in_scope = all(
        row[c.column] in c.values if c.by_value else (row[c.column] is not None) is c.present
        for c in rule.where
    )
    return in_scope and _breaks(rule, row[str(rule.column)])


def _breaks(rule: Rule, value: object) -> bool:
    """Say whether a value breaks the rule by itself: a second, slow reading of what rules mean."""
    if value is None:
        return rule.kind == "required"
    how = _BREAKS.get(rule.kind)
    return bool(how and how(cast("Mapping[str, Any]", rule.params), value))


def _out_of_range(params: Mapping[str, Any], value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, float) and math.isnan(value):
        return True
    low, high = params.get("min_value"), params.get("max_value")
    if low is not None and (value < low or (params.get("strict_min") and value == low)):
        return True
    return high is not None and (value > high or bool(params.get("strict_max") and value == high))


_BREAKS: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "pattern": lambda params, value: re.search(params["pattern"], value) is None,
    "in_set": lambda params, value: value not in params["values"],
    "range": _out_of_range,
}
