"""PostgreSQL's LISTEN as something to wait for, with a look by oneself every now and then."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import psycopg

log = logging.getLogger(__name__)
DECISIONS = "cytolake_decisions"
"""Where it is told that somebody decided something."""


class Bell:
    """Rings when a channel does; by itself after a while, for what was not heard."""

    def __init__(self, dsn: str, channel: str = DECISIONS) -> None:
        """Keep where; nothing is opened yet."""
        self._dsn, self._channel = dsn, channel
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def rung(self, *, within_seconds: float) -> None:
        """Return at the next notice, or when the time is over."""
        try:
            if self._connection is None:
                self._connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
                await self._connection.execute(f"LISTEN {self._channel}".encode())
                return  # what was told before it listened is looked for at once
            heard = self._connection.notifies(timeout=within_seconds, stop_after=1)
            _ = [notice async for notice in heard]
        except (psycopg.Error, OSError) as fault:
            log.info("cannot listen on %s: %s", self._channel, fault)
            await self.close()
            await asyncio.sleep(within_seconds)

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            with suppress(psycopg.Error, OSError):
                await self._connection.close()
            self._connection = None
