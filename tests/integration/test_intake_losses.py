"""Intake when things are lost: crashes between effects, notifications, the broker, the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import override
from uuid import UUID, uuid4

import pytest

from cytolake_contracts import Event, FileLanded
from cytolake_ingest_gateway.intake.adapters import Book, Runs, Streams, apply_schema
from cytolake_ingest_gateway.intake.outbox import Outbox
from cytolake_ingest_gateway.intake.settings import IntakeSettings
from cytolake_ingest_gateway.intake.sweep import Patience
from cytolake_ingest_gateway.intake.versions import Sighting
from cytolake_runtime import Retryable
from cytolake_runtime.bus import Bus
from cytolake_runtime.database import Database
from cytolake_runtime.topology import CYTOLAKE
from tests.integration.intake_site import Site, intake_running, intake_site
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
AT_ONCE = Patience(unannounced=timedelta(0))


class CrashError(Exception):
    """The process dies here."""


class CrashingRuns(Runs):
    """Dies after the broker has stored the event and before that is noted."""

    @override
    async def announced(self, events: Sequence[FileLanded]) -> None:
        raise CrashError


@dataclass(frozen=True)
class Parts:
    """Intake's parts on the real servers, with no process around them."""

    site: Site
    database: Database
    bus: Bus

    def outbox(self, runs: Runs | None = None, *, crashes: bool = False) -> Outbox:
        async def crash(_event: Event) -> None:
            raise CrashError

        streams = Streams(self.bus)
        return Outbox(
            runs=runs or Runs(self.database),
            publish=crash if crashes else self.bus.publish,
            stream_created_at=lambda: streams.created_at(CYTOLAKE),
            waiting=streams.waiting,
            patience=AT_ONCE,
        )

    async def registered(self, content: str) -> tuple[UUID, list[UUID]]:
        seen = Sighting(
            bucket="inbound",
            key=f"{self.site.source}/{content}.csv",
            version_id=uuid4().hex,
            etag="e",
            size_bytes=1,
            content_type=None,
            last_modified=datetime.now(UTC),
            content_sha256=f"{uuid4().int:064x}"[:64],
        )
        return seen.object_id, await Book(self.database).register([seen])

    async def numbers(self, of: UUID) -> list[int]:
        return await _numbers(self.site, of)


@asynccontextmanager
async def _parts(servers: Servers) -> AsyncIterator[Parts]:
    settings = servers.settings("intake", IntakeSettings)
    database, bus = Database(settings.dsn), Bus(settings, service="intake")
    await database.open()
    await apply_schema(database)
    await bus.broker.connect()
    site = Site(servers, f"it-{uuid4().hex[:8]}")
    site.register_source(site.source)
    yield Parts(site, database, bus)
    await bus.broker.stop()
    await database.close()


@pytest.fixture
async def parts(servers: Servers) -> AsyncIterator[Parts]:
    async with _parts(servers) as made:
        yield made


async def test_crash_after_the_commit_before_the_publication(parts: Parts) -> None:
    of, runs = await parts.registered("a")
    with pytest.raises(CrashError):
        await parts.outbox(crashes=True).announce(runs)
    assert await parts.numbers(of) == []
    await parts.outbox().sweep()
    assert await parts.numbers(of) == [1]


async def test_crash_after_the_publication_before_the_note(parts: Parts) -> None:
    of, runs = await parts.registered("b")
    with pytest.raises(CrashError):
        await parts.outbox(CrashingRuns(parts.database)).announce(runs)
    await parts.outbox().sweep()
    assert await parts.numbers(of) == [1], "the stream knew the message id"
    await parts.outbox().sweep()
    assert await parts.numbers(of) == [1], "announced and noted: nothing is due"


async def test_two_replicas_register_the_same_versions_once(parts: Parts, servers: Servers) -> None:
    async with _parts(servers) as other:
        seen = [
            Sighting(
                bucket="inbound",
                key=f"{parts.site.source}/race-{i % 4}.csv",
                version_id=f"v{i}",
                etag="e",
                size_bytes=1,
                content_type=None,
                last_modified=datetime.now(UTC),
                content_sha256="c" * 64,
            )
            for i in range(40)
        ]
        books = [Book(parts.database), Book(other.database)]
        opened = await asyncio.gather(*(b.register([s]) for s in seen for b in books))
    assert sum(len(runs) for runs in opened) == 1
    numbers = "SELECT key, array_agg(object_seq ORDER BY object_seq) FROM intake.object"
    found = parts.site.ask(f"{numbers} WHERE source = %s GROUP BY key", parts.site.source)
    assert [sequence for _, sequence in found] == [list(range(1, 11))] * 4


async def test_the_schema_is_applied_again_without_harm(parts: Parts) -> None:
    of, _ = await parts.registered("kept")
    await asyncio.gather(*(apply_schema(parts.database) for _ in range(3)))
    assert parts.site.state(of) == "received"


async def test_with_notifications_switched_off_files_are_found_all_the_same(
    servers: Servers,
) -> None:
    async with intake_site(servers) as site:
        await asyncio.to_thread(servers.stack.stop, "bridge")
        try:
            versions = [site.put("quiet.csv", body) for body in (b"A", b"B", b"A")]
            await site.until(lambda: [site.state(of) for of in versions], ["landed"] * 3)
        finally:
            await asyncio.to_thread(servers.stack.start, "bridge")


async def test_a_wiped_broker_loses_no_run(servers: Servers) -> None:
    async with intake_site(servers) as site:
        before = site.put("before.csv", b"before the loss")
        await site.until(lambda: site.state(before), "landed")
        await asyncio.to_thread(servers.stack.wipe_broker)
        during = site.put("during.csv", b"during the loss")
        await site.until(lambda: site.state(during), "landed")
        await _until(lambda: _numbers(site, before), [2])


async def _numbers(site: Site, of: UUID) -> list[int]:
    """Return the announcements of the object that the stream holds."""
    return [event.announcement for event in await site.landed(of)]


async def _until[T](look: Callable[[], Awaitable[T]], wanted: T) -> None:
    async with asyncio.timeout(180):
        while await look() != wanted:  # noqa: ASYNC110 - the other side is a server
            await asyncio.sleep(0.1)


async def test_postgresql_killed_in_the_middle_loses_nothing(servers: Servers) -> None:
    async with intake_site(servers) as site:
        first = [site.put(f"pg-{i}.csv", f"{i}".encode()) for i in range(10)]
        await asyncio.to_thread(servers.stack.kill, "postgres")
        await asyncio.to_thread(servers.stack.wait_ready, "postgres", "store")
        second = [site.put(f"pg-{i}.csv", f"{i}".encode()) for i in range(10, 20)]
        await site.until(lambda: {site.state(of) for of in first + second}, {"landed"})


async def test_intake_started_again_goes_on_where_it_was(servers: Servers) -> None:
    async with intake_site(servers) as site:
        pass
    of = site.put("while away.csv", b"nobody looks")
    assert site.state(of) is None
    async with intake_running(servers):
        await site.until(lambda: site.state(of), "landed")


async def test_an_absent_broker_is_retryable_and_answers_once_it_is_back(
    parts: Parts, servers: Servers
) -> None:
    streams = Streams(parts.bus)

    async def is_there() -> bool:
        try:
            return (await streams.created_at(CYTOLAKE)).tzinfo is not None
        except Retryable:
            return False

    assert await is_there()
    await asyncio.to_thread(servers.stack.stop, "nats")
    try:
        assert not await is_there()
    finally:
        await asyncio.to_thread(servers.stack.start, "nats")
    await _until(is_there, wanted=True)
