"""The suites that others read say of every row what the gate says of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cytolake_contracts.dataset_examples import Row, good_rows, violations
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_validator.adapters import GreatExpectationsJudge
from cytolake_validator.gx_files import gx_files
from cytolake_validator.gx_import import ProgressBarsConfig, gx
from cytolake_validator.rules import Candidate
from cytolake_validator.suites import suite_of

CONTRACTS = load_contracts()
SOME = ("measurement", "sample", "mart_cell_growth")
"""Between them they have every kind of rule."""


@pytest.fixture(scope="module")
def batches() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("rows")


def batch_of(batches: Any, contract: DatasetContract, rows: Sequence[Row]) -> Any:
    frame = pa.Table.from_pylist(list(rows), schema=contract.arrow_schema()).to_pandas()
    return batches.get_batch(batch_parameters={"dataframe": frame})


def holds(result: Any) -> bool:
    assert result.success or not result.exception_info.get("raised_exception", True)
    return bool(result.success)


@pytest.mark.parametrize("contract", [CONTRACTS[name] for name in SOME], ids=lambda c: c.name)
def test_each_rule_is_one_expectation_that_its_violation_breaks(
    batches: Any, contract: DatasetContract
) -> None:
    suite: Any = suite_of(contract)
    assert [e.meta["rule"] for e in suite.expectations] == [rule.id for rule in contract.rules]
    good = batch_of(batches, contract, good_rows(contract, 3))
    assert all(map(holds, good.validate(suite, result_format="BOOLEAN_ONLY").results))
    for violation, expectation in zip(violations(contract), suite.expectations, strict=True):
        assert not holds(batch_of(batches, contract, violation.rows).validate(expectation))


@pytest.mark.parametrize("contract", [CONTRACTS[name] for name in SOME], ids=lambda c: c.name)
def test_the_gate_finds_the_rows_that_great_expectations_finds_by_itself(
    batches: Any, contract: DatasetContract
) -> None:
    """Every violation among good rows, twice: values once each lead to the same rows.

    Unique rules apart, for what lacks a part of its key is no duplicate to us.
    """
    found = [row for violation in violations(contract) for row in violation.rows]
    rows = [*good_rows(contract, 5), *found, *good_rows(contract, 5, start=50), *found]
    suite: Any = suite_of(contract)
    results = batch_of(batches, contract, rows).validate(suite, result_format="COMPLETE").results
    alone = {
        result.expectation_config.meta["rule"]: tuple(result.result["unexpected_index_list"])
        for result in results
        if not result.success
    }
    table = pa.Table.from_pylist(rows, schema=contract.arrow_schema())
    judge = GreatExpectationsJudge({contract.name: contract})
    (judged,) = judge.judge([Candidate(table=table, contract=contract)])
    assert not isinstance(judged, Exception)
    unique = {rule.id for rule in contract.rules if rule.kind == "unique"}
    assert len(alone) > len(unique)
    assert {k: v for k, v in judged.items() if k not in unique} == {
        k: v for k, v in alone.items() if k not in unique
    }


def test_severity_and_condition_are_great_expectations_own() -> None:
    suite: Any = suite_of(CONTRACTS["measurement"]).to_json_dict()
    found = {e["meta"]["rule"]: e for e in suite["expectations"]}
    assert found["measured_has_sample"]["severity"] == "warning"
    assert found["viability_is_a_percentage"]["severity"] == "critical"
    assert found["viability_is_a_percentage"]["kwargs"]["row_condition"]["parameter"] == [
        "viability"
    ]


def test_the_files_are_a_project_whose_checkpoints_run(tmp_path: Path) -> None:
    contract = CONTRACTS["mart_cell_growth"]
    for path, text in gx_files([contract]).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    context = gx.get_context(mode="file", context_root_dir=tmp_path)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    checkpoint = context.checkpoints.get(contract.name)
    bad = next(v for v in violations(contract) if v.rule.id == "viability_is_a_percentage")
    for rows, expected in ((good_rows(contract, 3), True), (bad.rows, False)):
        frame = pa.Table.from_pylist(list(rows), schema=contract.arrow_schema()).to_pandas()
        assert checkpoint.run(batch_parameters={"dataframe": frame}).success is expected
