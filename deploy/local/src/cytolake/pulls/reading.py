"""Airbyte's messages, folded into what became of each stream. It stores nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cytolake.pulls.manifests import COUNT
from cytolake.pulls.spool import Spool
from cytolake.pulls.words import HOPELESS, UNFINISHED, Trouble, trouble

Progress = Callable[[str, int], None]
"""Told a stream and how many records of it have come."""


@dataclass(slots=True)
class Stream:
    """One stream of a pull."""

    name: str
    cursor_field: str | None
    primary_key: tuple[str, ...]
    spool: Spool
    state: dict[str, Any] | None = None
    is_complete: bool = False
    trouble: Trouble | None = None
    came: int = 0

    @property
    def fault(self) -> Trouble | None:
        """Return why its records may not be kept; None when it was read to its end."""
        return self.trouble or (None if self.is_complete else UNFINISHED)


@dataclass(slots=True)
class Reading:
    """All streams of a pull while it runs."""

    streams: dict[str, Stream]
    progress: Progress = lambda _stream, _n: None
    counts: dict[str, int] = field(default_factory=dict)
    hopeless: Trouble | None = None
    _last: Trouble | None = None
    """The error that was told last: older connectors do not say which stream it is of."""

    def follow(self, messages: Iterable[dict[str, Any]]) -> None:
        """Fold messages until they end, or until going on is hopeless."""
        for message in messages:
            match message.get("type"):
                case "RECORD":
                    self._record(message["record"])
                case "STATE":
                    self._state(message["state"])
                case "TRACE":
                    self._trace(message["trace"])
            if self.hopeless is not None:
                return

    def _record(self, record: dict[str, Any]) -> None:
        name, data = record["stream"], record["data"]
        if name.endswith(COUNT):
            if isinstance(data.get("count"), int):
                self.counts[name.removesuffix(COUNT)] = data["count"]
            return
        stream = self.streams[name]
        stream.came += 1
        cursor = data.get(stream.cursor_field) if stream.cursor_field else None
        key = json.dumps([data.get(field) for field in stream.primary_key])
        stream.spool.add(
            data,
            key=key if stream.primary_key else "",
            cursor=str(cursor or ""),
            extracted_ms=record["emitted_at"],
        )
        self.progress(name, stream.came)

    def _state(self, state: dict[str, Any]) -> None:
        name = ((state.get("stream") or {}).get("stream_descriptor") or {}).get("name")
        if name in self.streams:
            self.streams[name].state = state

    def _trace(self, trace: dict[str, Any]) -> None:
        match trace.get("type"):
            case "ERROR":
                self._error(trace["error"])
            case "STREAM_STATUS":
                status = trace["stream_status"]
                stream = self.streams.get(status["stream_descriptor"]["name"])
                if stream is None:
                    return
                stream.is_complete = status["status"] == "COMPLETE"
                if status["status"] == "INCOMPLETE":
                    stream.trouble = stream.trouble or self._last

    def _error(self, error: dict[str, Any]) -> None:
        said = f"{error.get('message') or ''}\n{error.get('internal_message') or ''}"
        self._last = trouble(said)
        name = (error.get("stream_descriptor") or {}).get("name")
        if name in self.streams:
            self.streams[name].trouble = self._last
        if self._last.code in HOPELESS:
            self.hopeless = self._last
            for stream in self.streams.values():
                stream.trouble = stream.trouble or (None if stream.is_complete else self._last)
