"""Decisions as the api records and tells them; what is asked of the ledger about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel, Field

from cytolake_contracts import Recognition, RuleFailure
from cytolake_ingest_gateway.lifecycle import Action, BatchAction, State


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a decision was not taken: a code that stays, words, and the answer's status."""

    code: str
    words: str
    status: int = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A decision to be recorded, or an attempt that is denied."""

    request_id: UUID
    action: Action | BatchAction
    actor: str
    reason: str
    scope: dict[str, Any] = field(default_factory=dict)
    object_id: UUID | None = None
    rules: tuple[str, ...] = ()
    denial: Denial | None = None


class DecisionLine(BaseModel):
    """One decision, or one attempt that was denied."""

    decision_id: UUID
    action: Action | BatchAction
    actor: str
    reason: str
    decided_at: datetime
    denied_code: str | None = None
    denied_message: str | None = None


class DecisionProgress(DecisionLine):
    """A decision and what came of it so far."""

    scope: dict[str, Any]
    opened: int = Field(default=0, description="Runs that it opened.")
    passed_over: int = Field(default=0, description="Files whose state had changed by then.")
    is_carried_out: bool = Field(default=False, description="No further run will be opened.")
    states: dict[State, int] = Field(default={}, description="Its runs by state.")

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self.is_carried_out


class Matching(BaseModel):
    """What a decision would be about, as the ledger is now."""

    files: int
    by_source: dict[str, int]
    by_state: dict[State, int]


class QuarantineLine(BaseModel):
    """One file that waits for a reviewer."""

    object_id: UUID
    key: str
    source: str
    state: State
    since: datetime
    reason_code: str | None
    message: str | None = Field(description="Why, in words.")
    stage: str = Field(description="`recognise`: what it is, is in doubt; `validate`: its rows.")
    dataset: str | None = None


class QuarantineCase(QuarantineLine):
    """Everything that a reviewer needs to decide."""

    run_no: int
    dropped_by: str | None = Field(description="A person; null: the source itself.")
    content_sha256: str
    size_bytes: int
    received_at: datetime
    contract_version: str | None = None
    rows: int | None = None
    failures: list[RuleFailure] = Field(default=[], description="Rules in words, failing rows.")
    recognition: Recognition | None = None
    result_key: str | None = Field(default=None, description="The whole result, in `evidence`.")
    page: str | None = Field(default=None, description="Path of the result's page, all rows.")
    decisions: list[DecisionLine] = []

    @property
    def rules(self) -> tuple[str, ...]:
        """Those that a release lets pass: broken ones that block, or would."""
        return tuple(
            f"{failure.dataset}.{failure.rule}"
            for failure in self.failures
            if failure.severity == "block" or failure.released_by
        )


class Desk(Protocol):
    """The decisions in the ledger; every method raises Retryable while PostgreSQL is away."""

    async def record(self, asked: Asked) -> DecisionLine:
        """Record it, once for its request id; raise ProblemError (409) if that was another."""
        ...

    async def progress(self, decision_id: UUID) -> DecisionProgress | None:
        """Return a decision and what came of it; None for an unknown one."""
        ...

    async def matching(self, action: Action, scope: dict[str, Any]) -> Matching:
        """Count what a decision would be about."""
        ...

    async def quarantined(self, source: str | None, limit: int) -> list[QuarantineLine]:
        """Return the files that wait for a reviewer, longest waiting first."""
        ...

    async def case(self, object_id: UUID) -> QuarantineCase | None:
        """Return a file and why it was held back last; None if it never was."""
        ...
