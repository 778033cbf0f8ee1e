"""Sending with a store in memory that can die between any two steps."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cytolake_watch.book import Book
from cytolake_watch.folder import Seen, Settling, listed
from cytolake_watch.gateway import Arrived
from cytolake_watch.inbound import AwayError, NoUploadError
from cytolake_watch.sending import ChangedError, Sender, Stage
from cytolake_watch.watcher import Watcher

PART = 4
LARGE = b"0123456789abcdef!"


class DeadError(Exception):
    """The process dies here."""


@dataclass
class MemoryStore:
    """Keeps versions per key; dies before or after the step of a number."""

    versions: list[tuple[str, bytes]] = field(default_factory=list)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    steps: int = 0
    dies_before: int = 0
    dies_after: int = 0
    is_away: bool = False
    parts_put: int = 0

    def _before(self) -> None:
        if self.is_away:
            raise AwayError("away")
        self.steps += 1
        if self.steps == self.dies_before:
            raise DeadError

    def _after(self) -> None:
        if self.steps == self.dies_after:
            raise DeadError

    def put(self, key: str, body: bytes, *, sha256: str) -> str:
        self._before()
        assert hashlib.sha256(body).hexdigest() == sha256
        self.versions.append((key, body))
        self._after()
        return "v"

    def begin(self, key: str, *, sha256: str) -> str:
        self._before()
        upload_id = f"{key} {len(self.uploads)} {sha256[:4]}"
        self.uploads[upload_id] = {}
        self._after()
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        self._before()
        if upload_id not in self.uploads:
            raise NoUploadError(key)
        self.uploads[upload_id][number] = body
        self.parts_put += 1
        self._after()
        return f"etag {number}"

    def complete(self, key: str, upload_id: str, etags: dict[int, str]) -> str:
        self._before()
        if upload_id not in self.uploads:
            raise NoUploadError(key)
        parts = self.uploads.pop(upload_id)
        assert sorted(etags) == sorted(parts)
        self.versions.append((key, b"".join(parts[number] for number in sorted(parts))))
        self._after()
        return "v"

    def abandon(self, key: str, upload_id: str) -> None:
        assert key
        self.uploads.pop(upload_id, None)

    def arrived(self, key: str) -> Sequence[Arrived]:
        return [
            Arrived("id", hashlib.sha256(body).hexdigest(), "loaded", None)
            for stored, body in reversed(self.versions)
            if stored == key
        ]


@dataclass
class Site:
    """A folder, its book and the store; `sender` is what a new process would have."""

    root: Path
    store: MemoryStore

    def book(self) -> Book:
        return Book(self.root.parent / "book.sqlite")

    def sender(self, book: Book, *, can_ask: bool = True) -> Sender:
        return Sender(
            root=self.root,
            source="s",
            book=book,
            store=self.store,
            arrived=self.store.arrived if can_ask else None,
            report=self.report,
            part_bytes=PART,
        )

    def report(self, path: str, stage: Stage, done: int, total: int) -> None:
        assert path
        assert stage in {"hashing", "sending"}
        assert 0 < done <= total

    def write(self, name: str, body: bytes) -> Seen:
        (self.root / name).write_bytes(body)
        return next(one for one in listed(self.root) if one.path == name)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "in").mkdir()
    return Site(tmp_path / "in", MemoryStore())


@pytest.mark.parametrize("body", [b"abc", LARGE], ids=["small", "large"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", range(1, 8))
def test_killed_at_any_step_it_sends_the_file_once(
    site: Site, body: bytes, when: str, step: int
) -> None:
    seen = site.write("run.csv", body)
    setattr(site.store, f"dies_{when}", step)
    for _ in range(2):
        with site.book() as book:
            try:
                if not book.is_sent(seen):
                    site.sender(book).send(seen)
            except DeadError:
                continue
    assert site.store.versions == [("s/run.csv", body)]


def test_a_large_file_is_resumed_with_the_parts_that_are_missing(site: Site) -> None:
    seen = site.write("run.csv", LARGE)
    site.store.dies_before = 4
    with site.book() as book, pytest.raises(DeadError):
        site.sender(book).send(seen)
    assert site.store.parts_put == 2
    with site.book() as book:
        assert site.sender(book).send(seen)
    assert site.store.parts_put == 5


def test_an_upload_that_the_store_gave_up_is_begun_anew(site: Site) -> None:
    seen = site.write("run.csv", LARGE)
    site.store.dies_before = 4
    with site.book() as book, pytest.raises(DeadError):
        site.sender(book).send(seen)
    site.store.uploads.clear()
    with site.book() as book:
        assert site.sender(book).send(seen)
    assert site.store.versions == [("s/run.csv", LARGE)]


def test_without_a_gateway_to_ask_a_doubtful_file_is_sent_again_rather_than_lost(
    site: Site,
) -> None:
    seen = site.write("run.csv", b"abc")
    site.store.dies_after = 1
    with site.book() as book, pytest.raises(DeadError):
        site.sender(book, can_ask=False).send(seen)
    with site.book() as book:
        assert site.sender(book, can_ask=False).send(seen)
    assert site.store.versions == [("s/run.csv", b"abc")] * 2


def test_a_touched_file_is_not_sent_again_and_a_changed_one_is_a_new_version(site: Site) -> None:
    seen = site.write("run.csv", b"abc")
    with site.book() as book:
        site.sender(book).send(seen)
        os.utime(site.root / "run.csv", ns=(1, 1))
        touched = next(listed(site.root))
        assert not book.is_sent(touched)
        assert not site.sender(book).send(touched)
        assert book.is_sent(touched)
        site.sender(book).send(site.write("run.csv", b"abd"))
        site.sender(book).send(site.write("run.csv", b"abc"))
    assert [body for _, body in site.store.versions] == [b"abc", b"abd", b"abc"]


def test_a_file_that_is_still_written_is_left_for_later(site: Site) -> None:
    seen = site.write("run.csv", LARGE)
    (site.root / "run.csv").write_bytes(LARGE + b"more")
    with site.book() as book, pytest.raises(ChangedError):
        site.sender(book).send(seen)
    assert site.store.versions == []


def test_a_file_changed_between_two_tries_gives_its_upload_up(site: Site) -> None:
    seen = site.write("run.csv", LARGE)
    site.store.dies_before = 4
    with site.book() as book, pytest.raises(DeadError):
        site.sender(book).send(seen)
    seen = site.write("run.csv", LARGE + b"more")
    with site.book() as book:
        site.sender(book).send(seen)
    assert site.store.versions == [("s/run.csv", LARGE + b"more")]
    assert site.store.uploads == {}


def test_the_watcher_waits_for_a_store_that_is_away_and_follows_what_it_sent(site: Site) -> None:
    now = [0.0]
    site.write("run.csv", b"abc")
    site.store.is_away = True
    with site.book() as book:
        watcher = Watcher(
            sender=site.sender(book),
            listed=lambda: listed(site.root),
            settling=Settling(1.0),
            clock=lambda: now[0],
        )
        told = []
        for now[0] in (0.0, 1.0, 1.5):
            told += [news.kind for news in watcher.look()]
        assert told == ["away"]
        assert not watcher.is_idle()
        site.store.is_away = False
        now[0] = 3.0
        assert [(news.kind, news.message) for news in watcher.look()] == [
            ("sent", ""),
            ("ended", "loaded"),
        ]
        assert watcher.is_idle()
