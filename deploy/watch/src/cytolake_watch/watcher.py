"""Look at the folder again and again: send what has settled, follow what was sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from cytolake_watch.folder import Seen, Settling, key_of
from cytolake_watch.gateway import Arrived
from cytolake_watch.inbound import AwayError
from cytolake_watch.sending import ChangedError, Sender

ENDS = frozenset(
    {"loaded", "rejected", "duplicate", "superseded", "vanished", "quarantined", "failed"}
)
"""States in which a file stays unless people act."""
ASKED_AT_ONCE = 20
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a file; `path` is empty when it is about the connection."""

    kind: Literal["sent", "known", "busy", "away", "ended"]
    path: str
    message: str = ""


@dataclass(slots=True, kw_only=True)
class Watcher:
    """One folder under watch."""

    sender: Sender
    listed: Callable[[], Iterable[Seen]]
    settling: Settling
    clock: Callable[[], float] = time.monotonic
    _followed: dict[str, str] = field(default_factory=dict)
    _pause_seconds: float = 0.0
    _not_before: float = 0.0

    def look(self) -> Iterator[News]:
        """Look once; yield what happened. Raises RefusedError and StoppedError."""
        settled = self.settling.settled(self.listed(), now=self.clock())
        if self.clock() < self._not_before:
            return
        try:
            for seen in settled:
                if not self.sender.book.is_sent(seen):
                    yield self._sent(seen)
            yield from self._ended()
        except AwayError as error:
            self._pause_seconds = min(
                max(self._pause_seconds * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS
            )
            self._not_before = self.clock() + self._pause_seconds
            yield News("away", "", f"{error}; again in {self._pause_seconds:.0f} s")
        else:
            self._pause_seconds = 0.0

    def is_idle(self) -> bool:
        """Tell whether all that is there was sent and has come to an end."""
        seen = list(self.listed())
        return not self._followed and all(self.sender.book.is_sent(one) for one in seen)

    def _sent(self, seen: Seen) -> News:
        try:
            is_new = self.sender.send(seen)
        except (ChangedError, OSError) as error:
            if isinstance(error, OSError) and not isinstance(error, PermissionError):
                return News("busy", seen.path, f"cannot be read now: {error}")
            return News("busy", seen.path, "still being written")
        if is_new and self.sender.arrived is not None:
            content = self.sender.book.sent_content(seen.path)
            self._followed[seen.path] = content or ""
        return News("sent" if is_new else "known", seen.path)

    def _ended(self) -> Iterator[News]:
        for path, content in list(self._followed.items())[:ASKED_AT_ONCE]:
            end = _end(self._known(path), content)
            if end is not None:
                del self._followed[path]
                words = f": {end.message}" if end.message else ""
                yield News("ended", path, f"{end.state}{words}")

    def _known(self, path: str) -> Iterable[Arrived]:
        ask = self.sender.arrived
        return ask(key_of(self.sender.source, path)) if ask else ()


def _end(known: Iterable[Arrived], content: str) -> Arrived | None:
    """Return the version with these bytes, once nothing more happens to it by itself."""
    same = [one for one in known if one.content_sha256 == content and one.state in ENDS]
    return same[0] if same else None
