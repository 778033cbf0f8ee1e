"""Rules as conditions in SQL that PostgreSQL and DuckDB both read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cytolake_contracts.dataset_types import Condition, Rule

BOUNDS = (("min_value", "strict_min", ">=", ">"), ("max_value", "strict_max", "<=", "<"))


def condition_of(rule: Rule) -> str | None:
    """Return what holds of every row that keeps the rule; None for rules about several rows."""
    if rule.kind in ("unique", "row_count") or rule.column is None:
        return None
    kept = _kept(rule, name(rule.column))
    return f"NOT ({where_of(rule.where)}) OR {kept}" if rule.where else kept


def where_of(conditions: Iterable[Condition]) -> str:
    """Return which rows the conditions choose."""
    return " AND ".join(map(_chosen, conditions))


def bound(value: object) -> str:
    """Return a number or a time as SQL writes it."""
    if isinstance(value, datetime):
        return f"timestamptz {literal(value.isoformat())}"
    return repr(value)


def name(identifier: str) -> str:
    """Return an identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text, quoted."""
    return "'" + text.replace("'", "''") + "'"


def _kept(rule: Rule, column: str) -> str:
    if rule.kind == "required":
        return f"{column} IS NOT NULL"
    if rule.kind == "pattern":
        return f"{column} ~ {literal(str(rule.params['pattern']))}"
    if rule.kind == "in_set":
        values: object = rule.params["values"]
        assert isinstance(values, tuple)  # noqa: S101 - the reader of contracts made it
        return f"{column} IN ({', '.join(literal(str(value)) for value in values)})"
    return " AND ".join(_bounds(rule.params, column))


def _bounds(params: Mapping[str, object], column: str) -> Iterable[str]:
    for key, strict, at, beyond in BOUNDS:
        if params.get(key) is not None:
            yield f"{column} {beyond if params.get(strict) else at} {bound(params[key])}"


def _chosen(condition: Condition) -> str:
    column = name(condition.column)
    if condition.by_value:
        return f"{column} IN ({', '.join(map(literal, condition.values))})"
    return f"{column} IS {'NOT NULL' if condition.present else 'NULL'}"
