"""Remembers how far the event log has been carried over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NANOSECONDS = 1_000_000_000
# Events may be written slightly out of order; what is told twice, the stream and intake drop.
OVERLAP_SECONDS = 10.0
# Without a cursor: as far back as STORE itself reaches. What is older, intake's listing finds.
FIRST_SECONDS = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Cursor:
    """The time of the last event that the stream acknowledged, in a file."""

    file: Path

    def seconds_ago(self, *, now_ns: int) -> float:
        """Return how far back the log must be read from `now_ns` (Unix time)."""
        try:
            last_ns = int(self.file.read_text())
        except (OSError, ValueError):
            return FIRST_SECONDS
        return max(0.0, (now_ns - last_ns) / NANOSECONDS) + OVERLAP_SECONDS

    def advance(self, event_ns: int) -> None:
        """Keep the time of an event that is safely on the stream."""
        partial = self.file.with_suffix(".partial")
        partial.write_text(str(event_ns))
        partial.replace(self.file)
