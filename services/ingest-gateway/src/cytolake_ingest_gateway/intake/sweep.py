"""Which open runs are to be announced again: decided from the ledger, a clock passed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

LONGEST_PATIENCE = timedelta(hours=1)


class Why(StrEnum):
    """The grounds for announcing a run again."""

    UNANNOUNCED = "unannounced"
    STREAM_RECREATED = "older than the stream"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run that has not ended, as the ledger holds it."""

    run_id: UUID
    progress: int
    opened_at: datetime
    state_since: datetime
    announced_at: datetime | None
    announcement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a run may be silent before it is asked for again."""

    unannounced: timedelta = timedelta(seconds=3)
    idle: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the sweep sees besides the runs."""

    now: datetime
    stream_created_at: datetime | None = None
    last_news_at: datetime | None = None
    """When any event was last recorded: silence everywhere is not a queue."""
    youngest_at: dict[int, datetime] = field(default_factory=dict)
    """By progress: when the youngest run that has come at least so far was opened."""


def why_again(run: OpenRun, scene: Scene, patience: Patience) -> Why | None:
    """Return why the run is to be announced (again) now, or None."""
    if run.announced_at is None:
        waited = scene.now - run.opened_at
        return Why.UNANNOUNCED if waited >= patience.unannounced else None
    if scene.stream_created_at is not None and run.announced_at < scene.stream_created_at:
        return Why.STREAM_RECREATED
    silent = scene.now - max(run.state_since, run.announced_at)
    if silent < allowed(run, patience):
        return None
    # In a queue a run is silent too: it is lost only if others overtook it, or all is silent.
    quiet = scene.last_news_at is None or scene.now - scene.last_news_at >= patience.idle
    return Why.IDLE if quiet or _overtaken(run, scene) else None


def allowed(run: OpenRun, patience: Patience) -> timedelta:
    """Return the silence a run is allowed: doubled with each announcement, at most an hour."""
    doublings = min(max(run.announcement - 1, 0), 16)
    return min(patience.idle * (1 << doublings), LONGEST_PATIENCE)


def _overtaken(run: OpenRun, scene: Scene) -> bool:
    return any(
        progress > run.progress and opened_at > run.opened_at
        for progress, opened_at in scene.youngest_at.items()
    )
