"""Portion after portion; what fails is tried later and takes nothing else down."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from cytolake_ingest_gateway.intake.carry_out import CarryingOut
from cytolake_runtime import Retryable


class Steps:
    """Gives these portions, one a step; raises those that are faults."""

    def __init__(self, *portions: list[UUID] | Exception | None) -> None:
        self.portions = list(portions)

    async def __call__(self) -> list[UUID] | None:
        portion = self.portions.pop(0) if self.portions else None
        if isinstance(portion, Exception):
            raise portion
        return portion


class Announcer:
    def __init__(self, fault: Exception | None = None) -> None:
        self.fault, self.told = fault, list[list[UUID]]()

    async def __call__(self, runs: Sequence[UUID]) -> int:
        self.told.append(list(runs))
        if self.fault:
            raise self.fault
        return len(runs)


async def test_each_portion_is_announced_before_the_next_is_opened() -> None:
    first, second = [uuid4(), uuid4()], [uuid4()]
    announcer = Announcer()
    work = CarryingOut(step=Steps(first, [], second), announce=announcer)
    assert await work.round() == 3
    assert announcer.told == [first, second]


async def test_what_cannot_be_announced_now_is_left_to_the_sweep() -> None:
    announcer = Announcer(Retryable("the broker is away"))
    work = CarryingOut(step=Steps([uuid4()], [uuid4()]), announce=announcer)
    assert await work.round() == 2
    assert len(announcer.told) == 2


async def test_a_decision_that_breaks_ends_the_round_and_not_the_service() -> None:
    work = CarryingOut(step=Steps([uuid4()], ValueError("ours")), announce=Announcer())
    assert await work.round() == 1


async def test_an_absent_ledger_is_said_so() -> None:
    work = CarryingOut(step=Steps(Retryable("away")), announce=Announcer())
    with pytest.raises(Retryable):
        await work.round()
