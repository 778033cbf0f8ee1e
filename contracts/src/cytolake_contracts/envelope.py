"""The envelope of every event: CloudEvents 1.0 in structured JSON.

Extension attributes follow CloudEvents' naming rule (lower-case letters and digits):
`site`, `runid`, `runno`, `objectid`, `announcement`, `traceparent`.
Source: CloudEvents 1.0.2, sections 3.1 (attribute naming) and the Distributed Tracing extension.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cytolake_contracts.identity import event_id


class UnreadableEventError(ValueError):
    """The bytes are no event of a kind and version that we know: retrying will not help."""


class Payload(BaseModel):
    """Base of everything inside `data`: frozen, and strict about unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(BaseModel):
    """One event. Subclasses name themselves (`noun_verb`, `version`) and type their `data`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    noun_verb: ClassVar[str]
    version: ClassVar[int] = 1

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str = Field(description="The service that says it, as `cytolake/<service>`.")
    type: str
    subject: str = Field(description="The object's key in the inbound bucket, or `build/<number>`.")
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    site: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    run_id: UUID | None = Field(default=None, alias="runid")
    run_no: int | None = Field(default=None, alias="runno", ge=1)
    object_id: UUID | None = Field(default=None, alias="objectid")
    announcement: int = Field(default=1, ge=1)
    traceparent: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"
    )
    data: Payload

    @classmethod
    def type_name(cls) -> str:
        """Return the CloudEvents type, e.g. `org.cytolake.file.landed.v1`."""
        return f"org.cytolake.{cls.noun_verb}.v{cls.version}"

    @property
    def nats_subject(self) -> str:
        """The JetStream subject, e.g. `cytolake.main.file.landed`."""
        return f"cytolake.{self.site}.{self.noun_verb}"

    @property
    def message_id(self) -> str:
        """The `Nats-Msg-Id`: a repair (a later announcement) is never taken for a duplicate."""
        return f"{self.id}.{self.announcement}"

    def to_bytes(self) -> bytes:
        """Return the wire form."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read the wire form; raise UnreadableEventError for anything else."""
        try:
            event = cls.model_validate_json(body)
        except ValidationError as error:
            msg = f"not a readable {cls.noun_verb}: {error.errors(include_url=False)[:3]}"
            raise UnreadableEventError(msg) from error
        if event.type != cls.type_name():
            msg = f"expected {cls.type_name()}, got {event.type}"
            raise UnreadableEventError(msg)
        return event


class RunEvent(Event):
    """An event of one run: who, of which object, in which passage is always known."""

    run_id: UUID = Field(alias="runid")
    run_no: int = Field(alias="runno", ge=1)
    object_id: UUID = Field(alias="objectid")

    @classmethod
    def following(cls, cause: RunEvent, *, source: str, data: Payload, what: str = "") -> Self:
        """Build the event of this kind that `cause`'s run leads to: same run, same id.

        `what` tells apart the events of a kind that a run has several of.
        """
        return cls(
            id=event_id(cause.run_id, cls.type_name() + what),
            source=source,
            type=cls.type_name(),
            subject=cause.subject,
            time=datetime.now(UTC),
            site=cause.site,
            run_id=cause.run_id,
            run_no=cause.run_no,
            object_id=cause.object_id,
            announcement=cause.announcement,
            traceparent=cause.traceparent,
            data=data,
        )
