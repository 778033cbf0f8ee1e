"""The api on real servers: an upload, its history, and what the real store and sockets do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from cytolake_ingest_gateway.api.app import build_app
from cytolake_ingest_gateway.api.testing import MemoryGateway
from tests.integration.api_site import api_settings, serving
from tests.integration.intake_site import intake_running
from tests.support.stack import Servers

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Gateway:
    """The api over HTTP, with an operator's rights and a source of the test's own."""

    client: httpx.AsyncClient
    source: str
    source_key: str

    async def history(self, path: str, state: str) -> dict[str, Any]:
        """Ask for a history until it is in this state."""
        async with asyncio.timeout(180):
            while True:
                answer = await self.client.get(path)
                if answer.status_code == 200 and answer.json()["state"] == state:
                    return dict(answer.json())
                assert answer.status_code in {200, 202}
                await asyncio.sleep(0.05)


@pytest.fixture
async def gateway(servers: Servers) -> AsyncIterator[Gateway]:
    async with (
        intake_running(servers),
        serving(build_app(api_settings(servers, upload_max_bytes=1_000_000))) as port,
    ):
        key = servers.stack.blueprint.credentials.operator_api_key
        headers = {"Authorization": f"Bearer {key}"}
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
            made = await client.post("/v1/sources", json={"name": f"api-{uuid4().hex[:8]}"})
            yield Gateway(client, made.json()["name"], made.json()["api_key"])


async def test_an_upload_is_stored_registered_and_told(gateway: Gateway) -> None:
    path = f"/v1/files/{gateway.source}/run%2012%2Bé.csv"
    own = {"Authorization": f"Bearer {gateway.source_key}"}
    stored = await gateway.client.put(path, content=b"rows", headers=own)
    assert stored.status_code == 201
    assert stored.json()["key"].endswith("/run 12+é.csv")
    history = await gateway.history(stored.headers["location"], "landed")
    assert history["key"] == stored.json()["key"]
    assert history["version_id"] == stored.json()["version_id"]
    assert history["content_sha256"] == stored.json()["sha256"]
    (run,) = history["runs"]
    assert [event["type"] for event in run["events"]] == ["file.landed"]
    assert run["stages"][0]["stage"] == "announce"
    listed = await gateway.client.get("/v1/files", params={"source": gateway.source})
    assert [one["object_id"] for one in listed.json()["files"]] == [stored.json()["object_id"]]


async def test_the_same_name_again_is_a_new_version_and_a_duplicate(gateway: Gateway) -> None:
    path = f"/v1/files/{gateway.source}/twice.csv"
    first, second = [await gateway.client.put(path, content=b"same") for _ in range(2)]
    assert first.json()["key"] == second.json()["key"]
    history = await gateway.history(second.headers["location"], "duplicate")
    assert history["links"]["original"] == first.headers["location"]
    listed = await gateway.client.get("/v1/files", params={"key": first.json()["key"], "limit": 1})
    assert listed.json()["files"][0]["object_id"] == second.json()["object_id"]
    assert listed.json()["next_cursor"]
    other = await gateway.client.put(path, content=b"x", headers={"If-None-Match": "*"})
    assert (other.status_code, other.json()["code"]) == (412, "KEY_EXISTS")


async def test_a_large_upload_reaches_the_store_whole(gateway: Gateway) -> None:
    body = bytes(range(256)) * 3900
    path = f"/v1/files/{gateway.source}/large.bin"
    stored = await gateway.client.put(path, content=body)
    history = await gateway.history(stored.headers["location"], "landed")
    assert history["size_bytes"] == len(body)
    assert history["content_sha256"] == stored.json()["sha256"]


async def test_a_refusal_is_heard_by_a_client_that_is_still_sending(gateway: Gateway) -> None:
    path = f"/v1/files/{gateway.source}/huge.bin"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await gateway.client.put(path, content=bytes(8_000_000), headers=headers)
        assert answer.status_code == (401 if headers else 413)
    assert (await gateway.client.get("/healthz")).status_code == 200


async def test_readiness_asks_the_servers(gateway: Gateway, servers: Servers) -> None:
    assert (await gateway.client.get("/readyz")).status_code == 200
    await asyncio.to_thread(servers.stack.stop, "store")
    try:
        answer = await gateway.client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "NOT_READY")
        assert "store" in answer.json()["detail"]
    finally:
        await asyncio.to_thread(servers.stack.start, "store")


async def test_a_truncated_upload_stores_nothing_and_harms_nobody() -> None:
    memory = MemoryGateway()
    memory.add_source("s", "cyk_s")
    async with serving(memory.app()) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"PUT /v1/files/s/cut.csv HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer cyk_s\r\n"
            b"Content-Length: 100\r\n\r\nonly this"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            headers = {"X-API-Key": "cyk_s"}
            whole = await client.put("/v1/files/s/whole.csv", content=b"all", headers=headers)
            figures = (await client.get("/metrics")).text
    assert whole.status_code == 201
    assert [content for _, content, _ in memory.stored] == [b"all"]
    assert 'route="/v1/files/{source:source}/{name:verbatim}",status="400"} 1.0' in figures


async def test_the_api_waits_for_what_it_needs(servers: Servers) -> None:
    """Without PostgreSQL no port is opened; a client sees a refusal, never a wrong answer."""
    nowhere = SecretStr("postgresql://api:x@127.0.0.1:1/cytolake?connect_timeout=1")
    settings = api_settings(servers, postgres_dsn=nowhere)
    server = uvicorn.Server(uvicorn.Config(build_app(settings), port=0, log_config=None))
    running = asyncio.create_task(server.serve())
    await asyncio.wait({running}, timeout=2)
    assert not server.started
    running.cancel()
    await asyncio.wait({running})
