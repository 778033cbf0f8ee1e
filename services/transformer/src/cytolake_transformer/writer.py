"""One writer of the lake, always: an advisory lock in the catalog's PostgreSQL."""

from __future__ import annotations

import psycopg

from cytolake_runtime import Retryable

LOCK = 0x6C616B65  # "lake": a number of our own among PostgreSQL's advisory locks


class WriterLock:
    """Held as long as its session lives; looked after before each step."""

    def __init__(self, dsn: str) -> None:
        """Keep where; nothing is opened yet."""
        self._dsn = dsn
        self._session: psycopg.Connection | None = None

    def hold(self) -> None:
        """Hold the lock, anew where the session was lost; raise Retryable where another does."""
        try:
            if self._session is not None:
                self._session.execute("SELECT 1")
                return
        except psycopg.Error:
            self._session = None
        self._session = self._take()

    def release(self) -> None:
        """Let another be the writer."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _take(self) -> psycopg.Connection:
        try:
            session = psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)
            row = session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        except psycopg.Error as error:
            raise Retryable(f"PostgreSQL is away: {error}") from error
        if row is None or not row[0]:
            session.close()
            raise Retryable("another transformer is writing the lake")
        return session
