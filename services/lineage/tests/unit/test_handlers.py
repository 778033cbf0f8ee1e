from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from cytolake_contracts.examples import valid_examples
from cytolake_lineage.graph import UNREADABLE
from cytolake_lineage.handlers import Entry, Lineage
from cytolake_lineage.testing import CREATED, STORED, InMemoryAudit, message
from cytolake_runtime import Retryable

LANDED = valid_examples("org.cytolake.file.landed.v1")["vi-cell-blu.json"]


async def created(_stream: str) -> datetime:
    return CREATED


async def test_what_waits_is_recorded_in_one_transaction_in_the_streams_order() -> None:
    audit = InMemoryAudit()
    lineage = Lineage(audit=audit, stream_created=created)
    await asyncio.gather(*(lineage.on_message(message(n, LANDED)) for n in (3, 1, 2)))
    assert [entry.message.sequence for entry in audit.entries] == [1, 2, 3]
    assert audit.transactions == [3]


async def test_an_unreadable_message_is_recorded_and_its_neighbours_with_it() -> None:
    audit = InMemoryAudit()
    lineage = Lineage(audit=audit, stream_created=created)
    await asyncio.gather(
        lineage.on_message(message(1, LANDED)), lineage.on_message(message(2, b"\xff"))
    )
    assert [entry.account.type for entry in audit.entries] == [
        "org.cytolake.file.landed.v1",
        UNREADABLE,
    ]


async def test_a_message_told_again_is_recorded_once() -> None:
    audit = InMemoryAudit()
    lineage = Lineage(audit=audit, stream_created=created)
    await lineage.on_message(message(1, LANDED))
    await lineage.on_message(message(1, LANDED, deliveries=2))
    assert len(audit.entries) == 1


async def test_a_wiped_broker_counts_from_one_and_nothing_is_taken_for_known() -> None:
    audit, now = InMemoryAudit(), [CREATED]

    async def created_now(_stream: str) -> datetime:
        return now[0]

    lineage = Lineage(audit=audit, stream_created=created_now)
    await lineage.on_message(message(1, LANDED))
    now[0] = STORED + timedelta(hours=1)
    late = lineage.on_message(message(2, LANDED, time=STORED))  # came just before the wipe
    anew = lineage.on_message(message(1, LANDED, time=now[0] + timedelta(seconds=1)))
    await asyncio.gather(late, anew)
    assert [entry.order for entry in audit.entries] == [(CREATED, 1), (CREATED, 2), (now[0], 1)]


class Choosy(InMemoryAudit):
    """Refuses sequence 2, and so every transaction that holds it."""

    async def record(self, entries: Sequence[Entry]) -> None:
        if any(entry.message.sequence == 2 for entry in entries):
            raise ValueError("refused")
        await super().record(entries)


async def test_the_message_that_cannot_be_recorded_fails_alone() -> None:
    audit = Choosy()
    lineage = Lineage(audit=audit, stream_created=created)
    results = await asyncio.gather(
        *(lineage.on_message(message(n, LANDED)) for n in (1, 2, 3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert [entry.message.sequence for entry in audit.entries] == [1, 3]


async def test_a_database_that_is_away_fails_all_and_is_asked_once() -> None:
    class Away(InMemoryAudit):
        async def record(self, entries: Sequence[Entry]) -> None:
            self.transactions.append(len(entries))
            raise Retryable("PostgreSQL is away")

    audit = Away()
    lineage = Lineage(audit=audit, stream_created=created)
    results = await asyncio.gather(
        *(lineage.on_message(message(n, LANDED)) for n in (1, 2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [Retryable, Retryable]
    assert audit.transactions == [2]


async def test_nothing_is_recorded_while_the_stream_cannot_be_named() -> None:
    async def away(_stream: str) -> datetime:
        raise Retryable("the broker is away")

    audit = InMemoryAudit()
    with pytest.raises(Retryable):
        await Lineage(audit=audit, stream_created=away).on_message(message(1, LANDED))
    assert audit.entries == []
