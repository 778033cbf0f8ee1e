"""A contract as Great Expectations' own suite of a dataset's plain columns: to read and to run.

The gate judges raw files by the same rules in a form that is quicker (see `rules`): conditions
worked out once, one column per rule. Here each rule is one expectation of the column it names, with
its condition, its severity and, in `meta`, its id: so the suites in contracts/derived/gx read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_
from types import MappingProxyType
from typing import Any

from cytolake_contracts.datasets import Condition, DatasetContract, Rule
from cytolake_validator.gx_import import Column, gx, gxe

SEVERITIES = MappingProxyType({"block": "critical", "warn": "warning"})
CLASSES: Mapping[str, tuple[str, Callable[[Rule], dict[str, Any]]]] = MappingProxyType(
    {
        "required": ("ExpectColumnValuesToNotBeNull", lambda _: {}),
        "pattern": ("ExpectColumnValuesToMatchRegex", lambda r: {"regex": r.params["pattern"]}),
        "in_set": ("ExpectColumnValuesToBeInSet", lambda r: {"value_set": [*_values(r)]}),
        "range": ("ExpectColumnValuesToBeBetween", lambda r: dict(r.params)),
        "row_count": ("ExpectTableRowCountToBeBetween", lambda r: dict(r.params)),
    }
)


def suite_of(contract: DatasetContract) -> gx.ExpectationSuite:
    """Return one expectation per rule, in the contract's order; `meta["rule"]` is the rule's id."""
    return gx.ExpectationSuite(
        name=contract.name,
        expectations=[expectation_of(rule) for rule in contract.rules],
        meta={"contract": contract.reference, "owner": contract.owner, "zone": contract.zone},
    )


def expectation_of(rule: Rule) -> Any:  # noqa: ANN401 - Great Expectations has no types
    """Return the expectation that holds the rule."""
    name, kwargs = _what(rule)
    if rule.column and rule.kind != "row_count":
        kwargs["column"] = rule.column
    if rule.where:
        kwargs["row_condition"] = _row_condition(rule.where)
    return getattr(gxe, name)(
        **kwargs,
        severity=SEVERITIES[rule.severity],
        description=rule.description,
        meta={"rule": rule.id},
    )


def _what(rule: Rule) -> tuple[str, dict[str, Any]]:
    if rule.kind != "unique":
        name, kwargs = CLASSES[rule.kind]
        return name, kwargs(rule)
    if rule.column:
        return "ExpectColumnValuesToBeUnique", {}
    columns: Any = rule.params["columns"]
    return "ExpectCompoundColumnsToBeUnique", {"column_list": [*columns]}


def _values(rule: Rule) -> Iterable[Any]:
    values: Any = rule.params["values"]
    return tuple(values)


def _row_condition(conditions: Iterable[Condition]) -> Any:  # noqa: ANN401
    return reduce(and_, map(_condition, conditions))


def _condition(condition: Condition) -> Any:  # noqa: ANN401
    column = Column(condition.column)
    if condition.by_value:
        return column.is_in(condition.values)
    return column.is_not_null() if condition.present else column.is_null()
