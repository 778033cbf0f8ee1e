"""The floor's one select counts what the contract's rules forbid."""

from __future__ import annotations

import duckdb
import pytest

from cytolake.bench_floor_rules import broken_rules_query
from cytolake_contracts.datasets import Condition, DatasetContract, Rule, load_contracts

TABLE = """
    (values ('a', 1.0, 'vcd'), ('b', -1.0, 'vcd'), ('b', -1.0, 'ph'), (null, 9.0, 'vcd'))
    as t (name, amount, quantity)
"""
VCD = (Condition(column="quantity", values=("vcd",)),)


def rule(
    kind: str, column: str | None = None, where: tuple[Condition, ...] = (), **params: object
) -> Rule:
    return Rule(
        id=f"a {kind}",
        kind=kind,  # type: ignore[arg-type]
        column=column,
        severity="block",
        description="",
        params=params,
        where=where,
    )


@pytest.mark.parametrize(
    ("one", "offenders"),
    [
        (rule("required", "name"), 1),
        (rule("unique", columns=("name", "amount")), 1),
        (rule("pattern", "name", pattern="^a"), 2),
        (rule("in_set", "name", values=("a",)), 2),
        (rule("range", "amount", min_value=0), 2),
        (rule("range", "amount", VCD, min_value=0), 1),
        (rule("range", "amount", max_value=9, strict_max=True), 1),
        (rule("row_count", min_value=4), 0),
        (rule("row_count", min_value=6), 2),
    ],
)
def test_each_kind_of_rule_counts_its_offenders(one: Rule, offenders: int) -> None:
    contract = DatasetContract(
        name="t",
        version="1",
        zone="raw",
        description="",
        slice_key=None,
        columns=(),
        rules=(one,),
        primary_key=(),
    )
    assert duckdb.sql(broken_rules_query(contract, TABLE)).fetchone() == (offenders,)


def test_an_empty_table_breaks_the_real_contract_by_its_emptiness_alone() -> None:
    contract = load_contracts()["measurement"]
    measured = duckdb.from_arrow(contract.arrow_schema().empty_table())  # noqa: F841
    found = duckdb.sql(broken_rules_query(contract, "measured")).fetchone() or ()
    broken = [one.kind for one, offenders in zip(contract.rules, found, strict=True) if offenders]
    assert broken == ["row_count"]
