"""Open Data Contract Standard -> rules: which parts of the standard we can keep, and how.

`required`, `unique`, `primaryKey` and `enum` of a property are rules that block. Further rules are
`quality` items: the library metrics `invalidValues` (argument `pattern`), `duplicateValues` and, of
the whole table, `rowCount`; or Great Expectations' between, not-null and unique, with our own
`where`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from open_data_contract_standard.model import DataQuality, SchemaObject, SchemaProperty

from cytolake_contracts.dataset_types import Condition, Rule, RuleKind, Severity

EXPECTATIONS: Mapping[str, RuleKind] = {
    "expect_column_values_to_be_between": "range",
    "expect_column_values_to_not_be_null": "required",
    "expect_column_values_to_be_unique": "unique",
}


class ContractError(ValueError):
    """A contract file says something that nothing here can keep."""


def rules_of(table: SchemaObject, primary_key: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return every rule of the dataset, the table's own first; raise ContractError."""
    return (*_table_rules(table), *_rules(table.properties or [], primary_key))


def _table_rules(table: SchemaObject) -> Iterator[Rule]:
    for quality in table.quality or []:
        if quality.metric != "rowCount" or quality.mustBeGreaterThan is None:
            raise ContractError(f"{table.name}.{quality.id}: nothing here can keep such a rule")
        yield Rule(
            id=str(quality.id),
            kind="row_count",
            column=None,
            severity=_severity(quality),
            description=str(quality.description),
            params={"min_value": int(quality.mustBeGreaterThan) + 1},
        )


def _rules(properties: list[SchemaProperty], primary_key: tuple[str, ...]) -> Iterator[Rule]:
    unique = [(str(p.name),) for p in properties if p.unique]
    for columns in dict.fromkeys([primary_key, *unique] if primary_key else unique):
        yield _unique(f"{'_and_'.join(columns)}_unique", columns)
    for prop in properties:
        name = str(prop.name)
        if prop.required:
            yield Rule(
                id=f"{name}_required",
                kind="required",
                column=name,
                severity="block",
                description=f"every row must have a value in {name}",
                params={},
            )
        if prop.enum:
            values = tuple(item.value for item in prop.enum)
            yield Rule(
                id=f"{name}_in_set",
                kind="in_set",
                column=name,
                severity="block",
                description=f"{name} must be one of {', '.join(map(str, values))}",
                params={"values": values},
            )
        for quality in prop.quality or []:
            yield _rule(prop, quality)


def _unique(rule_id: str, columns: tuple[str, ...], quality: DataQuality | None = None) -> Rule:
    words = f"no two rows may have the same {' and '.join(columns)}"
    return Rule(
        id=rule_id,
        kind="unique",
        column=columns[0] if len(columns) == 1 else None,
        severity=_severity(quality) if quality else "block",
        description=str(quality.description) if quality else words,
        params={"columns": columns},
    )


def _rule(prop: SchemaProperty, quality: DataQuality) -> Rule:
    name = str(prop.name)
    if quality.metric == "duplicateValues":
        return _unique(str(quality.id), (name,), quality)
    kind, params, where = _what(prop, quality)
    return Rule(
        id=str(quality.id),
        kind=kind,
        column=name,
        severity=_severity(quality),
        description=str(quality.description),
        params=params,
        where=where,
    )


def _what(
    prop: SchemaProperty, quality: DataQuality
) -> tuple[RuleKind, dict[str, object], tuple[Condition, ...]]:
    if quality.metric == "invalidValues" and quality.arguments:
        return "pattern", {"pattern": quality.arguments["pattern"]}, ()
    how = quality.implementation
    if quality.engine != "greatExpectations" or not isinstance(how, dict):
        raise ContractError(f"{prop.name}.{quality.id}: nothing here can keep such a rule")
    if how.get("type") not in EXPECTATIONS:
        raise ContractError(f"{prop.name}.{quality.id}: unknown expectation {how.get('type')}")
    params = {key: _bound(prop, value) for key, value in how.get("kwargs", {}).items()}
    if EXPECTATIONS[how["type"]] == "unique":
        params = {"columns": (str(prop.name),)}
    return EXPECTATIONS[how["type"]], params, tuple(_condition(c) for c in how.get("where", []))


def _bound(prop: SchemaProperty, value: object) -> object:
    """A bound of a time is written as text in YAML."""
    is_time = prop.logicalType == "timestamp" and isinstance(value, str)
    return datetime.fromisoformat(str(value)) if is_time else value


def _condition(item: dict[str, Any]) -> Condition:
    if "in" in item:
        return Condition(column=item["column"], values=tuple(item["in"]))
    return Condition(column=item["column"], present=item["present"])


def _severity(quality: DataQuality) -> Severity:
    if quality.severity not in ("block", "warn"):
        raise ContractError(f"{quality.id}: severity must be block or warn")
    return cast("Severity", quality.severity)
