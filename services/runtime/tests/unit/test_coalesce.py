"""The coalescer: at once when idle, together when busy, each with its own outcome."""

from __future__ import annotations

import asyncio

import pytest

from cytolake_runtime import Coalescer
from cytolake_runtime.coalesce import BUSY_PER_SECOND


class Work:
    """Doubles what it is given; may be held until told to go on; refuses 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, items: list[int]) -> list[int | Exception]:
        self.batches.append(items)
        self.started.set()
        await self.go.wait()
        return [ValueError("13") if item == 13 else item * 2 for item in items]


async def test_what_arrives_while_busy_is_worked_on_together() -> None:
    work = Work()
    coalesce: Coalescer[int, int] = Coalescer(work, max_items=3)
    first = asyncio.create_task(coalesce(1))
    await work.started.wait()
    rest = [asyncio.create_task(coalesce(item)) for item in (2, 3, 4, 5)]
    await asyncio.sleep(0)
    work.go.set()
    assert await asyncio.gather(first, *rest) == [2, 4, 6, 8, 10]
    assert work.batches == [[1], [2, 3, 4], [5]]


async def test_one_bad_item_fails_alone() -> None:
    work = Work()
    work.go.set()
    coalesce: Coalescer[int, int] = Coalescer(work)
    results = await asyncio.gather(*(coalesce(item) for item in (1, 13, 2)), return_exceptions=True)
    assert results[0] == 2
    assert isinstance(results[1], ValueError)
    assert results[2] == 4


async def test_a_failure_of_the_whole_work_is_told_to_each_and_does_not_stop_the_next() -> None:
    calls = 0

    async def work(items: list[int]) -> list[int | Exception]:
        nonlocal calls
        calls += 1
        if calls == 1:
            msg = "away"
            raise ConnectionError(msg)
        return list(items)

    coalesce: Coalescer[int, int] = Coalescer(work)
    both = await asyncio.gather(coalesce(1), coalesce(2), return_exceptions=True)
    assert [type(result) for result in both] == [ConnectionError, ConnectionError]
    assert await coalesce(3) == 3


async def test_a_cancelled_caller_does_not_disturb_its_neighbour() -> None:
    work = Work()
    coalesce: Coalescer[int, int] = Coalescer(work)
    gone, stays = asyncio.create_task(coalesce(1)), asyncio.create_task(coalesce(2))
    await work.started.wait()
    gone.cancel()
    work.go.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_while_items_come_fast_it_lingers_for_more_and_a_full_batch_ends_the_wait() -> None:
    work = Work()
    work.go.set()
    coalesce: Coalescer[int, int] = Coalescer(work, max_items=BUSY_PER_SECOND, linger_seconds=60)
    early = [asyncio.create_task(coalesce(item)) for item in range(1, BUSY_PER_SECOND)]
    await asyncio.gather(*early)  # not busy yet: nothing is waited for
    late = [asyncio.create_task(coalesce(0))]
    await asyncio.sleep(0.02)
    assert len(work.batches) == 1
    late += [asyncio.create_task(coalesce(item)) for item in range(1, BUSY_PER_SECOND)]
    assert await asyncio.gather(*late) == [2 * item for item in range(BUSY_PER_SECOND)]
    assert work.batches[1:] == [list(range(BUSY_PER_SECOND))]


async def test_it_lingers_no_longer_than_items_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cytolake_runtime.coalesce.QUIET_SECONDS", 0.01)
    work = Work()
    work.go.set()
    coalesce: Coalescer[int, int] = Coalescer(work, linger_seconds=60)
    early = [asyncio.create_task(coalesce(item)) for item in range(1, BUSY_PER_SECOND)]
    await asyncio.gather(*early)
    assert await asyncio.wait_for(coalesce(BUSY_PER_SECOND), 10) == 2 * BUSY_PER_SECOND
    assert work.batches[-1] == [BUSY_PER_SECOND]
