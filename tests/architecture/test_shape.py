"""Sizes and shapes that STYLE agrees on: small modules, the same six in every service."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.tree import ROOT, functions, modules, relative, sources

LONGEST_FILE = 250
LONGEST_FUNCTION = 40
SERVICES = {
    "services/ingest-gateway/src/cytolake_ingest_gateway/api",
    "services/ingest-gateway/src/cytolake_ingest_gateway/intake",
    "services/ingest-gateway/src/cytolake_ingest_gateway/converter",
    "services/validator/src/cytolake_validator",
    "services/validator/src/cytolake_validator/checker",
    "services/transformer/src/cytolake_transformer",
    "services/mart-loader/src/cytolake_mart_loader",
    "services/lineage/src/cytolake_lineage",
}
EVERY_SERVICE_HAS = ("__init__", "__main__", "app", "settings")
NAMES_THAT_SAY_NOTHING = {"base", "common", "helpers", "misc", "util", "utils"}


def test_no_file_is_long() -> None:
    lengths = {relative(file): len(file.read_text().splitlines()) for file in modules()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    long = [f for file in modules() for f in functions(file) if f.lines > LONGEST_FUNCTION]
    assert [f"{f.where}: {f.lines} lines" for f in long] == []


def test_functions_are_mostly_tiny() -> None:
    assert median(f.lines for file in sources() for f in functions(file)) <= 10


@pytest.mark.parametrize("folder", sorted(SERVICES))
def test_service_has_its_modules(folder: str) -> None:
    missing = [name for name in EVERY_SERVICE_HAS if not (ROOT / folder / f"{name}.py").is_file()]
    assert missing == []


@pytest.mark.parametrize("folder", sorted(SERVICES))
def test_entry_point_is_a_shell(folder: str) -> None:
    """Reading settings, building and running: no rule lives in `__main__`."""
    assert len((ROOT / folder / "__main__.py").read_text().splitlines()) <= 20


def test_names_say_something() -> None:
    assert [relative(f) for f in sources() if f.stem in NAMES_THAT_SAY_NOTHING] == []


def test_every_port_says_what_it_promises() -> None:
    """Ruff does not ask for docstrings on classes and methods; a port must have them."""
    silent = [name for file in sources() for name in _silent_ports(file)]
    assert silent == []


def _silent_ports(file: Path) -> list[str]:
    ports = (
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
    )
    return [
        f"{relative(file)}:{node.lineno} {port.name}"
        for port in ports
        for node in (port, *(m for m in port.body if isinstance(m, _FUNCTIONS)))
        if ast.get_docstring(node) is None
    ]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
