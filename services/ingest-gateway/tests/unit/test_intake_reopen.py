"""What a decision opens, and what it lets be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from cytolake_contracts import ReasonCode, Release, SourceRef
from cytolake_ingest_gateway.intake.reopen import Case, Doubled, Recorded, Reopening, reopened
from cytolake_ingest_gateway.intake.versions import Registration
from cytolake_ingest_gateway.lifecycle import DECISIONS, Action, State

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
THEN = SourceRef(name="s", site="main", timezone="UTC")
NOW = THEN.model_copy(update={"timezone": "Europe/Berlin"})
STANDING = Release(actor="jane", reason="checked", decided_at=AT, rules=("m.a",))


def decision(action: Action, *rules: str) -> Recorded:
    return Recorded(
        decision_id=uuid4(), action=action, actor="joe", reason="why", decided_at=AT, rules=rules
    )


def case(state: State = State.QUARANTINED, **changes: object) -> Case:
    found = Case(
        object_id=uuid4(),
        address=("inbound", f"s/{uuid4()}"),
        state=state,
        content_sha256="0" * 64,
        registered=Registration(NOW, 2),
        run_no=1,
        last_source=THEN,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def one(action: Action, of: Case, *rules: str) -> Reopening:
    (found,) = reopened(decision(action, *rules), [of])
    assert isinstance(found, Reopening)
    return found


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", State)
def test_only_what_the_table_names_is_opened(action: Action, state: State) -> None:
    found = list(reopened(decision(action), [case(state)]))
    assert len(found) == (state in DECISIONS[action].of)


@pytest.mark.parametrize("action", [Action.REPLAY, Action.REVALIDATE])
def test_bytes_are_read_anew_with_the_source_as_it_is_now(action: Action) -> None:
    found = one(action, case(State.REJECTED))
    assert (found.source, found.source_revision, found.run_no) == (NOW, 2, 2)


@pytest.mark.parametrize("action", [Action.RELEASE, Action.REFUSE])
def test_what_a_reviewer_saw_keeps_its_source(action: Action) -> None:
    found = one(action, case())
    assert (found.source, found.source_revision) == (THEN, None)


def test_a_release_carries_the_rules_that_were_seen_and_by_whom() -> None:
    release = one(Action.RELEASE, case(), "m.a", "m.b").decision.release
    assert release is not None
    assert (release.actor, release.reason, release.rules) == ("joe", "why", ("m.a", "m.b"))


def test_a_release_stands_in_a_replay_and_not_after_a_revalidation() -> None:
    released = case(release=STANDING)
    assert one(Action.REPLAY, released).decision.release == STANDING
    assert one(Action.REVALIDATE, released).decision.release is None


def test_a_refusal_ends_at_once_with_who_and_why() -> None:
    found = one(Action.REFUSE, case(replaces=1))
    assert found.standing.state is State.REJECTED
    assert found.reason_code == ReasonCode.REFUSED
    assert found.message == (
        "Refused by joe: why (The rows of run 1, loaded before, stay in the marts.)"
    )


def test_a_replay_names_the_run_whose_rows_it_replaces() -> None:
    tables = ("measurement", "point")
    loaded = case(State.LOADED, replaces=1, replaces_datasets=tables, replaces_rows=7)
    told = one(Action.REPLAY, loaded).decision
    assert (told.replaces, told.replaces_datasets, told.replaces_rows) == (1, tables, 7)


def test_a_file_without_a_registered_source_waits_for_one() -> None:
    assert list(reopened(decision(Action.REVALIDATE), [case(registered=None)])) == []


def new(content: str = "0", **changes: object) -> Case:
    """Return a file that was rejected because nobody knew its source."""
    refused = {"run_no": 0, "last_source": None, "content_sha256": content * 64}
    return case(State.REJECTED, **refused | changes)


def becoming(*cases: Case) -> list[str | UUID]:
    found = reopened(decision(Action.REVALIDATE), cases)
    return [one.original if isinstance(one, Doubled) else "read" for one in found]


def test_of_the_same_bytes_never_read_before_only_the_first_is_read() -> None:
    first = new()
    assert becoming(first, new(), new("1")) == ["read", first.object_id, "read"]


def test_bytes_that_stand_already_are_not_read() -> None:
    twin = uuid4()
    assert becoming(new(twin=twin)) == [twin]


def test_every_version_of_one_key_is_read() -> None:
    address = ("inbound", "s/a.csv")
    old, middle = new(address=address, is_head=False), new("1", address=address, is_head=False)
    newest = new(address=address)
    assert becoming(old, middle, newest) == ["read"] * 3


def test_what_is_not_current_stands_for_nobody() -> None:
    old = new(is_head=False)
    assert becoming(old, new()) == ["read", "read"]
