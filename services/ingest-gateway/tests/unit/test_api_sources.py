"""`/v1/sources`: registered by operators, idempotent, refused in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from cytolake_contracts import KnownShape
from cytolake_ingest_gateway.api.histories import FileLine
from cytolake_ingest_gateway.api.testing import NOW, MemoryGateway
from cytolake_ingest_gateway.lifecycle import State

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


async def test_who_owns_it_changes_nothing_of_how_it_is_read() -> None:
    gateway = MemoryGateway()
    await register(gateway, VICELL)
    wanted = {name: value for name, value in VICELL.items() if name != "name"}
    told = {"instrument": "Vi-CELL 3", "owner": "QC", "file_names": ["*.csv"]}
    async with gateway.client() as client:
        answer = (await client.put("/v1/sources/vicell", json=wanted | told)).json()
    assert answer["revision"] == 1
    assert (answer["instrument"], answer["owner"], answer["file_names"]) == (
        "Vi-CELL 3",
        "QC",
        ["*.csv"],
    )


async def test_a_source_is_late_when_no_file_came_for_long() -> None:
    gateway = MemoryGateway()
    for name, hours in (("weekly", 168), ("hourly", 1), ("at-will", None)):
        await register(gateway, {"name": name, "freshness_hours": hours})
        gateway.lines.append(line(name, NOW - timedelta(hours=2)))
    await register(gateway, {"name": "silent", "freshness_hours": 1})
    async with gateway.client() as client:
        listed = (await client.get("/v1/sources")).json()["sources"]
    assert {one["name"]: one["is_late"] for one in listed} == {
        "weekly": False,
        "hourly": True,
        "at-will": False,
        "silent": True,
    }
    assert [one["last_received_at"] is None for one in listed if one["name"] == "silent"] == [True]


def line(source: str, at: datetime) -> FileLine:
    return FileLine(
        object_id=uuid4(), key=f"{source}/a.csv", source=source, state=State.LOADED, received_at=at
    )


async def test_what_a_registration_would_do_is_told_and_not_done() -> None:
    gateway = MemoryGateway()
    async with gateway.client() as client:

        async def outcome(source: dict[str, object]) -> dict[str, Any]:
            told: dict[str, Any] = (await client.post("/v1/sources/check", json=source)).json()
            return told

        assert (await outcome(VICELL))["outcome"] == "new"
        assert gateway.known == {}
        await register(gateway, VICELL)
        assert (await outcome(VICELL))["outcome"] == "unchanged"
        changed = await outcome(VICELL | {"owner": "QC"})
    assert (changed["outcome"], changed["before"], changed["wanted"]) == (
        "changed",
        {"owner": None},
        {"owner": "QC"},
    )


async def test_a_source_shows_the_shapes_it_sent() -> None:
    gateway = MemoryGateway()
    await register(gateway, VICELL)
    shape = KnownShape(fingerprint="ab", vendor="BECKMAN_VI_CELL_BLU", columns=("Sample ID",))
    gateway.known_shapes["vicell"] = [shape]
    async with gateway.client() as client:
        shown = (await client.get("/v1/sources/vicell")).json()
        missing = await client.get("/v1/sources/nobody")
    assert shown["known_shapes"] == [shape.model_dump(mode="json")]
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
        ({"freshness_hours": 0}, "greater than 0"),
        ({"file_names": ["a/b"]}, "pattern"),
        ({"owner": ""}, "at least 1"),
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


LIMS: dict[str, object] = {"name": "lims/acme", "layout": "lims_canonical"}


@pytest.mark.parametrize("path", ["lims/acme", "lims%2Facme"])
async def test_a_lims_is_a_source_with_a_folder_above_it(path: str) -> None:
    gateway = MemoryGateway()
    assert (await register(gateway, LIMS)).status_code == 201
    async with gateway.client() as client:
        shown = await client.get(f"/v1/sources/{path}")
        changed = await client.put(f"/v1/sources/{path}", json={"layout": "senaite"})
        key = await client.post(f"/v1/sources/{path}/keys")
    assert (shown.json()["name"], shown.json()["layout"]) == ("lims/acme", "lims_canonical")
    assert changed.json()["layout"] == "senaite"
    async with gateway.client(key.json()["api_key"]) as client:
        stored = await client.put(f"/v1/files/{path}/a.json", content=b"{}")
    assert stored.json()["key"].startswith("lims/acme/2")
    assert stored.json()["key"].endswith("/a.json")


@pytest.mark.parametrize("name", ["lims", "lims/", "lims/a/b", "limss/a", "lims/A"])
async def test_no_other_name_has_a_slash(name: str) -> None:
    answer = await register(MemoryGateway(), LIMS | {"name": name})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_layout_that_is_none_is_told_with_layouts_and_groups() -> None:
    answer = await register(MemoryGateway(), LIMS | {"layout": "lims_canonica"})
    assert answer.status_code == 422
    assert all(name in answer.text for name in ("lims_canonical", "senaite_batches", "sample_list"))
