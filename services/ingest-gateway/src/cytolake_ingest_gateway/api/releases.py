"""`/v1/releases`: a batch is released, at the state of the lake that the marts show.

A release is a decision like any other: a reviewer's, with a reason, recorded once and for good. It
pins the lake's snapshot; the checker exports the batch's rows at it into the evidence bucket.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from cytolake_contracts.identity import NAMESPACE
from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.decided import Asked
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.permission import denial
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.quarantine import Decisions, Reason, recorded
from cytolake_ingest_gateway.lifecycle import BatchAction

Batch = Annotated[str, Field(min_length=1, max_length=200, description="The batch's id.")]


class NewRelease(BaseModel):
    """A batch to be released."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"batch": "SYN-B0001", "reason": "QA review, QR-12"}]},
    )

    batch: Batch
    reason: Reason = Field(description="Why, in words: it stands beside the release for good.")
    request_id: UUID | None = Field(
        default=None,
        description="Of your own: sent again, it is the same release. Without it, it is the same "
        "for the same person, batch, reason and state of the lake.",
    )


class Release(BaseModel):
    """One release of a batch."""

    decision_id: UUID
    batch_id: str
    release_no: int = Field(description="Its number among the releases of the batch, from 1.")
    snapshot_id: int = Field(description="The lake's snapshot, which stays for good.")
    actor: str
    reason: str
    decided_at: datetime
    manifest_key: str | None = Field(default=None, description="In `evidence`; null: not yet.")
    manifest_sha256: str | None = None
    files: int | None = None
    rows: int | None = None
    exported_at: datetime | None = None


class ReleaseList(BaseModel):
    """Releases, newest first."""

    releases: list[Release]


class Releases(Protocol):
    """The releases in the ledger; every method raises Retryable while PostgreSQL is away."""

    async def shown(self, batch: str) -> int | None:
        """Return the snapshot that the marts show; None if they do not show the batch."""
        ...

    async def releases(
        self, *, batch: str | None = None, decision_id: UUID | None = None, limit: int = 1
    ) -> list[Release]:
        """Return releases, newest first."""
        ...


def book(request: Request) -> Releases:
    found: Releases = request.app.state.releases
    return found


router = APIRouter(prefix="/v1/releases", tags=["decisions"])
Known = Annotated[Caller, Depends(caller)]
Book = Annotated[Releases, Depends(book)]


@router.get("", responses=documented(401, 403, 422, 503))
async def list_releases(
    found: Book,
    known: Known,
    *,
    batch: Annotated[str | None, Query(description="Only of this batch.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ReleaseList:
    """List releases, newest first."""
    if known.source is not None:
        raise ProblemError(403, "PEOPLE_ONLY", "Releases are told to people and operators.")
    return ReleaseList(releases=await found.releases(batch=batch, limit=limit))


@router.post("", status_code=202, responses=documented(401, 403, 404, 409, 422, 503))
async def release_batch(
    new: NewRelease, found: Book, decisions: Decisions, known: Known
) -> Release:
    """Release a batch as the marts show it now: its state stays readable, its rows are exported."""
    if new.request_id and (told := await found.releases(decision_id=new.request_id)):
        return _again(told[0], new, known)  # the lake may have moved on since
    snapshot = await found.shown(new.batch)
    if snapshot is None:
        words = f"The marts show no batch {new.batch!r}: there is nothing to release."
        raise ProblemError(404, "UNKNOWN_BATCH", words)
    denied = denial(BatchAction.RELEASE_BATCH, known)
    same = "\n".join(("release", new.batch, str(snapshot), known.name, new.reason))
    asked = Asked(
        request_id=new.request_id or (uuid4() if denied else uuid5(NAMESPACE, same)),
        action=BatchAction.RELEASE_BATCH,
        actor=known.name,
        reason=new.reason,
        scope={"batch": new.batch, "snapshot_id": snapshot},
        denial=denied,
    )
    line = await recorded(decisions, asked)
    (made,) = await found.releases(decision_id=line.decision_id)
    return made


def _again(made: Release, new: NewRelease, known: Caller) -> Release:
    if (made.batch_id, made.actor, made.reason) != (new.batch, known.name, new.reason):
        words = "This request id was another release; take a new one."
        raise ProblemError(409, "OTHER_REQUEST", words)
    return made
