"""PostgreSQL: a pool that reconnects, and its outages told as `Retryable`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cytolake_runtime.errors import Retryable

Connection = psycopg.AsyncConnection[Any]

RECONNECT_SECONDS = 2.0
"""The pool doubles its pause for this long, then tries anew at the next request. With its own
300 s a request after a long outage would wait for a pause as long as the outage."""


class Database:
    """A small connection pool; every `transaction` commits at its end or not at all."""

    def __init__(self, dsn: str, *, max_connections: int = 8) -> None:
        """Prepare the pool; nothing is opened yet."""
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            min_size=1,
            max_size=max_connections,
            open=False,
            timeout=10,
            reconnect_timeout=RECONNECT_SECONDS,
            check=AsyncConnectionPool.check_connection,
        )

    async def open(self) -> None:
        """Open the pool; wait for one connection; raise Retryable when none comes."""
        try:
            await self._pool.open(wait=True, timeout=30)
        except PoolTimeout as error:
            msg = "PostgreSQL does not answer"
            raise Retryable(msg) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Give a connection inside one transaction; raise Retryable when PostgreSQL is away."""
        try:
            async with self._pool.connection() as connection, connection.transaction():
                yield connection
        except (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            PoolTimeout,
        ) as error:
            msg = f"PostgreSQL is away or busy: {error}"
            raise Retryable(msg) from error
