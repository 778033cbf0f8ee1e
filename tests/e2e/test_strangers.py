"""Callers and messages that should not be there; the pipeline goes on beside them."""

from __future__ import annotations

import asyncio
import json
import socket
from urllib.parse import urlsplit

import httpx
import nats
import pytest

from cytolake.client import Gateway, GatewayError
from cytolake.dead_letters import dead_stream, letters
from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file
from cytolake_runtime.topology import inbox_prefix
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 9
FUTURE = {"specversion": "1.0", "type": "org.cytolake.file.converted.v99", "id": "x"}


def require_flowing(site: Site) -> None:
    """Fail unless a good file still becomes rows."""
    file = count_file(grow(SEED, number=fresh_batch()).points[0])
    assert site.end(site.put_s3(file)).state == "loaded"


@pytest.mark.parametrize("key", [None, "cyk_wrong"])
def test_without_a_valid_key_nothing_is_stored_or_told(site: Site, key: str | None) -> None:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    url = site.environment["CYTOLAKE_GATEWAY_URL"]
    with httpx.Client(base_url=url, headers=headers) as http:
        gateway = Gateway(http)
        with pytest.raises(GatewayError, match="HTTP 401"):
            gateway.upload("syn-vicell", "x.csv", b"x", size_bytes=1)
        with pytest.raises(GatewayError, match="HTTP 401"):
            gateway.files()


def test_a_sources_key_may_put_for_itself_alone(site: Site) -> None:
    name = f"syn-own-{fresh_batch()}"
    key = site.gateway.add_source(name, vendor="BECKMAN_VI_CELL_BLU")
    url = site.environment["CYTOLAKE_GATEWAY_URL"]
    body = count_file(grow(SEED, number=fresh_batch()).points[0]).body
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as http:
        gateway = Gateway(http)
        with pytest.raises(GatewayError, match="HTTP 403"):
            gateway.upload("syn-vicell", "x.csv", body, size_bytes=len(body))
        receipt = gateway.upload(name, "x.csv", body, size_bytes=len(body))
    assert site.end(receipt.object_id).state == "loaded"


def test_an_upload_that_breaks_off_stores_nothing(site: Site) -> None:
    name = f"half-{fresh_batch()}.csv"
    at = urlsplit(site.environment["CYTOLAKE_GATEWAY_URL"])
    head = (
        f"PUT /v1/files/syn-vicell/{name} HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Authorization: Bearer {site.environment['CYTOLAKE_API_KEY']}\r\n"
        "Content-Length: 1000\r\n\r\n"
    )
    with socket.create_connection((at.hostname or "", at.port or 0)) as connection:
        connection.sendall(head.encode() + b"Sample ID,Cell count\r\n")
    require_flowing(site)
    assert not [told for told in site.gateway.files(source="syn-vicell") if told.name == name]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("cytolake.main.file.landed", b"\xff\xfe not JSON"),
        ("cytolake.main.file.converted", json.dumps(FUTURE).encode()),
        ("cytolake.main.lake.built", b"{}"),
        ("store.inbound", b'{"Records": 7}'),
    ],
)
async def test_an_unreadable_message_is_a_dead_letter(
    site: Site, subject: str, body: bytes
) -> None:
    blueprint = site.stack.blueprint
    password = blueprint.credentials.nats["operator"]
    client = await nats.connect(
        blueprint.nats_url,
        user="operator",
        password=password,
        inbox_prefix=inbox_prefix("operator").encode(),
    )
    ack = await client.jetstream().publish(subject, body)
    await client.close()
    require_flowing(site)
    async with dead_stream(blueprint.nats_url, password) as stream:
        found = [
            stored
            async for stored in letters(stream)
            if stored.letter.sequence == ack.seq and stored.letter.subject == subject
        ]
    assert found
    assert {stored.body for stored in found} == {body}


def test_a_notification_of_what_is_not_there_moves_nothing(site: Site) -> None:
    before = {told.object_id for told in site.gateway.files(limit=100)}
    record = {
        "eventName": "s3:ObjectCreated:Put",
        "s3": {
            "bucket": {"name": site.environment["CYTOLAKE_INBOUND_BUCKET"]},
            "object": {"key": "syn-vicell/ghost.csv", "versionId": "0123456789abcdef"},
        },
    }

    async def tell() -> None:
        blueprint = site.stack.blueprint
        client = await nats.connect(
            blueprint.nats_url,
            user="operator",
            password=blueprint.credentials.nats["operator"],
            inbox_prefix=inbox_prefix("operator").encode(),
        )
        body = json.dumps({"Records": [record]}).encode()
        await client.jetstream().publish("store.inbound", body)
        await client.close()

    asyncio.run(tell())
    require_flowing(site)
    ghosts = [
        told
        for told in site.gateway.files(limit=100)
        if told.object_id not in before and told.name == "ghost.csv"
    ]
    assert {told.state for told in ghosts} <= {"vanished"}
