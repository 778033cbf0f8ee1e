"""The mart-loader as the process it is: NATS in, NATS out, killed in the middle."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from cytolake_contracts import LakeBuilt, MartChange, MartLoaded
from tests.support.marts import Site, built, marts_site, new_id, row
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow]  # what was in flight waits out ack_wait
BACKLOG = 20
ONCE = {"mart_measurement": MartChange(inserted=20)}


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    with marts_site(servers) as made:
        yield made


@contextmanager
def running(site: Site, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service with the rights it has in the stack, on the site's database."""
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    environment = site.servers.environment("mart-loader") | {
        "CYTOLAKE_POSTGRES_DSN": site.dsn("mart_loader"),
        "CYTOLAKE_READY_FILE": str(ready),
    }
    command = [sys.executable, "-m", "cytolake_mart_loader"]
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        until(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None, "it ended before it was ready"
        yield process
        process.terminate()


def until(is_so: Callable[[], object]) -> None:
    """Wait for what nobody announces: a file, a row."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def publish(client: Client, events: list[LakeBuilt]) -> None:
    for event in events:
        headers = {"Nats-Msg-Id": event.message_id}
        await client.jetstream().publish(event.nats_subject, event.to_bytes(), headers=headers)


async def answers(client: Client, events: list[LakeBuilt], *, each: int = 1) -> list[MartLoaded]:
    """Wait until every event is answered; return each mart.loaded about one of them."""
    subscription = await client.jetstream().pull_subscribe(
        "cytolake.*.mart.loaded", stream="CYTOLAKE", config=ConsumerConfig()
    )
    missing = Counter({event.subject: each for event in events})
    found = []
    async with asyncio.timeout(60):
        while +missing:
            for message in await subscription.fetch(1, timeout=60):
                loaded = MartLoaded.from_bytes(message.data)
                if loaded.subject in missing:
                    missing[loaded.subject] -= 1
                    found.append(loaded)
    return found


async def test_killed_in_a_backlog_nothing_is_lost_and_nothing_twice(
    site: Site, tmp_path: Path
) -> None:
    ids = [new_id() for _ in range(BACKLOG)]
    rows = {one: [row(str(n), one, n) for n in range(20)] for one in ids}
    events = [built(site.lake.rebuild([one], rows[one]), one) for one in ids]
    async with site.servers.nats("transformer") as transformer:
        with running(site, tmp_path) as process:
            await publish(transformer, events)
            until(lambda: site.ask("SELECT 1 FROM marts.applied LIMIT 1"))
            process.kill()
            process.wait()
        with running(site, tmp_path):
            async with site.servers.nats("provisioner") as provisioner:
                told = await answers(provisioner, events)
                before = site.versions(*ids)
                await publish(transformer, [again(event) for event in events])
                told = await answers(provisioner, events, each=2)
    assert {loaded.announcement for loaded in told} == {1, 2}
    assert {loaded.id for loaded in told} == {answer_id(event) for event in events}
    assert {str(loaded.data.marts) for loaded in told} == {str(ONCE)}
    assert {loaded.data.objects for loaded in told} == {event.data.objects for event in events}
    assert site.versions(*ids) == before, "told again, nothing is written again"
    found = site.ask("SELECT object_id, count(*) FROM marts.mart_measurement GROUP BY object_id")
    assert dict(found) == dict.fromkeys(ids, 20)


def again(event: LakeBuilt) -> LakeBuilt:
    return event.model_copy(update={"announcement": 2})


def answer_id(event: LakeBuilt) -> UUID:
    return MartLoaded.following_build(event, {}).id
