"""From a notification to the register: what is looked at, in which order, how often."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from cytolake_ingest_gateway.intake.handlers import Intake
from cytolake_ingest_gateway.intake.testing import BUCKET, START, MemoryLedger, MemoryStore
from cytolake_ingest_gateway.lifecycle import State
from cytolake_runtime import RawMessage, Retryable
from cytolake_runtime.store import ObjectHead


def told(key: str, version: str | None, *, deliveries: int = 1, bucket: str = BUCKET) -> RawMessage:
    found = {"key": key, "versionId": version}
    record = {
        "eventName": "s3:ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": found},
    }
    return RawMessage(
        subject="store.seaweedfs",
        stream="STORE",
        sequence=1,
        time=START,
        headers={},
        body=json.dumps({"Records": [record]}).encode(),
        deliveries=deliveries,
    )


@dataclass
class Announcer:
    runs: list[UUID] = field(default_factory=list)
    is_away: bool = False

    async def __call__(self, runs: Sequence[UUID]) -> int:
        if self.is_away:
            raise Retryable("the broker is away")
        self.runs += runs
        return len(runs)


@dataclass
class Site:
    store: MemoryStore = field(default_factory=MemoryStore)
    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger.of("s"))
    announce: Announcer = field(default_factory=Announcer)

    @property
    def intake(self) -> Intake:
        return Intake(
            bucket=BUCKET,
            store=self.store,
            unregistered=self.ledger.unregistered,
            enter=self.ledger.register,
            announce=self.announce,
        )

    def numbers(self) -> dict[str, int | None]:
        return {n.sighting.version_id: n.object_seq for n in self.ledger.objects.values()}


async def test_a_notification_registers_what_the_store_holds_and_announces_it() -> None:
    site = Site()
    site.store.put("s/a", "A", version="1")
    await site.intake.on_notification(told("s/a", "1"))
    assert site.numbers() == {"1": 1}
    assert len(site.announce.runs) == 1


async def test_a_later_version_told_of_first_registers_the_older_one_before_it() -> None:
    site = Site()
    site.store.put("s/a", "A", version="1")
    site.store.put("s/a", "B", version="2")
    await site.intake.on_notification(told("s/a", "2"))
    await site.intake.on_notification(told("s/a", "1"))
    assert site.numbers() == {"1": 1, "2": 2}
    assert len(site.announce.runs) == 2


async def test_an_older_version_told_of_first_leaves_the_newer_to_its_own_notification() -> None:
    site = Site()
    site.store.put("s/a", "A", version="1")
    site.store.put("s/a", "B", version="2")
    await site.intake.on_notification(told("s/a", "1"))
    assert site.numbers() == {"1": 1}


async def test_without_a_version_the_newest_and_all_older_ones_are_registered() -> None:
    site = Site()
    site.store.put("s/a", "A", version="1")
    site.store.put("s/a", "B", version="2")
    await site.intake.on_notification(told("s/a", None))
    assert site.numbers() == {"1": 1, "2": 2}


async def test_the_same_notification_twice_reads_nothing_the_second_time() -> None:
    site = Site()
    site.store.put("s/a", "A", version="1")
    await site.intake.on_notification(told("s/a", "1"))
    site.store.contents["s/a"] = [("1", "changed behind our back")]
    await site.intake.on_notification(told("s/a", "1"))
    assert len(site.ledger.objects) == 1
    assert len(site.announce.runs) == 1


@pytest.mark.parametrize("version", ["1", None])
async def test_a_missing_object_is_looked_for_again_before_it_counts_as_vanished(
    version: str | None,
) -> None:
    site = Site()
    for look in (1, 2):
        with pytest.raises(Retryable):
            await site.intake.on_notification(told("s/a", version, deliveries=look))
    await site.intake.on_notification(told("s/a", version, deliveries=3))
    (vanished,) = site.ledger.objects.values()
    assert vanished.state is State.VANISHED
    assert site.announce.runs == []


async def test_a_version_that_is_there_but_never_listed_is_registered_at_last() -> None:
    site = Site()
    site.store.put("s/a", "A", version="1")
    intake = replace(site.intake, store=_Unlisted(site.store))
    await intake.on_notification(told("s/a", "1", deliveries=3))
    assert site.numbers() == {"1": 1}


class _Unlisted:
    """A store whose listing lags behind for good."""

    def __init__(self, store: MemoryStore) -> None:
        self.hashed = store.hashed

    async def versions(self, *_: str) -> list[ObjectHead]:
        return []


async def test_an_absent_broker_does_not_undo_the_registration() -> None:
    site = Site(announce=Announcer(is_away=True))
    site.store.put("s/a", "A", version="1")
    await site.intake.on_notification(told("s/a", "1"))
    assert site.numbers() == {"1": 1}


@pytest.mark.parametrize("other", [told("s/folder/", "1"), told("s/a", "1", bucket="lake")])
async def test_folders_and_other_buckets_are_none_of_our_business(other: RawMessage) -> None:
    site = Site()
    await site.intake.on_notification(other)
    assert site.ledger.objects == {}
