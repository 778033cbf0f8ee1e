"""Objects that are ready to be stored, and what is remembered once they are.

An object is made whole here before it is sent. Killed before: nothing landed, and its records are
read again. Killed after: the same bytes go to the same key again, which intake takes for a
duplicate (ADR 0012). State is saved only when the object is stored: nothing is lost or doubled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cytolake.pulls.connection import Connection

STATE = "state.json"


class Store(Protocol):
    """The inbound bucket; raises its own errors while it is away or refuses."""

    def put(
        self, key: str, body: bytes, *, sha256: str, about: dict[str, str] | None = None
    ) -> str | None:
        """Store an object; return its version."""
        ...


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox of one LIMS, in its folder."""

    connection: Connection

    @property
    def folder(self) -> Path:
        return self.connection.file("outbox")

    def prepare(self) -> None:
        """Make the folder; throw away what was not finished."""
        self.connection.prepare()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        ready = {order.stem for order in self.folder.glob("*.json")}
        for file in self.folder.iterdir():
            if file.stem not in ready:
                file.unlink()

    def commit(
        self, stream: str, *, key: str, about: dict[str, str], after: dict[str, Any]
    ) -> None:
        """Make the stream's Parquet file ready to go; from here on it will arrive."""
        with self.parquet(stream).open("rb") as file:
            os.fsync(file.fileno())
        order = {"stream": stream, "key": key, "about": about, "after": after}
        self.connection.home.write_private(self.folder / f"{stream}.json", json.dumps(order))

    def parquet(self, stream: str) -> Path:
        """Return where a stream's Parquet file is made."""
        return self.folder / f"{stream}.parquet"

    def deliver(self, store: Store) -> Iterator[dict[str, Any]]:
        """Store what is ready, saving each stream's state after its object; yield each order."""
        for file in sorted(self.folder.glob("*.json")):
            order = json.loads(file.read_text(encoding="utf-8"))
            body = self.parquet(order["stream"]).read_bytes()
            digest = hashlib.sha256(body).hexdigest()
            store.put(order["key"], body, sha256=digest, about=order["about"])
            remember(self.connection, order["stream"], order["after"])
            file.unlink()
            self.parquet(order["stream"]).unlink()
            yield order


def remembered(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return what is known of each stream."""
    if not connection.file(STATE).exists():
        return {}
    found: dict[str, dict[str, Any]] = connection.read(STATE)["streams"]
    return found


def remember(connection: Connection, stream: str, after: dict[str, Any]) -> None:
    """Save what is known of a stream from now on."""
    connection.write(STATE, {"streams": remembered(connection) | {stream: after}})
