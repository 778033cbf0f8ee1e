"""DatasetContract -> what PostgreSQL is told of it.

A rule about single rows is a CHECK that is not enforced: everyone can read it in the table, and
Great Expectations judges by it, but a row that breaks it is shown, never kept out; it may have been
released by a person. The key alone is enforced.
"""

from __future__ import annotations

from cytolake_contracts.checks_sql import condition_of, literal, name
from cytolake_contracts.dataset_types import Column, DatasetContract


def postgres_ddl(contract: DatasetContract, schema: str = "marts") -> str:
    """Return statements that make the dataset's table where it is not there yet, with comments."""
    table = f"{name(schema)}.{name(contract.name)}"
    lines = [_column_line(column) for column in contract.columns]
    if contract.primary_key:
        lines.append(f"  PRIMARY KEY ({', '.join(map(name, contract.primary_key))})")
    made = ",\n".join([*lines, *(f"  {check}" for check in checks(contract).values())])
    comments = [f"COMMENT ON TABLE {table} IS {literal(told(contract))};"] + [
        f"COMMENT ON COLUMN {table}.{name(column.name)} IS {literal(described(column))};"
        for column in contract.columns
    ]
    return "\n".join([f"CREATE TABLE IF NOT EXISTS {table} (\n{made}\n);", *comments, ""])


def checks(contract: DatasetContract) -> dict[str, str]:
    """Return by rule id the constraint that declares it."""
    found = {rule.id: condition_of(rule) for rule in contract.rules if rule.kind != "required"}
    found |= {
        rule.id: condition_of(rule)
        for rule in contract.rules
        if rule.kind == "required" and rule.column not in contract.primary_key
    }
    return {
        rule_id: f"CONSTRAINT {name(rule_id)} CHECK ({condition}) NOT ENFORCED"
        for rule_id, condition in found.items()
        if condition is not None
    }


def told(contract: DatasetContract) -> str:
    """Return what a table's comment says: what one row is, and which contract it keeps."""
    return (
        f"{contract.granularity}. {contract.description} "
        f"Contract: {contract.reference}; owner: {contract.owner}."
    )


def described(column: Column) -> str:
    """Return what is said of a column, with its unit."""
    return f"{column.description} Unit: {column.unit}." if column.unit else column.description


def _column_line(column: Column) -> str:
    return f"  {name(column.name)} {column.physical_type}{' NOT NULL' * column.primary_key}"
