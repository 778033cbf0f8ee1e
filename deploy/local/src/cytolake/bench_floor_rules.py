"""A dataset contract as one DuckDB select: how many rows break each of its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cytolake_contracts.datasets import Condition, DatasetContract, Rule


def broken_rules_query(contract: DatasetContract, table: str) -> str:
    """Return a select of one row: a count of offenders per rule, in the contract's order."""
    counts = ",\n  ".join(_count(rule) for rule in contract.rules)
    return f"select\n  {counts}\nfrom {table}"


def _count(rule: Rule) -> str:
    if rule.kind == "row_count":
        return f"greatest(0, {_text(rule.params['min_value'])} - count(*)) as {_name(rule.id)}"
    where = " and ".join(["true", *(_holds(condition) for condition in rule.where)])
    if rule.kind == "unique":
        columns = ", ".join(map(str, _listed(rule.params["columns"])))
        return (
            f"count(*) filter (where {where})"
            f" - count(distinct ({columns})) filter (where {where}) as {_name(rule.id)}"
        )
    return f"count(*) filter (where {where} and {_broken(rule)}) as {_name(rule.id)}"


def _broken(rule: Rule) -> str:
    column = _name(rule.column or "")
    kinds: Mapping[str, Callable[[], str]] = {
        "required": lambda: f"{column} is null",
        "pattern": lambda: f"not regexp_matches({column}, {_text(rule.params['pattern'])})",
        "in_set": lambda: f"{column} not in ({', '.join(_literals(rule.params['values']))})",
        "range": lambda: _outside(column, rule.params),
    }
    return kinds[rule.kind]()


def _outside(column: str, params: Mapping[str, object]) -> str:
    lower, upper = params.get("min_value"), params.get("max_value")
    below = "<=" if params.get("strict_min") else "<"
    above = ">=" if params.get("strict_max") else ">"
    sides = [f"{column} {below} {_text(lower)}"] if lower is not None else []
    sides += [f"{column} {above} {_text(upper)}"] if upper is not None else []
    return f"({' or '.join(sides)})"


def _holds(condition: Condition) -> str:
    column = _name(condition.column)
    if condition.by_value:
        return f"{column} in ({', '.join(_literals(condition.values))})"
    return f"{column} is {'not ' if condition.present else ''}null"


def _literals(values: object) -> list[str]:
    return [_text(value) for value in _listed(values)]


def _listed(values: object) -> list[object]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
