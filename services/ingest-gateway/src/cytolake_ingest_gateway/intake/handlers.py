"""Look at what a notification points to, register it, announce what is to be parsed.

Consumes   store.>        notifications as the store (or the bridge) puts them
Publishes  file.landed    contracts/events/file.landed.v1.schema.json, by way of the ledger

A notification is a hint: what is registered is what intake's own listing and reading
find. Acknowledged once the ledger holds it; from there the ledger sees to the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cytolake_ingest_gateway.intake.notification import Sign, signs
from cytolake_ingest_gateway.intake.versions import Sighting
from cytolake_ingest_gateway.people import DROPPED_BY
from cytolake_runtime import ObjectMissingError, RawMessage, Retryable
from cytolake_runtime.store import ObjectHead

log = logging.getLogger(__name__)
LOOKS = 3
"""How often an object that is not there is looked for before it counts as vanished."""
Version = tuple[str, str, str]
"""Bucket, key, version id."""
Unregistered = Callable[[Sequence[Version]], Awaitable[set[Version]]]
"""Tells which versions the ledger does not hold yet; raises Retryable while it is away."""


class Store(Protocol):
    """The inbound bucket; raises ObjectMissingError, and Retryable while the store is away."""

    async def versions(self, bucket: str, key: str) -> Sequence[ObjectHead]:
        """Return all versions of exactly this key, newest first."""
        ...

    async def hashed(
        self, bucket: str, key: str, version_id: str | None = None
    ) -> tuple[ObjectHead, str]:
        """Return one version's head and the SHA-256 of its content, in hex."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the handler needs: `app.py` passes the real ones, tests pass fakes."""

    bucket: str
    store: Store
    unregistered: Unregistered
    enter: Callable[[list[Sighting]], Awaitable[list[UUID]]]
    """Register one key's versions, oldest first; return the runs to be announced."""
    announce: Callable[[Sequence[UUID]], Awaitable[int]]

    async def on_notification(self, message: RawMessage) -> None:
        """Register everything that the notification points to, older versions first."""
        for sign in signs(message.body):
            if sign.bucket == self.bucket and not sign.key.endswith("/"):
                await self.look(sign, look=message.deliveries, told_at=message.time)

    async def look(self, sign: Sign, *, look: int = LOOKS, told_at: datetime) -> None:
        """Register the version and every older one of its key that is not registered yet."""
        up_to = _up_to(await self.store.versions(sign.bucket, sign.key), sign)
        if not up_to:
            await self._enter([await self._unlisted(sign, look=look, told_at=told_at)])
            return
        news = await self.unregistered([version_of(head) for head in up_to])
        found = [self._sighted(head) for head in up_to if version_of(head) in news]
        if found:
            await self._enter(list(await asyncio.gather(*found)))

    async def _sighted(self, listed: ObjectHead) -> Sighting:
        try:
            head, content = await self.store.hashed(*version_of(listed))
        except ObjectMissingError:
            return _sighting(listed, None)
        return _sighting(head, content)

    async def _unlisted(self, sign: Sign, *, look: int, told_at: datetime) -> Sighting:
        if look < LOOKS:
            raise Retryable(f"{sign.key!r} is not listed yet")
        version_id = sign.version_id or "null"
        gone = ObjectHead(sign.bucket, sign.key, version_id, "", 0, told_at)
        return await self._sighted(gone)

    async def _enter(self, sightings: list[Sighting]) -> None:
        runs = await self.enter(sightings)
        if not runs:
            return
        try:
            await self.announce(runs)
        except Retryable as fault:  # the ledger holds the runs: the sweep announces them
            log.info("left to the sweep: %s", fault)


def _up_to(listed: Sequence[ObjectHead], sign: Sign) -> list[ObjectHead]:
    """Return the version of the sign and all older ones, oldest first; none if not listed."""
    places = [i for i, head in enumerate(listed) if head.version_id == sign.version_id]
    start = 0 if sign.version_id is None else next(iter(places), len(listed))
    return list(reversed(listed[start:]))


def version_of(head: ObjectHead) -> Version:
    return (head.bucket, head.key, head.version_id)


def _sighting(head: ObjectHead, content_sha256: str | None) -> Sighting:
    return Sighting(
        bucket=head.bucket,
        key=head.key,
        version_id=head.version_id,
        etag=head.etag,
        size_bytes=head.size_bytes,
        content_type=head.content_type,
        last_modified=head.last_modified,
        content_sha256=content_sha256,
        dropped_by=head.metadata.get(DROPPED_BY),
    )
