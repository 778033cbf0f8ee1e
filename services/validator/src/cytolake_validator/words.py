"""What was found, in words for a scientist and in a document for the evidence bucket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa

from cytolake_contracts import FileConverted, RuleFailure, TableRef
from cytolake_contracts.datasets import DatasetContract, Rule
from cytolake_validator.rules import Broken

EXAMPLES = 5
CONTEXT = ("sample_id", "well", "quantity_raw")
"""Columns that help a scientist to find a row in the file, where a dataset has them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One table of a run, and what it breaks of its contract, in the contract's order."""

    table: TableRef
    contract: DatasetContract
    failures: tuple[RuleFailure, ...]


def is_blocked(judged: Sequence[Judged]) -> bool:
    """Return whether any table of the run breaks a rule that blocks."""
    return any(failure.severity == "block" for one in judged for failure in one.failures)


def failures_of(
    contract: DatasetContract, table: pa.Table, broken: Broken
) -> tuple[RuleFailure, ...]:
    """Return the broken rules in the contract's order."""
    return tuple(
        _failure(rule, table, broken[rule.id], contract.name)
        for rule in contract.rules
        if rule.id in broken
    )


def _failure(rule: Rule, table: pa.Table, rows: tuple[int, ...], dataset: str) -> RuleFailure:
    told = f"{len(rows)} of {table.num_rows} rows" if rows else f"{table.num_rows} rows"
    verb = "breaks" if len(rows) == 1 else "break"
    return RuleFailure(
        rule=rule.id,
        dataset=dataset,
        column=rule.column,
        severity=rule.severity,
        message=f"{rule.description}; {told} {verb} this" if rows else rule.description,
        failing_rows=len(rows),
        examples=tuple(_example(rule, table, row) for row in rows[:EXAMPLES]),
    )


def _example(rule: Rule, table: pa.Table, row: int) -> str:
    columns = cast("tuple[str, ...]", rule.params.get("columns", (rule.column,)))
    context = [
        str(value)
        for name in CONTEXT
        if name in table.column_names and name not in columns
        if (value := table.column(name)[row].as_py()) is not None
    ]
    where = f"row {row + 1}" + (f" ({', '.join(context)})" if context else "")
    return f"{where}: {', '.join(_value(table, name, row) for name in columns)}"


def _value(table: pa.Table, name: str, row: int) -> str:
    value = table.column(name)[row].as_py()
    return f"no {name}" if value is None else f"{name} {value}"


def summary(judged: Sequence[Judged]) -> str:
    """Return the sentences that say why a file is held back."""
    return " ".join(_summary(one) for one in judged if is_blocked([one]))


def _summary(judged: Judged) -> str:
    told = "; ".join(
        failure.message + (f" (first: {failure.examples[0]})" if failure.examples else "")
        for failure in judged.failures
        if failure.severity == "block"
    )
    contract = judged.contract
    return f"The file breaks its contract ({contract.name} {contract.version}): {told}."


def result_document(event: FileConverted, judged: Sequence[Judged], *, engine: str) -> bytes:
    """Return the result as JSON, every rule named; the same run, the same bytes (no clock).

    The main table's part stands at the top; further tables of the run in `others`.
    """
    main, *others = judged
    document = {
        "object_id": str(event.object_id),
        "run_id": str(event.run_id),
        "run_no": event.run_no,
        "engine": engine,
        "verdict": "quarantined" if is_blocked(judged) else "validated",
        **_table_result(main),
        "others": [_table_result(other) for other in others],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _table_result(judged: Judged) -> dict[str, Any]:
    found = {failure.rule: failure for failure in judged.failures}
    return {
        "dataset": judged.contract.name,
        "contract_version": judged.contract.version,
        "parquet_key": judged.table.parquet_key,
        "parquet_sha256": judged.table.parquet_sha256,
        "rows": judged.table.rows,
        "rules": [_rule_result(rule, found.get(rule.id)) for rule in judged.contract.rules],
    }


def _rule_result(rule: Rule, failure: RuleFailure | None) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "kind": rule.kind,
        "column": rule.column,
        "severity": rule.severity,
        "description": rule.description,
        "passed": failure is None,
        "failing_rows": failure.failing_rows if failure else 0,
        "examples": list(failure.examples) if failure else [],
    }
