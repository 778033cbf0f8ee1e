"""When to say how far a large file is: often enough to be followed, and never a flood. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TOLD = 50
SHARE = 0.05
SECONDS = 5.0


@dataclass(slots=True)
class Progress:
    """Tells after 5 % or 5 seconds; the seconds double for as long as most has been told."""

    total_bytes: int
    told: int = 0
    _last_bytes: int = 0
    _last_at: float | None = None
    _seconds: float = SECONDS

    def is_due(self, done_bytes: int, at: float) -> bool:
        """Say whether to tell now; `at` is a clock's seconds. The end is always told."""
        since = at if self._last_at is None else self._last_at
        self._last_at = since
        is_end = done_bytes >= self.total_bytes > self._last_bytes
        stepped = done_bytes - self._last_bytes >= SHARE * self.total_bytes
        waited = at - since >= self._seconds and done_bytes > self._last_bytes
        if not is_end and (self.told >= MAX_TOLD - 1 or not (stepped or waited)):
            return False
        self.told += 1
        self._last_bytes, self._last_at = done_bytes, at
        if self.told % 10 == 0:
            self._seconds *= 2
        return True
