"""Put the watcher together and run it to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import platformdirs
from watchfiles import watch

from cytolake_watch.book import Book
from cytolake_watch.folder import IGNORED, Settling, listed
from cytolake_watch.gateway import Gateway
from cytolake_watch.inbound import InboundBucket, Place
from cytolake_watch.sending import PART_BYTES, Sender, StoppedError
from cytolake_watch.view import View
from cytolake_watch.watcher import Watcher

LOOKS_PER_SETTLING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be watched, and where it goes. `gateway`: URL and API key."""

    folder: Path
    source: str
    place: Place
    gateway: tuple[str, str] | None = None
    settle_seconds: float = 2.0
    patterns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    state: Path | None = None
    is_share: bool = False
    part_bytes: int = PART_BYTES


def book_of(wanted: Wanted) -> Path:
    """Return where the folder's book is: in the user's own state, not in the folder."""
    if wanted.state is not None:
        return wanted.state
    about = f"{wanted.folder.resolve()}\n{wanted.source}\n{wanted.place.endpoint}"
    name = hashlib.sha256(about.encode()).hexdigest()[:16]
    return platformdirs.user_state_path("cytolake-watch") / f"{wanted.source}-{name}.sqlite"


def run(wanted: Wanted, view: View, stop: Event, *, is_once: bool = False) -> None:
    """Watch until `stop`; with `is_once` until all that is there has come to its end.

    Raises RefusedError when a key is wrong.
    """
    gateway = Gateway(*wanted.gateway) if wanted.gateway else None
    with Book(book_of(wanted)) as book, view:
        watcher = Watcher(
            sender=Sender(
                root=wanted.folder,
                source=wanted.source,
                book=book,
                store=InboundBucket(wanted.place),
                arrived=gateway.arrived if gateway else None,
                report=view.progress,
                stop=stop,
                part_bytes=wanted.part_bytes,
            ),
            listed=partial(
                listed,
                wanted.folder,
                patterns=wanted.patterns,
                ignored=(*IGNORED, *wanted.ignored),
            ),
            settling=Settling(wanted.settle_seconds),
        )
        for _ in _occasions(wanted, stop):
            try:
                for news in watcher.look():
                    view.news(news)
            except StoppedError:
                return
            if is_once and watcher.is_idle():
                return


def _occasions(wanted: Wanted, stop: Event) -> Iterator[object]:
    """Yield when something in the folder changes, and often enough to see files settle.

    Shares tell nobody of changes made elsewhere: they are polled.
    """
    return watch(
        wanted.folder,
        stop_event=stop,
        rust_timeout=max(50, int(wanted.settle_seconds * 1000 / LOOKS_PER_SETTLING)),
        yield_on_timeout=True,
        force_polling=wanted.is_share or None,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
