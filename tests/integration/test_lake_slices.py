"""Builds by slices leave the lake as a build from scratch would, whatever comes in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from dbt.adapters.factory import get_adapter

from cytolake_transformer.builds import Load
from cytolake_transformer.models import BuildError
from tests.support.lake import RawZone, SmallLake, together

TABLES = {
    "curated.dim_sample": "sample_id",
    "curated.fct_measurement": "measurement_key",
    "marts.mart_measurement": "measurement_key",
    "marts.mart_cell_growth": "batch_id, culture_day",
}
STEPS = 12


def contents(lake: SmallLake) -> dict[str, list[tuple[Any, ...]]]:
    """Return every table's rows in order; means may differ in their last bits."""
    return {
        table: [
            tuple(round(value, 9) if isinstance(value, float) else value for value in row)
            for row in lake.rows(f"SELECT * FROM lake.{table} ORDER BY {key}")
        ]
        for table, key in TABLES.items()
    }


@dataclass
class World:
    """Draws what may happen next to a handful of files, samples and batches."""

    raw: RawZone
    dice: random.Random
    told: list[Load] = field(default_factory=list)

    def next_loads(self) -> list[Load]:
        drawn = [self._next() for _ in range(self.dice.choice([1, 1, 2, 5]))]
        loads = list({load.key: load for load in drawn}.values())
        self.told += loads
        return loads

    def _next(self) -> Load:
        if self.told and self.dice.random() < 0.2:
            return self.dice.choice(self.told)
        seq, run_no = self.dice.randint(1, 3), self.dice.choice([1, 1, 1, 2])
        where: dict[str, Any] = {"seq": seq, "run_no": run_no}
        if self.dice.random() < 0.4:
            return self.raw.samples(f"list/{self.dice.randint(1, 3)}.csv", self._listed(), **where)
        key = f"counter/{self.dice.randint(1, 8)}.csv"
        load = self.raw.counts(key, self._counted(), **where)
        if self.dice.random() < 0.3:
            return together(load, self.raw.samples(key, self._listed(), **where))
        return load

    def _listed(self) -> list[tuple[str, str, float]]:
        named = self.dice.sample(range(6), self.dice.randint(0, 4))
        return [(f"S{n}", f"B{self.dice.randint(1, 3)}", float(n // 2)) for n in named]

    def _counted(self) -> list[tuple[str, float]]:
        count = self.dice.randint(0, 3)
        return [(f"S{self.dice.randint(0, 6)}", self.dice.uniform(0.1, 9)) for _ in range(count)]


@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_slices_equal_a_build_from_scratch(lake: SmallLake, seed: int) -> None:
    """Late samples, moved samples, overwrites, older versions later, replays, runs without rows."""
    world = World(lake.raw, random.Random(seed))
    for step in range(1, STEPS + 1):
        outcome = lake.building.answer(world.next_loads())
        assert outcome.failed == {}
        if step % 4 == 0:
            by_slices = contents(lake)
            lake.models.rebuild()
            assert by_slices == contents(lake)
    assert all(contents(lake).values()), "every table has rows, or nothing was compared"


@pytest.mark.integration
def test_a_sample_that_comes_late_heals_the_marts(lake: SmallLake) -> None:
    count = lake.raw.counts("counter/1.csv", [("S1", 2.0)])
    lake.building.answer([count])
    assert lake.rows("SELECT batch_id FROM lake.marts.mart_measurement") == [(None,), (None,)]
    outcome = lake.building.answer([lake.raw.samples("list/1.csv", [("S1", "B1", 0.0)])])
    assert lake.rows("SELECT DISTINCT batch_id FROM lake.marts.mart_measurement") == [("B1",)]
    assert lake.rows("SELECT tvc FROM lake.marts.mart_cell_growth") == [(100.0,)]
    assert outcome.marts["mart_measurement"].ids == {count.object_id}
    assert outcome.marts["mart_cell_growth"].ids == {"B1"}


@pytest.mark.integration
def test_a_sample_moved_to_another_batch_heals_both(lake: SmallLake) -> None:
    counts = lake.raw.counts("counter/1.csv", [("S1", 2.0), ("S2", 4.0)])
    both = lake.raw.samples("list/1.csv", [("S1", "B1", 0.0), ("S2", "B1", 1.0)])
    lake.building.answer([counts, both])
    moved = [("S1", "B1", 0.0), ("S2", "B2", 1.0)]
    outcome = lake.building.answer([lake.raw.samples("list/1.csv", moved, seq=2)])
    growth = "SELECT batch_id, culture_day FROM lake.marts.mart_cell_growth ORDER BY ALL"
    assert lake.rows(growth) == [("B1", 0.0), ("B2", 1.0)]
    assert outcome.marts["mart_cell_growth"].ids == {"B1", "B2"}


@pytest.mark.integration
def test_the_newest_version_is_current_whichever_comes_last(lake: SmallLake) -> None:
    second = lake.raw.counts("counter/1.csv", [("S1", 2.0)], seq=2)
    first = lake.raw.counts("counter/1.csv", [("S1", 1.0)], seq=1)
    lake.building.answer([second])
    outcome = lake.building.answer([first])
    current = "SELECT DISTINCT object_id FROM lake.marts.mart_measurement"
    assert lake.rows(current) == [(second.object_id,)]
    assert outcome.marts["mart_measurement"].ids == {first.object_id, second.object_id}


@pytest.mark.integration
def test_a_run_without_rows_leaves_none(lake: SmallLake) -> None:
    lake.building.answer([lake.raw.counts("counter/1.csv", [("S1", 2.0)])])
    lake.building.answer([lake.raw.counts("counter/1.csv", [], run_no=2)])
    assert lake.rows("SELECT * FROM lake.marts.mart_measurement") == []


@pytest.mark.integration
def test_a_file_that_cannot_be_taken_harms_no_neighbour(lake: SmallLake) -> None:
    good = lake.raw.counts("counter/1.csv", [("S1", 2.0)])
    bad = lake.raw.counts("counter/2.csv", [("S2", 2.0)], rows_said=7)
    outcome = lake.building.answer([good, bad])
    assert [load.object_id for load in outcome.built] == [good.object_id]
    assert "7 were announced" in str(outcome.failed[bad.key])
    objects = "SELECT DISTINCT object_id FROM lake.marts.mart_measurement"
    assert lake.rows(objects) == [(good.object_id,)]


@pytest.mark.integration
def test_a_retracted_run_gives_the_place_back(lake: SmallLake) -> None:
    """As if the newer version had never come: the older one is current again."""
    first = lake.raw.counts("counter/1.csv", [("S1", 1.0)])
    second = lake.raw.counts("counter/1.csv", [("S1", 2.0)], seq=2)
    lake.building.answer([first])
    lake.building.answer([second])
    lake.building._retract([second], lake.building.lake.known([second]))
    current = "SELECT DISTINCT object_id FROM lake.marts.mart_measurement"
    assert lake.rows(current) == [(first.object_id,)]
    left = "SELECT DISTINCT object_id FROM lake.raw.measurement"
    assert lake.rows(left) == [(first.object_id,)]
    assert lake.building.answer([second]).failed == {}
    assert lake.rows(current) == [(second.object_id,)]


@pytest.mark.integration
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_a_failed_build_left_fails_no_neighbour(lake: SmallLake, place: int) -> None:
    """The list gives the culprit's sample its batch: its build touches the culprit's slice too."""
    culprit = lake.raw.counts("counter/bad.csv", [("S1", 9.0)])
    good = lake.raw.counts("counter/good.csv", [("S1", 2.0)])
    listed = lake.raw.samples("list/1.csv", [("S1", "B1", 0.0)])
    loads = [good, listed]
    loads.insert(place, culprit)
    again = lake.models._opened()
    run = again.run

    def run_and_meet_the_culprit(models: Sequence[str]) -> list[Any]:
        results = run(models)
        cursor = get_adapter(again._config).connections.env().handle().cursor()
        counted = "SELECT 1 FROM lake.curated.fct_measurement WHERE object_id = ?"
        if cursor.execute(counted, [culprit.object_id]).fetchall():
            raise BuildError("mart_measurement: Conversion Error")
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(again, "run", run_and_meet_the_culprit)
        outcome = lake.building.answer(loads)
    assert set(outcome.failed) == {culprit.key}
    assert {load.key for load in outcome.built} == {good.key, listed.key}
    growth = "SELECT batch_id, vcd FROM lake.marts.mart_cell_growth"
    assert lake.rows(growth) == [("B1", 2.0)]
    assert lake.rows("SELECT * FROM lake.raw.load ANTI JOIN lake.raw.build USING (build_no)") == []
