"""The dataset contracts: `contracts/datasets/**/*.odcs.yaml`, read once per process.

Parquet schemas, Great Expectations suites, dbt sources and PostgreSQL tables derive from these.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from cytolake_contracts.dataset_types import (
    Column,
    Condition,
    DatasetContract,
    Freshness,
    Rule,
    RuleKind,
    Severity,
)
from cytolake_contracts.ddl import postgres_ddl
from cytolake_contracts.odcs import read_contract
from cytolake_contracts.odcs_rules import ContractError

__all__ = [
    "Column",
    "Condition",
    "ContractError",
    "DatasetContract",
    "Freshness",
    "Rule",
    "RuleKind",
    "Severity",
    "contract_texts",
    "contracts_in",
    "load_contracts",
    "postgres_ddl",
    "read_contract",
]


def load_contracts() -> dict[str, DatasetContract]:
    """Return every dataset contract by the dataset's name."""
    return {contract.name: contract for contract in _contracts()}


def contracts_in(folder: Traversable) -> dict[str, DatasetContract]:
    """Return the contracts of another folder than our own, by the dataset's name."""
    contracts = map(read_contract, contract_texts(folder).values())
    return {contract.name: contract for contract in contracts}


def contract_texts(folder: Traversable | None = None) -> dict[str, str]:
    """Return every contract file's YAML by its name within `contracts/datasets`."""
    root = folder or files("cytolake_contracts") / "_files" / "datasets"
    return dict(sorted(_walk(root, "")))


@cache
def _contracts() -> tuple[DatasetContract, ...]:
    return tuple(read_contract(text) for text in contract_texts().values())


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        path = f"{prefix}{item.name}"
        if item.is_dir():
            yield from _walk(item, f"{path}/")
        elif path.endswith(".odcs.yaml"):
            yield path, item.read_text(encoding="utf-8")
