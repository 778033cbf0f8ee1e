"""A large table judged batch by batch leads to what it leads to as a whole, however it is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cytolake_contracts.dataset_examples import good_rows, violations
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_runtime.large_objects import LargeObjects
from cytolake_runtime.settings import ServiceSettings
from cytolake_validator.adapters import GreatExpectationsJudge
from cytolake_validator.app import one_by_one
from cytolake_validator.large import Tally, by_batches
from cytolake_validator.large_tables import LargeShapeError, LargeTables
from cytolake_validator.rules import Candidate, broken_by_count
from cytolake_validator.shown import shown_rows
from cytolake_validator.words import failures_of

CONTRACTS = {c.name: c for c in load_contracts().values() if c.zone == "raw"}
READING, SAMPLE = CONTRACTS["process_reading"], CONTRACTS["sample"]
BAD = {c.name: [list(v.rows) for v in violations(c)] for c in (READING, SAMPLE)}


@pytest.fixture(scope="module")
def judge() -> GreatExpectationsJudge:
    parts = map(by_batches, CONTRACTS.values())
    return GreatExpectationsJudge(CONTRACTS | {part.name: part for part in parts})


def large(judge: GreatExpectationsJudge, max_rows: int) -> LargeTables:
    objects = LargeObjects(ServiceSettings())
    return LargeTables(
        objects=objects, bucket="b", judge=one_by_one(judge), max_rows=0, batch_rows=max_rows
    )


def table_of(contract: DatasetContract, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=contract.arrow_schema())


def told_whole(judge: GreatExpectationsJudge, contract: DatasetContract, table: pa.Table) -> Any:
    (by_row,) = judge.judge([Candidate(table=table, contract=contract)])
    assert not isinstance(by_row, Exception)
    broken = {**broken_by_count(contract, table), **by_row}
    return failures_of(contract, table, broken), shown_rows(contract, table, broken)


def told_by_batches(
    judge: GreatExpectationsJudge,
    contract: DatasetContract,
    table: pa.Table,
    max_rows: int,
    at: Path,
) -> Any:
    pq.write_table(table, at)
    tally = large(judge, max_rows).tally(at, contract, rows=table.num_rows)
    few, broken, whole = tally.result()
    return failures_of(contract, few, broken, of=whole), shown_rows(contract, few, broken, of=whole)


@pytest.mark.parametrize("contract", [READING, SAMPLE], ids=lambda c: c.name)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    files=st.lists(st.integers(0, 100), max_size=4),
    good=st.integers(0, 40),
    max_rows=st.integers(1, 30),
)
def test_any_cut_leads_to_the_same_failures(
    judge: GreatExpectationsJudge,
    tmp_path: Path,
    contract: DatasetContract,
    files: list[int],
    good: int,
    max_rows: int,
) -> None:
    bad = BAD[contract.name]
    rows = [row for number in files for row in bad[number % len(bad)]]
    table = table_of(contract, [*good_rows(contract, good, start=100), *rows])
    by_batches_ = told_by_batches(judge, contract, table, max_rows, tmp_path / "t.parquet")
    assert by_batches_ == told_whole(judge, contract, table)


def test_a_column_that_rises_is_asked_of_no_database() -> None:
    tally = Tally(READING)
    for start in (0, 10):
        tally.add(table_of(READING, good_rows(READING, 10, start=start)), {})
    assert list(tally.undecided()) == []
    tally.add(table_of(READING, good_rows(READING, 1, start=19)), {})
    assert [rule.id for rule in tally.undecided()] == ["run_id_and_row_no_unique"]


def test_examples_are_few_and_counts_are_whole(
    judge: GreatExpectationsJudge, tmp_path: Path
) -> None:
    rows = [row | {"tag": None} for row in good_rows(READING, 500)]
    failures, shown = told_by_batches(
        judge, READING, table_of(READING, rows), 64, tmp_path / "t.parquet"
    )
    (failure,) = failures
    assert failure.failing_rows == 500
    assert len(failure.examples) == 5
    assert [row[0] for row in shown["tag_required"].rows] == list(range(1, 21))


def test_a_table_of_another_shape_is_a_bug(judge: GreatExpectationsJudge, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(table_of(SAMPLE, good_rows(SAMPLE, 2)), path)
    with pytest.raises(LargeShapeError, match="lacks"):
        large(judge, 1).tally(path, READING, rows=2)
    with pytest.raises(LargeShapeError, match="announced"):
        large(judge, 1).tally(path, SAMPLE, rows=3)
