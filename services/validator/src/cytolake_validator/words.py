"""What was found, in words for a scientist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import pyarrow as pa

from cytolake_contracts import RuleFailure, TableRef
from cytolake_contracts.datasets import DatasetContract, Rule
from cytolake_validator.identity import RULE as IDENTITY_RULE
from cytolake_validator.rules import Broken, Extract
from cytolake_validator.shown import ShownRows

EXAMPLES = 5
CONTEXT = ("sample_id", "well", "quantity_raw", "attribute_raw")
"""Columns that help a scientist to find a row in the file, where a dataset has them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One table of a run, and what it breaks of its contract, in the contract's order."""

    table: TableRef
    contract: DatasetContract
    failures: tuple[RuleFailure, ...]
    shown: Mapping[str, ShownRows] = field(default_factory=dict)


def is_blocked(judged: Sequence[Judged]) -> bool:
    """Return whether any table of the run breaks a rule that blocks."""
    return any(failure.severity == "block" for one in judged for failure in one.failures)


def failures_of(
    contract: DatasetContract, table: pa.Table, broken: Broken, *, of: Extract | None = None
) -> tuple[RuleFailure, ...]:
    """Return the broken rules in the contract's order; `of`: the table is an extract."""
    whole = of or Extract(
        rows=table.num_rows,
        counts={rule: len(rows) for rule, rows in broken.items()},
        numbers=range(table.num_rows),
    )
    return tuple(
        _failure(rule, table, broken[rule.id], whole).model_copy(update={"dataset": contract.name})
        for rule in contract.rules
        if rule.id in broken
    )


def _failure(rule: Rule, table: pa.Table, rows: tuple[int, ...], whole: Extract) -> RuleFailure:
    count = whole.counts[rule.id]
    verb = "breaks" if count == 1 else "break"
    told = f"{rule.description}; {count} of {whole.rows} rows {verb} this"
    return RuleFailure(
        rule=rule.id,
        column=rule.column,
        severity=rule.severity,
        message=told if rows else rule.description,
        failing_rows=count,
        examples=tuple(
            f"row {whole.numbers[row] + 1}{_example(rule, table, row)}" for row in rows[:EXAMPLES]
        ),
    )


def _example(rule: Rule, table: pa.Table, row: int) -> str:
    own = cast("tuple[str, ...]", rule.params.get("columns", (rule.column,)))
    # What a missing value was wanted for: the number without a sample, the unit that is not known.
    because = (one.column for one in rule.where if one.present and not one.by_value)
    columns = tuple(dict.fromkeys((*own, *because)))
    context = [
        str(value)
        for name in CONTEXT
        if name in table.column_names and name not in columns
        if (value := table.column(name)[row].as_py()) is not None
    ]
    where = f" ({', '.join(context)})" if context else ""
    return f"{where}: {', '.join(_value(table, name, row) for name in columns)}"


def _value(table: pa.Table, name: str, row: int) -> str:
    value = table.column(name)[row].as_py()
    return f"no {name}" if value is None else f"{name} {value}"


def summary(judged: Sequence[Judged]) -> str:
    """Return the sentences that say why a file is held back."""
    return " ".join(_summary(one) for one in judged if is_blocked([one]))


def _summary(judged: Judged) -> str:
    blocking = [failure for failure in judged.failures if failure.severity == "block"]
    doubts = [failure for failure in blocking if failure.rule == IDENTITY_RULE]
    broken = [failure for failure in blocking if failure.rule != IDENTITY_RULE]
    contract = judged.contract
    told = [f"The file contradicts the LIMS: {_told(doubts)}."] if doubts else []
    if broken:
        name = f"{contract.name} {contract.version}"
        told.append(f"The file breaks its contract ({name}): {_told(broken)}.")
    return " ".join(told)


def _told(failures: Sequence[RuleFailure]) -> str:
    return "; ".join(
        failure.message + (f" (first: {failure.examples[0]})" if failure.examples else "")
        for failure in failures
    )
