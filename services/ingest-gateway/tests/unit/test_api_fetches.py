"""Thin events: what they point to, what may be asked for, and what comes of the answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace

import pytest

from cytolake_ingest_gateway.api.testing import MemoryGateway
from cytolake_ingest_gateway.api.testing_lims import MemoryWeb
from cytolake_ingest_gateway.api.webhooks.answers import delay_seconds, fault
from cytolake_ingest_gateway.api.webhooks.asking import Answer
from cytolake_ingest_gateway.api.webhooks.fetcher import Fetcher
from cytolake_ingest_gateway.api.webhooks.models import FetchSettings
from cytolake_ingest_gateway.api.webhooks.ports import Work
from cytolake_ingest_gateway.api.webhooks.thin import (
    BENCHLING_RESOURCES,
    Pointer,
    is_allowed,
    pointer,
)
from cytolake_runtime import Retryable

BASES = ("https://x.example", "https://y.example:8443/lims")
RUN = "https://x.example/api/v2/assay-runs/run-1"


def thin(
    base: str | None = "https://x.example",
    identity: object = "run-1",
    kind: str = "v2.assayRun.created",
) -> bytes:
    return json.dumps({"baseURL": base, "message": {"type": kind, "resourceId": identity}}).encode()


def of(body: bytes) -> Pointer | None:
    return pointer(body, BASES, BENCHLING_RESOURCES)


def test_benchlings_event_points_to_its_resource() -> None:
    assert of(thin()) == Pointer(RUN, "assay-runs-run-1")


def test_an_event_with_an_id_of_its_own_points_to_it() -> None:
    body = json.dumps({"type": "sample.updated", "data": {"id": 17}}).encode()
    found = pointer(body, BASES, {"sample.*": "/samples/{id}"})
    assert found == Pointer("https://x.example/samples/17", "samples-17")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[" * 100_000,
        b"no",
        b"{}",
        b'{"message": 3}',
        b'{"message": {"type": 3}}',
        thin(identity=None),
        thin(identity=["run-1"]),
        thin(kind="v9.unknown.kind"),
    ],
)
def test_what_points_to_nothing_is_not_fetched(body: bytes) -> None:
    assert of(body) is None


@pytest.mark.parametrize(
    "base",
    [
        "https://evil.example",
        "http://x.example",
        "https://x.example:444",
        "https://x.example.evil.example",
        "https://x.example@evil.example",
        "https://evil.example\\@x.example",
        "https://x.example/other",
        "https://x.example?a=",
        "https://x.example#",
        "https://y.example:8443",
        "https://y.example:8443/limsy",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8080",
        "https://[::1",
        "https://x.example:port",
        "file:///etc/passwd",
        "gopher://x.example",
        "//x.example",
        "x.example",
    ],
)
def test_an_event_cannot_choose_where_we_ask(base: str) -> None:
    found = of(thin(base))
    assert found is not None
    assert found.refusal is not None
    assert "nothing may be fetched from there" in found.refusal


@pytest.mark.parametrize(
    "identity", ["../../secrets", "a/b", "a?b", "a#b", "%2e%2e", "a\r\nHost: e"]
)
def test_an_id_stays_one_part_of_the_path(identity: str) -> None:
    found = of(thin(identity=identity))
    assert found is not None
    assert found.refusal is None
    rest = found.url.removeprefix("https://x.example/api/v2/assay-runs/")
    assert not set(rest) & set("/?#\r\n ")
    assert "/" not in found.resource


@pytest.mark.parametrize("identity", [".", "..", "i" * 201])
def test_an_id_that_is_no_part_of_a_path_is_refused(identity: str) -> None:
    found = of(thin(identity=identity))
    assert found is not None
    assert found.refusal is not None


def test_only_what_lies_below_an_allowed_address_is_allowed() -> None:
    assert is_allowed(RUN, BASES)
    assert is_allowed("https://y.example:8443/lims/a", BASES)
    assert not is_allowed("https://y.example:8443/limsy/a", BASES)
    assert not is_allowed(RUN, ())
    assert not is_allowed("https://y.example:8443/lims/../admin", BASES)


ANSWERS = [
    (Answer(200, "application/json", "", b'{"id": 1}'), None),
    (Answer(200, "application/json", "", b'{"id": 1'), "cut off"),
    (Answer(200, "application/json", "", b""), "cut off"),
    (Answer(200, "text/html", "", b"<html>Log in</html>"), "login page"),
    (Answer(302, "text/html", "", b""), "302"),
    (Answer(401, "application/json", "", b"{}"), "token"),
    (Answer(404, "application/json", "", b"{}"), "no such"),
    (Answer(429, "application/json", "60", b"{}"), "too many"),
    (Answer(500, "text/plain", "", b"oops"), "500"),
]


@pytest.mark.parametrize(("answer", "words"), ANSWERS)
def test_every_answer_is_told_in_words(answer: Answer, words: str | None) -> None:
    found = fault(answer)
    assert (found is None) == (words is None)
    assert words is None or words in str(found)


def test_the_delay_grows_to_an_hour_and_ends() -> None:
    delays = [delay_seconds(n, first=5) for n in range(1, 41)]
    assert delays[:4] == [5, 10, 20, 40]
    assert delays[20] == delays[38] == 3600
    assert delays[39] is None
    assert delay_seconds(1, first=5, retry_after="120") == 120
    assert delay_seconds(1, first=5, retry_after="Fri, 27 Nov 2026 11:00:00 GMT") == 5
    assert delay_seconds(1, first=5, retry_after="9" * 30) == 3600


@dataclass
class MemoryQueue:
    """Port `Fetches`: what waits, and what became of it."""

    waiting: list[Work] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    faults: list[tuple[str, float | None]] = field(default_factory=list)
    is_away: bool = False
    is_empty: asyncio.Event = field(default_factory=asyncio.Event)

    async def due(self) -> list[str]:
        if self.is_away:
            raise Retryable("away")
        return sorted({work.lims for work in self.waiting})

    async def next_of(self, lims: str) -> Work | None:
        found = next((work for work in self.waiting if work.lims == lims), None)
        if found is not None:
            self.waiting.remove(found)
        return found

    async def fetched(self, fetch_id: int, key: str) -> None:  # noqa: ARG002
        self.stored.append(key)
        self.is_empty.set()

    async def failed(self, fetch_id: int, message: str, *, delay_seconds: float | None) -> None:  # noqa: ARG002
        self.faults.append((message, delay_seconds))
        self.is_empty.set()


WORK = Work(
    fetch_id=1,
    lims="acme",
    url=RUN,
    resource="assay-runs-run-1",
    attempts=1,
    settings=FetchSettings(base_urls=BASES),
    token="t0ken",
)


def fetcher(queue: MemoryQueue, web: MemoryWeb, gateway: MemoryGateway) -> Fetcher:
    return Fetcher(queue=queue, ask=web, inbound=gateway, bucket="inbound", first_delay_seconds=5.0)


async def test_a_resource_is_fetched_with_the_token_and_kept_once() -> None:
    queue, web, gateway = MemoryQueue([WORK, WORK]), MemoryWeb(), MemoryGateway()
    web.says(RUN, b'{"id": "run-1"}')
    running = asyncio.create_task(fetcher(queue, web, gateway).run())
    while len(queue.stored) < 2:  # noqa: ASYNC110 - a few turns of the loop
        await asyncio.sleep(0)
    running.cancel()
    ((key, body, _),) = gateway.stored
    assert body == b'{"id": "run-1"}'
    assert key.startswith("lims/acme/fetched/")
    assert "/assay-runs-run-1-" in key
    assert web.asked == [(RUN, "Bearer t0ken")] * 2


async def test_a_failed_fetch_is_told_and_tried_again_later() -> None:
    queue, web, gateway = MemoryQueue(), MemoryWeb(), MemoryGateway()
    worker = fetcher(queue, web, gateway)
    await worker.fetch(WORK)
    web.says(RUN, b"<html>", kind="text/html")
    await worker.fetch(replace(WORK, attempts=3))
    web.says(RUN, b"{}", status=404)
    await worker.fetch(replace(WORK, attempts=40))
    assert [delay for _, delay in queue.faults] == [5, 20, None]
    assert "t0ken" not in str(queue.faults)
    assert gateway.stored == []


async def test_an_address_that_is_no_longer_allowed_is_not_asked() -> None:
    queue, web = MemoryQueue(), MemoryWeb()
    worker = fetcher(queue, web, MemoryGateway())
    for settings in (None, FetchSettings(base_urls=("https://z.example",))):
        await worker.fetch(replace(WORK, settings=settings))
    assert web.asked == []
    assert [delay for _, delay in queue.faults] == [None, None]


async def test_the_worker_outlives_a_database_that_is_away() -> None:
    queue, web, gateway = MemoryQueue(is_away=True), MemoryWeb(), MemoryGateway()
    worker = fetcher(queue, web, gateway)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    queue.is_away, queue.waiting = False, [WORK]
    worker.soon()
    async with asyncio.timeout(10):
        await queue.is_empty.wait()
    running.cancel()
