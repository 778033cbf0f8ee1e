"""The failing rows that a result shows: few, and of each the columns that help to find it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pyarrow as pa

from cytolake_contracts.datasets import DatasetContract, Rule
from cytolake_validator.rules import Broken, Extract

MAX_ROWS = 20
MAX_CHARACTERS = 200
CONTEXT = (
    "batch_id",
    "culture_day",
    "sample_id",
    "well",
    "quantity_raw",
    "value_raw",
    "unit_raw",
    "source_path",
    "row_no",
    "object_id",
)
"""Columns that help to find a row, where a dataset has them."""

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ShownRows:
    """Failing rows of one rule: the first column is the row's number in its table, from 1."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def as_json(self) -> dict[str, Any]:
        return {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}


def shown_rows(
    contract: DatasetContract, table: pa.Table, broken: Broken, *, of: Extract | None = None
) -> dict[str, ShownRows]:
    """Return by rule the first rows that break it; a rule about the whole table has none."""
    numbers = of.numbers if of else range(table.num_rows)
    return {
        rule.id: _shown(rule, table, broken[rule.id], numbers)
        for rule in contract.rules
        if broken.get(rule.id)
    }


def _shown(rule: Rule, table: pa.Table, rows: tuple[int, ...], numbers: Sequence[int]) -> ShownRows:
    columns = _columns(rule, table)
    few = table.select(columns).take(list(rows[:MAX_ROWS])).to_pylist()
    return ShownRows(
        ("row", *columns),
        tuple(
            (numbers[row] + 1, *(_cell(values[name]) for name in columns))
            for row, values in zip(rows, few, strict=False)
        ),
    )


def _columns(rule: Rule, table: pa.Table) -> list[str]:
    """The rule's own columns, those of its conditions, then the context; each once."""
    own = cast("tuple[str, ...]", rule.params.get("columns", (rule.column,)))
    conditions = (condition.column for condition in rule.where)
    wanted = dict.fromkeys((*own, *conditions, *CONTEXT))
    return [name for name in wanted if name in table.column_names]


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return value if len(value) <= MAX_CHARACTERS else f"{value[:MAX_CHARACTERS]}…"
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):  # noqa: PLR0124
        return str(value)  # JSON has no such number
    return cast("Cell", value)
