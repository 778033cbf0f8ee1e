"""`POST /v1/webhooks/{lims}`: what is taken, what is refused, and what is kept of either."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cytolake_ingest_gateway.api.testing import MemoryGateway
from cytolake_ingest_gateway.api.webhooks.keys import generated_secret
from cytolake_ingest_gateway.api.webhooks.models import (
    FetchSettings,
    HmacScheme,
    LimsSettings,
    StandardScheme,
)
from cytolake_ingest_gateway.api.webhooks.sending import signed_headers
from cytolake_runtime import Retryable

SECRET = generated_secret()
EVENT = b'{"type": "lims.result.verified",  "data": {"sample_id": "S-1"}}\n'
Headers = dict[str, str]


def registered(
    settings: LimsSettings | None = None, *, name: str = "acme", key: str = SECRET
) -> MemoryGateway:
    gateway = MemoryGateway()
    gateway.lims.registered[name] = settings or LimsSettings()
    gateway.lims.keys[name] = [("k-1", key)]
    return gateway


def signed(
    webhook_id: str, body: bytes = EVENT, *, secret: str = SECRET, late: float = 0
) -> Headers:
    at = datetime.now(UTC) - timedelta(seconds=late)
    return signed_headers(secret, webhook_id, body, at=at)


async def post(
    gateway: MemoryGateway,
    headers: Headers,
    body: bytes = EVENT,
    *,
    path: str = "acme",
    **settings: object,
) -> httpx.Response:
    async with gateway.client(None, **settings) as client:
        return await client.post(f"/v1/webhooks/{path}", content=body, headers=headers)


def today() -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}"


async def test_the_raw_bytes_are_stored_and_answered_at_once() -> None:
    gateway = registered()
    answer = await post(gateway, signed("evt_1"))
    assert answer.status_code == 202
    key = f"lims/acme/{today()}/evt_1.json"
    assert gateway.stored == [(key, EVENT, "application/json")]
    told = answer.json()
    assert (told["webhook_id"], told["key"], told["is_repeat"]) == ("evt_1", key, False)
    assert gateway.metadata[key] | {"cytolake-webhook-timestamp": ""} == {
        "cytolake-webhook-id": "evt_1",
        "cytolake-webhook-timestamp": "",
        "cytolake-webhook-verifier": "standard",
        "cytolake-webhook-key": "k-1",
    }


async def test_its_history_can_be_asked_for_at_once() -> None:
    gateway = registered()
    async with gateway.client() as client:
        answer = await client.post("/v1/webhooks/acme", content=EVENT, headers=signed("evt_1"))
        assert (await client.get(answer.json()["links"]["history"])).status_code == 202


async def test_a_repeated_id_is_answered_and_not_stored_again() -> None:
    gateway = registered()
    first, again = await post(gateway, signed("evt_1")), await post(gateway, signed("evt_1"))
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json() | {"is_repeat": True}
    assert len(gateway.stored) == 1


async def test_two_at_once_are_one() -> None:
    gateway = registered()
    answers = await asyncio.gather(*(post(gateway, signed("evt_1")) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [202] * 8
    assert sorted(answer.json()["is_repeat"] for answer in answers) == [False] + [True] * 7
    assert len(gateway.stored) == 1


async def test_the_same_id_of_another_lims_is_another_webhook() -> None:
    gateway = registered()
    gateway.lims.registered["other"] = LimsSettings()
    gateway.lims.keys["other"] = [("k-2", SECRET)]
    for name in ("acme", "other"):
        assert (await post(gateway, signed("evt_1"), path=name)).json()["is_repeat"] is False
    assert len(gateway.stored) == 2


async def test_an_id_used_again_for_other_content_is_refused_and_the_first_kept() -> None:
    gateway = registered()
    await post(gateway, signed("evt_1"))
    other = await post(gateway, signed("evt_1", b"{}"), b"{}")
    assert (other.status_code, other.json()["code"]) == (409, "WEBHOOK_ID_REUSED")
    assert [body for _, body, _ in gateway.stored] == [EVENT]


async def test_what_died_before_the_put_is_stored_by_the_repeat() -> None:
    gateway = registered()
    gateway.is_away = True  # claimed, then the store does not answer
    away = await post(gateway, signed("evt_1"))
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    gateway.is_away = False
    again = await post(gateway, signed("evt_1"))
    assert (again.status_code, again.json()["is_repeat"]) == (202, False)
    assert len(gateway.stored) == 1


async def test_other_bytes_under_an_id_that_was_never_answered_are_not_lost() -> None:
    gateway = registered()
    gateway.is_away = True
    await post(gateway, signed("evt_1"))
    gateway.is_away = False
    other = b'{"attempt": 2}'
    again = await post(gateway, signed("evt_1", other), other)
    assert again.status_code == 202
    assert again.json()["key"].endswith(f"/evt_1-{hashlib.sha256(other).hexdigest()[:12]}.json")
    assert [body for _, body, _ in gateway.stored] == [other]
    assert (await post(gateway, signed("evt_1", other), other)).json()["is_repeat"] is True


async def test_what_died_after_the_put_is_not_stored_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = registered()

    async def dies(*_: Any) -> None:
        raise Retryable("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr("cytolake_ingest_gateway.api.testing_lims.MemoryHeld.mark_stored", dies)
        assert (await post(gateway, signed("evt_1"))).status_code == 503
    assert len(gateway.stored) == 1
    again = await post(gateway, signed("evt_1"))
    assert (again.status_code, again.json()["is_repeat"]) == (202, False)
    assert len(gateway.stored) == 1
    assert gateway.lims.held_rows["acme", "evt_1"].is_stored


@pytest.mark.parametrize("body", [b"", b"not JSON", b"\xff\x00", b"<html>", b"[" * 50_000])
async def test_what_is_rightly_signed_is_kept_whatever_it_is(body: bytes) -> None:
    gateway = registered(LimsSettings(fetch=FetchSettings(base_urls=("https://x.example",))))
    answer = await post(gateway, signed("evt_1", body), body)
    assert answer.status_code == 202
    assert [content for _, content, _ in gateway.stored] == [body]


@pytest.mark.parametrize(
    ("headers", "code"),
    [  # signed when the test runs: a signature is too old five minutes after collection
        pytest.param(dict, "SIGNATURE_MISSING", id="unsigned"),
        pytest.param(
            lambda: signed("evt_1", secret=generated_secret()),
            "SIGNATURE_WRONG",
            id="another_secret",
        ),
        pytest.param(lambda: signed("evt_1", b"other bytes"), "SIGNATURE_WRONG", id="another_body"),
        pytest.param(
            lambda: signed("evt_1") | {"webhook-id": "evt_2"}, "SIGNATURE_WRONG", id="another_id"
        ),
        pytest.param(lambda: signed("evt_1", late=3600), "TIMESTAMP_STALE", id="late"),
        pytest.param(lambda: signed("evt_1", late=-3600), "TIMESTAMP_STALE", id="early"),
        pytest.param(lambda: signed("evt.1"), "WEBHOOK_ID_UNUSABLE", id="bad_id"),
    ],
)
async def test_what_is_not_the_lims_own_is_refused_and_leaves_nothing(
    headers: Callable[[], Headers], code: str
) -> None:
    gateway = registered()
    answer = await post(gateway, headers())
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert "acme" in answer.headers["www-authenticate"]
    assert answer.json()["detail"].endswith(".")
    assert gateway.stored == []
    assert gateway.lims.held_rows == {}


async def test_an_unknown_lims_and_an_impossible_name_are_told() -> None:
    gateway = registered()
    answer = await post(gateway, signed("evt_1"), path="nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_LIMS")
    answer = await post(gateway, signed("evt_1"), path="No%00body")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_body_of_ten_megabytes_is_refused() -> None:
    gateway, body = registered(), bytes(10_000_000)
    answer = await post(gateway, signed("evt_1", body), body)
    assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
    assert "1048576" in answer.json()["detail"]
    body = bytes(1_048_576)
    assert (await post(gateway, signed("evt_1", body), body)).status_code == 202


async def test_a_plain_hmac_header_is_told_apart_by_its_content() -> None:
    scheme = HmacScheme(scheme="hmac", header="X-Hub-Signature-256", prefix="sha256=")
    gateway = registered(LimsSettings(verify=scheme), key="a secret of some length")
    digest = hmac.new(b"a secret of some length", EVENT, hashlib.sha256).hexdigest()
    answers = [
        await post(gateway, {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": one})
        for one in ("first", "replayed under another id")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["is_repeat"] for answer in answers] == [False, True]
    (stored,) = gateway.stored
    assert stored[0].endswith(f"/sha256-{hashlib.sha256(EVENT).hexdigest()}.json")


async def test_a_thin_event_is_stored_and_its_resource_asked_for() -> None:
    fetch = FetchSettings(base_urls=("https://x.example",))
    gateway = registered(LimsSettings(verify=StandardScheme(), fetch=fetch))
    body = json.dumps(
        {
            "baseURL": "https://x.example",
            "message": {"type": "v2.assayRun.updated.fields", "resourceId": "run-1"},
        }
    ).encode()
    assert (await post(gateway, signed("evt_1", body), body)).status_code == 202
    pointer = gateway.lims.held_rows["acme", "evt_1"].pointer
    assert pointer is not None
    assert (pointer.url, pointer.refusal) == ("https://x.example/api/v2/assay-runs/run-1", None)
    assert gateway.fetches_asked == [True]
    assert (await post(gateway, signed("evt_2"))).status_code == 202  # says all there is to say
    assert gateway.fetches_asked == [True]
