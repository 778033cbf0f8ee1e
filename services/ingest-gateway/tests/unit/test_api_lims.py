"""`/v1/lims`: registered by operators, idempotent, secrets told once and never again."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from cytolake_ingest_gateway.api.testing import MemoryGateway
from cytolake_ingest_gateway.api.webhooks.keys import generated_secret, standard_key

URL = "https://apps.benchling.com/api/v1/apps/appdef_x/jwks"
BENCHLING = {"scheme": "benchling", "jwks_url": URL}
HMAC = {"scheme": "hmac", "header": "X-Signature"}
ACME = {"name": "acme", "layout": "sample_list", "timezone": "Europe/Berlin"}


async def ask(
    gateway: MemoryGateway,
    method: str,
    path: str = "",
    *,
    caller: str = "cyk_operator",
    **body: Any,
) -> httpx.Response:
    async with gateway.client(caller) as client:
        return await client.request(method, f"/v1/lims{path}", json=body or None)


async def test_a_lims_is_registered_with_its_source_and_its_secret_told_once() -> None:
    gateway = MemoryGateway()
    first, again = await ask(gateway, "POST", **ACME), await ask(gateway, "POST", **ACME)
    assert (first.status_code, again.status_code) == (201, 200)
    secret = first.json()["key"]
    assert standard_key("k", secret).version == "v1"
    assert again.json() == first.json() | {"key": None}
    assert first.json()["webhook_path"] == "/v1/webhooks/acme"
    source = gateway.lims.sources["lims/acme"]
    assert (source.layout, source.timezone) == ("sample_list", "Europe/Berlin")
    for path in ("", "/acme"):
        assert secret not in (await ask(gateway, "GET", path)).text


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"verify": {"scheme": "benchling"}}, "jwks_url"),
        ({"verify": BENCHLING, "key": '{"keys": []}'}, "not both"),
        ({"verify": {"scheme": "benchling"}, "key": "{}"}, "Key Set"),
        ({"verify": {"scheme": "benchling", "jwks_url": "http://x.example/jwks"}}, "https"),
        ({"verify": {"scheme": "guess"}}, "scheme"),
        ({"verify": {**HMAC, "header": "X Signature"}}, "header"),
        ({"verify": HMAC, "key": "short"}, "16"),
        ({"key": "whsec_short"}, "base64"),
        ({"key": "whsk_" + "A" * 44}, "private"),
        ({"layout": "no_such"}, "no_such"),
        ({"timezone": "Mars/Olympus"}, "Mars"),
        ({"fetch": {"base_urls": []}}, "base_urls"),
        ({"fetch": {"base_urls": ["http://10.0.0.1"]}}, "https"),
        ({"fetch": {"base_urls": ["https://user:pw@x.example"]}}, "no more"),
        ({"fetch": {"base_urls": ["file:///etc/passwd"]}}, "no more"),
        ({"fetch": {"base_urls": ["https://x.example"], "resources": {"a": "/b"}}}, "resources"),
        ({"name": "Bad Name"}, "name"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(wanted: dict[str, Any], words: str) -> None:
    gateway = MemoryGateway()
    answer = await ask(gateway, "POST", **({"name": "acme"} | wanted))
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert gateway.lims.registered == {}


async def test_a_key_that_is_refused_is_not_repeated() -> None:
    answer = await ask(MemoryGateway(), "POST", name="acme", verify=HMAC, key="tooshort-secret")
    assert answer.status_code == 422
    assert "tooshort" not in answer.text


async def test_the_same_name_otherwise_is_a_conflict() -> None:
    gateway = MemoryGateway()
    await ask(gateway, "POST", **ACME)
    other = await ask(gateway, "POST", **ACME, verify=HMAC)
    assert (other.status_code, other.json()["code"]) == (409, "LIMS_DIFFERS")
    other = await ask(gateway, "POST", **ACME, key=generated_secret())
    assert (other.status_code, other.json()["code"]) == (409, "LIMS_DIFFERS")
    gateway.known["lims/acme"] = gateway.lims.sources["lims/acme"]
    other = await ask(gateway, "POST", **(ACME | {"timezone": "UTC"}))
    assert (other.status_code, other.json()["code"]) == (409, "SOURCE_DIFFERS")


async def test_a_given_key_is_not_told_back() -> None:
    gateway, key = MemoryGateway(), generated_secret()
    for status in (201, 200):
        answer = await ask(gateway, "POST", name="acme", key=key)
        assert (answer.status_code, answer.json()["key"]) == (status, None)
    assert gateway.lims.keys["acme"][0][1] == key


async def test_rotation_keeps_the_old_key_until_it_is_retired() -> None:
    gateway = MemoryGateway()
    old = (await ask(gateway, "POST", **ACME)).json()["key"]
    rotated = await ask(gateway, "POST", "/acme/keys", key=None)
    assert rotated.status_code == 201
    assert rotated.json()["valid_keys"] == 2
    new = rotated.json()["key"]
    assert [text for _, text in gateway.lims.keys["acme"]] == [new, old]
    retired = await ask(gateway, "POST", "/acme/keys/retire")
    assert retired.json() == {"count": 1}
    assert [text for _, text in gateway.lims.keys["acme"]] == [new]


async def test_keys_at_an_address_are_not_rotated_here() -> None:
    gateway = MemoryGateway()
    assert (await ask(gateway, "POST", name="b", verify=BENCHLING)).json()["key"] is None
    answer = await ask(gateway, "POST", "/b/keys", key=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "KEYS_ARE_ELSEWHERE")


async def test_what_may_be_fetched_is_changed_and_the_way_of_signing_is_not() -> None:
    gateway = MemoryGateway()
    await ask(gateway, "POST", **ACME)
    fetch = {"base_urls": ["https://x.example/"], "authorization": "basic"}
    changed = await ask(gateway, "PUT", "/acme", fetch=fetch, fetch_token="user:password")
    assert changed.json()["fetch"]["base_urls"] == ["https://x.example"]
    assert gateway.lims.tokens == {"acme": "user:password"}
    assert "password" not in changed.text
    other = await ask(gateway, "PUT", "/acme", verify=HMAC)
    assert (other.status_code, other.json()["code"]) == (409, "OTHER_SCHEME")


async def test_only_operators_register_and_unknown_ones_are_told() -> None:
    gateway = MemoryGateway()
    gateway.add_source("s", "cyk_s")
    assert (await ask(gateway, "POST", caller="cyk_s", **ACME)).status_code == 403
    for method, path in [
        ("GET", "/none"),
        ("PUT", "/none"),
        ("POST", "/none/keys"),
        ("POST", "/none/keys/retire"),
        ("POST", "/none/fetches/retry"),
    ]:
        body: dict[str, Any] = {"key": None} if path == "/none/keys" else {}
        body |= {"fetch": None} if method == "PUT" else {}
        answer = await ask(gateway, method, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_LIMS"), path


async def test_openapi_describes_the_webhook() -> None:
    async with MemoryGateway().client() as client:
        document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/v1/webhooks/{lims}"]["post"]
    assert {"202", "401", "404", "409", "413"} <= operation["responses"].keys()
    assert "lims.result.verified" in json.dumps(operation["requestBody"])
