"""Which open runs are to be announced again: decided from the ledger, a clock passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

LONGEST_PATIENCE = timedelta(hours=1)
OWED_BY = {0: "converter", 2: "converter", 4: "validator", 6: "transformer", 8: "mart-loader"}
"""By a run's progress: the consumer that owes its next outcome."""
TRACKER = "tracker"


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
    waiting: Mapping[str, int] = field(default_factory=dict)
    """By consumer: messages that it has not answered yet."""
    youngest_at: Mapping[int, datetime] = field(default_factory=dict)
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
    # In a queue a run is silent too: it is lost if nobody has it, or if others overtook it.
    return Why.IDLE if not _is_queued(run, scene) or _overtaken(run, scene) else None


def allowed(run: OpenRun, patience: Patience) -> timedelta:
    """Return the silence a run is allowed: doubled with each announcement, at most an hour."""
    doublings = min(max(run.announcement - 1, 0), 16)
    return min(patience.idle * (1 << doublings), LONGEST_PATIENCE)


def _is_queued(run: OpenRun, scene: Scene) -> bool:
    """Whether its message may yet be answered, or the answer be on its way to the ledger."""
    stage = OWED_BY.get(run.progress, "")
    return scene.waiting.get(stage, 0) > 0 or scene.waiting.get(TRACKER, 0) > 0


def _overtaken(run: OpenRun, scene: Scene) -> bool:
    return any(
        progress > run.progress and opened_at > run.opened_at
        for progress, opened_at in scene.youngest_at.items()
    )
