from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import duckdb
import pytest

from cytolake_runtime import Retryable
from cytolake_transformer.upkeep import MOST_AT_ONCE, Step, maintained, round_of


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


async def test_a_step_is_repeated_while_there_is_as_much_as_it_may_do_at_once(
    thread: ThreadPoolExecutor,
) -> None:
    left, done = [MOST_AT_ONCE, MOST_AT_ONCE, 3], []

    def expire() -> int:
        done.append(left.pop(0))
        return done[-1]

    await round_of(lambda: [expire, lambda: 0], thread)
    assert left == []


async def test_a_round_that_fails_is_done_the_next_time_and_a_bug_is_not_hidden(
    thread: ThreadPoolExecutor,
) -> None:
    faults: list[Exception] = [Retryable("away"), duckdb.Error("pinned"), ValueError("a bug")]

    def steps() -> list[Step]:
        raise faults.pop(0)

    with pytest.raises(ValueError, match="a bug"):
        await maintained(steps, thread, every=timedelta())
    assert faults == []
