"""Declared layouts: tables that people or other systems write, described as data.

A new layout is a new entry here and a dataset contract; no logic changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "number", "time"]


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column: where `must` stands, a file without it is not of this layout."""

    name: str
    kind: Kind
    must: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of table, and the dataset that its rows belong to."""

    name: str
    title: str
    dataset: str
    columns: tuple[LayoutColumn, ...]
    max_rows: int = 200_000
    max_bytes: int = 20_000_000


LAYOUTS: MappingProxyType[str, Layout] = MappingProxyType(
    {
        "sample_list": Layout(
            name="sample_list",
            title="sample list",
            dataset="sample",
            columns=(
                LayoutColumn("sample_id", "text", must=True),
                LayoutColumn("batch_id", "text", must=True),
                LayoutColumn("step", "text"),
                LayoutColumn("collected_at", "time", must=True),
                LayoutColumn("culture_day", "number"),
                LayoutColumn("volume_ml", "number"),
            ),
        ),
    }
)


def header_name(cell: str) -> str:
    """Return a header cell as columns are named: `Sample ID` is `sample_id`."""
    return "_".join(cell.strip().casefold().replace("-", " ").replace("_", " ").split())


def layout_with_header(names: frozenset[str]) -> Layout | None:
    """Return the layout that has exactly these columns: recognised, not guessed."""
    for layout in LAYOUTS.values():
        if names == {column.name for column in layout.columns}:
            return layout
    return None
