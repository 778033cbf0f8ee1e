"""`/v1/sources`: registered by operators, idempotent, refused in words."""

from __future__ import annotations

import httpx
import pytest

from cytolake_ingest_gateway.api.testing import MemoryGateway

VICELL: dict[str, object] = {
    "name": "vicell",
    "vendor": "BECKMAN_VI_CELL_BLU",
    "timezone": "Europe/Berlin",
}


async def register(
    gateway: MemoryGateway, source: dict[str, object], *, key: str = "cyk_operator"
) -> httpx.Response:
    async with gateway.client(key) as client:
        return await client.post("/v1/sources", json=source)


async def test_a_source_is_registered_and_its_key_told_once() -> None:
    gateway = MemoryGateway()
    first, again = await register(gateway, VICELL), await register(gateway, VICELL)
    assert (first.status_code, again.status_code) == (201, 200)
    key = first.json()["api_key"]
    assert key.startswith("cyk_")
    assert again.json() == first.json() | {"api_key": None}
    assert (first.json()["site"], first.json()["revision"]) == ("main", 1)
    async with gateway.client(key) as client:
        assert (await client.put("/v1/files/vicell/a.csv", content=b"x")).status_code == 201
    assert key not in str(gateway.keys)


async def test_the_same_name_otherwise_is_a_conflict() -> None:
    gateway = MemoryGateway()
    await register(gateway, VICELL)
    answer = await register(gateway, VICELL | {"timezone": "UTC"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SOURCE_DIFFERS")
    assert gateway.known["vicell"].timezone == "Europe/Berlin"


async def test_a_change_raises_the_revision_once() -> None:
    gateway = MemoryGateway()
    await register(gateway, VICELL)
    async with gateway.client() as client:
        for _ in range(2):
            answer = await client.put("/v1/sources/vicell", json={"layout": "sample_list"})
            assert answer.json()["revision"] == 2
        missing = await client.put("/v1/sources/nobody", json={})
    assert (missing.status_code, missing.json()["code"]) == (404, "UNKNOWN_SOURCE")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"vendor": "KODAK"}, "no vendor"),
        ({"vendor": None, "layout": "origami"}, "no layout"),
        ({"layout": "sample_list"}, "not both"),
        ({"timezone": "Mars/Olympus"}, "no IANA time zone"),
        ({"timezone": "../../etc/passwd"}, "no IANA time zone"),
        ({"name": "Vi Cell"}, "pattern"),
        ({"name": "a/b"}, "pattern"),
        ({"name": ".."}, "pattern"),
        ({"site": "HQ"}, "pattern"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(changed: dict[str, object], words: str) -> None:
    gateway = MemoryGateway()
    answer = await register(gateway, VICELL | changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert words in answer.json()["detail"]
    assert gateway.known == {}


async def test_neither_vendor_nor_layout_means_detection() -> None:
    answer = await register(MemoryGateway(), {"name": "anything"})
    assert (answer.json()["vendor"], answer.json()["layout"]) == (None, None)
    assert answer.json()["timezone"] == "UTC"


async def test_sources_are_listed_by_name_and_get_further_keys() -> None:
    gateway = MemoryGateway()
    for name in ("b", "a"):
        await register(gateway, {"name": name})
    async with gateway.client() as client:
        listed = (await client.get("/v1/sources")).json()["sources"]
        made = await client.post("/v1/sources/a/keys")
        missing = await client.post("/v1/sources/nobody/keys")
    assert [one["name"] for one in listed] == ["a", "b"]
    assert (made.status_code, missing.status_code) == (201, 404)
    async with gateway.client(made.json()["api_key"]) as client:
        assert (await client.put("/v1/files/a/x", content=b"x")).status_code == 201


async def test_sources_are_for_operators() -> None:
    gateway = MemoryGateway()
    gateway.add_source("vicell", "cyk_vicell")
    answer = await register(gateway, {"name": "new"}, key="cyk_vicell")
    assert (answer.status_code, answer.json()["code"]) == (403, "OPERATORS_ONLY")
