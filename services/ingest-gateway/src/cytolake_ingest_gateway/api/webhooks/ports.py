"""What the routes of webhooks need of the ledger and of the outside; all raise Retryable."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cytolake_ingest_gateway.api.source_models import Source
from cytolake_ingest_gateway.api.webhooks.models import (
    FetchSettings,
    KeyAdded,
    Lims,
    LimsDetail,
    LimsSettings,
)
from cytolake_ingest_gateway.api.webhooks.signatures import Delivery
from cytolake_ingest_gateway.api.webhooks.thin import Pointer


@dataclass(frozen=True, slots=True)
class Known:
    """A LIMS as it is needed to judge a webhook."""

    name: str
    settings: LimsSettings
    keys: tuple[tuple[str, str], ...] = field(repr=False)
    """Id and text of each key that is valid now, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A verified webhook, about to be stored."""

    lims: str
    webhook_id: str
    key: str
    content_sha256: str
    key_id: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecrets:
    """What is kept for a LIMS beside its settings."""

    key: str | None = field(default=None, repr=False)
    fetch_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A resource to fetch now."""

    fetch_id: int
    lims: str
    url: str
    resource: str
    attempts: int
    settings: FetchSettings | None
    """None: nothing is fetched from it any more."""
    token: str | None = field(repr=False)


class LimsBook(Protocol):
    """The registered LIMS and their keys."""

    async def known(self, name: str) -> Known | None:
        """Return the LIMS with its valid keys."""
        ...

    async def all_lims(self) -> list[Lims]:
        """Return every LIMS by name."""
        ...

    async def detail(self, name: str) -> LimsDetail | None:
        """Return one LIMS, its keys without their values, and what is under way."""
        ...

    async def add_lims(
        self, name: str, settings: LimsSettings, source: Source, secrets: NewSecrets, *, by: str
    ) -> bool:
        """Register it with its source and keys at once; False, changing nothing, if it is known."""
        ...

    async def change_lims(
        self, name: str, settings: LimsSettings, *, fetch_token: str | None, by: str
    ) -> bool:
        """Set how it signs and what may be fetched; a token takes the place of the old one."""
        ...

    async def add_lims_key(self, name: str, key: str, *, by: str) -> KeyAdded:
        """Add a key to those that are valid."""
        ...

    async def retire_older_keys(self, name: str) -> int:
        """End every key but the newest; return how many."""
        ...

    async def retry_fetches(self, name: str) -> int:
        """Let what failed, was refused or given up be fetched now; return how much."""
        ...


class Held(Protocol):
    """One webhook's row, locked: whoever holds it is alone with it."""

    @property
    def key(self) -> str:
        """Where it is or will be stored."""
        ...

    @property
    def content_sha256(self) -> str:
        """The digest of what was claimed first under this id."""
        ...

    @property
    def is_stored(self) -> bool:
        """Whether its object is there."""
        ...

    @property
    def object_id(self) -> UUID | None:
        """Its object, where it is known."""
        ...

    async def take_over(self, key: str, content_sha256: str) -> None:
        """Let the claim be for this content: the first was never answered."""
        ...

    async def mark_stored(self, object_id: UUID | None, pointer: Pointer | None) -> None:
        """Note that the object is there, and what is to be fetched, in one transaction."""
        ...


class Deliveries(Protocol):
    """The webhooks that were taken."""

    def held(self, claim: Claim) -> AbstractAsyncContextManager[Held]:
        """Claim the id, durably, before the block; lock its row within; commit at its end."""
        ...


class Judge(Protocol):
    """Tells whether a webhook is its LIMS's own."""

    async def delivery(
        self, known: Known, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Delivery:
        """Return what was delivered; raise SignatureRefusedError."""
        ...


class Fetches(Protocol):
    """What thin events left to be fetched."""

    async def due(self) -> list[str]:
        """Return the LIMS of which something is to be fetched now."""
        ...

    async def next_of(self, lims: str) -> Work | None:
        """Take the next one of this LIMS, so that nobody else does for some minutes."""
        ...

    async def fetched(self, fetch_id: int, key: str) -> None:
        """Note where it is stored."""
        ...

    async def failed(self, fetch_id: int, message: str, *, delay_seconds: float | None) -> None:
        """Note why not, and when to try again; None: never by itself."""
        ...
