"""The audit trail itself: added to, never changed, gaps named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from cytolake_lineage.adapters import PostgresAudit
from cytolake_lineage.graph import account
from cytolake_lineage.handlers import Entry
from cytolake_runtime import RawMessage
from cytolake_runtime.database import Database
from tests.support.audit import ask, gaps
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def entry(stream: str, sequence: int, body: bytes, *, created: datetime = CREATED) -> Entry:
    message = RawMessage(
        subject="cytolake.main.example.file.landed",
        stream=stream,
        sequence=sequence,
        time=created + timedelta(seconds=sequence),
        headers={},
        body=body,
        deliveries=1,
    )
    return Entry(message=message, stream_created=created, account=account(body))


@asynccontextmanager
async def audit(servers: Servers) -> AsyncIterator[PostgresAudit]:
    database = Database(servers.dsn("lineage"), max_connections=1)
    await database.open()
    try:
        trail = PostgresAudit(database)
        await trail.migrate()
        yield trail
    finally:
        await database.close()


async def test_what_was_never_seen_is_named(servers: Servers) -> None:
    stream, later = f"TEST-{uuid4()}", CREATED + timedelta(days=1)
    async with audit(servers) as trail:
        await trail.record([entry(stream, n, b"{}") for n in (3, 4, 7, 12)])
        await trail.record([entry(stream, n, b"{}", created=later) for n in (1, 2)])
        assert gaps(servers, stream) == [(5, 6), (8, 11)]
        await trail.record([entry(stream, n, b"{}") for n in (5, 6, 8, 9, 10, 11)])
        assert gaps(servers, stream) == []


async def test_told_again_it_is_one_entry_and_other_bytes_are_refused(servers: Servers) -> None:
    stream = f"TEST-{uuid4()}"
    async with audit(servers) as trail:
        await trail.record([entry(stream, 1, b"{}")])
        await trail.record([entry(stream, 1, b"{}"), entry(stream, 2, b"{}")])
        with pytest.raises(psycopg.errors.RaiseException, match="with other bytes"):
            await trail.record([entry(stream, 3, b"{}"), entry(stream, 1, b"[]")])
    query = "SELECT stream_sequence FROM audit.entry WHERE stream = %s ORDER BY entry_no"
    assert ask(servers, query, stream) == [(1,), (2,)], "all of a batch, or none"


@pytest.mark.parametrize("role", ["lineage", "postgres"])
@pytest.mark.parametrize(
    "change",
    ["UPDATE audit.entry SET summary = ''", "DELETE FROM audit.entry", "TRUNCATE audit.entry"],
)
async def test_no_entry_is_ever_changed_or_removed(
    servers: Servers, role: str, change: str
) -> None:
    async with audit(servers) as trail:
        await trail.record([entry(f"TEST-{uuid4()}", 1, b"{}")])
    before = ask(servers, "SELECT count(*), max(entry_no) FROM audit.entry")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(servers, change, role=role)
    assert ask(servers, "SELECT count(*), max(entry_no) FROM audit.entry") == before


async def test_other_services_can_neither_add_nor_change(servers: Servers) -> None:
    async with audit(servers):
        pass
    for change in ("INSERT INTO audit.entry DEFAULT VALUES", "DELETE FROM audit.entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(servers, change, role="mart_loader")
