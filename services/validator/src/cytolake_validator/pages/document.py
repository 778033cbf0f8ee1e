"""A result as its page needs it: read from the JSON that is kept, unknown fields left aside."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cytolake_contracts.evidence import Stage, build_page_key, run_page_key


class UnreadableResultError(ValueError):
    """The bytes are no result that has a page."""


class Verdict(StrEnum):
    """What a page says first."""

    KEPT = "kept"
    WARNED = "warned"
    BROKEN = "broken"


class Part(BaseModel):
    """Base of what a result is made of."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Shown(Part):
    """Failing rows; the first column is the row's number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...]


class RuleResult(Part):
    """One rule and what became of it."""

    rule: str
    column: str | None = None
    severity: Literal["block", "warn"]
    description: str
    passed: bool
    failing_rows: int = 0
    shown: Shown | None = None
    released_by: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether it is broken, blocks, and nobody released it."""
        return not self.passed and self.severity == "block" and self.released_by is None


class TableResult(Part):
    """One table and its rules."""

    dataset: str
    contract_version: str
    rows: int
    rules: tuple[RuleResult, ...]
    limit: int | None = Field(default=None, description="Rows looked at, where there are more.")

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """What it breaks: what blocks first."""
        return tuple(sorted((r for r in self.rules if not r.passed), key=lambda r: not r.blocks))

    @property
    def kept(self) -> tuple[RuleResult, ...]:
        return tuple(rule for rule in self.rules if rule.passed)


class File(Part):
    """The file that a run's result is about."""

    bucket: str
    key: str
    content_sha256: str
    size_bytes: int
    received_at: AwareDatetime
    source: str
    site: str

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


class Parser(Part):
    """What made the rows."""

    name: str
    version: str
    vendor: str | None = None


class Run(Part):
    """One run of a file."""

    object_id: UUID
    run_id: UUID
    run_no: int


class Build(Part):
    """One build of the lake."""

    build_no: int
    event_id: UUID
    snapshot_id: int
    built_at: AwareDatetime
    site: str


class Slices(Part):
    """What was looked at of a table."""

    key: str
    count: int
    all: bool = False
    ids: tuple[str, ...] = ()


class Result(TableResult):
    """A result: of a run at the gate, or of builds in the lake or the marts."""

    stage: Stage
    engine: str
    file: File | None = None
    parser: Parser | None = None
    object_id: UUID | None = None
    run_id: UUID | None = None
    run_no: int = 1
    others: tuple[TableResult, ...] = ()
    builds: tuple[Build, ...] = ()
    slices: Slices | None = None

    @model_validator(mode="after")
    def _is_about_something(self) -> Result:
        if not (self.file and self.object_id) and not self.builds:
            raise ValueError("a result is of a file's run or of builds")
        return self

    @property
    def tables(self) -> tuple[TableResult, ...]:
        """Every table, the main one first."""
        return (self, *self.others)

    @property
    def verdict(self) -> Verdict:
        broken = [rule for table in self.tables for rule in table.broken]
        if any(rule.blocks for rule in broken):
            return Verdict.BROKEN
        return Verdict.WARNED if broken else Verdict.KEPT

    @property
    def at(self) -> datetime:
        """When its file was received or its newest build was made: its day in the index."""
        time = self.file.received_at if self.file else self.builds[-1].built_at
        return time.astimezone(UTC)

    @property
    def page_key(self) -> str:
        """Where its page lies."""
        if self.file and self.object_id:
            return run_page_key(self.dataset, self.at, self.object_id, self.run_no)
        newest = self.builds[-1]
        return build_page_key(self.stage, self.dataset, self.at, newest.build_no, newest.event_id)


def read_result(body: bytes) -> Result:
    """Read a kept result; raise UnreadableResultError for anything else."""
    try:
        return Result.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableResultError(str(error)) from error
