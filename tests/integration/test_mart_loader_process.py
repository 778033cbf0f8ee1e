"""The mart-loader as the process it is: NATS in, NATS out, killed in the middle."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from cytolake_contracts import LakeBuilt, MartChange, MartLoaded
from tests.support.events import publish
from tests.support.marts import Site, built, new_id, row
from tests.support.process import ServiceProcess, handing_back, running

pytestmark = [pytest.mark.integration, pytest.mark.slow]
BACKLOG = 20
ONCE = {"mart_measurement": MartChange(inserted=20)}


@pytest.fixture
def process(mart_site: Site, tmp_path: Path) -> Iterator[ServiceProcess]:
    """The service with the rights it has in the stack, on the site's database."""
    dsn = mart_site.dsn("mart_loader")
    servers = mart_site.servers
    with running(servers, "mart-loader", tmp_path, CYTOLAKE_POSTGRES_DSN=dsn) as made:
        yield made


def until(is_so: Callable[[], object]) -> None:
    """Wait for what nobody announces: a row."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def answers(client: Client, events: list[LakeBuilt], *, each: int = 1) -> list[MartLoaded]:
    """Wait until every event is answered; return each mart.loaded about one of them."""
    subscription = await client.jetstream().pull_subscribe(
        "cytolake.*.mart.loaded", stream="CYTOLAKE", config=ConsumerConfig()
    )
    missing = Counter({event.subject: each for event in events})
    found = []
    async with asyncio.timeout(180):
        while +missing:
            for message in await subscription.fetch(1, timeout=180):
                loaded = MartLoaded.from_bytes(message.data)
                if loaded.subject in missing:
                    missing[loaded.subject] -= 1
                    found.append(loaded)
    return found


async def test_killed_in_a_backlog_nothing_is_lost_and_nothing_twice(
    mart_site: Site, process: ServiceProcess
) -> None:
    ids = [new_id() for _ in range(BACKLOG)]
    rows = {one: [row(str(n), one, n) for n in range(20)] for one in ids}
    events = [built(mart_site.lake.rebuild([one], rows[one]), one) for one in ids]
    servers = mart_site.servers
    async with servers.nats("transformer") as transformer, servers.nats("provisioner") as reader:
        await publish(transformer, *events)
        until(lambda: mart_site.ask("SELECT 1 FROM marts.applied LIMIT 1"))
        process.kill()
        async with handing_back(servers, "mart-loader"):
            process.start()
        told = await answers(reader, events)
        before = mart_site.versions(*ids)
        await publish(transformer, *map(again, events))
        told = await answers(reader, events, each=2)
    assert {loaded.announcement for loaded in told} == {1, 2}
    assert {loaded.id for loaded in told} == {answer_id(event) for event in events}
    assert {str(loaded.data.marts) for loaded in told} == {str(ONCE)}
    assert {loaded.data.objects for loaded in told} == {event.data.objects for event in events}
    assert mart_site.versions(*ids) == before, "told again, nothing is written again"
    counts = "SELECT object_id, count(*) FROM marts.mart_measurement GROUP BY object_id"
    assert dict(mart_site.ask(counts)) == dict.fromkeys(ids, 20)


def again(event: LakeBuilt) -> LakeBuilt:
    return event.model_copy(update={"announcement": 2})


def answer_id(event: LakeBuilt) -> UUID:
    return MartLoaded.following_build(event, {}).id
