"""Prove that notifications flow: a test PUT, and its message on STORE."""

from __future__ import annotations

import asyncio
import json
import uuid

from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from cytolake.blueprint import Blueprint
from cytolake.errors import StackError
from cytolake.provision.buckets import admin_client
from cytolake.provision.policies import PROBE
from cytolake.provision.streams import provisioner
from cytolake_runtime.topology import STORE, STORE_PROBE


async def prove_notifications(blueprint: Blueprint, *, seconds: float = 20) -> None:
    """Put an object and wait for its notification; raise StackError when none comes."""
    key = f"probe-{uuid.uuid4()}"
    consumer = ConsumerConfig(
        deliver_policy=DeliverPolicy.NEW,
        ack_policy=AckPolicy.NONE,
        filter_subject=STORE_PROBE,
        inactive_threshold=30,
    )
    password = blueprint.credentials.nats["provisioner"]
    async with provisioner(blueprint.nats_url, password) as jetstream:
        messages = await jetstream.pull_subscribe(STORE_PROBE, stream=STORE, config=consumer)
        version = await asyncio.to_thread(_put, blueprint, key)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    [message] = await messages.fetch(1, timeout=seconds)
                    if json.loads(message.data)["Key"] == f"{PROBE}/{key}":
                        break
        except (TimeoutError, NatsTimeoutError):
            raise StackError(
                f"the store took an object, but its notification did not arrive within "
                f"{seconds:.0f} s; see {blueprint.home.logs}"
            ) from None
    admin_client(blueprint).delete_object(Bucket=PROBE, Key=key, VersionId=version)


def _put(blueprint: Blueprint, key: str) -> str:
    answer = admin_client(blueprint).put_object(Bucket=PROBE, Key=key, Body=b"probe")
    return str(answer["VersionId"])
