"""Who may decide about a file that is held back, and what is recorded of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from cytolake_contracts import RuleFailure
from cytolake_ingest_gateway.api.decided import QuarantineCase
from cytolake_ingest_gateway.api.testing import OPERATOR_KEY, MemoryGateway
from cytolake_ingest_gateway.lifecycle import State
from cytolake_ingest_gateway.people import Role

BROKEN = RuleFailure(
    rule="viability_is_a_percentage",
    dataset="measurement",
    severity="block",
    message="a viability is between 0 and 100 %",
    failing_rows=1,
    examples=("row 3: value_std 130",),
)
PASSED = BROKEN.model_copy(update={"rule": "released", "severity": "warn", "released_by": "eve"})
WARNED = BROKEN.model_copy(update={"rule": "mild", "severity": "warn"})


def held(gateway: MemoryGateway, **changes: object) -> UUID:
    of = uuid4()
    case = QuarantineCase(
        object_id=of,
        key="s/a.csv",
        source="s",
        state=State.QUARANTINED,
        since=datetime(2026, 11, 23, tzinfo=UTC),
        reason_code="CONTRACT_VIOLATION",
        message="The file breaks its contract.",
        stage="validate",
        dataset="measurement",
        contract_version="1.0.0",
        run_no=1,
        dropped_by=None,
        content_sha256="0" * 64,
        size_bytes=1,
        received_at=datetime(2026, 11, 23, tzinfo=UTC),
        failures=[BROKEN, PASSED, WARNED],
    )
    gateway.desk.cases[of] = case.model_copy(update=changes)
    return of


async def decide(
    gateway: MemoryGateway, key: str, of: UUID, what: str = "release", reason: str = "recounted"
) -> httpx.Response:
    async with gateway.client(key) as client:
        return await client.post(f"/v1/quarantine/{of}/{what}", json={"reason": reason})


async def test_a_reviewer_releases_what_another_dropped_with_the_rules_that_it_breaks() -> None:
    gateway = MemoryGateway()
    of = held(gateway, dropped_by="joe")
    answer = await decide(gateway, gateway.add_person("jane", Role.REVIEWER), of)
    assert answer.status_code == 202
    (asked,) = gateway.desk.asked
    assert (asked.actor, asked.reason, asked.object_id) == ("jane", "recounted", of)
    assert asked.rules == ("measurement.viability_is_a_percentage", "measurement.released")


async def test_who_dropped_it_cannot_release_it_and_the_attempt_is_recorded() -> None:
    gateway = MemoryGateway()
    of, key = held(gateway, dropped_by="jane"), gateway.add_person("jane", Role.REVIEWER)
    answer = await decide(gateway, key, of)
    assert (answer.status_code, answer.json()["code"]) == (403, "DROPPED_BY_YOU")
    (asked,) = gateway.desk.asked
    assert asked.denial is not None
    assert asked.denial.code == "DROPPED_BY_YOU"
    assert (await decide(gateway, key, of, "refuse")).status_code == 202


@pytest.mark.parametrize("what", ["release", "refuse"])
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("operator's key", "NAMED_PERSON_NEEDED"),
        ("source", "NAMED_PERSON_NEEDED"),
        ("viewer", "ROLE_NEEDED"),
        ("operator", "ROLE_NEEDED"),
    ],
)
async def test_nobody_but_a_reviewer_decides_and_every_attempt_is_recorded(
    who: str, code: str, what: str
) -> None:
    gateway = MemoryGateway()
    gateway.add_source("s", "cyk_s")
    keys = {
        "operator's key": OPERATOR_KEY,
        "source": "cyk_s",
        "viewer": gateway.add_person("vic", Role.VIEWER),
        "operator": gateway.add_person("otto", Role.OPERATOR),
    }
    answer = await decide(gateway, keys[who], held(gateway), what)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert [asked.denial.code for asked in gateway.desk.asked if asked.denial] == [code]


async def test_a_release_needs_a_reason() -> None:
    gateway = MemoryGateway()
    key = gateway.add_person("jane", Role.REVIEWER)
    answer = await decide(gateway, key, held(gateway), reason="  ")
    assert answer.status_code == 422
    assert gateway.desk.asked == []


async def test_what_a_file_is_cannot_be_released() -> None:
    gateway = MemoryGateway()
    key = gateway.add_person("jane", Role.REVIEWER)
    of = held(gateway, stage="recognise", failures=[])
    answer = await decide(gateway, key, of)
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_RELEASE")
    assert "revalidate" in answer.json()["detail"]
    assert (await decide(gateway, key, of, "refuse")).status_code == 202


async def test_what_does_not_wait_is_not_decided_again() -> None:
    gateway = MemoryGateway()
    key = gateway.add_person("jane", Role.REVIEWER)
    of = held(gateway, state=State.LOADED)
    for what in ("release", "refuse"):
        answer = await decide(gateway, key, of, what)
        assert (answer.status_code, answer.json()["code"]) == (409, "NOT_WAITING")
    assert gateway.desk.asked == []


async def test_a_source_sees_its_own_and_an_unknown_file_is_said_so() -> None:
    gateway = MemoryGateway()
    for name in ("s", "t"):
        gateway.add_source(name, f"cyk_{name}")
    of = held(gateway)
    async with gateway.client("cyk_s") as own, gateway.client("cyk_t") as other:
        (line,) = (await own.get("/v1/quarantine")).json()["files"]
        assert line["object_id"] == str(of)
        case = (await own.get(f"/v1/quarantine/{of}")).json()
        assert case["failures"][0]["examples"] == ["row 3: value_std 130"]
        assert (await other.get("/v1/quarantine")).json()["files"] == []
        assert (await other.get(f"/v1/quarantine/{of}")).status_code == 403
        assert (await own.get(f"/v1/quarantine/{uuid4()}")).status_code == 404
