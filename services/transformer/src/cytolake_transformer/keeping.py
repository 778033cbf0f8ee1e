"""Which snapshots of the lake may go: those that nobody can be pointed to any more. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot; only one that a build ended with is a state of the lake that was announced."""

    number: int
    at: datetime
    ends_build: bool


def expirable(
    snapshots: Sequence[Snapshot], pinned: Collection[int], *, before: datetime
) -> list[int]:
    """Return those older than `before` that are neither pinned nor needed.

    Needed is the state that the marts show, however old it is: it is the next to be released.
    """
    newest = max((one.number for one in snapshots if one.ends_build), default=0)
    return sorted(
        one.number
        for one in snapshots
        if one.at < before and one.number < newest and one.number not in pinned
    )
