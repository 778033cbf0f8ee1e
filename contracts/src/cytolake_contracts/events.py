"""Every event of Cytolake, one class each; the JSON Schema file beside it is the contract.

Published by    file.landed intake; file.converted, file.rejected converter; file.validated,
                file.quarantined validator; lake.built transformer; mart.loaded mart-loader.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import ClassVar, Literal, Self

from pydantic import Field

from cytolake_contracts.envelope import Event, Payload, RunEvent, UnreadableEventError
from cytolake_contracts.identity import build_cause, event_id
from cytolake_contracts.payloads import (
    BuiltObject,
    FileRef,
    MartChange,
    ParserRef,
    RuleFailure,
    SliceSet,
    TableRef,
)


class FileLandedData(Payload):
    """A version of a file is registered and its run is open."""

    file: FileRef


class FileConvertedData(Payload):
    """The file's values are typed rows in the raw zone."""

    file: FileRef
    table: TableRef
    parser: ParserRef
    evidence_key: str | None = None
    warnings: tuple[str, ...] = ()


class FileRejectedData(Payload):
    """The file cannot become rows."""

    file: FileRef
    reason_code: str
    message: str
    stage: str


class FileValidatedData(Payload):
    """No blocking rule of the contract is broken."""

    file: FileRef
    table: TableRef
    result_key: str
    warnings: tuple[RuleFailure, ...] = ()


class FileQuarantinedData(Payload):
    """At least one blocking rule is broken: people decide."""

    file: FileRef
    table: TableRef
    result_key: str
    reason_code: str
    message: str
    failures: tuple[RuleFailure, ...] = Field(min_length=1)


class LakeBuiltData(Payload):
    """A snapshot of the lake may be read: it holds these runs, these slices are new."""

    build_no: int = Field(ge=1)
    snapshot_id: int = Field(ge=0)
    objects: tuple[BuiltObject, ...] = Field(min_length=1)
    marts: dict[str, SliceSet]


class MartLoadedData(Payload):
    """The marts hold these runs as of this snapshot; every run is named, changed rows or none."""

    build_no: int = Field(ge=1)
    snapshot_id: int = Field(ge=0)
    objects: tuple[BuiltObject, ...] = Field(min_length=1)
    marts: dict[str, MartChange]


class FileLanded(RunEvent):
    """A new object version, registered by intake."""

    noun_verb: ClassVar[str] = "file.landed"
    data: FileLandedData


class FileConverted(RunEvent):
    """Typed Parquet exists for the run."""

    noun_verb: ClassVar[str] = "file.converted"
    data: FileConvertedData


class FileRejected(RunEvent):
    """The run ends: the file cannot be read."""

    noun_verb: ClassVar[str] = "file.rejected"
    data: FileRejectedData


class FileValidated(RunEvent):
    """The rows keep their contract."""

    noun_verb: ClassVar[str] = "file.validated"
    data: FileValidatedData


class FileQuarantined(RunEvent):
    """The rows break their contract."""

    noun_verb: ClassVar[str] = "file.quarantined"
    data: FileQuarantinedData


class LakeBuilt(Event):
    """A build of the lake is done."""

    noun_verb: ClassVar[str] = "lake.built"
    data: LakeBuiltData

    @classmethod
    def of_build(cls, data: LakeBuiltData, *, site: str) -> Self:
        """Build the event of a build; the same runs at the same snapshot, the same id."""
        members = tuple(f"{o.run_id}.{o.announcement}" for o in data.objects)
        cause = build_cause(data.build_no, data.snapshot_id, members)
        return cls(
            id=event_id(cause, cls.type_name()),
            source="cytolake/transformer",
            type=cls.type_name(),
            subject=f"build/{data.build_no}",
            time=datetime.now(UTC),
            site=site,
            announcement=max(o.announcement for o in data.objects),
            traceparent=data.objects[0].traceparent,
            data=data,
        )


class MartLoaded(Event):
    """The marts show what a build holds."""

    noun_verb: ClassVar[str] = "mart.loaded"
    data: MartLoadedData

    @classmethod
    def following_build(cls, cause: LakeBuilt, marts: dict[str, MartChange]) -> Self:
        """Build the one answer to a `lake.built`."""
        return cls(
            id=event_id(cause.id, cls.type_name()),
            source="cytolake/mart-loader",
            type=cls.type_name(),
            subject=cause.subject,
            time=datetime.now(UTC),
            site=cause.site,
            announcement=cause.announcement,
            traceparent=cause.traceparent,
            data=MartLoadedData(
                build_no=cause.data.build_no,
                snapshot_id=cause.data.snapshot_id,
                objects=cause.data.objects,
                marts=marts,
            ),
        )


class DeadLetter(Payload):
    """A message that could not be worked on, whole, with why. Published on `dead.<service>`.

    Not a CloudEvent: it wraps bytes that may be none themselves.
    """

    service: str
    subject: str
    stream: str
    sequence: int = Field(ge=0)
    consumer: str
    deliveries: int = Field(ge=0)
    error_type: str
    message: str
    traceback: str | None = None
    payload: str
    payload_encoding: Literal["utf-8", "base64"]
    headers: dict[str, str] = Field(default_factory=dict)
    time: datetime


EVENTS: tuple[type[Event], ...] = (
    FileLanded,
    FileConverted,
    FileRejected,
    FileValidated,
    FileQuarantined,
    LakeBuilt,
    MartLoaded,
)
EVENT_TYPES: dict[str, type[Event]] = {event.type_name(): event for event in EVENTS}


def read_event(body: bytes) -> Event:
    """Read an event of any kind; raise UnreadableEventError when it is none we know."""
    try:
        type_name = json.loads(body)["type"]
        kind = EVENT_TYPES[type_name]
    except (ValueError, KeyError, TypeError) as error:
        msg = f"not an event of a known type and version: {body[:200]!r}"
        raise UnreadableEventError(msg) from error
    return kind.from_bytes(body)
