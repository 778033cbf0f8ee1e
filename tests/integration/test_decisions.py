"""Decisions on a real ledger: recorded once, carried out once, denied by the database too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from cytolake_contracts import FileRejected, FileRejectedData
from cytolake_ingest_gateway.intake.adapters import Decisions, Pace
from cytolake_runtime.database import Database
from tests.integration.intake_site import Site, intake_site
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
DECIDE = "SELECT (intake.decide(%s, %s, %s, %s, %s, %s, %s, %s, %s)).decision_id"


@pytest.fixture
async def site(servers: Servers) -> AsyncIterator[Site]:
    async with intake_site(servers) as site:
        yield site


@pytest.fixture
def person(site: Site) -> str:
    return add_person(site)


def add_person(site: Site) -> str:
    name = f"jane-{uuid4().hex[:8]}"
    site.ask(
        "INSERT INTO intake.person (name, roles, added_by) VALUES (%s, '{reviewer}', 'test')"
        " RETURNING name",
        name,
    )
    return name


def decide(
    site: Site,
    action: str,
    actor: str,
    *,
    of: UUID | None = None,
    scope: dict[str, Any] | None = None,
    request: UUID | None = None,
    reason: str = "why",
    denied: str | None = None,
) -> UUID:
    """Record a decision in the api's role."""
    named = {"objects": [str(of)]} if of else scope
    asked: tuple[Any, ...] = (
        request or uuid4(),
        action,
        actor,
        reason,
        of,
        json.dumps(named),
        [],
        denied,
        denied,
    )
    with psycopg.connect(site.servers.dsn("api"), autocommit=True) as connection:
        row = connection.execute(DECIDE, asked).fetchone()
    assert row is not None
    return UUID(str(row[0]))


async def rejected(site: Site, name: str) -> UUID:
    """Drop a file and let the converter reject it."""
    of = site.put(name, uuid4().bytes)
    await site.until(lambda: site.state(of), "landed")
    (landed,) = await site.landed(of)
    data = FileRejectedData(
        file=landed.data.file, reason_code="NO_ROWS", message="no values", stage="flatten"
    )
    await site.say(FileRejected.following(landed, source="cytolake/converter", data=data))
    await site.until(lambda: site.state(of), "rejected")
    return of


def runs(site: Site, of: UUID) -> list[tuple[Any, ...]]:
    return site.ask(
        "SELECT run_no, decision, actor, reason, state FROM intake.run WHERE object_id = %s"
        " ORDER BY run_no",
        of,
    )


async def test_a_replay_opens_the_next_run_and_announces_it_with_who_and_why(
    site: Site, person: str
) -> None:
    of = await rejected(site, "a.csv")
    request = decide(site, "replay", person, of=of)
    await site.until(lambda: site.state(of), "landed")
    first, second = runs(site, of)
    assert first[:2] == (1, "arrival")
    assert second == (2, "replay", person, "why", "landed")
    told = (await site.landed(of))[-1]
    assert told.run_no == 2
    assert told.data.decision is not None
    assert (told.data.decision.action, told.data.decision.actor) == ("replay", person)
    assert decide(site, "replay", person, of=of, request=request) == request
    assert len(runs(site, of)) == 2, "asked again, it is the same decision"
    with pytest.raises(psycopg.errors.UniqueViolation):
        decide(site, "replay", person, of=of, request=request, reason="another")


async def test_a_refusal_ends_the_object_and_nothing_moves_it_but_its_name(
    site: Site, person: str
) -> None:
    of = await rejected(site, "a.csv")
    site.ask("UPDATE intake.object SET state = 'quarantined' WHERE object_id = %s RETURNING 1", of)
    decide(site, "refuse", person, of=of)
    refused = "SELECT reason_code, message FROM intake.object WHERE object_id = %s"
    await site.until(lambda: site.ask(refused, of), [("REFUSED", f"Refused by {person}: why")])
    assert runs(site, of)[-1][1:] == ("refuse", person, "why", "rejected")
    everything = decide(site, "replay", person, scope={"source": site.source})
    await site.until(lambda: done(site, everything), [(0, True)])
    decide(site, "replay", person, of=of)
    await site.until(lambda: site.state(of), "landed")


