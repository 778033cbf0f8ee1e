"""Builds, halves, retraction, told again: on fakes."""

from __future__ import annotations

import pytest

from cytolake_runtime import Retryable
from cytolake_runtime.testing import Outbox
from cytolake_transformer.builds import Load, Marts
from cytolake_transformer.handlers import Building, Transformation
from cytolake_transformer.models import BuildError
from cytolake_transformer.testing import MemoryLake, MemoryModels, load, validated


def building(*poison: str) -> tuple[Building, MemoryLake, MemoryModels]:
    lake = MemoryLake()
    models = MemoryModels(lake, poison=set(poison))
    return Building(lake=lake, models=models), lake, models


def names(loads: tuple[Load, ...]) -> list[str]:
    return sorted(load.object_id for load in loads)


def test_what_waits_together_is_one_build() -> None:
    at_work, lake, models = building()
    outcome = at_work.answer([load("a"), load("b"), load("c")])
    assert names(outcome.built) == ["a", "b", "c"]
    assert lake.taken == [["a", "b", "c"]]
    assert models.built == [1]
    assert lake.finished == {1}
    assert outcome.snapshot_id == lake.snapshot()


@pytest.mark.parametrize("bad", ["a", "d", "g"])
def test_the_run_that_breaks_a_build_stands_alone(bad: str) -> None:
    at_work, lake, _ = building(bad)
    outcome = at_work.answer([load(name) for name in "abcdefg"])
    assert names(outcome.built) == sorted(set("abcdefg") - {bad})
    assert list(outcome.failed) == [(bad, 1)]
    assert isinstance(outcome.failed[bad, 1], BuildError)
    assert lake.loads[bad, 1][1].retracted
    assert lake.rows == set("abcdefg") - {bad}
    assert lake.unfinished() == ()


def test_all_may_break() -> None:
    at_work, lake, _ = building("a", "b")
    outcome = at_work.answer([load("a"), load("b")])
    assert outcome.built == ()
    assert set(outcome.failed) == {("a", 1), ("b", 1)}
    assert lake.unfinished() == ()


def test_the_slices_of_a_retracted_run_are_announced_with_its_neighbours() -> None:
    """A neighbour's slice may have been read while it held the failed rows."""
    at_work, _, _ = building("bad")
    outcome = at_work.answer([load("good"), load("bad")])
    assert outcome.marts["mart_measurement"].ids == frozenset({"good", "bad"})


def test_told_again_is_answered_without_a_build() -> None:
    at_work, lake, models = building()
    at_work.answer([load("a"), load("b")])
    lake.snapshots = 40
    outcome = at_work.answer([load("a", announcement=2)])
    assert names(outcome.built) == ["a"]
    assert (outcome.build_no, outcome.snapshot_id) == (1, 40)
    assert outcome.built[0].announcement == 2
    assert "a" in outcome.marts["mart_measurement"].ids
    assert models.built == [1]


def test_new_and_told_again_are_answered_together() -> None:
    at_work, _, models = building()
    at_work.answer([load("a")])
    outcome = at_work.answer([load("a"), load("b")])
    assert names(outcome.built) == ["a", "b"]
    assert models.built == [1, 2]


def test_models_of_datasets_that_only_an_earlier_run_had_are_built_too() -> None:
    """Rows of a table that the newer run no longer has must leave the curated tables."""
    at_work, _, models = building()
    at_work.answer([load("a", dataset="sample")])
    at_work.answer([load("a", run_no=2)])
    assert models.datasets[-1] == ("measurement", "sample")


def test_a_retracted_run_told_again_is_tried_again() -> None:
    """Once the bug is mended, a replay of its dead letter is enough."""
    at_work, _, models = building("a")
    at_work.answer([load("a")])
    models.poison.clear()
    assert names(at_work.answer([load("a")]).built) == ["a"]


class CrashAfter:
    """Raises as a process dies: at the named step, once."""

    def __init__(self, lake: MemoryLake, step: str) -> None:
        self.lake, self.step = lake, step

    def __getattr__(self, name: str) -> object:
        if name == self.step:
            raise KeyboardInterrupt
        return getattr(self.lake, name)


@pytest.mark.parametrize("step", ["finish", "snapshot"])
def test_after_a_crash_the_rest_is_done(step: str) -> None:
    _, lake, models = building()
    crashing = Building(lake=CrashAfter(lake, step), models=models)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        crashing.answer([load("a"), load("b")])
    at_work = Building(lake=lake, models=models)
    resumed = at_work.resume()
    again = at_work.answer([load("a"), load("b")])
    assert names(again.built) == ["a", "b"]
    assert lake.unfinished() == ()
    assert names(resumed.built) == (["a", "b"] if step == "finish" else [])


def test_a_crash_in_a_retraction_is_resumed_as_one() -> None:
    _, lake, models = building("a")
    crashing = Building(lake=CrashAfter(lake, "forget"), models=models)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        crashing.answer([load("a")])
    outcome = Building(lake=lake, models=models).resume()
    assert outcome.built == ()
    assert lake.rows == set()
    assert lake.unfinished() == ()


def test_a_server_that_is_away_blames_no_run() -> None:
    class Away(MemoryModels):
        def build(self, *_: object) -> Marts:
            raise Retryable("PostgreSQL is away")

    lake = MemoryLake()
    with pytest.raises(Retryable):
        Building(lake=lake, models=Away(lake)).answer([load("a"), load("b")])
    assert not any(found.retracted for _, found in lake.loads.values())
    assert len(lake.taken) == 1


async def test_every_message_hears_of_its_own_run() -> None:
    event = validated()
    outbox = Outbox()
    at_work, _, models = building(str(event.object_id))
    transformation = Transformation(
        building=at_work, publish=outbox, marts=frozenset({"mart_measurement"}), lake_bucket="lake"
    )
    results = await transformation.on_files_validated([event, validated(announcement=2)])
    assert [type(result) for result in results] == [BuildError, BuildError]
    assert outbox.events == []
    models.poison.clear()
    assert await transformation.on_files_validated([event]) == [None]
    assert [said.type for said in outbox.events] == ["org.cytolake.lake.built.v1"]


async def test_what_a_crash_left_is_announced() -> None:
    outbox = Outbox()
    at_work, lake, _ = building()
    event = validated()
    transformation = Transformation(
        building=at_work, publish=outbox, marts=frozenset(), lake_bucket="lake"
    )
    await transformation.on_files_validated([event])
    lake.finished.clear()
    await transformation.resume()
    assert len(outbox.events) == 2
