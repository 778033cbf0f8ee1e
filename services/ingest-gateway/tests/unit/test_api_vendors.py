"""The list of vendors is allotropy's own, and ours beside."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from cytolake_ingest_gateway.api.vendors import OWN, vendors


def test_the_vendors_are_those_of_the_allotropy_installed() -> None:
    """Read from its source: importing it takes seconds."""
    spec = find_spec("allotropy")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse((Path(spec.origin).parent / "parser_factory.py").read_text())
    (enum,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Vendor")
    values = {
        node.value.value
        for node in enum.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    assert vendors() == values | OWN
    assert not values & OWN
