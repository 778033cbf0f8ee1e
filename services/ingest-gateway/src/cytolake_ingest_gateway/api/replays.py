"""`/v1/replays`, `/v1/revalidations`, `/v1/decisions/{id}`: the same bytes, a new run.

A replay is of all that has ended, with today's parser and contracts. A revalidation is of what
did not become rows, after its source, layout or contract was corrected.
"""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.decided import Asked, DecisionProgress, Matching
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.permission import denial
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.quarantine import Decisions, Reason, recorded
from cytolake_ingest_gateway.lifecycle import Action

MOST_OBJECTS = 1000
FILTERS = frozenset({"objects", "source", "dataset", "reason_code", "since", "until"})


class Wish(BaseModel):
    """Which files are to be read again, and why; several conditions must all hold."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"source": "vicell-1", "reason": "allotropy 0.1.129"}]},
    )

    reason: Reason
    objects: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_OBJECTS)
    source: str | None = None
    dataset: str | None = Field(default=None, description="That any run of the file yielded.")
    reason_code: ReasonCode | None = None
    since: AwareDatetime | None = Field(default=None, description="Received then or later.")
    until: AwareDatetime | None = Field(default=None, description="Received before.")
    all: bool = Field(default=False, description="Instead of any condition: every file.")
    dry_run: bool = Field(default=False, description="Count, decide nothing.")
    request_id: UUID | None = Field(
        default=None, description="Of your own: sent again, it is the same decision."
    )

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if bool(self.scope.keys() & FILTERS) == self.all:
            raise ValueError("name conditions, or say `all`, and not both")
        return self

    @property
    def scope(self) -> dict[str, Any]:
        """The conditions as they are recorded."""
        named = self.model_dump(mode="json", include=set(FILTERS), exclude_none=True)
        return named | ({"all": True} if self.all else {})


router = APIRouter(prefix="/v1", tags=["decisions"])
Known = Annotated[Caller, Depends(caller)]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Matching},
    **documented(401, 403, 409, 422, 503),
}


@router.post("/replays", status_code=202, response_model=None, responses=ANSWERS)
async def replay(
    wish: Wish, response: Response, decisions: Decisions, known: Known
) -> DecisionProgress | Matching:
    """Read files again: same bytes, new run; the newest run's rows are current.

    A refused file is left as it is unless it is named by its id. With `dry_run` a count (200).
    """
    return await _reread(Action.REPLAY, wish, response, decisions, known)


@router.post("/revalidations", status_code=202, response_model=None, responses=ANSWERS)
async def revalidate(
    wish: Wish, response: Response, decisions: Decisions, known: Known
) -> DecisionProgress | Matching:
    """Read what was quarantined, rejected or failed again, with its source as registered now.

    Files of a source that was not registered when they came are read for the first time.
    """
    return await _reread(Action.REVALIDATE, wish, response, decisions, known)


@router.get("/decisions/{decision_id}", responses=documented(401, 403, 404, 422, 503))
async def decision(decision_id: UUID, decisions: Decisions, known: Known) -> DecisionProgress:
    """Tell what became of a decision: how many runs it opened, and where they stand."""
    if known.source is not None:
        raise ProblemError(403, "PEOPLE_ONLY", "Decisions are told to people and operators.")
    found = await decisions.progress(decision_id)
    if found is None:
        raise ProblemError(404, "UNKNOWN_DECISION", "There is no such decision.")
    return found


async def _reread(
    action: Action, wish: Wish, response: Response, decisions: Decisions, known: Caller
) -> DecisionProgress | Matching:
    if wish.dry_run and known.source is None:
        response.status_code = 200
        return await decisions.matching(action, wish.scope)
    asked = Asked(
        request_id=wish.request_id or uuid4(),
        action=action,
        actor=known.name,
        reason=wish.reason,
        scope=wish.scope,
        object_id=_only(wish.objects),
        denial=denial(action, known),
    )
    line = await recorded(decisions, asked)
    return await decisions.progress(line.decision_id) or _begun(line.model_dump(), wish)


def _only(objects: list[UUID] | None) -> UUID | None:
    return objects[0] if objects is not None and len(objects) == 1 else None


def _begun(line: dict[str, Any], wish: Wish) -> DecisionProgress:
    return DecisionProgress(**line, scope=wish.scope)
