"""What was found, in words for a scientist and in a document for the evidence bucket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import pyarrow as pa

from cytolake_contracts import FileConverted, RuleFailure
from cytolake_contracts.datasets import DatasetContract, Rule
from cytolake_validator.rules import Broken

EXAMPLES = 5
CONTEXT = ("sample_id", "well", "quantity_raw")
"""Columns that help a scientist to find a row in the file, where a dataset has them."""


def failures_of(
    contract: DatasetContract, table: pa.Table, broken: Broken
) -> tuple[RuleFailure, ...]:
    """Return the broken rules in the contract's order."""
    return tuple(
        _failure(rule, table, broken[rule.id]) for rule in contract.rules if rule.id in broken
    )


def _failure(rule: Rule, table: pa.Table, rows: tuple[int, ...]) -> RuleFailure:
    told = f"{len(rows)} of {table.num_rows} rows" if rows else f"{table.num_rows} rows"
    verb = "breaks" if len(rows) == 1 else "break"
    return RuleFailure(
        rule=rule.id,
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


def summary(contract: DatasetContract, failures: Sequence[RuleFailure]) -> str:
    """Return the sentence that says why a file is held back."""
    blocking = [failure for failure in failures if failure.severity == "block"]
    told = "; ".join(
        f.message + (f" (first: {f.examples[0]})" if f.examples else "") for f in blocking
    )
    return f"The file breaks its contract ({contract.name} {contract.version}): {told}."


def result_document(
    event: FileConverted,
    contract: DatasetContract,
    failures: Sequence[RuleFailure],
    *,
    engine: str,
) -> bytes:
    """Return the result as JSON, every rule named; the same run, the same bytes (no clock)."""
    found = {failure.rule: failure for failure in failures}
    blocked = any(failure.severity == "block" for failure in failures)
    document = {
        "object_id": str(event.object_id),
        "run_id": str(event.run_id),
        "run_no": event.run_no,
        "dataset": contract.name,
        "contract_version": contract.version,
        "parquet_key": event.data.table.parquet_key,
        "parquet_sha256": event.data.table.parquet_sha256,
        "rows": event.data.table.rows,
        "engine": engine,
        "verdict": "quarantined" if blocked else "validated",
        "rules": [_rule_result(rule, found.get(rule.id)) for rule in contract.rules],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


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
