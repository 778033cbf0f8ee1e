from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cytolake_contracts import Event, LakeBuilt, MartChange, SliceSet
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.handlers import MartLoading
from cytolake_mart_loader.testing import InMemoryLake, InMemoryMarts, filled, lake_built
from cytolake_runtime import Retryable
from cytolake_runtime.testing import Outbox

CONTRACTS = {name: found for name, found in load_contracts().items() if found.zone == "mart"}
MART = CONTRACTS["mart_measurement"]


def row(key: str, of: str, value: float) -> dict[str, object]:
    return filled(MART, measurement_key=key, object_id=of, value_num=value)


def rows(*found: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    return {"mart_measurement": list(found)}


def built(number: int, snapshot: int, *ids: str, **kwargs: Any) -> LakeBuilt:
    return lake_built(
        number, snapshot, {"mart_measurement": SliceSet(key="object_id", ids=ids)}, **kwargs
    )


SNAPSHOTS = {
    5: rows(row("a1", "A", 1.0), row("a2", "A", 2.0)),
    9: rows(row("a1", "A", 1.0), row("a3", "A", 3.0), row("b1", "B", 4.0)),
}


class Bench:
    """The handler with everything in memory."""

    def __init__(self) -> None:
        self.lake, self.marts, self.outbox = InMemoryLake(SNAPSHOTS), InMemoryMarts(), Outbox()
        self.loading = MartLoading(
            lake=self.lake, marts=self.marts, contracts=CONTRACTS, publish=self.outbox
        )

    def values(self) -> dict[object, object]:
        found = self.marts.tables.get("mart_measurement", {}).values()
        return {item["measurement_key"]: item["value_num"] for item in found}

    def changes(self) -> list[MartChange]:
        return [event.data.marts["mart_measurement"] for event in self.outbox.events]  # type: ignore[attr-defined]


async def test_a_build_replaces_its_slices_and_is_answered() -> None:
    bench = Bench()
    await bench.loading.on_lake_built(built(1, 5, "A"))
    await bench.loading.on_lake_built(built(2, 9, "A"))
    assert bench.values() == {"a1": 1.0, "a3": 3.0}
    assert bench.changes() == [MartChange(inserted=2), MartChange(inserted=1, deleted=1)]


async def test_a_build_told_again_is_answered_alike_and_not_read_again() -> None:
    bench, event = Bench(), built(1, 5, "A")
    await bench.loading.on_lake_built(event)
    await bench.loading.on_lake_built(event)
    first, second = bench.outbox.events
    assert (first.message_id, first.data) == (second.message_id, second.data)
    assert len(bench.lake.reads) == 1


async def test_an_older_snapshot_after_a_newer_one_rolls_nothing_back() -> None:
    bench = Bench()
    await bench.loading.on_lake_built(built(2, 9, "A", "B"))
    await bench.loading.on_lake_built(built(1, 5, "A"))
    assert bench.values() == {"a1": 1.0, "a3": 3.0, "b1": 4.0}
    assert [snapshot for _, _, snapshot in bench.lake.reads] == [9, 9]
    assert bench.changes()[1] == MartChange()


async def test_builds_that_wait_are_loaded_in_one_transaction() -> None:
    bench = Bench()
    builds = [built(1, 5, "A"), built(2, 9, "B"), built(3, 9, "C")]
    await asyncio.gather(*map(bench.loading.on_lake_built, builds))
    assert bench.marts.loads == 1
    assert len(bench.lake.reads) == 1
    assert bench.values() == {"a1": 1.0, "a3": 3.0, "b1": 4.0}
    answered = {event.subject: event.data.objects for event in bench.outbox.events}  # type: ignore[attr-defined]
    assert answered == {f"build/{b.data.build_no}": b.data.objects for b in builds}


async def test_the_build_that_cannot_be_loaded_fails_alone() -> None:
    bench = Bench()
    bad = lake_built(3, 9, {"mart_unknown": SliceSet(key="object_id", ids=("C",))})
    results = await asyncio.gather(
        *map(bench.loading.on_lake_built, [built(1, 5, "A"), bad, built(2, 9, "B")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert bench.values()["b1"] == 4.0


async def test_a_crash_between_commit_and_publish_is_healed_by_telling_again() -> None:
    bench, event = Bench(), built(1, 5, "A")

    async def broker_is_away(_: Event) -> None:
        raise Retryable("the broker is away")

    bench.loading.publish = broker_is_away
    with pytest.raises(Retryable):
        await bench.loading.on_lake_built(event)
    bench.loading.publish = bench.outbox
    await bench.loading.on_lake_built(event)
    assert bench.changes() == [MartChange(inserted=2)]
    assert len(bench.lake.reads) == 1


async def test_a_lake_that_is_away_changes_nothing_and_is_asked_once() -> None:
    bench = Bench()

    class Away(InMemoryLake):
        async def read(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            async for _ in super().read(*args, **kwargs):
                raise Retryable("the store is away")
            yield

    bench.loading.lake = away = Away(SNAPSHOTS)
    results = await asyncio.gather(
        *map(bench.loading.on_lake_built, [built(1, 5, "A"), built(2, 9, "B")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [Retryable, Retryable]
    assert (len(away.reads), bench.marts.recorded, bench.outbox.events) == (1, {}, [])


async def test_a_mart_behind_its_contract_is_loaded_as_a_whole_once() -> None:
    bench = Bench()
    bench.marts.marts_behind = {"mart_measurement", "of_another_release"}
    await bench.loading.on_lake_built(built(1, 9, "A"))
    assert bench.values() == {"a1": 1.0, "a3": 3.0, "b1": 4.0}, "B is not of this build"
    assert bench.changes() == [MartChange(inserted=2)], "what the build named"
    assert bench.marts.marts_behind == {"of_another_release"}
    await bench.loading.on_lake_built(built(2, 9, "A"))
    assert [slices.all for _, slices, _ in bench.lake.reads] == [True, False]


async def test_a_mart_that_the_lake_lacks_stays_behind() -> None:
    bench = Bench()
    bench.marts.marts_behind = {"mart_cell_growth"}
    await bench.loading.on_lake_built(built(1, 5, "A"))
    assert bench.marts.marts_behind == {"mart_cell_growth"}
    assert [mart for mart, _, _ in bench.lake.reads] == ["mart_measurement"]
