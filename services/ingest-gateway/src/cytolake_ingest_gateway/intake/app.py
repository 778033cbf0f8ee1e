"""Put intake together: the only place that constructs its adapters and subscribes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cytolake_contracts import FileLanded
from cytolake_ingest_gateway.intake.adapters import (
    Book,
    Decisions,
    Pace,
    Runs,
    Streams,
    Tracking,
    Watermarks,
    apply_schema,
)
from cytolake_ingest_gateway.intake.batches import forgiving
from cytolake_ingest_gateway.intake.carry_out import CarryingOut
from cytolake_ingest_gateway.intake.handlers import Intake, Version
from cytolake_ingest_gateway.intake.news import News
from cytolake_ingest_gateway.intake.notification import Sign
from cytolake_ingest_gateway.intake.outbox import Outbox
from cytolake_ingest_gateway.intake.reconcile import Reconciliation
from cytolake_ingest_gateway.intake.settings import IntakeSettings
from cytolake_ingest_gateway.intake.tracker import Tracker
from cytolake_ingest_gateway.intake.versions import Sighting
from cytolake_runtime import Coalescer, Retryable
from cytolake_runtime.bell import Bell
from cytolake_runtime.database import Database
from cytolake_runtime.service import Service
from cytolake_runtime.store import ObjectStore
from cytolake_runtime.topology import CYTOLAKE, DURABLES, STORE

log = logging.getLogger(__name__)


def build_app(settings: IntakeSettings) -> Service:
    """Return intake, ready to run."""
    service = Service(settings, name="intake")
    database = Database(settings.dsn)
    store = ObjectStore(settings)
    streams = Streams(service.bus)
    outbox = Outbox(
        runs=Runs(database),
        publish=service.bus.publish,
        stream_created_at=lambda: streams.created_at(CYTOLAKE),
        waiting=streams.waiting,
        patience=settings.patience,
    )
    book = Book(database)
    unregistered = Coalescer(forgiving(_looking_up(book)))
    intake = Intake(
        bucket=settings.inbound_bucket,
        store=store,
        unregistered=unregistered,
        enter=Coalescer(forgiving(_registering(book))),
        announce=outbox.announce,
    )
    reconciliation = Reconciliation(
        bucket=settings.inbound_bucket,
        store=store,
        unregistered=unregistered,
        look=lambda sign: _look(intake, sign),
        memory=Watermarks(database),
        stream_created_at=lambda: streams.created_at(STORE),
        stream=STORE,
        pages=settings.intake_reconcile_pages,
        grace_seconds=settings.intake_reconcile_grace_seconds,
    )
    _subscribe(service, intake, _tracker(service, database, streams))
    service.on_start(database.open)
    service.on_start(lambda: apply_schema(database))
    service.background(_every(settings.intake_reconcile_seconds, reconciliation.round))
    service.background(_every(settings.intake_sweep_seconds, outbox.sweep))
    _carry_out_decisions(service, settings, database, outbox)
    service.on_stop(database.close)
    return service


def _carry_out_decisions(
    service: Service, settings: IntakeSettings, database: Database, outbox: Outbox
) -> None:
    """As soon as they are recorded."""
    pace = Pace(most_on_the_way=settings.intake_replays_on_the_way)
    work = CarryingOut(step=Decisions(database, pace).step, announce=outbox.announce)
    bell = Bell(settings.dsn)

    async def forever() -> None:
        while True:
            await _patiently(work.round)
            await bell.rung(within_seconds=settings.intake_decisions_seconds)

    service.background(forever)
    service.on_stop(bell.close)


def _tracker(service: Service, database: Database, streams: Streams) -> Tracker:
    return Tracker(
        record=Coalescer(
            forgiving(_recording(Tracking(database))), max_items=64, linger_seconds=0.5
        ),
        messages=streams,
        bury=service.bus.publish_dead_letter,
    )


def _subscribe(service: Service, intake: Intake, tracker: Tracker) -> None:
    service.bus.publishes(FileLanded)
    handlers = {
        "intake": intake.on_notification,
        "tracker": tracker.on_event,
        "tracker-dead": tracker.on_dead,
    }
    for durable in DURABLES:
        if durable.name in handlers:
            service.bus.consume_raw(
                stream=durable.stream,
                subject=durable.subject,
                durable=durable.name,
                handler=handlers[durable.name],
                workers=durable.workers,
            )


def _looking_up(
    book: Book,
) -> Callable[[Sequence[Sequence[Version]]], Awaitable[list[set[Version]]]]:
    async def look_up(asked: Sequence[Sequence[Version]]) -> list[set[Version]]:
        unregistered = await book.unregistered([one for versions in asked for one in versions])
        return [unregistered & set(versions) for versions in asked]

    return look_up


def _registering(
    book: Book,
) -> Callable[[Sequence[list[Sighting]]], Awaitable[list[list[UUID]]]]:
    async def register(batches: Sequence[list[Sighting]]) -> list[list[UUID]]:
        opened = await book.register([sighting for batch in batches for sighting in batch])
        # Whoever asked first announces for all: one round of publishing per transaction.
        return [opened, *([] for _ in batches[1:])]

    return register


def _recording(tracking: Tracking) -> Callable[[Sequence[News]], Awaitable[list[None]]]:
    async def record(news: Sequence[News]) -> list[None]:
        await tracking.record(news)
        return [None] * len(news)

    return record


async def _look(intake: Intake, sign: Sign) -> None:
    await intake.look(sign, told_at=datetime.now(UTC))


def _every(
    seconds: float, work: Callable[[], Awaitable[object]]
) -> Callable[[], Coroutine[Any, Any, None]]:
    async def forever() -> None:
        while True:
            await _patiently(work)
            await asyncio.sleep(seconds)

    return forever


async def _patiently(work: Callable[[], Awaitable[object]]) -> None:
    """Do it; a fault that passes is left to the next time."""
    try:
        await work()
    except Retryable as fault:
        log.info("put off: %s", fault)
