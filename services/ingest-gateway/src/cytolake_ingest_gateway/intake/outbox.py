"""Announce runs: commit first, then publish, then note that it is published.

A crash between any two of these repeats the later ones: the announcement number rises
only with the note, so a repeated publication has the same `Nats-Msg-Id`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from cytolake_contracts import FileLanded
from cytolake_ingest_gateway.intake.sweep import OpenRun, Patience, Scene, why_again
from cytolake_runtime import Publish, Retryable

log = logging.getLogger(__name__)
_AT_ONCE = 64


class RunLedger(Protocol):
    """The open runs; every method raises Retryable while the ledger is away."""

    async def landed(self, runs: Sequence[UUID]) -> list[FileLanded]:
        """Return the next announcement of each of these runs that is still open."""
        ...

    async def announced(self, events: Sequence[FileLanded]) -> None:
        """Note that the broker has stored these announcements."""
        ...

    async def open(self, *, announced_before: datetime, limit: int = 1000) -> list[OpenRun]:
        """Return the runs that have not ended, save those announced later than that."""
        ...

    async def youngest(self) -> Mapping[int, datetime]:
        """Return by progress when the youngest run that has come just so far was opened."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Says `file.landed` for each open run, and again for as long as it is open."""

    runs: RunLedger
    publish: Publish
    stream_created_at: Callable[[], Awaitable[datetime]]
    waiting: Callable[[], Awaitable[Mapping[str, int]]]
    """By consumer, how many messages it has not answered; raises Retryable."""
    patience: Patience = field(default_factory=Patience)
    busy: set[UUID] = field(default_factory=set)
    """Runs that are being announced right now: not the sweep's business."""

    async def announce(self, runs: Sequence[UUID]) -> int:
        """Announce these runs; return how many the broker stored (the sweep tries the rest)."""
        return await self._announce(dict.fromkeys(runs))

    async def _announce(self, runs: Mapping[UUID, int | None]) -> int:
        """Announce each run, under exactly this number where one is given, else not at all."""
        wanted = list(runs)
        self.busy.update(wanted)
        try:
            return await self._portions(runs)
        finally:
            self.busy.difference_update(wanted)

    async def _portions(self, runs: Mapping[UUID, int | None]) -> int:
        told, wanted = 0, list(runs)
        for start in range(0, len(wanted), _AT_ONCE):
            found = await self.runs.landed(wanted[start : start + _AT_ONCE])
            stored = await self._published([event for event in found if _is_due(event, runs)])
            if stored:
                await self.runs.announced(stored)
            told += len(stored)
        return told

    async def _published(self, events: Sequence[FileLanded]) -> list[FileLanded]:
        sent = await asyncio.gather(*map(self.publish, events), return_exceptions=True)
        for fault in sent:
            if isinstance(fault, Retryable):
                log.info("left to the sweep: %s", fault)
            elif fault is not None:
                raise fault
        return [event for event, fault in zip(events, sent, strict=True) if fault is None]

    async def sweep(self) -> int:
        """Announce again whatever open run is due; return how many were."""
        created_at, now = await self.stream_created_at(), datetime.now(UTC)
        quiet = await self.runs.open(announced_before=max(created_at, now - self.patience.idle))
        if not quiet:
            return 0
        scene = Scene(
            now=now,
            stream_created_at=created_at,
            waiting=await self.waiting(),
            youngest_at=await self.runs.youngest(),
        )
        again: dict[UUID, int | None] = {}
        for run in quiet:
            why = None if run.run_id in self.busy else why_again(run, scene, self.patience)
            if why is not None:
                log.info("announcing run %s again: %s", run.run_id, why)
                again[run.run_id] = run.announcement + 1
        return await self._announce(again)


def _is_due(event: FileLanded, numbers: Mapping[UUID, int | None]) -> bool:
    """Tell a run from one that somebody else has announced since the sweep judged it."""
    wanted = numbers[event.run_id] if event.run_id else None
    return wanted is None or wanted == event.announcement
