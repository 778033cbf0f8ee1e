"""The audit trail in memory, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cytolake_lineage.handlers import Entry
from cytolake_runtime import RawMessage

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
STORED = datetime(2026, 1, 2, tzinfo=UTC)


class InMemoryAudit:
    """Entries in the order recorded, and the sizes of the transactions."""

    def __init__(self) -> None:
        """Start empty."""
        self.entries: list[Entry] = []
        self.transactions: list[int] = []

    async def record(self, entries: Sequence[Entry]) -> None:
        """Add the entries; one of the same place in the stream is left alone."""
        self.transactions.append(len(entries))
        known = {entry.order for entry in self.entries}
        self.entries += [entry for entry in entries if entry.order not in known]


def message(
    sequence: int, body: bytes, *, time: datetime = STORED, deliveries: int = 1
) -> RawMessage:
    """Return a message of the stream CYTOLAKE."""
    return RawMessage(
        subject="cytolake.main.file.landed",
        stream="CYTOLAKE",
        sequence=sequence,
        time=time,
        headers={},
        body=body,
        deliveries=deliveries,
    )
