"""dbt's sources, derived from the dataset contracts: `python -m cytolake_transformer.sources FILE`.

A hand edit of the file fails a test, which compares it with `document()`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from cytolake_contracts.datasets import dbt_source_columns, load_contracts
from cytolake_transformer.tables import DESCRIPTIONS, OPTIONAL, OWN_TABLES

HEADER = """\
# Derived from contracts/datasets: `python -m cytolake_transformer.sources` with this file's path.
# Do not edit by hand.
"""


def document() -> str:
    """Return the whole of `_raw__sources.yml`."""
    raw = [c for c in load_contracts().values() if c.zone == "raw"]
    tables = [dbt_source_columns(contract) for contract in sorted(raw, key=lambda c: c.name)]
    tables += [_own_table(name) for name in OWN_TABLES]
    source = {
        "name": "raw",
        "description": "Rows as the converter wrote them: every version and run of every file.",
        "database": "lake",
        "schema": "raw",
        "config": {"enabled": "{{ target.name == 'lake' }}"},
        "tables": tables,
    }
    return HEADER + yaml.safe_dump(
        {"sources": [source]}, sort_keys=False, allow_unicode=True, width=100
    )


def _own_table(name: str) -> dict[str, object]:
    columns = [
        {"name": column, "description": said}
        | ({} if column in OPTIONAL else {"data_tests": ["not_null"]})
        for column, (_, said) in OWN_TABLES[name].items()
    ]
    return {"name": name, "description": DESCRIPTIONS[name], "columns": columns}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
