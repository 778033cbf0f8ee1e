"""Streams and durable consumers as `cytolake_runtime.topology` declares them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from cytolake_runtime.topology import DURABLES, STREAMS, Durable, Stream, inbox_prefix


@asynccontextmanager
async def provisioner(url: str, password: str) -> AsyncIterator[JetStreamContext]:
    """Connect as the one user that may declare anything."""
    client = await nats.connect(
        url,
        user="provisioner",
        password=password,
        inbox_prefix=inbox_prefix("provisioner").encode(),
        name="cytolake-provisioner",
        allow_reconnect=False,
        connect_timeout=5,
    )
    try:
        yield client.jetstream(timeout=5)
    finally:
        await client.close()


async def provision_streams(url: str, password: str) -> None:
    """Make or amend every stream and durable; what is in them stays."""
    async with provisioner(url, password) as jetstream:
        for stream in STREAMS:
            await _put_stream(jetstream, stream)
        for durable in DURABLES:
            await jetstream.add_consumer(durable.stream, consumer_config(durable))


async def is_whole(jetstream: JetStreamContext) -> bool:
    """Tell, by one request, whether as many streams and durables exist as are declared."""
    account = await jetstream.account_info()
    return account.streams >= len(STREAMS) and account.consumers >= len(DURABLES)


async def _put_stream(jetstream: JetStreamContext, stream: Stream) -> None:
    config = StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=stream.max_age_seconds,
        max_bytes=stream.max_bytes,
        max_msg_size=stream.max_message_bytes,
        duplicate_window=stream.duplicate_window_seconds,
        deny_delete=True,
        deny_purge=True,
        allow_direct=False,
    )
    try:
        await jetstream.stream_info(stream.name)
    except NotFoundError:
        await jetstream.add_stream(config)
    else:
        await jetstream.update_stream(config)


def consumer_config(durable: Durable) -> ConsumerConfig:
    """Return a durable as the broker is told of it."""
    return ConsumerConfig(
        durable_name=durable.name,
        filter_subject=durable.subject,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=durable.ack_wait_seconds,
        max_deliver=durable.max_deliver,
        max_ack_pending=durable.workers,
    )
