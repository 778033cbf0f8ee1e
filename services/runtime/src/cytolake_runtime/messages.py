"""A message as it lies in its stream, for consumers that read more than one kind."""

from __future__ import annotations

from datetime import datetime

from nats.aio.msg import Msg
from pydantic import BaseModel, ConfigDict, Field


class RawMessage(BaseModel):
    """One stored message and where it is stored."""

    model_config = ConfigDict(frozen=True)

    subject: str
    stream: str
    sequence: int = Field(description="Its number in the stream.")
    time: datetime
    headers: dict[str, str]
    body: bytes
    deliveries: int

    @classmethod
    def of(cls, msg: Msg) -> RawMessage:
        """Read a JetStream message as nats-py delivers it."""
        meta = msg.metadata
        return cls(
            subject=msg.subject,
            stream=meta.stream,
            sequence=meta.sequence.stream,
            time=meta.timestamp,
            headers=dict(msg.headers or {}),
            body=msg.data,
            deliveries=meta.num_delivered,
        )
