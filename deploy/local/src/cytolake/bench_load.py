"""Drop files and see when their rows can be selected: by the client's own clock alone.

A passage starts when the store has acknowledged the PUT and ends when a SELECT on the
marts, made by this client, first returns a row of that object. Only the client polls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from cytolake.synthetic import SyntheticFile

LOOK_EVERY_SECONDS = 0.01
LOOK_EVERY_IN_BACKLOG_SECONDS = 0.1
GIVE_UP_SECONDS = 120.0
PUTS_AT_ONCE = 8

Clock = Callable[[], float]


class Inbound(Protocol):
    """The inbound bucket, as much of it as an instrument has."""

    def put(self, file: SyntheticFile) -> UUID:
        """Store the file and return the id of the object that it became."""
        ...


class Marts(Protocol):
    """The marts, as much of them as the reader's role sees."""

    def loaded(self, objects: Sequence[UUID]) -> set[UUID]:
        """Return those of the objects that have at least one row now."""
        ...


class NotLoadedError(TimeoutError):
    """Files did not reach the marts in time; the message names them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One file's way. Times in seconds of the client's monotonic clock."""

    object_id: UUID
    name: str
    acknowledged_at: float
    selectable_at: float

    @property
    def seconds(self) -> float:
        """PUT acknowledged to row selectable."""
        return self.selectable_at - self.acknowledged_at


@dataclass
class Watch:
    """The files under way, and the passages that are complete."""

    marts: Marts
    clock: Clock = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    every_seconds: float = LOOK_EVERY_SECONDS
    under_way: dict[UUID, tuple[str, float]] = field(default_factory=dict)
    done: list[Passage] = field(default_factory=list)

    def acknowledge(self, object_id: UUID, name: str) -> None:
        """Start the passage of one object, now."""
        self.under_way[object_id] = (name, self.clock())

    def look(self) -> None:
        """Look once, and complete what is there."""
        waiting = list(self.under_way)
        found = self.marts.loaded(waiting) if waiting else set()
        now = self.clock()
        for object_id in found:
            name, acknowledged_at = self.under_way.pop(object_id)
            self.done.append(Passage(object_id, name, acknowledged_at, now))

    def until(self, is_over: Callable[[], bool]) -> None:
        """Look again and again; raise NotLoadedError when nothing ends for two minutes."""
        patience, count = self.clock() + GIVE_UP_SECONDS, len(self.done)
        while not is_over():
            self.look()
            if len(self.done) > count:
                patience, count = self.clock() + GIVE_UP_SECONDS, len(self.done)
            elif self.clock() > patience:
                names = ", ".join(name for name, _ in self.under_way.values())
                raise NotLoadedError(f"no row in the marts after {GIVE_UP_SECONDS:.0f} s: {names}")
            self.sleep(self.every_seconds)


def one_at_a_time(files: Iterable[SyntheticFile], inbound: Inbound, watch: Watch) -> list[Passage]:
    """Drop a file, wait for its row, drop the next."""
    for file in files:
        watch.acknowledge(inbound.put(file), file.name)
        watch.until(lambda: not watch.under_way)
    return watch.done


def at_rate(
    files: Sequence[SyntheticFile], inbound: Inbound, watch: Watch, *, per_second: float
) -> list[Passage]:
    """Drop at fixed times, whether or not the earlier files have arrived (open loop)."""
    start = watch.clock()
    for number, file in enumerate(files):
        due = start + number / per_second
        watch.until(lambda due=due: watch.clock() >= due)  # type: ignore[misc]
        watch.acknowledge(inbound.put(file), file.name)
    watch.until(lambda: not watch.under_way)
    return watch.done


def backlog(files: Sequence[SyntheticFile], inbound: Inbound, watch: Watch) -> list[Passage]:
    """Drop everything as fast as the store takes it, then wait for the last row.

    The client looks ten times a second only: looking for 300 files a hundred times a second
    took a tenth of the processor from those that are measured.
    """
    watch.every_seconds = LOOK_EVERY_IN_BACKLOG_SECONDS

    def drop(file: SyntheticFile) -> None:
        watch.acknowledge(inbound.put(file), file.name)

    with ThreadPoolExecutor(PUTS_AT_ONCE) as pool:
        drops = [pool.submit(drop, file) for file in files]
        watch.until(lambda: all(one.done() for one in drops) and not watch.under_way)
        for one in drops:
            one.result()
    return watch.done
