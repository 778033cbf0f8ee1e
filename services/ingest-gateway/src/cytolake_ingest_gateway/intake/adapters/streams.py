"""Intake's view of the streams: when they were created, and single messages of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from cytolake_ingest_gateway.intake.sweep import OWED_BY, TRACKER
from cytolake_runtime.bus import Bus
from cytolake_runtime.errors import Retryable
from cytolake_runtime.topology import CYTOLAKE


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as it lies in a stream."""

    subject: str
    body: bytes
    headers: dict[str, str]


class Streams:
    """Reads only; the rights are those of `topology.READS`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def created_at(self, stream: str) -> datetime:
        """Return when the stream was created; raise Retryable while the broker is away."""
        try:
            info = await (await self._bus.broker.connect()).jetstream().stream_info(stream)
        except (NatsError, TimeoutError, OSError) as error:
            raise Retryable(f"stream {stream} cannot be seen: {error!r}") from error
        if info.created is None:
            raise Retryable(f"stream {stream} does not say when it was created")
        return info.created

    async def waiting(self) -> dict[str, int]:
        """Return by durable of CYTOLAKE how many messages it has not answered yet."""
        names = (*sorted(set(OWED_BY.values())), TRACKER)
        try:
            jetstream = (await self._bus.broker.connect()).jetstream()
            infos = [await jetstream.consumer_info(CYTOLAKE, name) for name in names]
        except (NatsError, TimeoutError, OSError) as error:
            raise Retryable(f"the consumers of {CYTOLAKE} cannot be seen: {error!r}") from error
        return {i.name: (i.num_pending or 0) + (i.num_ack_pending or 0) for i in infos}

    async def message(self, stream: str, sequence: int) -> Stored | None:
        """Return the message, None when the stream does not hold it any more."""
        try:
            jetstream = (await self._bus.broker.connect()).jetstream()
            found = await jetstream.get_msg(stream, sequence)
        except NotFoundError:
            return None
        except (NatsError, TimeoutError, OSError) as error:
            raise Retryable(f"{stream} {sequence} cannot be read: {error!r}") from error
        return Stored(found.subject or "", found.data or b"", dict(found.headers or {}))
