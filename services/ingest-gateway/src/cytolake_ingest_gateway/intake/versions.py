"""Object versions as intake knows them: seen in the store, held in the ledger, to be entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cytolake_contracts import SourceRef
from cytolake_contracts.identity import object_id, source_of
from cytolake_ingest_gateway.lifecycle import State

Address = tuple[str, str]
"""Bucket and key: the logical file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One version as intake's own HEAD and reading found it; no hash: it had vanished."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    content_type: str | None
    last_modified: datetime
    content_sha256: str | None
    dropped_by: str | None = None
    """The person who uploaded it; None: its source itself."""

    @property
    def address(self) -> Address:
        return (self.bucket, self.key)

    @property
    def source(self) -> str:
        """The source that the key names."""
        return source_of(self.key)

    @property
    def object_id(self) -> UUID:
        version = self.version_id
        if version == "null":  # a bucket without versions: what else tells overwrites apart
            version = f"{self.etag} {self.last_modified.isoformat()}"
        return object_id(self.bucket, self.key, version)


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered source; a changed one has a higher revision."""

    ref: SourceRef
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A registered version: what later versions are compared with."""

    object_id: UUID
    address: Address
    object_seq: int
    source: str
    source_revision: int | None
    content_sha256: str
    received_at: datetime
    duplicate_of: UUID | None = None
    original_address: Address
    """Where the object lies whose rows stand for these bytes: its own, or its original's."""
    is_refused: bool = False
    """Its original ended `rejected`: there are no rows that a duplicate could point to."""

    @property
    def original(self) -> UUID:
        return self.duplicate_of or self.object_id

    def is_same_as(self, other: Held) -> bool:
        """Whether both are the same bytes of the same source registration."""
        return (self.content_sha256, self.source, self.source_revision) == (
            other.content_sha256,
            other.source,
            other.source_revision,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The part of the ledger that decides about a batch of sightings."""

    sources: Mapping[str, Registration]
    registered: frozenset[UUID] = frozenset()
    """Those of the sighted objects that are in the ledger already."""
    heads: tuple[Held, ...] = ()
    """The newest versions of: every sighted key; every key whose newest version has the
    bytes of a sighting; every key whose newest version duplicates an original on a sighted
    key."""
    parsed: frozenset[Address] = frozenset()
    """Those of the sighted keys that have a run, that is, may have rows."""
    elsewhere: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By content: the sources that hold the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObject:
    """A row for the ledger."""

    sighting: Sighting
    object_seq: int | None
    source_revision: int | None
    received_at: datetime
    state: State
    duplicate_of: UUID | None = None
    reason_code: str | None = None
    message: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A first run to be opened, with the source as it is now."""

    object_id: UUID
    source: SourceRef
    reason: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """To be carried out in this order: objects, repointed (object, its original), openings."""

    objects: tuple[NewObject, ...]
    repointed: tuple[tuple[UUID, UUID], ...]
    openings: tuple[Opening, ...]
