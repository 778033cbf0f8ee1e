"""Intake running on real servers in the test's own process, and a source of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from nats.js.errors import NotFoundError

from cytolake_contracts import (
    Event,
    FileConverted,
    FileConvertedData,
    FileLanded,
    ParserRef,
    TableRef,
)
from cytolake_contracts.identity import object_id
from cytolake_ingest_gateway.intake.app import build_app
from cytolake_ingest_gateway.intake.settings import IntakeSettings
from cytolake_runtime.service import Service
from cytolake_runtime.topology import CYTOLAKE
from tests.support.stack import Servers

on_both_stores = pytest.mark.parametrize(
    "intake", ["servers", pytest.param("minio_servers", marks=pytest.mark.minio)], indirect=True
)
PATIENCE_SECONDS = 180
QUICK = {
    "intake_sweep_seconds": 0.2,
    "intake_unannounced_seconds": 1.0,
    "intake_reconcile_seconds": 0.5,
    "intake_reconcile_grace_seconds": 1.0,
}


@dataclass(frozen=True)
class Site:
    """The servers, and one registered source of the test's own."""

    servers: Servers
    source: str

    def put(self, name: str, body: bytes) -> UUID:
        """Store a version; return its object's id."""
        key = f"{self.source}/{name}"
        stored = self.servers.s3("operator").put_object(Bucket="inbound", Key=key, Body=body)
        return object_id("inbound", key, stored["VersionId"])

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.servers.dsn("intake"), autocommit=True) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def state(self, of: UUID) -> str | None:
        rows = self.ask("SELECT state FROM intake.object WHERE object_id = %s", of)
        return str(rows[0][0]) if rows else None

    def register_source(self, name: str) -> None:
        self.ask(
            "INSERT INTO intake.source (name, site, timezone) VALUES (%s, 'main', 'UTC')"
            " RETURNING name",
            name,
        )

    async def until(self, look: Callable[[], object], wanted: object) -> None:
        """Wait until `look` gives what is wanted; fail, saying what it gave, when it never does."""
        end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while (found := look()) != wanted:
            assert asyncio.get_running_loop().time() < end, f"{found!r} is not {wanted!r}"
            await asyncio.sleep(0.05)

    async def landed(self, of: UUID) -> list[FileLanded]:
        """Return every `file.landed` of the object that is in the stream, oldest first."""
        subject = "cytolake.*.file.landed"
        async with self.servers.nats("provisioner") as client:
            stream = client.jetstream()
            last = (await stream.stream_info(CYTOLAKE)).state.last_seq
            found, sequence = [], 0
            while sequence < last:
                try:
                    message = await stream.get_msg(CYTOLAKE, sequence + 1, subject, next=True)
                except NotFoundError:  # no further message of this subject
                    break
                sequence = message.seq or last
                event = FileLanded.from_bytes(message.data or b"")
                found += [event] if event.object_id == of else []
        return found

    async def say(self, *events: Event) -> None:
        """Publish events as the services would."""
        for event in events:
            user = event.source.removeprefix("cytolake/")
            async with self.servers.nats(user) as client:
                await client.jetstream().publish(event.nats_subject, event.to_bytes())


@asynccontextmanager
async def intake_site(servers: Servers, **settings: object) -> AsyncIterator[Site]:
    """Give the servers with intake running on them; it ends with the block."""
    async with intake_running(servers, **settings):
        site = Site(servers, f"it-{uuid4().hex[:8]}")
        site.register_source(site.source)
        yield site


@asynccontextmanager
async def intake_running(servers: Servers, **settings: object) -> AsyncIterator[Service]:
    """Run intake, quick to repeat itself, until the block ends; raises what ended it before."""
    wanted = servers.settings("intake", IntakeSettings).model_copy(update={**QUICK, **settings})
    service = build_app(wanted)
    is_ready = asyncio.Event()

    service.background(lambda: _idle(is_ready))
    running = asyncio.create_task(service.run())
    waiting = asyncio.create_task(is_ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    try:
        yield service
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _idle(is_ready: asyncio.Event) -> None:
    """Say, as background work, that the service is up; then stay out of its way."""
    is_ready.set()
    await asyncio.Event().wait()


def converted(landed: FileLanded, *, rows: int = 5) -> FileConverted:
    """Return what the converter says of a file that it could read."""
    table = TableRef(
        dataset="sample",
        contract_version="1.0.0",
        parquet_key=f"raw/sample/{landed.object_id}/1.parquet",
        parquet_sha256="0" * 64,
        rows=rows,
    )
    data = FileConvertedData(
        file=landed.data.file, table=table, parser=ParserRef(name="sample_list", version="1")
    )
    return FileConverted.following(landed, source="cytolake/converter", data=data)
