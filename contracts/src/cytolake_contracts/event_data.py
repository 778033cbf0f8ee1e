"""What each event says: the models of `data`, one per kind of event, and the dead letter."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from cytolake_contracts.envelope import Payload
from cytolake_contracts.payloads import (
    BuiltObject,
    Decision,
    FileRef,
    KeptObject,
    MartChange,
    ParserRef,
    Recognition,
    RuleFailure,
    SliceSet,
    TableRef,
    UnreadCells,
)


class FileLandedData(Payload):
    """A version of a file is registered and its run is open."""

    file: FileRef
    decision: Decision | None = Field(default=None, description="What opened a later run.")


class FileConvertedData(Payload):
    """The file's values are typed rows in the raw zone."""

    file: FileRef
    table: TableRef
    others: tuple[TableRef, ...] = Field(
        default=(), description="Further tables of the same run, e.g. the points of curves."
    )
    kept: tuple[KeptObject, ...] = Field(
        default=(), description="Objects beside the tables, e.g. the events of a flow cytometer."
    )
    parser: ParserRef
    evidence_key: str | None = None
    warnings: tuple[str, ...] = ()
    recognition: Recognition | None = None
    unread: UnreadCells | None = None
    decision: Decision | None = None


class FileRejectedData(Payload):
    """The file cannot become rows."""

    file: FileRef
    reason_code: str
    message: str
    stage: str
    recognition: Recognition | None = None


class FileValidatedData(Payload):
    """No blocking rule of the contract is broken."""

    file: FileRef
    table: TableRef
    others: tuple[TableRef, ...] = ()
    result_key: str
    warnings: tuple[RuleFailure, ...] = ()
    decision: Decision | None = None


class FileQuarantinedData(Payload):
    """People decide: a blocking rule is broken, or what the file is cannot be said for sure."""

    file: FileRef
    table: TableRef | None = Field(default=None, description="None: it was not read.")
    result_key: str | None = None
    reason_code: str
    message: str
    stage: Literal["recognise", "validate"] = "validate"
    failures: tuple[RuleFailure, ...] = ()
    recognition: Recognition | None = None


class FileDriftedData(Payload):
    """A source's file has another shape than before; its values are kept."""

    file: FileRef
    before: str = Field(description="Fingerprint of the shape known until now.")
    now: str = Field(description="Fingerprint of this file's shape.")
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    proposal: str = Field(description="The difference that a contract or layout would need.")


class FileProgressedData(Payload):
    """A large file is on its way."""

    file: FileRef
    stage: str
    done_bytes: int = Field(ge=0)
    total_bytes: int = Field(ge=0)
    rows: int = Field(default=0, ge=0)


class LakeBuiltData(Payload):
    """A snapshot of the lake may be read: it holds these runs, these slices are new.

    Without objects it is no file's build: whole marts were made anew from all that is in the lake.
    """

    build_no: int = Field(ge=1)
    snapshot_id: int = Field(ge=0)
    objects: tuple[BuiltObject, ...]
    marts: dict[str, SliceSet]


class MartLoadedData(Payload):
    """The marts hold these runs as of this snapshot; every run is named, changed rows or none."""

    build_no: int = Field(ge=1)
    snapshot_id: int = Field(ge=0)
    objects: tuple[BuiltObject, ...]
    marts: dict[str, MartChange]


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
