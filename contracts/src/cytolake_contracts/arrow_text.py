"""The Arrow schema of a dataset's Parquet files, as JSON."""

from __future__ import annotations

import json

from cytolake_contracts.dataset_types import CONTRACT_KEY, DatasetContract


def arrow_schema_text(contract: DatasetContract) -> str:
    """Return names, Arrow types, units and key-value metadata; every column is nullable."""
    units = {column.name: column.unit for column in contract.columns}
    fields = [
        {"name": field.name, "type": str(field.type), "nullable": field.nullable}
        | ({"unit": unit} if (unit := units[field.name]) else {})
        for field in contract.arrow_schema()
    ]
    document = {"metadata": {CONTRACT_KEY: contract.reference}, "fields": fields}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
