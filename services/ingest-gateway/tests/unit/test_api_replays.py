"""Replays and revalidations: of which files, by whom, once per request."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cytolake_ingest_gateway.api.testing import OPERATOR_KEY, MemoryGateway
from cytolake_ingest_gateway.people import Role

WISH = {"source": "s", "reason": "a new parser"}


async def test_a_replay_is_recorded_with_what_it_is_about() -> None:
    gateway = MemoryGateway()
    async with gateway.client(gateway.add_person("otto", Role.OPERATOR)) as otto:
        made = await otto.post("/v1/replays", json=WISH)
        assert made.status_code == 202
        assert (made.json()["actor"], made.json()["scope"]) == ("otto", {"source": "s"})
        told = await otto.get(f"/v1/decisions/{made.json()['decision_id']}")
        assert told.json() == made.json()
        assert (await otto.get(f"/v1/decisions/{uuid4()}")).status_code == 404


async def test_the_same_request_again_is_the_same_decision() -> None:
    gateway = MemoryGateway()
    wish = WISH | {"request_id": str(uuid4())}
    async with gateway.client(gateway.add_person("otto", Role.OPERATOR)) as otto:
        first, again = [await otto.post("/v1/revalidations", json=wish) for _ in range(2)]
        other = await otto.post("/v1/revalidations", json=wish | {"reason": "another"})
    assert first.json() == again.json()
    assert other.status_code == 409
    assert len(gateway.desk.asked) == 1


async def test_a_dry_run_counts_and_decides_nothing() -> None:
    gateway = MemoryGateway()
    async with gateway.client() as operator:
        counted = await operator.post("/v1/replays", json=WISH | {"dry_run": True})
    assert (counted.status_code, counted.json()["files"]) == (200, 2)
    assert gateway.desk.asked == []


@pytest.mark.parametrize("path", ["/v1/replays", "/v1/revalidations"])
async def test_a_decision_names_its_person(path: str) -> None:
    gateway = MemoryGateway()
    gateway.add_source("s", "cyk_s")
    keys = (OPERATOR_KEY, "cyk_s", gateway.add_person("vic", Role.VIEWER))
    for key in keys:
        async with gateway.client(key) as client:
            assert (await client.post(path, json=WISH)).status_code == 403
    assert [asked.denial is None for asked in gateway.desk.asked] == [False] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": None},
        {"all": True},
        {"reason": " "},
        {"since": "2026-11-23T00:00:00"},
        {"objects": []},
        {"reason_code": "NONSENSE"},
    ],
)
async def test_which_files_are_meant_must_be_said_and_said_once(wrong: dict[str, object]) -> None:
    gateway = MemoryGateway()
    async with gateway.client(gateway.add_person("otto", Role.OPERATOR)) as otto:
        assert (await otto.post("/v1/replays", json=WISH | wrong)).status_code == 422


async def test_a_single_file_and_all_of_them() -> None:
    gateway, of = MemoryGateway(), uuid4()
    async with gateway.client(gateway.add_person("jane", Role.REVIEWER)) as jane:
        await jane.post("/v1/replays", json={"objects": [str(of)], "reason": "why"})
        await jane.post("/v1/replays", json={"all": True, "reason": "why"})
    one, everything = gateway.desk.asked
    assert (one.object_id, one.scope) == (of, {"objects": [str(of)]})
    assert (everything.object_id, everything.scope) == (None, {"all": True})
