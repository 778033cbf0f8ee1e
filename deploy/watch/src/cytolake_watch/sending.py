"""Send one file, once: resumed where it was left, never again when it has arrived.

Before the first byte the book says so, after the last it says that it is sent. Between the two
nobody knows after a crash, so the gateway is asked. Where there is none to ask, the file is sent
again rather than lost: the lake takes the same bytes of a source for a duplicate, without rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal, Protocol

from cytolake_watch.book import Book, Sending
from cytolake_watch.folder import Seen, key_of
from cytolake_watch.gateway import Arrived
from cytolake_watch.inbound import NoUploadError

PART_BYTES = 8 << 20
"""S3 takes 10,000 parts of at least 5 MiB: files of up to 80 GB; larger ones get larger parts."""
MAX_PARTS = 10_000
CHUNK_BYTES = 1 << 20

Stage = Literal["hashing", "sending"]
Report = Callable[[str, Stage, int, int], None]
"""Told the path, what is being done, and how many bytes of how many are done."""


class Store(Protocol):
    """The inbound bucket; raises AwayError, RefusedError and, of uploads, NoUploadError."""

    def put(self, key: str, body: bytes, *, sha256: str) -> str | None:
        """Store a small file; return its version."""
        ...

    def begin(self, key: str, *, sha256: str) -> str:
        """Begin a large one; return the upload's id."""
        ...

    def put_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Store a part; return its ETag."""
        ...

    def complete(self, key: str, upload_id: str, etags: dict[int, str]) -> str | None:
        """Make the parts one object; return its version."""
        ...

    def abandon(self, key: str, upload_id: str) -> None:
        """Give an upload up."""
        ...


class ChangedError(Exception):
    """The file is not as it was a moment ago: somebody still writes it."""


class StoppedError(Exception):
    """Asked to stop in the middle; what is stored so far is kept and used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends the files of one folder for one source."""

    root: Path
    source: str
    book: Book
    store: Store
    arrived: Callable[[str], Sequence[Arrived]] | None
    """Tells what the gateway knows of a key, where there is a gateway to ask."""
    report: Report
    stop: Event = field(default_factory=Event)
    part_bytes: int = PART_BYTES

    def send(self, seen: Seen) -> bool:
        """Send the file unless its bytes were sent from here before; say whether it was sent.

        Raises ChangedError, StoppedError, and the store's and the gateway's errors.
        """
        content = self._hashed(seen)
        begun = self.book.sending(seen.path)
        if self.book.sent_content(seen.path) == content and begun is None:
            self.book.sent(seen, content)  # touched, or copied over itself
            return False
        if begun is not None and begun.sha256 != content:
            self._give_up(seen, begun)
            begun = None
        if begun is not None and self._is_there(seen, content):
            self.book.sent(seen, content)
            return False
        self.book.sent(seen, content, self._stored(seen, content, begun))
        return True

    def _stored(self, seen: Seen, content: str, begun: Sending | None) -> str | None:
        if seen.size_bytes <= self.part_bytes:
            return self._whole(seen, content)
        try:
            return self._in_parts(seen, content, begun)
        except NoUploadError:  # given up by the store's own housekeeping: from the beginning
            self.book.forget(seen.path)
            return self._in_parts(seen, content, None)

    def _whole(self, seen: Seen, content: str) -> str | None:
        body = (self.root / seen.path).read_bytes()
        if hashlib.sha256(body).hexdigest() != content:
            raise ChangedError(seen.path)
        self.book.begin(seen.path, content, self.part_bytes)
        return self.store.put(self._key(seen), body, sha256=content)

    def _in_parts(self, seen: Seen, content: str, begun: Sending | None) -> str | None:
        if begun is None or begun.upload_id is None:
            size = max(self.part_bytes, -(-seen.size_bytes // MAX_PARTS))
            upload_id = self.store.begin(self._key(seen), sha256=content)
            self.book.begin(seen.path, content, size, upload_id)
            begun = Sending(content, upload_id, size, {})
        upload_id, etags = str(begun.upload_id), dict(begun.etags)
        with (self.root / seen.path).open("rb") as file:
            for number in range(1, -(-seen.size_bytes // begun.part_bytes) + 1):
                if number not in etags:
                    file.seek((number - 1) * begun.part_bytes)
                    body = file.read(begun.part_bytes)
                    etags[number] = self.store.put_part(self._key(seen), upload_id, number, body)
                    self.book.stored_part(seen.path, number, etags[number])
                self._tell(seen, "sending", number * begun.part_bytes)
        self._check(seen)
        return self.store.complete(self._key(seen), upload_id, etags)

    def _hashed(self, seen: Seen) -> str:
        digest, done = hashlib.sha256(), 0
        with (self.root / seen.path).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                done += len(chunk)
                self._tell(seen, "hashing", done)
        self._check(seen)
        return digest.hexdigest()

    def _tell(self, seen: Seen, stage: Stage, done: int) -> None:
        self.report(seen.path, stage, min(done, seen.size_bytes), seen.size_bytes)
        if self.stop.is_set():
            raise StoppedError(seen.path)

    def _check(self, seen: Seen) -> None:
        found = (self.root / seen.path).stat()
        if (found.st_size, found.st_mtime_ns) != (seen.size_bytes, seen.modified_ns):
            raise ChangedError(seen.path)

    def _is_there(self, seen: Seen, content: str) -> bool:
        known = self.arrived(self._key(seen)) if self.arrived else ()
        return any(one.content_sha256 == content for one in known)

    def _give_up(self, seen: Seen, begun: Sending) -> None:
        if begun.upload_id is not None:
            self.store.abandon(self._key(seen), begun.upload_id)
        self.book.forget(seen.path)

    def _key(self, seen: Seen) -> str:
        return key_of(self.source, seen.path)
