from __future__ import annotations

import pyarrow as pa
import pytest

from cytolake_contracts.dataset_examples import good_rows, violations
from cytolake_contracts.datasets import DatasetContract, load_contracts


@pytest.mark.parametrize("contract", load_contracts().values(), ids=lambda c: c.name)
class TestEveryContract:
    def test_has_good_rows_of_its_types(self, contract: DatasetContract) -> None:
        table = pa.Table.from_pylist(good_rows(contract, 3), schema=contract.arrow_schema())
        assert table.num_rows == 3
        assert all(column.null_count == 0 for column in table.columns)

    def test_has_a_violation_for_each_rule(self, contract: DatasetContract) -> None:
        assert [v.rule for v in violations(contract)] == list(contract.rules)

    def test_violations_fit_the_file_format(self, contract: DatasetContract) -> None:
        for violation in violations(contract):
            pa.Table.from_pylist(list(violation.rows), schema=contract.arrow_schema())