def done(site: Site, decision: UUID) -> list[tuple[Any, ...]]:
    return site.ask(
        "SELECT opened, done_at IS NOT NULL FROM intake.decision_progress WHERE decision_id = %s",
        decision,
    )


async def test_files_of_an_unknown_source_are_read_once_it_is_registered(
    site: Site, person: str
) -> None:
    unknown = Site(site.servers, f"late-{uuid4().hex[:8]}")
    first, same = unknown.put("a.csv", b"same"), unknown.put("b.csv", b"same")
    for of in (first, same):
        await site.until(partial(site.state, of), "rejected")
    site.register_source(unknown.source)
    decide(site, "revalidate", person, scope={"reason_code": "UNKNOWN_SOURCE"})
    await site.until(lambda: {site.state(first), site.state(same)}, {"landed", "duplicate"})
    landed = first if site.state(first) == "landed" else same
    assert runs(site, landed) == [(1, "revalidate", person, "why", "landed")]


async def test_many_files_are_opened_in_portions_and_none_twice(
    site: Site, person: str, servers: Servers
) -> None:
    """Killed after any portion, the next one goes on: each is a transaction of its own."""
    files = [await rejected(site, f"{n}.csv") for n in range(5)]
    database = Database(servers.dsn("intake"))
    await database.open()
    decision = decide(site, "replay", person, scope={"source": site.source})
    # Two at once and beside the running intake: whoever comes first, every run is opened once.
    for _ in range(5):
        await Decisions(database, Pace(portion=2)).step()
    await database.close()
    await site.until(lambda: done(site, decision), [(5, True)])
    for of in files:
        await site.until(partial(site.state, of), "landed")
        assert [run[0] for run in runs(site, of)] == [1, 2]


async def test_a_replay_waits_while_many_are_on_the_way_and_one_file_does_not(
    servers: Servers,
) -> None:
    async with intake_site(servers, intake_replays_on_the_way=1) as site:
        person = add_person(site)
        first, second = await rejected(site, "a.csv"), await rejected(site, "b.csv")
        decide(site, "replay", person, of=first)
        await site.until(lambda: site.state(first), "landed")
        held = decide(site, "replay", person, scope={"source": site.source})
        decide(site, "replay", person, of=second)
        await site.until(lambda: site.state(second), "landed")
        assert done(site, held) == []


def test_the_database_itself_denies_what_no_reviewer_may_do(servers: Servers) -> None:
    with psycopg.connect(servers.dsn("api"), autocommit=True) as connection:
        for statement in (
            "INSERT INTO intake.decision VALUES (1, gen_random_uuid())",
            "UPDATE intake.decision SET reason = 'other'",
            "DELETE FROM intake.decision",
            "SELECT intake.audit_decisions()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    with psycopg.connect(servers.dsn(), autocommit=True) as superuser:
        for statement in ("UPDATE intake.decision SET reason = 'x'", "TRUNCATE intake.decision"):
            with pytest.raises(psycopg.Error, match=r"never changed|foreign key"):
                superuser.execute(statement.encode())


async def test_who_dropped_a_file_cannot_release_it_whatever_the_api_thinks(
    site: Site, person: str
) -> None:
    of = await rejected(site, "a.csv")
    site.ask(
        "UPDATE intake.object SET dropped_by = %s WHERE object_id = %s RETURNING 1", person, of
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="dropped this file"):
        decide(site, "release", person, of=of)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody may not release"):
        decide(site, "release", "nobody", of=of)
    attempt = decide(site, "release", person, of=of, denied="DROPPED_BY_YOU")
    kept = "SELECT denied_code FROM intake.decision WHERE decision_id = %s"
    assert site.ask(kept, attempt) == [("DROPPED_BY_YOU",)]
    assert len(runs(site, of)) == 1, "a denied attempt opens nothing"
