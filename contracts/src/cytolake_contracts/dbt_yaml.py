"""DatasetContract -> what dbt is told of it: descriptions and data tests, as its YAML says them."""

from __future__ import annotations

from typing import Any

import yaml

from cytolake_contracts.checks_sql import bound, where_of
from cytolake_contracts.dataset_types import DatasetContract, Rule
from cytolake_contracts.ddl import described

HEADER = """\
# Derived from contracts/datasets: `cytolake contracts build`. Do not edit by hand; unit tests stand
# in <model>__unit_tests.yml.
"""


def dbt_source(contract: DatasetContract) -> dict[str, object]:
    """Return the table's entry of a dbt sources file.

    Raw keeps every run of a file: what is unique in one file is not in the table.
    """
    entry: dict[str, object] = {"name": contract.name, "description": contract.description}
    if contract.freshness:
        late = {"count": contract.freshness.hours, "period": "hour"}
        entry["config"] = {
            "loaded_at_field": contract.freshness.column,
            "freshness": {"warn_after": late},
        }
    return entry | {"columns": _columns(contract, leaving_out=("unique",))}


def dbt_model(contract: DatasetContract) -> str:
    """Return the whole YAML file of the model that makes the dataset's table."""
    entry: dict[str, object] = {
        "name": contract.name,
        "description": f"{contract.granularity}. {contract.description}",
        "config": {"meta": {"owner": contract.owner, "contract": contract.reference}},
    }
    if len(contract.primary_key) > 1:
        columns = list(contract.primary_key)
        entry["data_tests"] = [{"one_row_per": {"arguments": {"columns": columns}}}]
    return dumped({"models": [entry | {"columns": _columns(contract)}]})


def dumped(document: dict[str, object]) -> str:
    """Return a derived YAML file."""
    body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return HEADER + str(body)


def _columns(
    contract: DatasetContract, leaving_out: tuple[str, ...] = ()
) -> list[dict[str, object]]:
    return [
        {"name": column.name, "description": described(column)} | ({"data_tests": t} if t else {})
        for column in contract.columns
        for t in [
            [
                _data_test(contract, rule)
                for rule in contract.rules
                if rule.column == column.name and rule.kind not in leaving_out
            ]
        ]
    ]


def _data_test(contract: DatasetContract, rule: Rule) -> str | dict[str, object]:
    test, arguments = _what(rule)
    config: dict[str, object] = {} if rule.severity == "block" else {"severity": "warn"}
    if rule.where:
        config["where"] = where_of(rule.where)
    if not arguments and not config:
        return test
    told: dict[str, object] = {
        "name": f"{contract.name}__{rule.id}",
        "description": rule.description,
    }
    told |= {"arguments": arguments} if arguments else {}
    return {test: told | ({"config": config} if config else {})}


def _what(rule: Rule) -> tuple[str, dict[str, object]]:
    params: Any = rule.params
    if rule.kind == "pattern":
        return "matches", {"pattern": params["pattern"]}
    if rule.kind == "in_set":
        return "accepted_values", {"values": list(params["values"])}
    if rule.kind == "range":
        return "in_range", {
            key: bound(value) if key.endswith("_value") else value for key, value in params.items()
        }
    return ("not_null" if rule.kind == "required" else "unique"), {}
