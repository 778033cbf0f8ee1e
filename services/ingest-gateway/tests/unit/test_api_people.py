"""People: added by operators, known by their keys, gone when revoked."""

from __future__ import annotations

import pytest

from cytolake_ingest_gateway.api.testing import MemoryGateway
from cytolake_ingest_gateway.people import Role

JANE = {"name": "jane.doe", "roles": ["reviewer"]}


async def test_the_bootstrap_key_adds_a_person_whose_key_is_told_once() -> None:
    gateway = MemoryGateway()
    async with gateway.client() as client:
        added = await client.post("/v1/people", json=JANE)
        assert added.status_code == 201
        assert added.json()["api_key"].startswith("cyk_")
        assert added.json()["added_by"] == "an operator's key"
        (listed,) = (await client.get("/v1/people")).json()["people"]
        assert listed["name"] == "jane.doe"
        assert "api_key" not in listed


async def test_a_name_is_given_once_even_after_its_person_has_gone() -> None:
    gateway = MemoryGateway()
    async with gateway.client() as client:
        await client.post("/v1/people", json=JANE)
        revoked = await client.post("/v1/people/jane.doe/revoke")
        assert revoked.json()["revoked_by"] == "an operator's key"
        again = await client.post("/v1/people", json=JANE)
        assert (again.status_code, again.json()["code"]) == (409, "NAME_TAKEN")
        assert (await client.post("/v1/people/joe/revoke")).status_code == 404


async def test_a_revoked_key_opens_nothing() -> None:
    gateway = MemoryGateway()
    key = gateway.add_person("jane", Role.REVIEWER)
    async with gateway.client() as operator:
        await operator.post("/v1/people/jane/revoke")
    async with gateway.client(key) as jane:
        assert (await jane.get("/v1/quarantine")).status_code == 401


@pytest.mark.parametrize(
    ("roles", "status"), [({Role.REVIEWER}, 403), ({Role.VIEWER}, 403), ({Role.OPERATOR}, 200)]
)
async def test_only_an_operator_sees_and_makes_people(roles: set[Role], status: int) -> None:
    gateway = MemoryGateway()
    async with gateway.client(gateway.add_person("jane", *roles)) as jane:
        assert (await jane.get("/v1/people")).status_code == status


@pytest.mark.parametrize(
    "wrong", [{"roles": []}, {"roles": ["king"]}, {"name": "Jane Doe"}, {"name": ""}]
)
async def test_a_name_that_would_not_stand_for_good_is_refused(wrong: dict[str, object]) -> None:
    async with MemoryGateway().client() as client:
        assert (await client.post("/v1/people", json=JANE | wrong)).status_code == 422


async def test_the_store_is_told_who_uploaded_a_file() -> None:
    gateway = MemoryGateway()
    gateway.add_source("s", "cyk_s")
    jane = gateway.add_person("jane", Role.REVIEWER)
    for key in (jane, "cyk_s"):
        async with gateway.client(key) as client:
            assert (await client.put(f"/v1/files/s/{key}.csv", content=b"x")).status_code == 201
    assert list(gateway.dropped_by.values()) == ["jane", None]


async def test_who_only_looks_puts_no_files() -> None:
    gateway = MemoryGateway()
    gateway.add_source("s", "cyk_s")
    async with gateway.client(gateway.add_person("vic", Role.VIEWER)) as client:
        refused = await client.put("/v1/files/s/a.csv", content=b"x")
        assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_NEEDED")
        assert (await client.get("/v1/files")).status_code == 200
    assert gateway.stored == []
