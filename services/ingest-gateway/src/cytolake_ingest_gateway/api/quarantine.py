"""`/v1/quarantine`: what waits for a reviewer, why, and the reviewer's decision.

Every decision and every denied attempt is recorded before it is answered; intake carries it out.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.decided import (
    Asked,
    DecisionLine,
    Denial,
    Desk,
    QuarantineCase,
    QuarantineLine,
)
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.permission import denial_of, is_worth_recording
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.lifecycle import Action

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Verdict(BaseModel):
    """A reviewer's decision."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "Recounted by hand: 91 %, page 12 of LB-77."}]},
    )

    reason: Reason = Field(description="Why, in words: it stands in the file's history for good.")
    request_id: UUID | None = Field(
        default=None, description="Of your own: sent again, it is the same decision."
    )


class QuarantineList(BaseModel):
    """What waits, longest waiting first."""

    files: list[QuarantineLine]


router = APIRouter(prefix="/v1/quarantine", tags=["decisions"])
Known = Annotated[Caller, Depends(caller)]
DENIED = documented(401, 403, 404, 409, 422, 503)


def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


Decisions = Annotated[Desk, Depends(desk)]


@router.get("", responses=documented(401, 403, 422, 503))
async def list_quarantine(
    decisions: Decisions,
    known: Known,
    *,
    source: Annotated[str | None, Query(description="Only of this source.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> QuarantineList:
    """List what waits for a reviewer; a source's key sees that source's files only."""
    if source is not None and not known.may_see(source):
        raise _not_yours(known)
    return QuarantineList(files=await decisions.quarantined(source or known.source, limit))


@router.get("/{object_id}", responses=documented(401, 403, 404, 422, 503))
async def quarantine_case(object_id: UUID, decisions: Decisions, known: Known) -> QuarantineCase:
    """Tell what a reviewer needs: rules in words, failing rows, how it was recognised."""
    return await _case(object_id, decisions, known)


@router.post("/{object_id}/release", status_code=202, responses=DENIED)
async def release(
    object_id: UUID, verdict: Verdict, decisions: Decisions, known: Known
) -> DecisionLine:
    """Let the file pass: the rules it breaks become warnings, marked with who and why."""
    return await _decided(Action.RELEASE, object_id, verdict, decisions, known)


@router.post("/{object_id}/refuse", status_code=202, responses=DENIED)
async def refuse(
    object_id: UUID, verdict: Verdict, decisions: Decisions, known: Known
) -> DecisionLine:
    """End the file: it stays kept, and becomes no rows."""
    return await _decided(Action.REFUSE, object_id, verdict, decisions, known)


async def _case(object_id: UUID, decisions: Desk, known: Caller) -> QuarantineCase:
    case = await decisions.case(object_id)
    if case is None:
        words = "No such file was ever held back."
        raise ProblemError(404, "NOT_IN_QUARANTINE", words)
    if not known.may_see(case.source):
        raise _not_yours(known)
    return case


async def _decided(
    action: Action, object_id: UUID, verdict: Verdict, decisions: Desk, known: Caller
) -> DecisionLine:
    case = await _case(object_id, decisions, known)
    asked = Asked(
        request_id=verdict.request_id or uuid4(),
        action=action,
        actor=known.name,
        reason=verdict.reason,
        scope={"objects": [str(object_id)]},
        object_id=object_id,
        rules=case.rules if action is Action.RELEASE else (),
        denial=denial_of(action, known, case),
    )
    return await recorded(decisions, asked)


async def recorded(decisions: Desk, asked: Asked) -> DecisionLine:
    """Record a decision; raise ProblemError, once it is recorded, for one that is denied."""
    if asked.denial is None or is_worth_recording(asked.denial):
        line = await decisions.record(asked)
        if line.denied_code is None:
            return line
    raise _problem(asked.denial)


def _problem(found: Denial | None) -> ProblemError:
    if found is None:  # the request was denied before, and would not be now
        words = "This request was denied before; ask anew, with another request id."
        return ProblemError(409, "DENIED_BEFORE", words)
    return ProblemError(found.status, found.code, found.words)


def _not_yours(known: Caller) -> ProblemError:
    words = f"This API key is for source {known.source!r} only."
    return ProblemError(403, "OTHER_SOURCE", words)
