"""dbt's sources, derived from the dataset contracts: `cytolake contracts build` writes them."""

from __future__ import annotations

from collections.abc import Iterable

from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.dbt_yaml import dbt_source, dumped
from cytolake_transformer.tables import DESCRIPTIONS, OPTIONAL, OWN_TABLES


def document(contracts: Iterable[DatasetContract]) -> str:
    """Return the whole of `_raw__sources.yml`."""
    raw = [contract for contract in contracts if contract.zone == "raw"]
    tables = [dbt_source(contract) for contract in sorted(raw, key=lambda c: c.name)]
    tables += [_own_table(name) for name in OWN_TABLES]
    source = {
        "name": "raw",
        "description": "Rows as the converter wrote them: every version and run of every file.",
        "database": "lake",
        "schema": "raw",
        "config": {"enabled": "{{ target.name == 'lake' }}"},
        "tables": tables,
    }
    return dumped({"sources": [source]})


def _own_table(name: str) -> dict[str, object]:
    columns = [
        {"name": column, "description": said}
        | ({} if column in OPTIONAL else {"data_tests": ["not_null"]})
        for column, (_, said) in OWN_TABLES[name].items()
    ]
    return {"name": name, "description": DESCRIPTIONS[name], "columns": columns}
