"""The audit trail in PostgreSQL, and what the broker says of its streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from cytolake_lineage.handlers import Entry
from cytolake_runtime import Retryable
from cytolake_runtime.bus import Bus
from cytolake_runtime.database import Database

RECORD = """SELECT audit.record(
  p_stream => %(stream)s, p_stream_created => %(stream_created)s,
  p_stream_sequence => %(stream_sequence)s, p_subject => %(subject)s,
  p_stored_at => %(stored_at)s, p_body => %(body)s, p_type => %(type)s, p_about => %(about)s,
  p_event_id => %(event_id)s, p_announcement => %(announcement)s, p_object_id => %(object_id)s,
  p_run_id => %(run_id)s, p_time => %(time)s, p_summary => %(summary)s)"""


@dataclass(frozen=True, slots=True)
class PostgresAudit:
    """Schema `audit`, by its owner."""

    database: Database

    async def migrate(self) -> None:
        """Make the schema's tables, views, function and guards, where they are not there."""
        script = (files("cytolake_lineage") / "schema.sql").read_bytes()
        async with self.database.transaction() as connection:
            await connection.execute(script)

    async def record(self, entries: Sequence[Entry]) -> None:
        """Add the entries in this order, all or none; one that is there already is left alone.

        Raises Retryable when PostgreSQL is away.
        """
        async with self.database.transaction() as connection, connection.cursor() as cursor:
            await cursor.executemany(RECORD, [_parameters(entry) for entry in entries])


@dataclass(frozen=True, slots=True)
class Streams:
    """What the broker says of its streams."""

    bus: Bus

    async def created(self, stream: str) -> datetime:
        """Return when the stream, as it is now, was created; raise Retryable when it is away."""
        try:
            info = await (await self.bus.broker.connect()).jetstream().stream_info(stream)
        except (NatsError, JetStreamError, TimeoutError, OSError) as error:
            raise Retryable(f"the broker does not tell about {stream}: {error!r}") from error
        if info.created is None:
            raise Retryable(f"the broker does not tell when {stream} was created")
        return info.created.astimezone(UTC)


def _parameters(entry: Entry) -> dict[str, Any]:
    message, account = entry.message, entry.account
    return {
        "stream": message.stream,
        "stream_created": entry.stream_created,
        "stream_sequence": message.sequence,
        "subject": message.subject,
        "stored_at": message.time,
        "body": message.body,
        "type": account.type,
        "about": account.about,
        "event_id": account.event_id,
        "announcement": account.announcement,
        "object_id": account.object_id,
        "run_id": account.run_id,
        "time": account.time or message.time,
        "summary": account.summary,
    }
