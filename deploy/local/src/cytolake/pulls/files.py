"""Fetch what is new elsewhere, one object a file, each once.

A file is fetched whole into the home, then sent as `cytolake watch` sends a file: by its SHA-256,
a large one in parts, resumed where it was, never again once it has arrived.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from cytolake.errors import StackError
from cytolake.pulls.connection import held
from cytolake.pulls.elsewhere import Access, Elsewhere, ElsewhereError, elsewhere, is_safe
from cytolake.pulls.inbound import place_of
from cytolake.stack import Stack
from cytolake_watch.book import Book
from cytolake_watch.folder import IGNORED, Seen, is_wanted
from cytolake_watch.gateway import Gateway
from cytolake_watch.inbound import AwayError, InboundBucket, RefusedError
from cytolake_watch.sending import ChangedError, Report, Sender
from cytolake_watch.watcher import News

__all__ = ["Access", "FilePull", "WantedFiles", "fetched"]
Wait = Callable[[float], object]


def _wait(seconds: float) -> None:
    Event().wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePull:
    """One place, one source. Raises the store's errors, ElsewhereError and StoppedError."""

    elsewhere: Elsewhere
    sender: Sender
    patterns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    settle_seconds: float = 2.0
    wait: Wait = _wait

    def run(self) -> Iterator[News]:
        """Look once; yield what became of each file that is not known yet."""
        first = {one.path: one for one in self._new()}
        if not first:
            return
        if not self.elsewhere.is_atomic:  # a file is whole when it rests
            self.wait(self.settle_seconds)
            resting = {one.path: one for one in self._new()}
            for path in [path for path, one in first.items() if resting.get(path) != one]:
                del first[path]
                yield News("busy", path, "still being written")
        for one in first.values():
            yield self._sent(one)

    def _new(self) -> Iterator[Seen]:
        for one in self.elsewhere.listed():
            is_one = is_wanted(Path(one.path), self.patterns, self.ignored)
            if is_one and not self.sender.book.is_sent(one):
                yield one

    def _sent(self, one: Seen) -> News:
        if not is_safe(one.path):
            return News("away", one.path, "its name would lead out of the folder: not fetched")
        local = self.sender.root / one.path
        local.parent.mkdir(parents=True, exist_ok=True)
        try:
            seen = self._fetched(one, local)
            is_new = self.sender.send(seen)
        except ElsewhereError as error:
            return News("away", one.path, str(error))
        except ChangedError:
            return News("busy", one.path, "changed while it was fetched")
        finally:
            local.unlink(missing_ok=True)
        return News("sent" if is_new else "known", one.path)

    def _fetched(self, one: Seen, local: Path) -> Seen:
        """Fetch the file; give it the time that it has elsewhere, by which it is known again."""
        self.elsewhere.fetch(one.path, local)
        os.utime(local, ns=(one.modified_ns, one.modified_ns))
        found = local.stat()
        if one.size_bytes > 1 and found.st_size != one.size_bytes:
            raise ChangedError(one.path)
        return Seen(one.path, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFiles:
    """What is to be fetched from where, for which source."""

    url: str
    source: str
    access: Access
    patterns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    settle_seconds: float = 2.0


def fetched(
    stack: Stack, wanted: WantedFiles, report: Report, wait: Wait = _wait
) -> Iterator[News]:
    """Fetch into a stack; yield what became of each file. Raises StackError in words."""
    name = hashlib.sha256(wanted.url.encode()).hexdigest()[:16]
    folder = stack.home.root / "pulls" / wanted.source / name
    (folder / "files").mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = stack.env()
    gateway = Gateway(environment["CYTOLAKE_GATEWAY_URL"], environment["CYTOLAKE_API_KEY"])
    with (
        held(folder / "lock", f"another pull of {wanted.url} is running; wait for it"),
        closing(elsewhere(wanted.url, wanted.access)) as place,
        Book(folder / "book.sqlite") as book,
    ):
        sender = Sender(
            root=folder / "files",
            source=wanted.source,
            book=book,
            store=InboundBucket(place_of(stack)),
            arrived=gateway.arrived,
            report=report,
        )
        try:
            yield from FilePull(
                elsewhere=place,
                sender=sender,
                patterns=wanted.patterns,
                ignored=(*IGNORED, *wanted.ignored),
                settle_seconds=wanted.settle_seconds,
                wait=wait,
            ).run()
        except (AwayError, RefusedError) as error:
            raise StackError(str(error)) from error
