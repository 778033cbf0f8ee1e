"""Record every message of the stream as an audit entry.

Consumes   every event of `cytolake.>`, as it lies in the stream
Publishes  nothing

A message that nobody can read is recorded too: what is dropped would leave a gap, and a gap
means that something was never seen. Told again, a message is recorded once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cytolake_lineage.graph import Account, account, incarnation
from cytolake_runtime import Coalescer, RawMessage, Retryable

StreamCreated = Callable[[str], Awaitable[datetime]]
"""When the stream of that name, as it is now, was created; raises Retryable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One audit entry: the message, the stream that holds it, and what it tells."""

    message: RawMessage
    stream_created: datetime
    account: Account

    @property
    def order(self) -> tuple[datetime, int]:
        """Its place among all messages of the stream's name."""
        return self.stream_created, self.message.sequence


class Audit(Protocol):
    """The audit trail: entries are added, never changed or removed."""

    async def record(self, entries: Sequence[Entry]) -> None:
        """Add the entries in this order, all or none; one that is there already is left alone.

        Raises Retryable when PostgreSQL is away.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Lineage:
    """What the handler needs: `app.py` passes the real ones, tests pass fakes."""

    audit: Audit
    stream_created: StreamCreated
    max_messages: int = 64
    linger_seconds: float = 0.5
    """Nobody waits for an entry, so a fuller transaction is worth a moment."""
    _created: dict[str, set[datetime]] = field(init=False, default_factory=dict)
    _together: Coalescer[RawMessage, None] = field(init=False)

    def __post_init__(self) -> None:
        """Record together what waits while others are recorded."""
        self._together = Coalescer(
            self._record_each, max_items=self.max_messages, linger_seconds=self.linger_seconds
        )

    async def on_message(self, message: RawMessage) -> None:
        """Record one message; return when its entry is committed."""
        await self._together(message)

    async def _record_each(self, messages: list[RawMessage]) -> Sequence[Exception | None]:
        for stream in {message.stream for message in messages}:
            # Asked after the messages came: a stream made anew since then is known as well.
            self._created.setdefault(stream, set()).add(await self.stream_created(stream))
        entries = [self._entry(message) for message in messages]
        try:
            await self.audit.record(sorted(entries, key=lambda entry: entry.order))
        except Retryable:
            raise
        except Exception:
            if len(entries) == 1:
                raise
        else:
            return [None] * len(entries)
        # One of them cannot be recorded: alone, it fails alone.
        return [await self._record_one(entry) for entry in entries]

    def _entry(self, message: RawMessage) -> Entry:
        created = incarnation(list(self._created[message.stream]), message.time)
        return Entry(message=message, stream_created=created, account=account(message.body))

    async def _record_one(self, entry: Entry) -> Exception | None:
        try:
            await self.audit.record([entry])
        except Exception as error:  # noqa: BLE001 - the runtime judges it, for this one only
            return error
        return None
