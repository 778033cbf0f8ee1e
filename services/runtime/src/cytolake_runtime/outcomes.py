"""The one place where a message's outcome is decided (STYLE: three outcomes).

Handled         acknowledged, after its effect.
Retryable       nacked with a growing delay; at the last delivery it is let go, because
                intake announces every open run again, for as long as it is open.
Unreadable      ended at once and dead-lettered: no retry makes it readable.
Anything else   our bug: nacked twice, then dead-lettered with its traceback.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from faststream import BaseMiddleware
from nats.aio.msg import Msg

from cytolake_contracts import DeadLetter, UnreadableEventError
from cytolake_runtime.errors import Retryable
from cytolake_runtime.topology import DURABLES, FOREVER

BUG_DELIVERIES = 3
HEARTBEAT_SECONDS = 5.0
MAX_DELAY_SECONDS = 30.0
log = logging.getLogger(__name__)

SendDeadLetter = Callable[[DeadLetter], Awaitable[None]]


def retry_delay_seconds(deliveries: int) -> float:
    """Return the wait before the next delivery: 0.25 s, doubling, at most 30 s."""
    return min(0.25 * 2.0 ** min(deliveries - 1, 20), MAX_DELAY_SECONDS)


def dead_letter(service: str, msg: Msg, error: BaseException) -> DeadLetter:
    """Return the message, whole, with what was raised."""
    meta = msg.metadata
    try:
        payload, encoding = msg.data.decode(), "utf-8"
    except UnicodeDecodeError:
        payload, encoding = base64.b64encode(msg.data).decode(), "base64"
    return DeadLetter(
        service=service,
        subject=msg.subject,
        stream=meta.stream,
        sequence=meta.sequence.stream,
        consumer=meta.consumer,
        deliveries=meta.num_delivered,
        error_type=type(error).__name__,
        message=str(error),
        traceback="".join(traceback.format_exception(error)),
        payload=payload,
        payload_encoding=encoding,  # type: ignore[arg-type]
        headers=dict(msg.headers or {}),
        time=datetime.now(UTC),
    )


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Acknowledge, delay or dead-letter one message by what its handler raised."""

    service: str
    send_dead_letter: SendDeadLetter

    async def settle(self, msg: Msg, error: BaseException | None) -> None:
        """Tell the broker; a broker that is away redelivers by itself, so that is no error."""
        try:
            await self._settle(msg, error)
        except Exception as fault:  # noqa: BLE001 - redelivery after the ack wait heals it
            log.warning("could not settle %s: %s", msg.subject, fault)

    async def _settle(self, msg: Msg, error: BaseException | None) -> None:
        if error is None:
            await msg.ack()
        elif isinstance(error, UnreadableEventError):
            await self._bury(msg, error)
        elif isinstance(error, Retryable):
            await self._retry_or_let_go(msg, error)
        elif isinstance(error, Exception) and msg.metadata.num_delivered >= BUG_DELIVERIES:
            await self._bury(msg, error)
        else:
            log.warning("%s failed on %s", self.service, msg.subject, exc_info=error)
            await msg.nak(delay=retry_delay_seconds(msg.metadata.num_delivered))

    async def _retry_or_let_go(self, msg: Msg, error: Retryable) -> None:
        deliveries = msg.metadata.num_delivered
        limit = max_deliver(msg.metadata.consumer)
        log.info("%s waits (delivery %d): %s", self.service, deliveries, error)
        if limit != FOREVER and deliveries >= limit:
            await msg.term()
        else:
            await msg.nak(delay=retry_delay_seconds(deliveries))

    async def _bury(self, msg: Msg, error: BaseException) -> None:
        log.error("%s dead-letters %s", self.service, msg.subject, exc_info=error)
        await self.send_dead_letter(dead_letter(self.service, msg, error))
        await msg.term()


def max_deliver(durable: str) -> int:
    """Return how often the durable consumer delivers a message; FOREVER for an unknown one."""
    return next((d.max_deliver for d in DURABLES if d.name == durable), FOREVER)


class OutcomesMiddleware(BaseMiddleware[Any, Any]):
    """Run the heartbeat while a handler works; settle its message when it has ended."""

    outcomes: Outcomes
    _heartbeat: asyncio.Task[None] | None = None

    async def on_receive(self) -> None:
        """Start the heartbeat."""
        self._heartbeat = asyncio.create_task(_beat(self.msg))

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> bool | None:
        """Settle; swallow what was raised, as it has been dealt with."""
        del exc_type, exc_tb
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        if exc_val is not None and not isinstance(exc_val, Exception):
            return False  # cancelled or interrupted: the broker redelivers
        await self.outcomes.settle(self.msg, exc_val)
        return True


async def _beat(msg: Msg) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        with suppress(Exception):
            await msg.in_progress()
