"""The parsers' sandbox: a warm child for a file, or for the files of one source that come fast.

A child reads further files of the source that its first one came from, and of no other: who can
put one file there can put any (ADR 0025). Of such a child only a parsed document is believed;
anything else is asked again of a fresh one, so that no file ends for what another did.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress

from cytolake_ingest_gateway.converter.sandbox import child, forks
from cytolake_ingest_gateway.converter.sandbox.child import Parse, Request
from cytolake_ingest_gateway.converter.sandbox.confine import Limits
from cytolake_ingest_gateway.converter.sandbox.reader import Ended, Reader
from cytolake_ingest_gateway.converter.sandbox.sample import SAMPLE
from cytolake_runtime import Retryable

__all__ = ["Ended", "Sandbox"]
FILES_PER_CHILD = 50
log = logging.getLogger(__name__)
_SERVERS = 3


class Sandbox:
    """Parses files in children of one warm fork server; safe to call from several threads."""

    def __init__(self, limits: Limits | None = None, *, parse: Parse | None = None) -> None:
        """Prepare; nothing is started. `parse` replaces allotropy in tests."""
        self._limits = limits or Limits()
        self._parse = parse or child.parse_with_allotropy
        self._lock = threading.Lock()
        self._idle: list[tuple[str, Reader]] = []

    def warm_up(self) -> Ended:
        """Start the fork server (seconds: it imports every parser) and parse its sample."""
        return self.run(SAMPLE)

    def run(self, request: Request) -> Ended:
        """Parse one file. A child that vanished for no reason of its own gets one more try.

        Raises Retryable while no fork server can be had: that is no fault of the file.
        """
        if (used := self._idle_one(request.source)) is not None:
            ended = self._read(used, request)
            if ended is not None and ended.outcome == "parsed":
                return ended
        for _ in range(2):
            ended = self._read(self._started(), request)
            if ended is not None:
                return ended
        return Ended(outcome="crashed", message="the parser's process was killed twice")

    def close(self) -> None:
        """End the children that wait."""
        with self._lock:
            waiting, self._idle = self._idle, []
        for _, reader in waiting:
            reader.close()

    def _started(self) -> Reader:
        for _ in range(_SERVERS):
            try:
                return Reader(self._parse, self._limits)
            except (EOFError, OSError) as error:
                log.warning("the fork server is gone, a new one is started: %s", error)
                forks.await_its_end()
        raise Retryable("the parsers' fork server cannot be started")

    def _read(self, reader: Reader, request: Request) -> Ended | None:
        is_kept = False
        try:
            ended = reader.read(request)
            has_read = ended is not None and ended.outcome == "parsed"
            if has_read and request.source is not None and reader.files < FILES_PER_CHILD:
                with self._lock:
                    self._idle.append((request.source, reader))
                is_kept = True
        finally:
            if not is_kept:
                reader.close()
        return ended

    def _idle_one(self, source: str | None) -> Reader | None:
        """Return a child that has read files of this source; let go of those that gave up."""
        now = time.monotonic()
        with self._lock:
            over = [one for one in self._idle if now - one[1].idle_since > child.IDLE_SECONDS / 2]
            left = [one for one in self._idle if one not in over]
            found = next((one for one in left if one[0] == source), None)
            self._idle = [one for one in left if one is not found]
        for _, reader in over:
            with suppress(OSError):
                reader.close()
        return found[1] if found else None
