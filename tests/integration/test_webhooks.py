"""Webhooks on real servers: the object as it was sent, once, whatever comes in between."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from cytolake.provision.postgres import provision_postgres
from cytolake_ingest_gateway.api.app import build_app
from cytolake_ingest_gateway.api.webhooks.sending import signed_headers
from tests.integration.api_site import api_settings, serving
from tests.integration.intake_site import intake_running
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
EVENT = b'{"type":"lims.result.verified",\r\n "label":"SYNTHETIC",  "data":{"sample_id":"S-1"}}\n'
on_both_stores = pytest.mark.parametrize(
    "site", ["servers", pytest.param("minio_servers", marks=pytest.mark.minio)], indirect=True
)


@dataclass(frozen=True)
class Site:
    """The api on real servers, and one LIMS of the test's own."""

    servers: Servers
    client: httpx.AsyncClient
    lims: str
    secret: str

    async def post(
        self, webhook_id: str, body: bytes = EVENT, *, secret: str | None = None
    ) -> httpx.Response:
        headers = signed_headers(secret or self.secret, webhook_id, body, at=datetime.now(UTC))
        path = f"/v1/webhooks/{self.lims}"
        # No API key: the signature says who sends.
        return await self.client.post(path, content=body, headers=headers | {"Authorization": ""})

    async def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.request(method, f"/v1/lims/{self.lims}{path}", json=body or None)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def versions(self, prefix: str = "") -> list[dict[str, Any]]:
        """Return every stored version below the LIMS's prefix."""
        found = self.servers.s3().list_object_versions(
            Bucket="inbound", Prefix=f"lims/{self.lims}/{prefix}"
        )
        return list(found.get("Versions", []))

    def sql(self, query: str, *parameters: object, role: str = "intake") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.servers.dsn(role), autocommit=True) as connection:
            done = connection.execute(query.encode(), parameters)
            return done.fetchall() if done.description else []


@pytest.fixture
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    servers: Servers = request.getfixturevalue(getattr(request, "param", "servers"))
    app = build_app(api_settings(servers, fetch_first_delay_seconds=0.05))
    async with intake_running(servers), serving(app) as port:
        key = servers.stack.blueprint.credentials.operator_api_key
        headers = {"Authorization": f"Bearer {key}"}
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
            name = f"it-{uuid4().hex[:8]}"
            made = await client.post("/v1/lims", json={"name": name})
            assert made.status_code == 201, made.text
            yield Site(servers, client, name, made.json()["key"])


@on_both_stores
async def test_the_bytes_are_stored_as_they_came_and_say_which_webhook_they_are(site: Site) -> None:
    answer = await site.post("evt_1")
    assert answer.status_code == 202, answer.text
    key = answer.json()["key"]
    assert key == f"lims/{site.lims}/{datetime.now(UTC):%Y/%m/%d}/evt_1.json"
    stored = site.servers.s3().get_object(Bucket="inbound", Key=key)
    assert stored["Body"].read() == EVENT
    assert stored["ContentType"] == "application/json"
    told = {name.lower(): value for name, value in stored["Metadata"].items()}
    assert told["cytolake-webhook-id"] == "evt_1"
    assert told["cytolake-webhook-verifier"] == "standard"
    (row,) = site.sql(
        "SELECT stored_at IS NOT NULL, object_id::text FROM intake.webhook WHERE lims = %s",
        site.lims,
    )
    assert row == (True, answer.json()["links"]["history"].removeprefix("/v1/files/"))


@on_both_stores
async def test_twenty_at_once_are_one_object(site: Site) -> None:
    answers = await asyncio.gather(*(site.post("evt_1") for _ in range(20)))
    assert [answer.status_code for answer in answers] == [202] * 20
    assert sum(not answer.json()["is_repeat"] for answer in answers) == 1
    assert len({answer.json()["links"]["history"] for answer in answers}) == 1
    assert len(site.versions()) == 1


