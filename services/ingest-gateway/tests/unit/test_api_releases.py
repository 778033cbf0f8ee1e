"""Releases of batches: by a reviewer, of what the marts show, once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cytolake_ingest_gateway.api.testing import OPERATOR_KEY, MemoryGateway
from cytolake_ingest_gateway.people import Role

WISH = {"batch": "B 1/2", "reason": "QA review, QR-12"}


def gateway_with_batch() -> MemoryGateway:
    gateway = MemoryGateway()
    gateway.releases.batches.add("B 1/2")
    return gateway


async def test_the_same_release_again_is_the_same_and_a_later_one_the_next() -> None:
    gateway = gateway_with_batch()
    async with gateway.client(gateway.add_person("rita", Role.REVIEWER)) as rita:
        first, again = [await rita.post("/v1/releases", json=WISH) for _ in range(2)]
        gateway.releases.snapshot = 7
        second = await rita.post("/v1/releases", json=WISH)
        told = (await rita.get("/v1/releases", params={"batch": "B 1/2"})).json()["releases"]
        other = (await rita.get("/v1/releases", params={"batch": "B2"})).json()["releases"]
    assert first.status_code == 202
    assert first.json() == again.json()
    assert (first.json()["release_no"], first.json()["snapshot_id"]) == (1, 1)
    assert (second.json()["release_no"], second.json()["snapshot_id"]) == (2, 7)
    assert [one["release_no"] for one in told] == [2, 1]
    assert other == []


async def test_a_request_sent_again_is_the_same_release_though_the_lake_moved_on() -> None:
    gateway = gateway_with_batch()
    wish = WISH | {"request_id": str(uuid4())}
    async with gateway.client(gateway.add_person("rita", Role.REVIEWER)) as rita:
        first = await rita.post("/v1/releases", json=wish)
        gateway.releases.snapshot = 7
        again = await rita.post("/v1/releases", json=wish)
        other = await rita.post("/v1/releases", json=wish | {"reason": "another"})
    assert first.json() == again.json()
    assert other.status_code == 409


async def test_a_batch_that_the_marts_do_not_show_cannot_be_released() -> None:
    gateway = gateway_with_batch()
    async with gateway.client(gateway.add_person("rita", Role.REVIEWER)) as rita:
        unknown = await rita.post("/v1/releases", json=WISH | {"batch": "B2"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "UNKNOWN_BATCH")
    assert gateway.desk.asked == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, None])
async def test_only_a_reviewer_with_a_name_releases_and_an_attempt_is_recorded(
    role: Role | None,
) -> None:
    gateway = gateway_with_batch()
    key = gateway.add_person("otto", role) if role else OPERATOR_KEY
    async with gateway.client(key) as client:
        answers = [await client.post("/v1/releases", json=WISH) for _ in range(2)]
        assert (await client.get("/v1/releases")).json() == {"releases": []}
    assert {answer.status_code for answer in answers} == {403}
    assert len(gateway.desk.asked) == 2


async def test_a_source_sees_no_releases() -> None:
    gateway = gateway_with_batch()
    gateway.add_source("s", "cyk_s")
    async with gateway.client("cyk_s") as source:
        assert (await source.get("/v1/releases")).status_code == 403
