"""Drop what a plant drops, in the time that was asked for, and see what becomes of it."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from cytolake.client import FileState
from cytolake.synthetic.plant import Drop

MINUTE = 60.0
LOOK_EVERY_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 180.0


class Inbound(Protocol):
    """The inbound bucket, as much of it as the plant has."""

    def put_bytes(self, key: str, body: bytes) -> UUID:
        """Store the bytes under a key; return the id of the object that they became."""
        ...


class Files(Protocol):
    """Where files stand."""

    def state(self, object_id: str) -> FileState | None:
        """Return where a file stands; None before it was seen."""
        ...


class View(Protocol):
    """Shows how far the plant is."""

    def shows(self, stream: Stream, at: datetime) -> None:
        """Show the stream at a moment of the plant."""
        ...


class NotEndedError(TimeoutError):
    """Files did not come to an end in time; the message names some."""


@dataclass(slots=True, kw_only=True)
class Stream:
    """The plant's drops on their way: what was dropped, what has ended, and how."""

    inbound: Inbound
    files: Files
    view: View
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    total: int = 0
    dropped: int = 0
    ended: dict[str, FileState] = field(default_factory=dict)
    open: deque[tuple[Drop, str]] = field(default_factory=deque)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def by_state(self) -> Counter[str]:
        """How many files have ended in which state."""
        return Counter(one.state for one in self.ended.values())

    def run(self, drops: Sequence[Drop], *, days_per_minute: float) -> None:
        """Drop everything at its time and wait until all have ended."""
        self.total = len(drops)
        began, first = self.clock(), drops[0].at
        for drop in drops:
            self._wait_until(began + due_seconds(drop.at - first, days_per_minute))
            if drop.after is not None:
                self._until_ended(drop.after)
            object_id = str(self.inbound.put_bytes(drop.key, drop.body))
            self.ids[drop.key] = object_id
            self.open.append((drop, object_id))
            self.dropped += 1
            self.view.shows(self, drop.at)
        while self.open:
            self._look_or_wait()
            self.view.shows(self, drops[-1].at)

    def _wait_until(self, due: float) -> None:
        while (left := due - self.clock()) > 0:
            if not self._look():
                self.sleep(min(left, LOOK_EVERY_SECONDS))

    def _until_ended(self, key: str) -> None:
        while key not in self.ended:
            self._look_or_wait()

    def _look_or_wait(self) -> None:
        """See one file's end, or wait for it; raise NotEndedError when nothing ends for long."""
        patience = self.clock() + LONGEST_WAIT_SECONDS
        while not self._look():
            if self.clock() > patience:
                drop = self.open[0][0]
                raise NotEndedError(f"{drop.key} and {len(self.open) - 1} others have not ended")
            self.sleep(LOOK_EVERY_SECONDS)

    def _look(self) -> bool:
        """Look at the oldest open file; return whether it has ended. Files overtake seldom."""
        for _ in range(min(len(self.open), 8)):
            drop, object_id = self.open[0]
            state = self.files.state(object_id)
            if state is not None and state.has_ended:
                self.open.popleft()
                self.ended[drop.key] = state
                return True
            self.open.rotate(-1)
        return False


def due_seconds(since_first: timedelta, days_per_minute: float) -> float:
    """Return after how many seconds a drop is due; at once when no speed is given."""
    if not days_per_minute:
        return 0.0
    return since_first / timedelta(days=1) / days_per_minute * MINUTE


def unlike(drops: Sequence[Drop], ended: dict[str, FileState]) -> list[str]:
    """Say of each file that did not end as it was meant to what became of it."""
    said = []
    for drop in drops:
        now = ended.get(drop.key)
        state = "unknown" if now is None else "loaded" if now.state == "duplicate" else now.state
        reason = None if now is None else now.reason_code
        if state != drop.ends or (drop.reason_code and reason != drop.reason_code):
            words = "" if now is None else f" ({now.reason_code}: {now.message})"
            said.append(f"{drop.key} is {state}, not {drop.ends}{words}")
    return said
