"""What the api answers about files: one line in a list, and the whole history of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, computed_field

from cytolake_ingest_gateway.api.decided import DecisionLine
from cytolake_ingest_gateway.api.links import page_of_result
from cytolake_ingest_gateway.api.stages import StageTime, stage_times
from cytolake_ingest_gateway.lifecycle import State


class FileLine(BaseModel):
    """One object version and where it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "object_id": "0b0c7c6e-3a55-5a0e-9c0a-0c7701a6e000",
                    "key": "vicell-1/2026/11/23/run 12.csv",
                    "source": "vicell-1",
                    "state": "rejected",
                    "reason_code": "EMPTY_FILE",
                    "message": "The file is empty.",
                    "received_at": "2026-11-23T14:00:00Z",
                    "rows": None,
                }
            ]
        }
    )

    object_id: UUID
    key: str
    source: str
    state: State
    reason_code: str | None = None
    message: str | None = Field(default=None, description="Why, in a sentence.")
    received_at: datetime = Field(description="When intake registered it (UTC).")
    rows: int | None = Field(default=None, description="Rows it became, once that is known.")
    shown_version: int | None = Field(
        default=None,
        description="Where it ended without rows: the number of the earlier version of its key "
        "whose rows the marts still show.",
    )


class FilePage(BaseModel):
    """Files, newest first."""

    files: list[FileLine]
    next_cursor: str | None = Field(default=None, description="For the next page, if there is one.")


class EventLine(BaseModel):
    """One event of a run."""

    event_id: UUID
    type: str = Field(examples=["file.converted"])
    time: datetime
    message: str
    stream_sequence: int | None = None
    data: dict[str, Any] = Field(description="As published.")

    @computed_field(description="Path of the page of the result that it announces.")
    def page(self) -> str | None:
        return page_of_result(self.data)


class StageLine(BaseModel):
    """How long one stage took: from the event before to the stage's own."""

    stage: str = Field(examples=["convert"])
    started_at: datetime
    ended_at: datetime
    ms: float
    seconds: float

    @classmethod
    def of(cls, time: StageTime) -> StageLine:
        return cls(
            stage=time.stage,
            started_at=time.started_at,
            ended_at=time.ended_at,
            ms=round(time.milliseconds, 3),
            seconds=round(time.milliseconds / 1000, 6),
        )


class RunHistory(BaseModel):
    """One passage through the pipeline."""

    run_id: UUID
    run_no: int
    decision: str
    actor: str
    reason: str | None
    state: State
    state_since: datetime
    opened_at: datetime
    announced_at: datetime | None
    announcement: int
    ended_at: datetime | None
    rows: int | None
    events: list[EventLine]
    stages: list[StageLine] = []

    def with_stages(self) -> RunHistory:
        """Return it with the lengths of its stages filled in."""
        times = stage_times(self.opened_at, [(event.type, event.time) for event in self.events])
        return self.model_copy(update={"stages": [StageLine.of(time) for time in times]})


class Links(BaseModel):
    """Where to go on."""

    self: str
    original: str | None = Field(default=None, description="The object this is a duplicate of.")


class FileHistory(FileLine):
    """Everything the ledger knows of one object version."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    bucket: str
    version_id: str
    etag: str
    size_bytes: int
    content_type: str | None
    content_sha256: str | None
    last_modified: datetime
    object_seq: int | None = Field(description="Its number among the versions of its key.")
    duplicate_of: UUID | None
    dropped_by: str | None = Field(
        default=None, description="The person who uploaded it; null: its source itself."
    )
    state_since: datetime
    warnings: list[str]
    runs: list[RunHistory]
    decisions: list[DecisionLine] = Field(
        default=[], description="What people decided about it, and what was denied to them."
    )
    links: Links


class PendingFile(FileLine):
    """A file that is stored but not registered yet (202): ask again in a moment."""

    runs: list[RunHistory] = []
