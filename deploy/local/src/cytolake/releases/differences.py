"""What differs between two Parquet files of one table: rows by their keys, old and new values."""

# ruff: noqa: S608 - names are quoted

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import duckdb

from cytolake_runtime.lake import literal

Kind = Literal["added", "removed", "changed"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not as it was; `columns` by name: old and new value."""

    kind: Kind
    key: Row
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def change(then: Row | None, now: Row | None, keys: Sequence[str]) -> Change:
    """Return how a row changed; one of the two may be missing."""
    if then is None or now is None:
        there = then or now or {}
        return Change("added" if then is None else "removed", {key: there[key] for key in keys})
    names = [*then, *(name for name in now if name not in then)]
    columns = {name: (then.get(name), now.get(name)) for name in names}
    differing = {name: both for name, both in columns.items() if both[0] != both[1]}
    return Change("changed", {key: now[key] for key in keys}, differing)


def changes(then: Path | None, now: Path | None, keys: Sequence[str]) -> Iterator[Change]:
    """Yield every row that differs, by its key; a file that is missing has no rows."""
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as db:
        db.execute("SET TimeZone = 'UTC'")
        for name, path, other in (("t", then, now), ("n", now, then)):
            rows = (
                f"SELECT true AS is_there, r FROM read_parquet({literal(str(path or other))}) AS r"
            )
            db.execute(f"CREATE VIEW {name} AS {rows}{'' if path else ' LIMIT 0'}")
        same = " AND ".join(
            f"t.r.{_name(key)} IS NOT DISTINCT FROM n.r.{_name(key)}" for key in keys
        )
        order = ", ".join(f"coalesce(t.r.{_name(key)}, n.r.{_name(key)})" for key in keys)
        cursor = db.execute(
            "SELECT if(t.is_there, t.r, NULL), if(n.is_there, n.r, NULL)"
            f" FROM t FULL OUTER JOIN n ON {same} WHERE t.is_there IS DISTINCT FROM n.is_there"
            f" OR t.r IS DISTINCT FROM n.r ORDER BY {order}"
        )
        while found := cursor.fetchmany(1000):
            yield from (change(old, new, keys) for old, new in found)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
