"""Where a run's time went: from the times of its events to the length of each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

STAGES = (
    ("announce", ("file.landed",)),
    ("convert", ("file.converted", "file.rejected")),
    ("validate", ("file.validated", "file.quarantined")),
    ("build", ("lake.built",)),
    ("load", ("mart.loaded",)),
)
"""Each stage and the events that end it, in order."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """One stage of a run."""

    stage: str
    started_at: datetime
    ended_at: datetime

    @property
    def milliseconds(self) -> float:
        """Its length; clocks of two machines may differ, so never below zero."""
        return max((self.ended_at - self.started_at).total_seconds() * 1000, 0.0)


def stage_times(opened_at: datetime, events: Iterable[tuple[str, datetime]]) -> list[StageTime]:
    """Return the stages that have ended; of an event told again the first time counts."""
    first: dict[str, datetime] = {}
    for kind, time in events:
        first[kind] = min(time, first.get(kind, time))
    if "file.quarantined" in first and "file.converted" not in first:
        # The converter's: what the file is cannot be said, so nothing was there to validate.
        first["file.rejected"] = first.pop("file.quarantined")
    return list(_ended(opened_at, first))


def _ended(started_at: datetime, first: Mapping[str, datetime]) -> Iterable[StageTime]:
    for stage, kinds in STAGES:
        times = [first[kind] for kind in kinds if kind in first]
        if times:
            yield StageTime(stage, started_at, min(times))
            started_at = min(times)
