"""What became of a corpus of files, as a table by vendor."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from cytolake_ingest_gateway.converter.convert import Converted

HEAD = ("vendor", "rows", "points", "quantities", "NULLs", "unread cells, e.g.")


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
