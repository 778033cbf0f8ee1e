"""What a recorded decision opens: from objects as the ledger holds them to their next runs. Pure.

A release and a refusal are about what a reviewer saw: their run has the source of the run that
was seen. A replay and a revalidation read the bytes anew: with the source as registered now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cytolake_contracts import Decision, ReasonCode, Release, SourceRef
from cytolake_ingest_gateway.intake.versions import Address, Registration
from cytolake_ingest_gateway.lifecycle import Action, Standing, State, opened

SAME_SOURCE = frozenset({Action.RELEASE, Action.REFUSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A decision as it is recorded; `rules` are those that a release lets pass."""

    decision_id: UUID
    action: Action
    actor: str
    reason: str
    decided_at: datetime
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An object that a decision is about."""

    object_id: UUID
    address: Address
    state: State
    content_sha256: str
    registered: Registration | None
    """Its source as it is now."""
    is_head: bool = True
    """Whether it is the newest version of its key."""
    run_no: int = 0
    """Of its newest run; 0: it was rejected before it had one."""
    last_source: SourceRef | None = None
    release: Release | None = None
    """The release that stands, as its newest run has it."""
    replaces: int | None = None
    replaces_datasets: tuple[str, ...] = ()
    replaces_rows: int | None = None
    twin: UUID | None = None
    """Another object of the same bytes and source as it is now, which stands for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """An object's next run."""

    object_id: UUID
    run_no: int
    source: SourceRef
    source_revision: int | None
    """Of the source as it is now; None where the run has the source of the one before."""
    standing: Standing
    decision: Decision
    reason_code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """An object that only now turns out to be another one's duplicate: no run."""

    object_id: UUID
    original: UUID
    source_revision: int


@dataclass(slots=True)
class _Firsts:
    """Objects without a run before: the first of the same bytes is read, the others are not."""

    parsed: set[Address] = field(default_factory=set)
    by_bytes: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def original(self, case: Case) -> UUID | None:
        """Return whose duplicate the case is; None for one that is to be read."""
        if case.run_no or case.registered is None or case.address in self.parsed:
            return None
        same = (case.registered.ref.name, case.content_sha256)
        original = case.twin or self.by_bytes.get(same)
        if original is None:
            self.parsed.add(case.address)
            if case.is_head:
                self.by_bytes[same] = case.object_id
        return original


def reopened(decision: Recorded, cases: Iterable[Case]) -> Iterator[Reopening | Doubled]:
    """Yield what becomes of each case; nothing of one that is not to be decided so any more."""
    firsts = _Firsts()
    for case in cases:
        standing = opened(case.state, decision.action)
        if standing is None:
            continue
        original = firsts.original(case)
        if original is not None and case.registered is not None:
            revision = case.registered.revision
            yield Doubled(object_id=case.object_id, original=original, source_revision=revision)
        else:
            yield from _next_run(decision, case, standing)


def _next_run(decision: Recorded, case: Case, standing: Standing) -> Iterator[Reopening]:
    is_as_before = decision.action in SAME_SOURCE
    now = None if is_as_before else case.registered
    source = case.last_source if is_as_before else now.ref if now else None
    if source is None:
        return  # its source is not registered
    is_refused = standing.state is State.REJECTED
    told = _told(decision, case)
    refusal = f"Refused by {decision.actor}: {decision.reason}"
    yield Reopening(
        object_id=case.object_id,
        run_no=case.run_no + 1,
        source=source,
        source_revision=now.revision if now else None,
        standing=standing,
        decision=told,
        reason_code=ReasonCode.REFUSED if is_refused else None,
        message=told.with_what_stays(refusal) if is_refused else None,
    )


def _told(decision: Recorded, case: Case) -> Decision:
    return Decision(
        action=decision.action.value,
        actor=decision.actor,
        reason=decision.reason,
        decided_at=decision.decided_at,
        release=_release(decision, case),
        replaces=case.replaces,
        replaces_datasets=case.replaces_datasets,
        replaces_rows=case.replaces_rows,
    )


def _release(decision: Recorded, case: Case) -> Release | None:
    if decision.action is Action.REPLAY:
        return case.release
    if decision.action is not Action.RELEASE or not decision.rules:
        return None
    return Release(
        actor=decision.actor,
        reason=decision.reason,
        decided_at=decision.decided_at,
        rules=decision.rules,
    )
