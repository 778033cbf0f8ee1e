"""`GET /v1/files` and `GET /v1/files/{object_id}`: what became of every file."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.histories import FileHistory, FileLine, FilePage, PendingFile
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.recent import Recent
from cytolake_ingest_gateway.lifecycle import State

Cursor = tuple[datetime, UUID]
"""The received_at and the object_id of the last file of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which files; None: any."""

    key: str | None = None
    source: str | None = None
    state: State | None = None
    after: Cursor | None = None
    limit: int = 50


class Histories(Protocol):
    """The ledger, to read; every method raises Retryable while PostgreSQL is away."""

    async def files(self, wanted: Wanted) -> list[FileLine]:
        """Return files, newest first."""
        ...

    async def history(self, object_id: UUID) -> FileHistory | None:
        """Return one object's history; None for an unknown one."""
        ...


router = APIRouter(prefix="/v1/files", tags=["files"])
Known = Annotated[Caller, Depends(caller)]


@router.get("", responses=documented(400, 401, 403, 422, 503))
async def list_files(
    request: Request,
    known: Known,
    *,
    key: Annotated[str | None, Query(description="Exactly this key.")] = None,
    source: Annotated[str | None, Query(description="Only of this source.")] = None,
    state: Annotated[State | None, Query(description="Only in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> FilePage:
    """List files, newest first; a source's key sees that source's files only."""
    if source is not None and not known.may_see(source):
        raise _other_source(known)
    after = _read_cursor(cursor) if cursor else None
    wanted = Wanted(
        key=key, source=source or known.source, state=state, after=after, limit=limit + 1
    )
    histories: Histories = request.app.state.histories
    found = await histories.files(wanted)
    page = found[:limit]
    return FilePage(files=page, next_cursor=_cursor(page[-1]) if len(found) > limit else None)


@router.get(
    "/{object_id}", responses={202: {"model": PendingFile}, **documented(401, 403, 404, 422, 503)}
)
async def file_history(
    object_id: UUID, request: Request, response: Response, known: Known
) -> FileHistory | PendingFile:
    """Tell one file's history: its runs, every event in words, how long each stage took.

    A file uploaded here a moment ago and not registered yet answers 202, state `received`.
    """
    histories: Histories = request.app.state.histories
    found = await histories.history(object_id) or _pending(request, object_id)
    if found is None:
        words = "No such file is registered. One that was just stored appears within a moment."
        raise ProblemError(404, "UNKNOWN_FILE", words, headers={"Retry-After": "1"})
    if not known.may_see(found.source):
        raise _other_source(known)
    if isinstance(found, PendingFile):
        response.status_code = 202
        response.headers["Retry-After"] = "1"
    return found


def _pending(request: Request, object_id: UUID) -> PendingFile | None:
    recent: Recent = request.app.state.recent
    upload = recent.get(object_id)
    if upload is None:
        return None
    return PendingFile(
        object_id=object_id,
        key=upload.key,
        source=upload.source,
        state=State.RECEIVED,
        message="Stored; not registered yet.",
        received_at=upload.stored_at,
    )


def _other_source(known: Caller) -> ProblemError:
    words = f"This API key is for source {known.source!r} only."
    return ProblemError(403, "OTHER_SOURCE", words)


def _cursor(last: FileLine) -> str:
    told = json.dumps([last.received_at.isoformat(), str(last.object_id)])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Cursor:
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        received_at, object_id = json.loads(told)
        return datetime.fromisoformat(received_at), UUID(object_id)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        words = "The cursor is not one that this interface gave out."
        raise ProblemError(400, "BAD_CURSOR", words) from error
