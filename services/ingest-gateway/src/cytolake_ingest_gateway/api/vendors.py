"""The instruments and layouts that a source may be registered for.

The vendors are allotropy's, as data: importing its parser factory takes seconds. A test
holds the list equal to allotropy's own.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

LAYOUTS = frozenset({"sample_list"})
"""Declared layouts of our own."""


@cache
def vendors() -> frozenset[str]:
    """Return allotropy's vendor names, e.g. `BECKMAN_VI_CELL_BLU`."""
    listed = resources.files("cytolake_ingest_gateway.api").joinpath("vendors.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())
