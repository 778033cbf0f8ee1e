"""Commit, publish, note: a crash between any two of them loses nothing and repeats one id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cytolake_contracts import Event, FileLanded
from cytolake_contracts.examples import valid_examples
from cytolake_ingest_gateway.intake.outbox import Outbox
from cytolake_ingest_gateway.intake.sweep import OpenRun
from cytolake_runtime import Retryable

EXAMPLE = FileLanded.from_bytes(next(iter(valid_examples(FileLanded.type_name()).values())))
LONG_AGO = datetime.now(UTC) - timedelta(minutes=2)


class CrashError(Exception):
    """The process dies here."""


@dataclass
class Ledger:
    """One open run per id, as PostgreSQL would hold them."""

    numbers: dict[UUID, int] = field(default_factory=dict)
    crashes_at_note: bool = False

    async def landed(self, runs: Sequence[UUID]) -> list[FileLanded]:
        return [
            EXAMPLE.model_copy(update={"run_id": run, "announcement": self.numbers[run] + 1})
            for run in runs
            if run in self.numbers
        ]

    async def announced(self, events: Sequence[FileLanded]) -> None:
        if self.crashes_at_note:
            raise CrashError
        for event in events:
            assert event.run_id is not None
            self.numbers[event.run_id] = event.announcement

    async def open(self, *, announced_before: datetime, limit: int = 1000) -> list[OpenRun]:
        return [
            OpenRun(
                run_id=run,
                progress=0,
                opened_at=LONG_AGO,
                state_since=LONG_AGO,
                announced_at=LONG_AGO if number else None,
                announcement=number,
            )
            for run, number in list(self.numbers.items())[:limit]
            if not number or announced_before > LONG_AGO
        ]

    async def youngest(self) -> dict[int, datetime]:
        return {}


@dataclass
class Broker:
    stored: list[Event] = field(default_factory=list)
    refuses: int = 0
    crashes: bool = False
    created_at: datetime = LONG_AGO - timedelta(days=1)

    async def publish(self, event: Event) -> None:
        if self.crashes:
            raise CrashError
        if self.refuses:
            self.refuses -= 1
            raise Retryable("no PubAck")
        self.stored.append(event)

    async def stream_created_at(self) -> datetime:
        return self.created_at

    async def waiting(self) -> dict[str, int]:
        return {"converter": 0}

    @property
    def message_ids(self) -> list[str]:
        return [event.message_id for event in self.stored]


def outbox(ledger: Ledger, broker: Broker) -> Outbox:
    return Outbox(
        runs=ledger,
        publish=broker.publish,
        stream_created_at=broker.stream_created_at,
        waiting=broker.waiting,
    )


async def test_crash_between_commit_and_publish_is_made_good_by_the_sweep() -> None:
    run = uuid4()
    ledger, broker = Ledger({run: 0}), Broker(crashes=True)
    with pytest.raises(CrashError):
        await outbox(ledger, broker).announce([run])
    broker.crashes = False
    assert await outbox(ledger, broker).sweep() == 1
    assert ledger.numbers == {run: 1}
    assert len(broker.stored) == 1


async def test_crash_between_publish_and_note_repeats_the_same_message_id() -> None:
    run = uuid4()
    ledger, broker = Ledger({run: 0}, crashes_at_note=True), Broker()
    with pytest.raises(CrashError):
        await outbox(ledger, broker).announce([run])
    ledger.crashes_at_note = False
    await outbox(ledger, broker).sweep()
    assert len(broker.stored) == 2
    assert len(set(broker.message_ids)) == 1, "JetStream takes it for a duplicate"


async def test_a_repair_keeps_the_event_id_and_changes_the_message_id() -> None:
    run = uuid4()
    ledger, broker = Ledger({run: 1}), Broker(created_at=datetime.now(UTC))
    await outbox(ledger, broker).sweep()
    await outbox(ledger, broker).sweep()
    assert len({event.id for event in broker.stored}) == 1
    assert len(set(broker.message_ids)) == 2


async def test_what_the_broker_refuses_is_left_and_the_rest_is_noted() -> None:
    first, second = uuid4(), uuid4()
    ledger, broker = Ledger({first: 0, second: 0}), Broker(refuses=1)
    assert await outbox(ledger, broker).announce([first, second]) == 1
    assert ledger.numbers == {first: 0, second: 1}


async def test_a_run_that_is_being_announced_is_left_alone_by_the_sweep() -> None:
    run = uuid4()
    ledger, broker = Ledger({run: 0}), Broker()
    announcing = outbox(ledger, broker)

    async def sweep_meanwhile(event: Event) -> None:
        assert await announcing.sweep() == 0
        broker.stored.append(event)

    object.__setattr__(announcing, "publish", sweep_meanwhile)
    await announcing.announce([run])
    assert len(broker.stored) == 1
    assert announcing.busy == set()


async def test_a_run_that_was_announced_since_it_was_judged_is_not_again() -> None:
    run = uuid4()
    ledger, broker = Ledger({run: 1}), Broker(created_at=datetime.now(UTC))
    judged = await ledger.open(announced_before=datetime.now(UTC))
    ledger.numbers[run] = 2

    async def as_judged(**_: object) -> list[OpenRun]:
        return judged

    ledger.open = as_judged  # type: ignore[method-assign]
    assert await outbox(ledger, broker).sweep() == 0
    assert broker.stored == []


async def test_a_run_that_has_ended_meanwhile_is_not_announced() -> None:
    ledger, broker = Ledger(), Broker()
    assert await outbox(ledger, broker).announce([uuid4()]) == 0
    assert broker.stored == []


async def test_many_runs_are_announced_in_portions() -> None:
    ledger, broker = Ledger({uuid4(): 0 for _ in range(150)}), Broker()
    assert await outbox(ledger, broker).sweep() == 150
    assert set(ledger.numbers.values()) == {1}
