"""Follow every event and every dead letter, and keep the ledger's states in step.

Consumes   cytolake.>    all events: the history of each run, folded into its state
           dead.>        dead letters: the run waits for people, with the reason in words
           advisories    a message was delivered too often and nobody answered: the process
                         died on it; the message is fetched and dead-lettered in its name
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from cytolake_contracts import DeadLetter, read_event
from cytolake_ingest_gateway.intake.news import News, news_of_event, news_of_letter
from cytolake_runtime import RawMessage

log = logging.getLogger(__name__)


class Stored(Protocol):
    """One message as it lies in a stream."""

    @property
    def subject(self) -> str:
        """Where it was published."""
        ...

    @property
    def body(self) -> bytes:
        """Its payload."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """Its headers."""
        ...


class Messages(Protocol):
    """The streams' messages by number."""

    async def message(self, stream: str, sequence: int) -> Stored | None:
        """Return the message, None when it is gone; raise Retryable while nobody answers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """What the handlers need."""

    record: Callable[[News], Awaitable[None]]
    messages: Messages
    bury: Callable[[DeadLetter], Awaitable[None]]
    """Publish a dead letter; raises Retryable."""

    async def on_event(self, message: RawMessage) -> None:
        """Record the event and fold it; raises UnreadableEventError for what is none."""
        event = read_event(message.body)
        await self.record(news_of_event(event, sequence=message.sequence))

    async def on_dead(self, message: RawMessage) -> None:
        """Fail the runs of a dead letter; turn an advisory into a dead letter."""
        if not message.subject.startswith("dead."):
            await self._on_advisory(message)
            return
        try:
            letter = DeadLetter.model_validate_json(message.body)
        except ValidationError:
            # Never raised further: its own dead letter would come back here for ever.
            log.exception("unreadable dead letter %d", message.sequence)
            return
        await self.record(news_of_letter(letter, sequence=message.sequence))

    async def _on_advisory(self, message: RawMessage) -> None:
        try:
            advisory = json.loads(message.body)
            where = (str(advisory["stream"]), int(advisory["stream_seq"]))
            letter = _letter(advisory, await self.messages.message(*where), message)
        except (ValueError, KeyError, TypeError):
            log.exception("unreadable advisory %d", message.sequence)
            return
        await self.bury(letter)


def _letter(advisory: dict[str, Any], stored: Stored | None, message: RawMessage) -> DeadLetter:
    payload, encoding = _payload(stored.body if stored else b"")
    return DeadLetter(
        service=advisory["consumer"],
        subject=stored.subject if stored else "",
        stream=advisory["stream"],
        sequence=advisory["stream_seq"],
        consumer=advisory["consumer"],
        deliveries=advisory["deliveries"],
        error_type="MaxDeliveries",
        message=(
            f"delivered {advisory['deliveries']} times and never answered: "
            "the process died or hung on it each time"
        ),
        payload=payload,
        payload_encoding=encoding,
        headers=stored.headers if stored else {},
        time=message.time,
    )


def _payload(body: bytes) -> tuple[str, Literal["utf-8", "base64"]]:
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
