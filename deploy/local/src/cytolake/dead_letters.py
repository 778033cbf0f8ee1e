"""Dead letters: read them where they lie, and send what they hold once more.

The operator's account may read streams and publish, nothing else: no consumer is made,
so reading leaves no trace and takes no message from anybody.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import nats
from nats.aio.client import Client as NATS  # noqa: N814 - its own name
from nats.js.errors import NotFoundError

from cytolake_contracts import DeadLetter, UnreadableEventError, read_event
from cytolake_runtime.topology import DEAD, inbox_prefix

LETTERS = "dead.>"
USER = "operator"
TRACE_HEADER = "traceparent"
MESSAGE_ID_HEADER = "Nats-Msg-Id"


class NoSuchLetterError(LookupError):
    """No dead letter has this number (any more)."""


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A dead letter and its number in the stream."""

    number: int
    letter: DeadLetter

    @property
    def body(self) -> bytes:
        """The message that nobody could work on, as it was."""
        if self.letter.payload_encoding == "base64":
            return base64.b64decode(self.letter.payload)
        return self.letter.payload.encode()


@dataclass(frozen=True, slots=True)
class Replay:
    """What to publish so that a dead letter's message is worked on again."""

    subject: str
    body: bytes
    headers: dict[str, str]


class Stream(Protocol):
    """The stream of dead letters and the right to publish."""

    async def read(self, number: int) -> StoredLetter | None:
        """Return the first letter from this number on; None after the last."""
        ...

    async def publish(self, replay: Replay) -> None:
        """Publish, and wait until JetStream has it."""
        ...


async def letters(stream: Stream) -> AsyncIterator[StoredLetter]:
    """Yield every dead letter, oldest first."""
    stored = await stream.read(1)
    while stored is not None:
        yield stored
        stored = await stream.read(stored.number + 1)


async def letter(stream: Stream, number: int) -> StoredLetter:
    """Return the letter of this number; raise NoSuchLetterError when there is none."""
    stored = await stream.read(number)
    if stored is None or stored.number != number:
        raise NoSuchLetterError(f"no dead letter {number}: `cytolake dead list` names those there")
    return stored


def replay_of(stored: StoredLetter, *, attempt: str) -> Replay:
    """Return the message anew: an event under its next announcement, other bytes as they are.

    `attempt` makes the message id new, so that JetStream's duplicate window lets it pass.
    """
    traced = {k: v for k, v in stored.letter.headers.items() if k.lower() == TRACE_HEADER}
    message_id, body = f"dead-{stored.number}", stored.body
    try:
        event = read_event(body)
    except UnreadableEventError:
        pass
    else:
        again = event.model_copy(update={"announcement": event.announcement + 1})
        message_id, body = again.message_id, again.to_bytes()
    headers = {**traced, MESSAGE_ID_HEADER: f"{message_id}.{attempt}"}
    return Replay(subject=stored.letter.subject, body=body, headers=headers)


class NatsStream:
    """The stream DEAD as the operator may see it."""

    def __init__(self, client: NATS) -> None:
        self._jetstream = client.jetstream()

    async def read(self, number: int) -> StoredLetter | None:
        """Return the first letter from this number on; None after the last."""
        try:
            found = await self._jetstream.get_msg(DEAD, seq=number, subject=LETTERS, next=True)
        except NotFoundError:
            return None
        body = found.data or b"{}"
        return StoredLetter(found.seq or number, DeadLetter.model_validate_json(body))

    async def publish(self, replay: Replay) -> None:
        """Publish, and wait until JetStream has it."""
        await self._jetstream.publish(replay.subject, replay.body, headers=replay.headers)


@asynccontextmanager
async def dead_stream(url: str, password: str) -> AsyncIterator[NatsStream]:
    """Connect as the operator for the length of a command."""
    client = await nats.connect(
        url,
        user=USER,
        password=password,
        inbox_prefix=inbox_prefix(USER).encode(),
        max_reconnect_attempts=1,
    )
    try:
        yield NatsStream(client)
    finally:
        await client.close()


def as_json(stored: StoredLetter) -> dict[str, object]:
    """Return the letter as plain data, its number first."""
    return {"number": stored.number, **json.loads(stored.letter.model_dump_json())}
