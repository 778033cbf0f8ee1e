"""One bad item does not take its batch down."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cytolake_ingest_gateway.intake.batches import forgiving
from cytolake_runtime import Coalescer, Retryable


async def halves(items: Sequence[int]) -> list[int]:
    return [12 // item for item in items]


async def test_a_good_batch_is_done_in_one() -> None:
    assert await forgiving(halves)([1, 2, 3]) == [12, 6, 4]


async def test_in_a_bad_batch_each_has_its_own_outcome() -> None:
    one, bad, three = await forgiving(halves)([1, 0, 3])
    assert (one, three) == (12, 4)
    assert isinstance(bad, ZeroDivisionError)


async def test_a_bad_item_alone_raises_through_a_coalescer() -> None:
    with pytest.raises(ZeroDivisionError):
        await Coalescer(forgiving(halves))(0)


async def test_an_outage_is_not_tried_item_by_item() -> None:
    calls = []

    async def away(items: Sequence[int]) -> list[int]:
        calls.append(len(items))
        raise Retryable("PostgreSQL is away")

    with pytest.raises(Retryable):
        await forgiving(away)([1, 2])
    assert calls == [2]
