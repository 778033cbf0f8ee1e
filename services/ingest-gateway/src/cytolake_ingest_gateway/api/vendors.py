"""The instruments that a source may be registered for.

They are allotropy's vendors, as data: importing its parser factory takes seconds. A test
holds the list equal to allotropy's own. Files that we read by another library have names beside.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

OWN = frozenset({"FCS"})
"""Flow Cytometry Standard files, read by flowio."""


@cache
def vendors() -> frozenset[str]:
    """Return every vendor name, e.g. `BECKMAN_VI_CELL_BLU`."""
    listed = resources.files("cytolake_ingest_gateway.api").joinpath("vendors.txt")
    return OWN | frozenset(listed.read_text(encoding="utf-8").split())
