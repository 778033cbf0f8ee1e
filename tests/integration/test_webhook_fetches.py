"""Thin events on real servers: the resource is fetched from its LIMS, or it is told why not."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi import FastAPI, Request, Response

from cytolake_ingest_gateway.api.app import build_app
from cytolake_ingest_gateway.api.webhooks.sending import signed_headers
from tests.integration.api_site import api_settings, serving
from tests.integration.intake_site import intake_running
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
RUN = {"id": "run-1", "label": "SYNTHETIC", "fields": {"vcn": {"value": 2.1}}}


@dataclass
class Benchling:
    """A LIMS that signs as Benchling does, and answers for its runs with what a test lined up."""

    private: ec.EllipticCurvePrivateKey
    answers: list[tuple[int, str, bytes]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    base: str = ""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/jwks")
        def jwks() -> dict[str, Any]:
            return {"keys": [self._jwk()]}

        @app.get("/{path:path}")
        def resource(path: str, request: Request) -> Response:
            self.asked.append((f"/{path}", request.headers.get("authorization", "")))
            whole = (200, "application/json", json.dumps(RUN).encode())
            status, kind, body = self.answers.pop(0) if self.answers else whole
            headers = {"Location": f"{self.base}/elsewhere"} if status == 302 else {}
            return Response(body, status, media_type=kind, headers=headers)

        return app

    def _jwk(self) -> dict[str, str]:
        point = self.private.public_key().public_numbers()
        x, y = (base64.urlsafe_b64encode(n.to_bytes(32)).decode() for n in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "kid": "k1", "x": x.rstrip("="), "y": y.rstrip("=")}

    def signed(self, webhook_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        content = f"{webhook_id}.{timestamp}.".encode() + body
        signature = base64.b64encode(self.private.sign(content, ec.ECDSA(SHA256()))).decode()
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1bder,{signature}",
        }

    def event(self, *, base: str | None = None, run: str = "run-1") -> bytes:
        message = {"type": "v2.assayRun.updated.fields", "id": "evt_x", "resourceId": run}
        whole = {"version": "0", "channel": "events", "baseURL": base or self.base}
        return json.dumps(whole | {"label": "SYNTHETIC", "message": message}).encode()


@dataclass(frozen=True)
class Site:
    """The api, and a Benchling-like LIMS registered there."""

    servers: Servers
    client: httpx.AsyncClient
    lims: str
    benchling: Benchling

    async def post(self, webhook_id: str, body: bytes) -> httpx.Response:
        headers = self.benchling.signed(webhook_id, body)
        return await self.client.post(f"/v1/webhooks/{self.lims}", content=body, headers=headers)

    async def shown(self) -> dict[str, Any]:
        return dict((await self.client.get(f"/v1/lims/{self.lims}")).json())

    async def until(self, fetches: dict[str, int]) -> dict[str, Any]:
        """Look until so many fetches are in these states."""
        return await self.until_shown(lambda shown: shown["fetches"] == fetches)

    async def until_shown(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(180):
            while True:
                shown = await self.shown()
                if wanted(shown):
                    return shown
                await asyncio.sleep(0.05)

    def fetched(self) -> list[tuple[str, bytes]]:
        s3, prefix = self.servers.s3(), f"lims/{self.lims}/fetched/"
        listed = s3.list_objects_v2(Bucket="inbound", Prefix=prefix).get("Contents", [])
        return [
            (one["Key"], s3.get_object(Bucket="inbound", Key=one["Key"])["Body"].read())
            for one in listed
        ]


@asynccontextmanager
async def benchling() -> AsyncIterator[Benchling]:
    made = Benchling(ec.generate_private_key(ec.SECP256R1()))
    async with serving(made.app()) as port:
        made.base = f"http://127.0.0.1:{port}"
        yield made


@pytest.fixture
async def site(servers: Servers) -> AsyncIterator[Site]:
    app = build_app(api_settings(servers, fetch_first_delay_seconds=0.05))
    async with intake_running(servers), benchling() as lims, serving(app) as port:
        key = servers.stack.blueprint.credentials.operator_api_key
        url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
            name = f"it-{uuid4().hex[:8]}"
            wanted = {
                "name": name,
                "verify": {"scheme": "benchling", "jwks_url": f"{lims.base}/jwks"},
                "fetch": {"base_urls": [lims.base]},
                "fetch_token": "t0ken",
            }
            made = await client.post("/v1/lims", json=wanted)
            assert made.status_code == 201, made.text
            yield Site(servers, client, name, lims)


async def test_the_event_and_what_it_points_to_are_both_stored(site: Site) -> None:
    event = site.benchling.event()
    answer = await site.post("evt_1", event)
    assert answer.status_code == 202, answer.text
    await site.until({"stored": 1})
    ((key, body),) = site.fetched()
    assert json.loads(body) == RUN
    assert "/assay-runs-run-1-" in key
    assert site.benchling.asked == [("/api/v2/assay-runs/run-1", "Bearer t0ken")]
    again = await site.post("evt_1", event)
    assert again.json()["is_repeat"]
    assert (await site.shown())["fetches"] == {"stored": 1}


async def test_every_failure_is_told_and_tried_again_until_it_is_there(site: Site) -> None:
    site.benchling.answers = [
        (500, "text/plain", b"oops"),
        (401, "application/json", b"{}"),
        (429, "application/json", b"{}"),
        (302, "text/html", b""),
        (200, "text/html", b"<html>Log in</html>"),
        (200, "application/json", b'{"id": "run-'),
    ]
    await site.post("evt_1", site.benchling.event())
    await site.until({"stored": 1})
    assert {path for path, _ in site.benchling.asked} == {"/api/v2/assay-runs/run-1"}
    assert len(site.benchling.asked) == 7
    assert [json.loads(body) for _, body in site.fetched()] == [RUN]


async def test_a_failing_fetch_is_shown_with_its_reason(site: Site) -> None:
    site.benchling.answers = [(401, "application/json", b"{}")] * 1000
    await site.post("evt_1", site.benchling.event())
    shown = await site.until_shown(lambda shown: bool(shown["troubled_fetches"]))
    troubled = shown["troubled_fetches"]
    assert "token" in troubled[0]["message"]
    assert troubled[0]["url"].endswith("/api/v2/assay-runs/run-1")
    assert "t0ken" not in str(troubled)
    site.benchling.answers.clear()
    retried = await site.client.post(f"/v1/lims/{site.lims}/fetches/retry")
    assert retried.json() == {"count": 1}
    await site.until({"stored": 1})


async def test_nothing_is_fetched_from_where_an_event_likes(site: Site) -> None:
    async with benchling() as other:
        answer = await site.post("evt_1", site.benchling.event(base=other.base))
        assert answer.status_code == 202
        shown = await site.until({"refused": 1})
        assert "nothing may be fetched from there" in shown["troubled_fetches"][0]["message"]
        assert other.asked == []
        fetch = {"base_urls": [site.benchling.base, other.base]}
        scheme = {"scheme": "benchling", "jwks_url": f"{site.benchling.base}/jwks"}
        path = f"/v1/lims/{site.lims}"
        await site.client.post(f"{path}/fetches/retry")  # asked again without being allowed
        await site.until({"given_up": 1})
        assert other.asked == []
        await site.client.put(path, json={"verify": scheme, "fetch": fetch})
        await site.client.post(f"{path}/fetches/retry")
        await site.until({"stored": 1})
        assert other.asked == [("/api/v2/assay-runs/run-1", "Bearer t0ken")]


async def test_one_lims_that_does_not_answer_blocks_no_other(site: Site) -> None:
    """The other takes the connection and then says nothing."""
    taken: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    fetch = {"base_urls": [base], "resources": {"*": "/r/{id}"}}
    other = f"{site.lims}-b"
    made = await site.client.post("/v1/lims", json={"name": other, "fetch": fetch})
    body = b'{"type": "a", "data": {"id": 1}}'
    headers = signed_headers(made.json()["key"], "evt_1", body, at=datetime.now(UTC))
    await site.client.post(f"/v1/webhooks/{other}", content=body, headers=headers)
    await site.post("evt_1", site.benchling.event())
    await site.until({"stored": 1})
    shown = await site.client.get(f"/v1/lims/{other}")
    assert shown.json()["fetches"] == {"waiting": 1}
    for writer in taken:
        writer.close()
    silent.close()


async def test_altered_bytes_are_refused_and_nothing_is_asked(site: Site) -> None:
    headers = site.benchling.signed("evt_1", site.benchling.event())
    path = f"/v1/webhooks/{site.lims}"
    altered = site.benchling.event(run="run-2")
    answer = await site.client.post(path, content=altered, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_WRONG")
    assert site.benchling.asked == []
