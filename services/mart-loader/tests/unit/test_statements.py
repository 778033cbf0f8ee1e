from __future__ import annotations

from cytolake_contracts import SliceSet
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader import statements

MART = load_contracts()["mart_cell_growth"]


def test_ids_are_quoted_literals_so_that_files_are_left_out() -> None:
    slices = SliceSet(key="batch_id", ids=("B-1", "O'Neill'); DROP TABLE x; --"))
    query = statements.read_slices(MART, slices, 41)
    assert 'FROM lake.marts."mart_cell_growth" AT (VERSION => 41)' in query
    assert query.endswith("""WHERE "batch_id" IN ('B-1', 'O''Neill''); DROP TABLE x; --')""")


def test_a_whole_mart_is_read_without_a_filter() -> None:
    query = statements.read_slices(MART, SliceSet(key="batch_id", all=True), 41)
    assert query.endswith("AT (VERSION => 41)")


def test_columns_are_named_in_the_contracts_order() -> None:
    listed = ", ".join(f'"{name}"' for name in MART.column_names)
    assert listed in statements.copy(MART)
    assert listed in statements.read_slices(MART, SliceSet(key="batch_id", all=True), 1)


def test_merge_writes_no_key_column_and_deletes_within_the_slices_only() -> None:
    merge = statements.merge(MART, SliceSet(key="batch_id", ids=("B-1",)))
    updated = merge.split("UPDATE SET ")[1].splitlines()[0]
    assert '"batch_id" =' not in updated
    assert '"culture_day" =' not in updated
    assert 'o."batch_id" = ANY(%(ids)s::text[])' in merge


def test_merge_of_a_whole_mart_needs_no_ids() -> None:
    merge = statements.merge(MART, SliceSet(key="batch_id", all=True))
    assert "ids" not in merge
