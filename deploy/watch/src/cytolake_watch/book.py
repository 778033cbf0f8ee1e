"""What was sent, and how far a large file is: an SQLite file that survives restarts."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cytolake_watch.folder import Seen

SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
  path text PRIMARY KEY, size_bytes integer NOT NULL, modified_ns integer NOT NULL,
  sha256 text NOT NULL, version_id text, sent_at text NOT NULL DEFAULT current_timestamp
);
CREATE TABLE IF NOT EXISTS sending (
  path text PRIMARY KEY, sha256 text NOT NULL, upload_id text, part_bytes integer NOT NULL
);
CREATE TABLE IF NOT EXISTS part (
  path text NOT NULL REFERENCES sending ON DELETE CASCADE, number integer NOT NULL,
  etag text NOT NULL, PRIMARY KEY (path, number)
);
"""


@dataclass(frozen=True, slots=True)
class Sending:
    """A file that is on its way, or may have arrived: nobody knows until somebody asks."""

    sha256: str
    upload_id: str | None
    part_bytes: int
    etags: dict[int, str]


class Book:
    """One folder's book; each call is a transaction of its own."""

    def __init__(self, file: Path) -> None:
        """Open it, or begin it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # what is said to be sent stays so
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._db.close()

    def is_sent(self, seen: Seen) -> bool:
        """Tell whether the file was sent as it stands there."""
        found = self._db.execute(
            "SELECT 1 FROM sent WHERE path = ? AND size_bytes = ? AND modified_ns = ?",
            (seen.path, seen.size_bytes, seen.modified_ns),
        ).fetchone()
        return found is not None

    def sent_content(self, path: str) -> str | None:
        """Return the SHA-256 that was last sent from this path."""
        found = self._db.execute("SELECT sha256 FROM sent WHERE path = ?", (path,)).fetchone()
        return str(found[0]) if found else None

    def sent(self, seen: Seen, sha256: str, version_id: str | None = None) -> None:
        """Note that these bytes are stored."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("DELETE FROM sending WHERE path = ?", (seen.path,))
        self._db.execute(
            "INSERT OR REPLACE INTO sent (path, size_bytes, modified_ns, sha256, version_id)"
            " VALUES (?, ?, ?, ?, ?)",
            (seen.path, seen.size_bytes, seen.modified_ns, sha256, version_id),
        )
        self._db.execute("COMMIT")

    def begin(self, path: str, sha256: str, part_bytes: int, upload_id: str | None = None) -> None:
        """Note that these bytes are about to be sent."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("DELETE FROM sending WHERE path = ?", (path,))
        self._db.execute(
            "INSERT INTO sending VALUES (?, ?, ?, ?)", (path, sha256, upload_id, part_bytes)
        )
        self._db.execute("COMMIT")

    def stored_part(self, path: str, number: int, etag: str) -> None:
        """Note a stored part of a large file."""
        self._db.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", (path, number, etag))

    def sending(self, path: str) -> Sending | None:
        """Return how far a file is, None if it was not begun."""
        found = self._db.execute(
            "SELECT sha256, upload_id, part_bytes FROM sending WHERE path = ?", (path,)
        ).fetchone()
        if found is None:
            return None
        parts = self._db.execute("SELECT number, etag FROM part WHERE path = ?", (path,))
        sha256, upload_id, part_bytes = found
        return Sending(sha256, upload_id, part_bytes, dict(parts.fetchall()))

    def forget(self, path: str) -> None:
        """Drop what was begun: the file has changed meanwhile."""
        self._db.execute("DELETE FROM sending WHERE path = ?", (path,))
