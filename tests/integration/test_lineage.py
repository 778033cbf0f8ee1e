"""Lineage on real servers: what it recorded is held against the stream itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from cytolake_contracts import EVENTS
from cytolake_contracts.examples import valid_examples
from cytolake_lineage.app import build_app
from cytolake_lineage.graph import account
from cytolake_lineage.settings import LineageSettings
from tests.support.audit import ask, gaps
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
# Subjects that only the watchers follow: the examples are nobody's work here.
EXAMPLES = [
    (f"cytolake.main.example.{kind.noun_verb}", body)
    for kind in EVENTS
    for body in valid_examples(kind.type_name()).values()
]
ODD = [
    ("cytolake.main.example.odd", body)
    for body in (
        b"",
        b"not JSON \xff\xfe",
        b'{"type": "org.cytolake.file.landed.v99"}',
        rb'{"text": "a NUL \u0000 that jsonb cannot hold"}',
        b"[" * 50_000,
    )
]
Seen = dict[int, tuple[str, str]]
"""Stream sequence -> subject and SHA-256 of the message."""


@asynccontextmanager
async def lineage(servers: Servers) -> AsyncIterator[None]:
    """Run the service, with the rights it has in the stack, inside this process."""
    service = build_app(servers.settings("lineage", LineageSettings))
    ready = asyncio.Event()

    async def tell() -> None:
        ready.set()
        await asyncio.Event().wait()

    service.background(tell)
    running = asyncio.create_task(service.run())
    async with asyncio.timeout(180):
        await ready.wait()
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def publish(client: Client, messages: list[tuple[str, bytes]]) -> int:
    """Publish; return the sequence of the last one."""
    sequence = 0
    for subject, body in messages:
        sequence = (await client.jetstream().publish(subject, body)).seq
    return sequence


async def content(client: Client) -> tuple[datetime, Seen]:
    """Read the stream CYTOLAKE message by message, with an operator's rights."""
    jetstream = client.jetstream()
    info = await jetstream.stream_info("CYTOLAKE")
    assert info.created is not None
    found: Seen = {}
    for sequence in range(info.state.first_seq, info.state.last_seq + 1):
        try:
            message = await jetstream.get_msg("CYTOLAKE", sequence)
        except NotFoundError:
            continue
        found[sequence] = str(message.subject), sha256(message.data or b"")
    return info.created, found


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def recorded(servers: Servers, created: datetime) -> Seen:
    """Return what is recorded of the stream CYTOLAKE that was created then."""
    rows = ask(
        servers,
        """SELECT stream_sequence, subject, payload_sha256 FROM audit.entry
        WHERE stream = 'CYTOLAKE' AND stream_created = %s""",
        created,
    )
    return {sequence: (subject, digest) for sequence, subject, digest in rows}


async def complete(servers: Servers, client: Client) -> bool:
    """Wait until all that is in the stream is recorded, and nothing else is."""
    created, wanted = await content(client)
    async with asyncio.timeout(180):
        while (found := await asyncio.to_thread(recorded, servers, created)) != wanted:
            assert found.items() <= wanted.items(), "recorded, but never in the stream"
            await asyncio.sleep(0.05)
    return not gaps(servers, "CYTOLAKE")


async def test_it_saw_every_message_of_the_stream(servers: Servers) -> None:
    """Readable or not; before it started, while it ran, while it was away."""
    async with servers.nats("operator") as operator:
        await publish(operator, EXAMPLES)
        async with lineage(servers):
            await publish(operator, ODD)
            await publish(operator, EXAMPLES * 10)
            assert await complete(servers, operator)
        await publish(operator, EXAMPLES)
        async with lineage(servers):
            assert await complete(servers, operator)
    odd = ask(servers, "SELECT type, body FROM audit.entry WHERE subject = %s", ODD[0][0])
    assert [kind for kind, _ in odd] == ["unreadable"] * len(ODD)
    kept = {body for _, body in odd if body is not None}
    assert kept == {body for _, body in ODD if b"v99" not in body}, "the bytes are kept"


async def test_the_trail_reads_in_order_and_in_words(servers: Servers) -> None:
    async with servers.nats("operator") as operator, lineage(servers):
        await publish(operator, EXAMPLES)
        await publish(operator, EXAMPLES)  # said twice, it happened once
        assert await complete(servers, operator)
    rows = ask(servers, "SELECT summary, event_id, announcement FROM audit.timeline")
    ids = [account(body).event_id for _, body in EXAMPLES]
    told = [(summary, event_id) for summary, event_id, _ in rows if event_id in ids]
    assert told == [(account(body).summary, account(body).event_id) for _, body in EXAMPLES]
    ((repeated,),) = ask(
        servers,
        """SELECT count(*) FROM audit.entry AS e JOIN audit.entry AS f ON f.entry_no = e.repeats
        WHERE e.event_id = f.event_id AND f.repeats IS NULL""",
    )
    assert repeated >= len(EXAMPLES)


async def test_after_a_wiped_broker_it_counts_anew(servers: Servers) -> None:
    """A sequence is taken for known only within one stream: none is lost to a namesake."""
    async with lineage(servers):
        async with servers.nats("operator") as operator:
            await publish(operator, EXAMPLES)
            assert await complete(servers, operator)
        await asyncio.to_thread(servers.stack.wipe_broker)
        await asyncio.to_thread(servers.stack.wait_ready)
        async with servers.nats("operator") as operator:
            await stream_is_back(operator)
            last = await publish(operator, ODD)
            assert await complete(servers, operator)
    assert last == len(ODD), "it counts from 1 again"
    ((streams,),) = ask(servers, "SELECT count(*) FROM audit.seen WHERE stream = 'CYTOLAKE'")
    assert streams >= 2
    assert gaps(servers, "CYTOLAKE") == []


async def stream_is_back(client: Client) -> None:
    async with asyncio.timeout(180):
        while True:
            try:
                await client.jetstream().stream_info("CYTOLAKE")
            except NotFoundError:
                await asyncio.sleep(0.05)
            else:
                return


async def test_a_session_cut_is_waited_out(servers: Servers) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lineage'"
    async with servers.nats("operator") as operator, lineage(servers):
        for _ in range(5):
            await publish(operator, EXAMPLES)
            ask(servers, cut, role="postgres")
        assert await complete(servers, operator)
