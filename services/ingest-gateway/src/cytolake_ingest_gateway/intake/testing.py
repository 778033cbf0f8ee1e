"""Intake's ledger and store in memory, for tests: the same decisions, no servers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cytolake_contracts import SourceRef
from cytolake_contracts.identity import run_id
from cytolake_ingest_gateway.intake.register import decide
from cytolake_ingest_gateway.intake.versions import (
    Address,
    Decisions,
    Held,
    Known,
    NewObject,
    Opening,
    Registration,
    Sighting,
)
from cytolake_ingest_gateway.lifecycle import State
from cytolake_runtime import ObjectMissingError
from cytolake_runtime.store import ObjectHead, VersionsPage

BUCKET = "inbound"
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
Version = tuple[str, str, str]


def sighting(key: str, content: str | None, *, version: str) -> Sighting:
    """Return a version of a key as intake sees it; `content` None: it has vanished."""
    body = (content or "").encode()
    return Sighting(
        bucket=BUCKET,
        key=key,
        version_id=version,
        etag=hashlib.md5(body, usedforsecurity=False).hexdigest(),
        size_bytes=len(body),
        content_type="text/csv",
        last_modified=START,
        content_sha256=None if content is None else hashlib.sha256(body).hexdigest(),
    )


def source(name: str, *, revision: int = 1) -> Registration:
    return Registration(SourceRef(name=name, site="main", timezone="UTC"), revision)


@dataclass(slots=True)
class MemoryLedger:
    """The register, with `decide` deciding, in dictionaries."""

    sources: dict[str, Registration]
    objects: dict[UUID, NewObject] = field(default_factory=dict)
    openings: dict[UUID, Opening] = field(default_factory=dict)
    refused: set[UUID] = field(default_factory=set)
    """Objects whose run a test declares rejected."""

    @classmethod
    def of(cls, *names: str) -> MemoryLedger:
        return cls({name: source(name) for name in names})

    async def unregistered(self, versions: Sequence[Version]) -> set[Version]:
        held = {(s.bucket, s.key, s.version_id) for s in self._sightings()}
        return set(versions) - held

    async def register(self, sightings: Sequence[Sighting]) -> list[UUID]:
        decided = self.enter(*sightings)
        return [run_id(opening.object_id, 1) for opening in decided.openings]

    def enter(self, *sightings: Sighting) -> Decisions:
        """Decide and carry out."""
        at = START + timedelta(seconds=len(self.objects))
        decided = decide(self.known(sightings), sightings, at=at)
        for new in decided.objects:
            self.objects[new.sighting.object_id] = new
        for one, original in decided.repointed:
            self.objects[one] = replace(self.objects[one], duplicate_of=original)
        for opening in decided.openings:
            of = opening.object_id
            assert of not in self.openings, "an object's first run is opened once"
            self.openings[of] = opening
            self.objects[of] = replace(
                self.objects[of], state=State.RECEIVED, duplicate_of=None, reason_code=None
            )
        return decided

    def known(self, sightings: Iterable[Sighting]) -> Known:
        heads: dict[Address, Held] = {}
        elsewhere: dict[str, set[str]] = {}
        for new in self.objects.values():
            if new.object_seq is not None:
                held = self._held(new)
                elsewhere.setdefault(held.content_sha256, set()).add(held.source)
                head = heads.get(held.address)
                heads[held.address] = (
                    held if not head or head.object_seq < held.object_seq else head
                )
        return Known(
            sources=self.sources,
            registered=frozenset(s.object_id for s in sightings) & frozenset(self.objects),
            heads=tuple(heads.values()),
            parsed=frozenset(self.objects[of].sighting.address for of in self.openings),
            elsewhere={content: frozenset(names) for content, names in elsewhere.items()},
        )

    def state_of(self, seen: Sighting) -> State:
        return self.objects[seen.object_id].state

    def _sightings(self) -> list[Sighting]:
        return [new.sighting for new in self.objects.values()]

    def _held(self, new: NewObject) -> Held:
        original = self.objects[new.duplicate_of] if new.duplicate_of else new
        is_refused = original.sighting.object_id in self.refused
        return Held(
            object_id=new.sighting.object_id,
            address=new.sighting.address,
            object_seq=new.object_seq or 0,
            source=new.sighting.source,
            source_revision=new.source_revision,
            content_sha256=new.sighting.content_sha256 or "",
            received_at=new.received_at,
            duplicate_of=new.duplicate_of,
            original_address=original.sighting.address,
            is_refused=is_refused or original.state is State.REJECTED,
        )


@dataclass(slots=True)
class MemoryStore:
    """A versioned bucket."""

    contents: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By key: (version id, content), oldest first."""

    def put(self, key: str, content: str, *, version: str) -> None:
        self.contents.setdefault(key, []).append((version, content))

    async def versions(self, bucket: str, key: str) -> list[ObjectHead]:
        stored = reversed(self.contents.get(key, []))
        return [self._head(bucket, key, version) for version, _ in stored]

    async def hashed(
        self, bucket: str, key: str, version_id: str | None = None
    ) -> tuple[ObjectHead, str]:
        content = self._content(key, version_id)
        head = self._head(bucket, key, version_id or "null")
        return head, hashlib.sha256(content.encode()).hexdigest()

    async def versions_page(
        self, bucket: str, *, prefix: str = "", marker: tuple[str, str] | None = None
    ) -> VersionsPage:
        """Give one key a page, so that paging is seen to work."""
        keys = sorted(k for k in self.contents if k.startswith(prefix))
        rest = [key for key in keys if marker is None or key > marker[0]]
        if not rest:
            return VersionsPage((), None)
        heads = tuple(await self.versions(bucket, rest[0]))
        return VersionsPage(heads, (rest[0], "") if rest[1:] else None)

    async def names(self, bucket: str, prefix: str) -> tuple[list[str], list[str]]:
        below = [key[len(prefix) :] for key in self.contents if key.startswith(prefix)]
        assert bucket == BUCKET
        folders = {name.partition("/")[0] + "/" for name in below if "/" in name}
        return [name for name in below if "/" not in name], sorted(folders)

    def _content(self, key: str, version_id: str | None) -> str:
        for version, content in reversed(self.contents.get(key, [])):
            if version_id in {None, "null", version}:
                return content
        raise ObjectMissingError(key)

    def _head(self, bucket: str, key: str, version: str) -> ObjectHead:
        return ObjectHead(bucket, key, version, "e", 1, START, "text/csv")
