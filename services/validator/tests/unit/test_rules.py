from __future__ import annotations

import pyarrow as pa
import pytest

from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import Condition, DatasetContract, Rule, load_contracts
from cytolake_validator.rules import (
    FILE,
    MISSING,
    ROW,
    broken_by_count,
    checks_of,
    in_batches,
    judged_table,
    shape_difference,
)

CONTRACTS = load_contracts()
SAMPLE = CONTRACTS["sample"]


def rule(kind: str, column: str, *where: Condition, **params: object) -> Rule:
    return Rule(
        id="it",
        kind=kind,  # type: ignore[arg-type]
        column=column,
        severity="block",
        description="words",
        params=params,
        where=where,
    )


def judged(table: pa.Table, one: Rule) -> list[object]:
    (check,) = checks_of(
        DatasetContract(
            name="d",
            version="1",
            zone="raw",
            description="",
            slice_key=None,
            columns=(),
            rules=(one,),
            primary_key=(),
        )
    )
    column: list[object] = judged_table([table], [check]).column(check.column).to_pylist()
    return column


class TestChecks:
    @pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
    def test_hold_every_rule_about_rows_once(self, contract: DatasetContract) -> None:
        held = [rule.id for check in checks_of(contract) for rule in check.rules]
        assert sorted(held) == sorted(r.id for r in contract.rules if r.kind != "row_count")

    def test_ask_for_all_required_values_at_once(self) -> None:
        first = checks_of(SAMPLE)[0]
        assert (first.column, first.expectation) == (MISSING, "ExpectColumnValuesToBeNull")
        assert len(first.rules) == sum(rule.kind == "required" for rule in SAMPLE.rules)


class TestJudgedTable:
    TABLE = pa.table({"n": [1.0, float("nan"), None], "t": ["a", None, "b"]})

    def test_numbers_file_and_row(self) -> None:
        table = judged_table([self.TABLE, self.TABLE.slice(0, 0), self.TABLE.slice(1)], [])
        assert table.column(FILE).to_pylist() == [0, 0, 0, 2, 2]
        assert table.column(ROW).to_pylist() == [0, 1, 2, 0, 1]

    def test_takes_not_a_number_out_of_every_range(self) -> None:
        assert judged(self.TABLE, rule("range", "n", min_value=0)) == [1.0, float("inf"), None]

    def test_leaves_out_rows_outside_the_condition(self) -> None:
        where = Condition(column="t", values=("b", "c"))
        assert judged(self.TABLE, rule("in_set", "t", where, values=("x",))) == [None, None, "b"]

    def test_knows_presence_and_absence(self) -> None:
        has_number = Condition(column="n", present=True)
        has_none = Condition(column="n", present=False)
        assert judged(self.TABLE, rule("required", "t", has_number)) == [None, "it", None]
        assert judged(self.TABLE, rule("required", "t", has_none)) == [None, None, None]

    def test_keeps_the_files_of_a_batch_apart_in_unique_values(self) -> None:
        one = rule("unique", "t", columns=("t",))
        assert judged(self.TABLE, one) == ["0\x1fa", None, "0\x1fb"]


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
