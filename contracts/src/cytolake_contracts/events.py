"""Every event of Cytolake, one class each; the JSON Schema file beside it is the contract.

Published by    file.landed intake; file.converted, file.rejected, file.drifted, file.progressed
                converter; file.validated validator; file.quarantined converter and validator;
                lake.built transformer; mart.loaded mart-loader.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import ClassVar, Self

from cytolake_contracts.envelope import Event, RunEvent, UnreadableEventError
from cytolake_contracts.event_data import (
    FileConvertedData,
    FileDriftedData,
    FileLandedData,
    FileProgressedData,
    FileQuarantinedData,
    FileRejectedData,
    FileValidatedData,
    LakeBuiltData,
    MartLoadedData,
)
from cytolake_contracts.identity import build_cause, event_id
from cytolake_contracts.payloads import MartChange


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


class FileDrifted(RunEvent):
    """A file's shape is new for its source."""

    noun_verb: ClassVar[str] = "file.drifted"
    data: FileDriftedData


class FileProgressed(RunEvent):
    """How far the work on a large file is; moves no state."""

    noun_verb: ClassVar[str] = "file.progressed"
    data: FileProgressedData


class LakeBuilt(Event):
    """A build of the lake is done."""

    noun_verb: ClassVar[str] = "lake.built"
    data: LakeBuiltData

    @classmethod
    def of_build(cls, data: LakeBuiltData, *, site: str) -> Self:
        """Build the event of a build; the same runs at the same snapshot, the same id.

        Of no run, it has one id at whatever snapshot it is told.
        """
        members = tuple(f"{o.run_id}.{o.announcement}" for o in data.objects)
        cause = build_cause(data.build_no, data.snapshot_id if members else 0, members)
        return cls(
            id=event_id(cause, cls.type_name()),
            source="cytolake/transformer",
            type=cls.type_name(),
            subject=f"build/{data.build_no}",
            time=datetime.now(UTC),
            site=site,
            announcement=max((o.announcement for o in data.objects), default=1),
            traceparent=data.objects[0].traceparent if data.objects else None,
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


EVENTS: tuple[type[Event], ...] = (
    FileLanded,
    FileConverted,
    FileRejected,
    FileValidated,
    FileQuarantined,
    FileDrifted,
    FileProgressed,
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
