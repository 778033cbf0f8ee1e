"""The api's surroundings in memory, for tests: a store, sources, keys, histories."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID

import httpx
from fastapi import FastAPI

from cytolake_contracts import KnownShape
from cytolake_ingest_gateway.api.app import Parts, assemble
from cytolake_ingest_gateway.api.auth import Caller
from cytolake_ingest_gateway.api.files import Wanted
from cytolake_ingest_gateway.api.histories import FileHistory, FileLine
from cytolake_ingest_gateway.api.people import Person
from cytolake_ingest_gateway.api.settings import ApiSettings
from cytolake_ingest_gateway.api.source_models import Source, SourceStatus, is_late
from cytolake_ingest_gateway.api.testing_desk import MemoryDesk, MemoryPeople, MemoryReleases
from cytolake_ingest_gateway.api.testing_lims import MemoryLims, MemoryWeb
from cytolake_ingest_gateway.api.webhooks.jwks import KeySets
from cytolake_ingest_gateway.api.webhooks.verifier import Verifier
from cytolake_ingest_gateway.people import DROPPED_BY, Role
from cytolake_runtime import ObjectExistsError, ObjectMissingError, Retryable
from cytolake_runtime.store import ObjectHead

OPERATOR_KEY = "cyk_operator"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REGISTERED = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class MemoryGateway:
    """Everything around the api; `is_away` makes the store and the ledger fail as they do."""

    stored: list[tuple[str, bytes, str]] = field(default_factory=list)
    """Key, content and content type of every version put."""
    known: dict[str, Source] = field(default_factory=dict)
    known_shapes: dict[str, list[KnownShape]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    lines: list[FileLine] = field(default_factory=list)
    histories: dict[UUID, FileHistory] = field(default_factory=dict)
    is_away: bool = False
    asked: list[Wanted] = field(default_factory=list)
    persons: MemoryPeople = field(default_factory=MemoryPeople)
    desk: MemoryDesk = field(default_factory=MemoryDesk)
    releases: MemoryReleases = field(init=False)
    dropped_by: dict[str, str | None] = field(default_factory=dict)
    """By key: the person whom the api named to the store."""
    lims: MemoryLims = field(default_factory=MemoryLims)
    web: MemoryWeb = field(default_factory=MemoryWeb)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    fetches_asked: list[bool] = field(default_factory=list)
    """One for each time that fetching was asked to begin."""

    def __post_init__(self) -> None:
        """Let releases follow from what is recorded."""
        self.releases = MemoryReleases(self.desk)

    def app(self, **settings: object) -> FastAPI:
        """Return the api over this memory."""
        operator = hashlib.sha256(OPERATOR_KEY.encode()).hexdigest()
        wanted = ApiSettings(operator_api_key_sha256=operator).model_copy(update=settings)
        parts = Parts(
            inbound=self,
            registry=self,
            keys=self,
            histories=self,
            pages=self,
            people=self.persons,
            desk=self.desk,
            releases=self.releases,
            lims=self.lims,
            deliveries=self.lims,
            judge=Verifier(KeySets(self.web)),
            fetch_soon=lambda: self.fetches_asked.append(True),
            probes=self,
        )
        return assemble(wanted, parts)

    @asynccontextmanager
    async def client(
        self, key: str | None = OPERATOR_KEY, **settings: object
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client that calls with this key."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(self.app(**settings))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gateway", headers=headers
        ) as client:
            yield client

    def add_source(self, name: str, key: str) -> None:
        """Register a source whose API key is `key`."""
        self.known[name] = Source(
            name=name, site="main", vendor=None, layout=None, timezone="UTC", revision=1
        )
        self.keys[hashlib.sha256(key.encode()).hexdigest()] = name

    async def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        *,
        content_type: str = "",
        if_none_match: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectHead:
        self._answer()
        self.metadata[key] = dict(metadata or {})
        self.dropped_by[key] = (metadata or {}).get(DROPPED_BY)
        if if_none_match and any(stored == key for stored, _, _ in self.stored):
            raise ObjectExistsError(key)
        content = body if isinstance(body, bytes) else body.read()
        self.stored.append((key, content, content_type))
        return ObjectHead(bucket, key, f"v{len(self.stored)}", "e", len(content), NOW)

    async def get(self, bucket: str, key: str) -> bytes:
        self._answer()
        found = [body for stored, body, _ in self.stored if stored == f"{bucket}/{key}"]
        if not found:
            raise ObjectMissingError(key)
        return found[-1]

    async def caller(self, key_sha256: str) -> Caller | None:
        self._answer()
        for key in self.persons.keys.values():
            named = self.persons.named(key)
            if named and hashlib.sha256(key.encode()).hexdigest() == key_sha256:
                return Caller(None, *named)
        return Caller(self.keys[key_sha256]) if key_sha256 in self.keys else None

    def add_person(self, name: str, *roles: Role) -> str:
        """Add a person; return its key."""
        key = f"cyk_{name}"
        self.persons.keys[name] = key
        self.persons.everybody[name] = Person(
            name=name, roles=list(roles), added_by="test", added_at=NOW
        )
        return key

    async def sources(self) -> list[SourceStatus]:
        return [self._status(self.known[name]) for name in sorted(self.known)]

    async def source(self, name: str) -> SourceStatus | None:
        self._answer()
        return self._status(self.known[name]) if name in self.known else None

    async def shapes(self, name: str) -> list[KnownShape]:
        return self.known_shapes.get(name, [])

    async def add(self, wanted: Source, *, api_key: str) -> Source | None:
        if wanted.name in self.known:
            return None
        self.known[wanted.name] = wanted
        await self.add_key(wanted.name, api_key=api_key)
        return wanted

    async def change(self, wanted: Source) -> Source | None:
        old = self.known.get(wanted.name)
        if old is None or old == wanted.model_copy(update={"revision": old.revision}):
            return old
        revision = old.revision + (old.reading != wanted.reading)
        self.known[wanted.name] = wanted.model_copy(update={"revision": revision})
        return self.known[wanted.name]

    async def add_key(self, source: str, *, api_key: str) -> bool:
        if source in self.known:
            self.keys[hashlib.sha256(api_key.encode()).hexdigest()] = source
        return source in self.known

    async def files(self, wanted: Wanted) -> list[FileLine]:
        self._answer()
        self.asked.append(wanted)
        found = (line for line in self.lines if _is_wanted(line, wanted))
        newest = sorted(found, key=lambda line: (line.received_at, line.object_id), reverse=True)
        return newest[: wanted.limit]

    async def history(self, object_id: UUID) -> FileHistory | None:
        self._answer()
        return self.histories.get(object_id)

    async def open_runs(self) -> dict[str, int]:
        self._answer()
        return {"landed": 3}

    async def faults(self) -> dict[str, str]:
        return {"store": "no answer"} if self.is_away else {}

    def _status(self, known: Source) -> SourceStatus:
        own = (line.received_at for line in self.lines if line.source == known.name)
        last = max(own, default=None)
        late = is_late(known.freshness_hours, last or REGISTERED, now=NOW)
        return SourceStatus(**known.model_dump(), last_received_at=last, is_late=late)

    def _answer(self) -> None:
        if self.is_away:
            raise Retryable("away")


def _is_wanted(line: FileLine, wanted: Wanted) -> bool:
    return (
        wanted.source in {None, line.source}
        and wanted.key in {None, line.key}
        and wanted.state in {None, line.state}
        and (wanted.after is None or (line.received_at, line.object_id) < wanted.after)
    )