@on_both_stores
async def test_a_crash_on_either_side_of_the_put_loses_and_doubles_nothing(site: Site) -> None:
    before = "INSERT INTO intake.webhook (lims, webhook_id, key, content_sha256, key_id)"
    claimed_key = f"lims/{site.lims}/2026/11/26/evt_1.json"  # yesterday: the repeat comes later
    digest = "encode(sha256(%s), 'hex')"
    site.sql(f"{before} VALUES (%s, 'evt_1', %s, {digest}, 'k')", site.lims, claimed_key, EVENT)
    first = await site.post("evt_1")
    assert (first.json()["key"], first.json()["is_repeat"]) == (claimed_key, False)
    assert [one["Key"] for one in site.versions()] == [claimed_key]
    site.sql(
        "UPDATE intake.webhook SET stored_at = NULL, object_id = NULL WHERE lims = %s", site.lims
    )
    again, last = await site.post("evt_1"), await site.post("evt_1")
    assert [one.status_code for one in (again, last)] == [202, 202]
    assert [one.json()["is_repeat"] for one in (again, last)] == [False, True]
    assert len(site.versions()) == 1


async def test_a_repeat_is_known_after_a_restart(site: Site) -> None:
    first = await site.post("evt_1")
    headers = signed_headers(site.secret, "evt_1", EVENT, at=datetime.now(UTC))
    async with serving(build_app(api_settings(site.servers))) as port, httpx.AsyncClient() as other:
        url = f"http://127.0.0.1:{port}/v1/webhooks/{site.lims}"
        again = await other.post(url, content=EVENT, headers=headers)
    assert again.json() == first.json() | {"is_repeat": True}
    assert len(site.versions()) == 1


async def test_an_outage_of_the_store_is_told_and_the_repeat_is_stored(site: Site) -> None:
    await asyncio.to_thread(site.servers.stack.stop, "store")
    try:
        away = await site.post("evt_1")
    finally:
        await asyncio.to_thread(site.servers.stack.start, "store")
    assert (away.status_code, away.json()["code"]) == (503, "UNAVAILABLE")
    assert (await site.ask("GET", ""))["unfinished_webhooks"] == 1
    async with asyncio.timeout(180):
        while True:  # as its sender does
            again = await site.post("evt_1")
            if again.status_code == 202:
                break
            await asyncio.sleep(float(again.headers["retry-after"]))
    assert len(site.versions()) == 1
    assert (await site.ask("GET", ""))["unfinished_webhooks"] == 0


async def test_keys_are_rotated_without_a_gap(site: Site) -> None:
    new = (await site.ask("POST", "/keys", key=None))["key"]
    for number, secret in enumerate((site.secret, new)):
        assert (await site.post(f"evt_{number}", secret=secret)).status_code == 202
    assert (await site.ask("POST", "/keys/retire"))["count"] == 1
    assert (await site.post("evt_3", secret=new)).status_code == 202
    refused = await site.post("evt_4", secret=site.secret)
    assert (refused.status_code, refused.json()["code"]) == (401, "SIGNATURE_WRONG")
    shown = await site.ask("GET", "")
    assert [key["retired_at"] is None for key in shown["keys"]] == [True, False]
    assert shown["stored_webhooks"] == 3


async def test_a_registration_again_changes_nothing_and_tells_no_secret(site: Site) -> None:
    again = await site.client.post("/v1/lims", json={"name": site.lims})
    assert (again.status_code, again.json()["key"]) == (200, None)
    listed = await site.client.get("/v1/lims")
    assert site.lims in [one["name"] for one in listed.json()["lims"]]
    for text in (again.text, listed.text, json.dumps(await site.ask("GET", ""))):
        assert site.secret not in text
    source = site.sql("SELECT name FROM intake.source WHERE name = %s", f"lims/{site.lims}")
    assert source == [(f"lims/{site.lims}",)]


async def test_secrets_are_the_gateways_alone_and_in_no_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    query = "SELECT value FROM intake_secret.lims_key WHERE lims = %s"
    # The provisioner runs again at each `up`, and grants reading of whole schemas.
    await asyncio.to_thread(provision_postgres, site.servers.stack.blueprint)
    assert site.sql(query, site.lims, role="api") == [(site.secret,)]
    for role in ("dbt_marts", "lineage", "reader", "checker", "mart_loader", "transformer"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.sql(query, site.lims, role=role)
    await site.post("evt_1")
    await site.post("evt_2", secret="whsec_" + "A" * 40)
    assert site.secret.removeprefix("whsec_") not in caplog.text
