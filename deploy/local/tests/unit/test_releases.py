"""What changed since a release, row by row, and as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake.commands_release import said
from cytolake.releases.differences import Change, changes

KEYS = ("batch_id", "day")


def parquet(folder: Path, name: str, *rows: dict[str, object]) -> Path:
    path = folder / name
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def row(day: int, value: float | None, **more: object) -> dict[str, object]:
    return {"batch_id": "B1", "day": day, "value": value} | more


def test_rows_are_found_by_their_keys(tmp_path: Path) -> None:
    then = parquet(tmp_path, "then", row(0, 1.0), row(1, 2.0), row(2, None), row(3, 5.0))
    now = parquet(tmp_path, "now", row(0, 1.0), row(1, 2.5), row(2, 4.0), row(4, 6.0))
    assert list(changes(then, now, KEYS)) == [
        Change("changed", {"batch_id": "B1", "day": 1}, {"value": (2.0, 2.5)}),
        Change("changed", {"batch_id": "B1", "day": 2}, {"value": (None, 4.0)}),
        Change("removed", {"batch_id": "B1", "day": 3}),
        Change("added", {"batch_id": "B1", "day": 4}),
    ]


def test_a_table_that_was_not_there_has_only_new_rows(tmp_path: Path) -> None:
    only = parquet(tmp_path, "only", row(0, 1.0))
    assert [one.kind for one in changes(None, only, KEYS)] == ["added"]
    assert [one.kind for one in changes(only, None, KEYS)] == ["removed"]
    assert list(changes(only, only, KEYS)) == []


def test_a_column_that_came_later_is_told_where_it_has_a_value(tmp_path: Path) -> None:
    then = parquet(tmp_path, "then", row(0, 1.0), row(1, 2.0))
    now = parquet(tmp_path, "now", row(0, 1.0, unit="mL"), row(1, 2.0, unit=None))
    assert list(changes(then, now, KEYS)) == [
        Change("changed", {"batch_id": "B1", "day": 0}, {"unit": (None, "mL")})
    ]


def test_a_change_reads_as_a_sentence() -> None:
    change = Change("changed", {"batch_id": "B1", "day": 1}, {"value": (2.0, 2.5)})
    assert said(change) == "changed batch_id B1, day 1: value 2.0 -> 2.5"
    assert said(Change("added", {"day": 4})) == "added day 4"
