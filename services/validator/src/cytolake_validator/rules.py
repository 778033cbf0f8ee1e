"""Contract rules as Great Expectations' expectations, and what is said of a table as a whole.

What costs is an expectation, whatever it looks at (some 4 ms). So one expectation holds all rules
of a dataset that ask the same of their values: one pattern, one range, any set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import pyarrow as pa

from cytolake_contracts.datasets import DatasetContract, Rule

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

    @property
    def needs_all(self) -> bool:
        """Say whether a value is judged beside all others, not by itself."""
        return self.expectation == UNIQUE


UNIQUE = "ExpectColumnValuesToBeUnique"
EXPECTATIONS: Mapping[str, str] = MappingProxyType(
    {
        "required": "ExpectColumnValuesToBeNull",  # of the ids of rules that rows break
        "unique": UNIQUE,
        "pattern": "ExpectColumnValuesToMatchRegex",
        "in_set": "ExpectColumnValuesToBeInSet",
        "range": "ExpectColumnValuesToBeBetween",
    }
)
SIGN = "\x1f"
"""Stands between a rule's id and a value, where values of several rules share a column."""


def checks_of(contract: DatasetContract) -> tuple[Check, ...]:
    """Return the checks that together hold every rule of the contract about rows."""
    alike: dict[tuple[str, str], list[Rule]] = {}
    for rule in contract.rules:
        if rule.kind in EXPECTATIONS:
            alike.setdefault(_what(contract, rule), []).append(rule)
    return tuple(_check(tuple(rules)) for rules in alike.values())


def _what(contract: DatasetContract, rule: Rule) -> tuple[str, str]:
    """Return what rules have in common that one expectation can hold."""
    if rule.kind in {"pattern", "range"}:
        types = {column.name: column.physical_type for column in contract.columns}
        is_time = types.get(str(rule.column)) == "timestamptz"
        return rule.kind, repr((sorted(rule.params.items()), is_time))
    return rule.kind, ""


def _check(rules: tuple[Rule, ...]) -> Check:
    first = rules[0]
    kwargs: dict[str, Any] = {}
    if first.kind == "pattern":
        kwargs = {"regex": first.params["pattern"]}
    elif first.kind == "range":
        kwargs = dict(first.params)
    elif first.kind == "in_set":
        kwargs = {"value_set": [f"{rule.id}{SIGN}{text}" for rule in rules for text in _set(rule)]}
    return Check(column=first.id, expectation=EXPECTATIONS[first.kind], kwargs=kwargs, rules=rules)


def _set(rule: Rule) -> list[str]:
    values = pa.array(cast("Sequence[Any]", rule.params["values"]))
    return cast("list[str]", values.cast(pa.string()).to_pylist())


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
