"""The stream: drops at their time, what needs the LIMS's word after it, every end awaited."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from typer.testing import CliRunner

from cytolake.cli import app
from cytolake.client import FileState
from cytolake.plant_stream import NotEndedError, Stream, due_seconds, unlike
from cytolake.synthetic.plant.drops import LIMS, Drop

SPACE = UUID(int=0)
FIRST = datetime(2025, 1, 6, tzinfo=UTC)


@dataclass
class Plant:
    """A store and a gateway in one: a file ends `takes` seconds after it was put."""

    takes: float = 1.0
    now: float = 0.0
    put: dict[str, float] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def put_bytes(self, key: str, body: bytes) -> UUID:
        del body
        identity = uuid5(SPACE, key)
        self.put[str(identity)] = self.now
        self.log.append(f"{self.now:.0f} {key.rsplit('/', 1)[-1]}")
        return identity

    def state(self, object_id: str) -> FileState | None:
        ended = self.now - self.put[object_id] >= self.takes
        return FileState(object_id=object_id, key="k", state="loaded" if ended else "landed")

    def shows(self, stream: Stream, at: datetime) -> None:
        del at
        assert stream.dropped >= len(stream.ended)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def drop(name: str, days: float, **other: str) -> Drop:
    at = FIRST + timedelta(days=days)
    return Drop(at=at, source=LIMS, name=name, body=b"x", **other)  # type: ignore[arg-type]


def stream(plant: Plant) -> Stream:
    return Stream(
        inbound=plant, files=plant, view=plant, clock=lambda: plant.now, sleep=plant.sleep
    )


def test_days_pass_in_minutes() -> None:
    assert due_seconds(timedelta(days=3), 1.5) == 120.0
    assert due_seconds(timedelta(days=3), 0) == 0.0


def test_drops_come_at_their_time_and_all_ends_are_seen() -> None:
    plant = Plant()
    one = stream(plant)
    one.run([drop("a", 0), drop("b", 1), drop("c", 1.5)], days_per_minute=6)
    assert plant.log == ["0 a", "10 b", "15 c"]
    assert one.by_state == {"loaded": 3}


def test_what_the_lims_must_have_told_first_is_awaited() -> None:
    plant = Plant(takes=7)
    stream(plant).run(
        [drop("list", 0), drop("swap", 1, after="lims/plant/list")], days_per_minute=0
    )
    assert plant.log == ["0 list", "7 swap"]


def test_a_file_that_never_ends_is_named() -> None:
    with pytest.raises(NotEndedError, match="lims/plant/a and 0 others"):
        stream(Plant(takes=1e9)).run([drop("a", 0)], days_per_minute=0)


def test_what_ends_otherwise_than_meant_is_said() -> None:
    drops = [drop("a", 0), drop("b", 0, ends="quarantined", reason_code="IDENTITY_MISMATCH")]
    ended = {
        one.key: FileState(object_id="o", key=one.key, state="duplicate", reason_code="X")
        for one in drops
    }
    assert unlike(drops, ended) == ["lims/plant/b is loaded, not quarantined (X: None)"]
    assert len(unlike(drops, {})) == 2


def test_the_truth_is_printed(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["plant", "--truth", "--json", "--batches", "3"])
    told = json.loads(run.stdout)
    assert (run.exit_code, told["synthetic"], len(told["kpis"])) == (0, True, 11)
    tables = CliRunner().invoke(app, ["plant", "--truth", "--batches", "3"])
    assert "kpi_growth (SYNTHETIC)" in tables.stdout
    out = tmp_path / "plant"
    written = CliRunner().invoke(app, ["plant", "--out", str(out), "--batches", "3"])
    files = [path for path in out.rglob("*") if path.is_file()]
    assert f"{len(files) - 1} SYNTHETIC files of 3 batches" in written.stdout
    assert (out / "SYNTHETIC-MANIFEST.csv").read_text().count("\n") == len(files)
