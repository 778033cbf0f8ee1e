from __future__ import annotations

from dataclasses import replace

import pytest

from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.migrations import Step, Table, steps
from cytolake_mart_loader.tables import MigrationError

MART = load_contracts()["mart_cell_growth"]
WANTED = Table(
    columns={
        c.name: c.physical_type.replace("timestamptz", "timestamp with time zone")
        for c in MART.columns
    },
    not_null=frozenset(MART.primary_key),
    key=MART.primary_key,
    checks={"vcd_is_not_negative": "CHECK ((vcd >= 0)) NOT ENFORCED"},
)
TABLE = 'ALTER TABLE marts."mart_cell_growth"'


def without(*columns: str) -> Table:
    kept = {name: kind for name, kind in WANTED.columns.items() if name not in columns}
    return replace(WANTED, columns=kept)


def found(present: Table, *, drop_columns: bool = False) -> list[Step]:
    return steps(MART, present, WANTED, drop_columns=drop_columns)


def test_nothing_to_do_for_a_table_that_is_as_its_contract_says() -> None:
    assert found(WANTED) == []


def test_a_table_that_is_not_there_is_made() -> None:
    (step,) = found(Table())
    assert step.kind == "create"
    assert step.statement.startswith('CREATE TABLE IF NOT EXISTS "marts"."mart_cell_growth"')


def test_new_columns_are_added() -> None:
    assert found(without("has_warnings")) == [
        Step("add_column", "has_warnings", f'{TABLE} ADD COLUMN "has_warnings" boolean')
    ]


def test_a_number_becomes_a_wider_one() -> None:
    present = replace(WANTED, columns={**WANTED.columns, "n_counts": "integer"})
    assert found(present) == [
        Step("widen_column", "n_counts", f'{TABLE} ALTER COLUMN "n_counts" TYPE bigint')
    ]


def test_a_column_that_the_contract_dropped_stays_until_it_is_asked_for() -> None:
    present = replace(WANTED, columns={**WANTED.columns, "old": "text"})
    assert found(present) == []
    assert found(present, drop_columns=True) == [
        Step("drop_column", "old", f'{TABLE} DROP COLUMN "old"')
    ]


def test_a_dropped_column_no_longer_demands_a_value() -> None:
    present = replace(
        WANTED,
        columns={**WANTED.columns, "old": "text"},
        not_null=WANTED.not_null | {"old", "n_counts"},
    )
    assert [(step.kind, step.column) for step in found(present)] == [
        ("relax_column", "n_counts"),
        ("relax_column", "old"),
    ]


def test_a_changed_limit_replaces_its_check() -> None:
    old = {"vcd_is_not_negative": "CHECK ((vcd >= 1)) NOT ENFORCED"}
    (step,) = found(replace(WANTED, checks=old))
    assert step.kind == "set_check"
    assert step.statement == (
        f'{TABLE} DROP CONSTRAINT IF EXISTS "vcd_is_not_negative", '
        'ADD CONSTRAINT "vcd_is_not_negative" CHECK ("vcd" >= 0) NOT ENFORCED'
    )


def test_a_rule_that_is_gone_takes_its_check_along_but_no_administrators() -> None:
    checks = {
        **WANTED.checks,
        "gone": "CHECK ((vcd < 9)) NOT ENFORCED",
        "of_an_administrator": "CHECK ((vcd < 1000))",
    }
    assert found(replace(WANTED, checks=checks)) == [
        Step("drop_check", None, f'{TABLE} DROP CONSTRAINT "gone"')
    ]


@pytest.mark.parametrize(
    ("present", "words"),
    [
        (replace(WANTED, columns={**WANTED.columns, "vcd": "text"}), "vcd is text, its contract"),
        (replace(WANTED, columns={**WANTED.columns, "vcd": "bigint"}), "mart_cell_growth_v2"),
        (replace(WANTED, key=("batch_id",)), "its key is"),
    ],
)
def test_a_breaking_change_is_refused_with_words(present: Table, words: str) -> None:
    with pytest.raises(MigrationError, match=words):
        found(present)
