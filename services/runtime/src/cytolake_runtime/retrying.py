"""Work that waits for what it needs, for as long as it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from cytolake_runtime.errors import Retryable

log = logging.getLogger(__name__)


async def until_it_passes(
    work: Callable[[], Awaitable[None]], *, words: str, delay_seconds: float
) -> None:
    """Do the work, again after each Retryable; the log has `words` and the fault."""
    while True:
        try:
            return await work()
        except Retryable as fault:
            log.info("%s: %s", words, fault)
            await asyncio.sleep(delay_seconds)
