"""DatasetContract -> what PostgreSQL and dbt are told of it."""

from __future__ import annotations

from cytolake_contracts.dataset_types import Column, DatasetContract


def postgres_ddl(contract: DatasetContract, schema: str = "marts") -> str:
    """Return statements that make the dataset's table where it is not there yet, with comments."""
    table = f"{_name(schema)}.{_name(contract.name)}"
    lines = [_column_line(column) for column in contract.columns]
    if contract.primary_key:
        lines.append(f"  PRIMARY KEY ({', '.join(map(_name, contract.primary_key))})")
    body = ",\n".join(lines)
    comments = [f"COMMENT ON TABLE {table} IS {_text(contract.description)};"] + [
        f"COMMENT ON COLUMN {table}.{_name(column.name)} IS {_text(_described(column))};"
        for column in contract.columns
    ]
    return "\n".join([f"CREATE TABLE IF NOT EXISTS {table} (\n{body}\n);", *comments, ""])


def dbt_source_columns(contract: DatasetContract) -> dict[str, object]:
    """Return the table's entry of a dbt sources file: name, description and columns."""
    return {
        "name": contract.name,
        "description": contract.description,
        "columns": [
            {"name": column.name, "description": _described(column), **_data_tests(column)}
            for column in contract.columns
        ],
    }


def _column_line(column: Column) -> str:
    required = " NOT NULL" if column.required or column.primary_key else ""
    return f"  {_name(column.name)} {column.physical_type}{required}"


def _described(column: Column) -> str:
    return f"{column.description} Unit: {column.unit}." if column.unit else column.description


def _data_tests(column: Column) -> dict[str, list[str]]:
    return {"data_tests": ["not_null"]} if column.required else {}


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
