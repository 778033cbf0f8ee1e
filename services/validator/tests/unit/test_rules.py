from __future__ import annotations

import pyarrow as pa
import pytest

from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_validator.rules import broken_by_count, checks_of, in_batches, shape_difference

CONTRACTS = load_contracts()
SAMPLE = CONTRACTS["sample"]


class TestChecks:
    @pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
    def test_hold_every_rule_about_rows_once(self, contract: DatasetContract) -> None:
        held = [rule.id for check in checks_of(contract) for rule in check.rules]
        assert sorted(held) == sorted(r.id for r in contract.rules if r.kind != "row_count")

    @pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
    def test_hold_together_what_asks_the_same_of_values(self, contract: DatasetContract) -> None:
        checks = checks_of(contract)
        asked = {(check.expectation, repr(check.kwargs)) for check in checks}
        assert len(asked) == len(checks)
        sets = [check for check in checks if check.expectation == "ExpectColumnValuesToBeInSet"]
        assert len(sets) <= 1, "all sets are one: of pairs of a rule and a value"

    def test_ask_for_all_required_values_at_once(self) -> None:
        null = "ExpectColumnValuesToBeNull"
        (missing,) = [check for check in checks_of(SAMPLE) if check.expectation == null]
        assert len(missing.rules) == sum(rule.kind == "required" for rule in SAMPLE.rules)

    def test_keep_numbers_and_times_apart(self) -> None:
        """One column of a judged table has one type."""
        by_bounds = checks_of(CONTRACTS["result"])
        times = [c for c in by_bounds if c.rules[0].id == "collected_at_is_plausible"]
        assert [len(check.rules) for check in times] == [4]


class TestShape:
    TABLE = pa.Table.from_pylist(good_rows(SAMPLE, 2), schema=SAMPLE.arrow_schema())

    def test_of_the_contract_is_no_difference(self) -> None:
        assert shape_difference(SAMPLE, self.TABLE, rows=2) is None

    def test_differences_are_said_in_words(self) -> None:
        row_no = self.TABLE.schema.get_field_index("row_no")
        other = self.TABLE.set_column(row_no, "row_no", pa.array(["1", "2"]))
        other = other.drop_columns(["step"]).append_column("colour", pa.array(["red", "red"]))
        assert shape_difference(SAMPLE, other, rows=2) == (
            "the table lacks step; adds colour; has other types in row_no"
        )

    def test_order_matters(self) -> None:
        turned = self.TABLE.select(list(reversed(self.TABLE.column_names)))
        words = shape_difference(SAMPLE, turned, rows=2)
        assert words == "the table has its columns in another order"

    def test_row_count_is_that_of_the_event(self) -> None:
        words = shape_difference(SAMPLE, self.TABLE, rows=3)
        assert words == "the table has 2 rows, announced were 3"


def test_an_empty_file_breaks_its_row_count() -> None:
    empty = SAMPLE.arrow_schema().empty_table()
    assert broken_by_count(SAMPLE, empty) == {"has_rows": ()}
    assert broken_by_count(SAMPLE, TestShape.TABLE) == {}


@pytest.mark.parametrize(
    ("sizes", "runs"),
    [
        ([], []),
        ([3], [[0]]),
        ([3, 4, 3, 1], [[0, 1], [2, 3]]),
        ([1, 99, 1], [[0], [1], [2]]),
        ([0, 0, 7], [[0, 1, 2]]),
    ],
)
def test_batches_stay_within_their_rows(sizes: list[int], runs: list[list[int]]) -> None:
    assert in_batches(sizes, max_rows=7) == runs
