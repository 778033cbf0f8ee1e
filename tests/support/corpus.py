"""The instrument files at hand, each converted once a session; what became of them, as a table.

The files are published test inputs of allotropy (MIT), in `../shared/data/instruments`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow.parquet as pq

from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from cytolake_ingest_gateway.converter.testing import declared, landed

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDER = DATA / "instruments"
ZONE = "Europe/Berlin"

HEAD = ("vendor", "rows", "points", "quantities", "NULLs", "unread cells, e.g.")


def manifest() -> list[dict[str, str]]:
    """Return vendor and file of each; none where the files are not at hand."""
    path = FOLDER / "MANIFEST.csv"
    return list(csv.DictReader(path.read_text().splitlines())) if path.is_file() else []


@dataclass
class Corpus:
    """Converts files in one sandbox, each by its registered vendor once."""

    converter: Converter
    _known: dict[tuple[str, Path], Converted] = field(default_factory=dict)

    @classmethod
    def warm(cls) -> Self:
        """Start the sandbox."""
        sandbox = Sandbox()
        sandbox.warm_up()
        return cls(Converter(run_parser=sandbox.run, declared=declared(), limits=GuardLimits()))

    def converted(self, vendor: str, path: Path) -> Converted:
        """Return what the file becomes in a source of this vendor."""
        known = self._known.get((vendor, path))
        if known is None:
            known = self.read(path.read_bytes(), name=path.name, vendor=vendor)
            self._known[vendor, path] = known
        return known

    def read(
        self, body: bytes, *, name: str, vendor: str | None, layout: str | None = None
    ) -> Converted:
        """Convert these bytes, which must be readable."""
        event = landed(body, name=name, vendor=vendor, layout=layout, timezone=ZONE)
        outcome = self.converter(event, body)
        assert isinstance(outcome, Converted), outcome
        return outcome


@dataclass(frozen=True)
class Figures:
    """One file's line; `nulls` are rows without number and text, `unread` None: not compared."""

    rows: int
    points: int
    quantities: int
    nulls: int
    unread: int | None
    example: str

    @classmethod
    def of(cls, outcome: Converted) -> Figures:
        rows = rows_of(outcome)
        unread = outcome.unread
        return cls(
            rows=len(rows),
            points=sum(other.rows for other in outcome.others),
            quantities=len({row["quantity"] for row in rows}),
            nulls=sum(row["value_num"] is None and row["value_text"] is None for row in rows),
            unread=unread.count if unread else None,
            example=unread.examples[0] if unread and unread.examples else "",
        )


def rows_of(outcome: Converted) -> list[dict[str, Any]]:
    """Return the main table's rows."""
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(outcome.parquet.body)).to_pylist()
    return rows


def table(found: Mapping[str, Figures]) -> str:
    """Return the figures as lines of text."""
    lines = [_line(*HEAD)]
    for vendor, one in sorted(found.items()):
        unread = "-" if one.unread is None else f"{one.unread:>5}  {one.example[:50]}"
        lines.append(_line(vendor, one.rows, one.points, one.quantities, one.nulls, unread))
    return "\n".join(["", *lines, ""])


def _line(vendor: str, *figures: object) -> str:
    *numbers, last = figures
    return f"{vendor:<37}" + "".join(f"{number:>11}" for number in numbers) + f"  {last}"
