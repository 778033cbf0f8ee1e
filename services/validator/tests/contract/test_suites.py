"""The suites that others read say of every row what the gate says of it."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pyarrow as pa
import pytest
from great_expectations.data_context.types.base import ProgressBarsConfig

from cytolake_contracts.dataset_examples import Row, good_rows, violations
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_validator.suites import suite_of

CONTRACTS = load_contracts()


@pytest.fixture(scope="module")
def batches() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("rows")


def broken(batches: Any, contract: DatasetContract, rows: list[Row]) -> list[str]:
    frame = pa.Table.from_pylist(rows, schema=contract.arrow_schema()).to_pandas()
    batch = batches.get_batch(batch_parameters={"dataframe": frame})
    results = batch.validate(suite_of(contract), result_format="BOOLEAN_ONLY").results
    failed = [result for result in results if not result.success]
    assert not any(r.exception_info.get("raised_exception", True) for r in failed)
    return [result.expectation_config.meta["rule"] for result in failed]


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
def test_each_rule_is_one_expectation_that_its_violation_breaks(
    batches: Any, contract: DatasetContract
) -> None:
    assert broken(batches, contract, good_rows(contract, 3)) == []
    for violation in violations(contract):
        found = broken(batches, contract, list(violation.rows))
        assert found == [violation.rule.id]


def test_severity_and_condition_are_great_expectations_own() -> None:
    suite = suite_of(CONTRACTS["measurement"]).to_json_dict()
    found = {e["meta"]["rule"]: e for e in suite["expectations"]}
    assert found["measured_has_sample"]["severity"] == "warning"
    assert found["viability_is_a_percentage"]["severity"] == "critical"
    assert found["viability_is_a_percentage"]["kwargs"]["row_condition"]["parameter"] == [
        "viability"
    ]
