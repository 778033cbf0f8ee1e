"""Intake against its contract: what it declares, and what it says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import SecretStr

from cytolake_contracts import Event, FileLanded
from cytolake_contracts.identity import run_id
from cytolake_ingest_gateway.intake.adapters.runs import file_landed
from cytolake_ingest_gateway.intake.app import build_app
from cytolake_ingest_gateway.intake.settings import IntakeSettings
from cytolake_ingest_gateway.intake.testing import MemoryLedger, sighting
from cytolake_runtime.service import Service
from cytolake_runtime.testing import ServiceContract

KEYS = ("s/a.csv", "s/2026/11/23/a b+é%2F.csv")


class TestIntake(ServiceContract):
    """It consumes raw messages (its unit tests read every example); it says `file.landed`."""

    service_name = "intake"
    published = (FileLanded,)

    def build(self) -> Service:
        return build_app(IntakeSettings(postgres_dsn=SecretStr("postgresql://nowhere")))

    async def _all_said(self) -> list[Event]:
        ledger = MemoryLedger.of("s")
        for number, key in enumerate(KEYS):
            ledger.enter(sighting(key, f"content {number}", version="v1"))
        return [file_landed(row, source="cytolake/intake") for row in _rows(ledger)]


def _rows(ledger: MemoryLedger) -> list[dict[str, Any]]:
    """Return what the ledger's query gives for the runs that are open."""
    return [
        asdict(new.sighting)
        | {
            "run_id": run_id(of, 1),
            "run_no": 1,
            "announcement": 0,
            "object_id": of,
            "object_seq": new.object_seq,
            "received_at": new.received_at,
            "run_source": ledger.openings[of].source.model_dump(),
        }
        for of, new in ledger.objects.items()
    ]


def test_each_key_is_announced_once_under_its_own_id() -> None:
    ledger = MemoryLedger.of("s")
    for key in KEYS:
        ledger.enter(sighting(key, key, version="v1"))
    events = [file_landed(row, source="cytolake/intake") for row in _rows(ledger)]
    assert [event.subject for event in events] == list(KEYS)
    assert len({event.id for event in events}) == len(KEYS)
    assert {event.announcement for event in events} == {1}


def test_a_run_that_a_person_opened_says_who_and_why_each_time_it_is_announced() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(sighting(KEYS[0], "content", version="v1"))
    decided = {
        "action": "replay",
        "actor": "jane",
        "reason": "a new parser",
        "decided_at": "2026-11-23T12:00:00Z",
        "replaces": 1,
        "replaces_datasets": ["measurement"],
    }
    (row,) = _rows(ledger)
    first, again = (
        file_landed(row | {"decided": decided, "announcement": n}, source="cytolake/intake")
        for n in (0, 1)
    )
    assert first.data.decision is not None
    assert (first.data.decision.actor, first.data.decision.replaces) == ("jane", 1)
    assert FileLanded.from_bytes(again.to_bytes()).data == first.data
