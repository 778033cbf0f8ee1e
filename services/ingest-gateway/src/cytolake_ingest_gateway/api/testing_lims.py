"""LIMS, their webhooks and fetches in memory, for tests."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from cytolake_ingest_gateway.api.source_models import Source
from cytolake_ingest_gateway.api.webhooks.asking import Answer, NotAnsweredError
from cytolake_ingest_gateway.api.webhooks.models import (
    KeyAdded,
    KeyLine,
    Lims,
    LimsDetail,
    LimsSettings,
)
from cytolake_ingest_gateway.api.webhooks.ports import Claim, Known, NewSecrets
from cytolake_ingest_gateway.api.webhooks.thin import Pointer

ADDED = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(slots=True)
class MemoryHeld:
    """Port `Held`."""

    claim: Claim
    object_id: UUID | None = None
    is_stored: bool = False
    pointer: Pointer | None = None

    @property
    def key(self) -> str:
        return self.claim.key

    @property
    def content_sha256(self) -> str:
        return self.claim.content_sha256

    async def take_over(self, key: str, content_sha256: str) -> None:
        self.claim = replace(self.claim, key=key, content_sha256=content_sha256)

    async def mark_stored(self, object_id: UUID | None, pointer: Pointer | None) -> None:
        self.object_id, self.pointer, self.is_stored = object_id, pointer, True


@dataclass(slots=True)
class MemoryLims:
    """Ports `LimsBook` and `Deliveries`."""

    registered: dict[str, LimsSettings] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    keys: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, str] = field(default_factory=dict)
    held_rows: dict[tuple[str, str], MemoryHeld] = field(default_factory=dict)
    locks: dict[tuple[str, str], asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def known(self, name: str) -> Known | None:
        found = self.registered.get(name)
        return None if found is None else Known(name, found, tuple(self.keys[name]))

    async def all_lims(self) -> list[Lims]:
        found = [await self.detail(name) for name in sorted(self.registered)]
        return [Lims(**one.model_dump()) for one in found if one is not None]

    async def detail(self, name: str) -> LimsDetail | None:
        if name not in self.registered:
            return None
        own = [row for (lims, _), row in self.held_rows.items() if lims == name]
        keys = [
            KeyLine(key_id=UUID(key_id), added_by="test", added_at=ADDED)
            for key_id, _ in self.keys[name]
        ]
        return LimsDetail(
            **self.registered[name].model_dump(),
            name=name,
            source=f"lims/{name}",
            webhook_path=f"/v1/webhooks/{name}",
            added_by="test",
            added_at=ADDED,
            keys=keys,
            stored_webhooks=sum(row.is_stored for row in own),
            unfinished_webhooks=sum(not row.is_stored for row in own),
        )

    async def add_lims(
        self, name: str, settings: LimsSettings, source: Source, secrets: NewSecrets, *, by: str
    ) -> bool:
        if name in self.registered:
            return False
        self.registered[name], self.sources[source.name] = settings, source
        if secrets.key is not None:
            await self.add_lims_key(name, secrets.key, by=by)
        if secrets.fetch_token is not None:
            self.tokens[name] = secrets.fetch_token
        return True

    async def change_lims(
        self,
        name: str,
        settings: LimsSettings,
        *,
        fetch_token: str | None,
        by: str,  # noqa: ARG002
    ) -> bool:
        self.registered[name] = settings
        self.tokens |= {name: fetch_token} if fetch_token else {}
        return True

    async def add_lims_key(self, name: str, key: str, *, by: str) -> KeyAdded:  # noqa: ARG002
        key_id = uuid4()
        self.keys[name].insert(0, (str(key_id), key))
        return KeyAdded(key_id=key_id, valid_keys=len(self.keys[name]))

    async def retire_older_keys(self, name: str) -> int:
        ended = len(self.keys[name]) - 1
        del self.keys[name][1:]
        return ended

    async def retry_fetches(self, name: str) -> int:
        return sum(bool(row.pointer) for (lims, _), row in self.held_rows.items() if lims == name)

    @asynccontextmanager
    async def held(self, claim: Claim) -> AsyncIterator[MemoryHeld]:
        address = (claim.lims, claim.webhook_id)
        row = self.held_rows.setdefault(address, MemoryHeld(claim))
        async with self.locks[address]:
            yield row


@dataclass(slots=True)
class MemoryWeb:
    """Port `Ask`: what each address answers, and what was asked of it."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def says(
        self, url: str, body: bytes, *, status: int = 200, kind: str = "application/json"
    ) -> None:
        """Let an address answer so."""
        self.answers[url] = Answer(status, kind, "", body)

    async def __call__(
        self,
        url: str,
        *,
        most_bytes: int,  # noqa: ARG002
        authorization: str | None = None,
    ) -> Answer:
        self.asked.append((url, authorization))
        if url not in self.answers:
            raise NotAnsweredError("It does not answer (ConnectError).")
        return self.answers[url]
