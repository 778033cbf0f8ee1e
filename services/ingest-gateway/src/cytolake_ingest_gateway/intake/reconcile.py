"""Find what no notification told of: the bucket's listing, held against the register.

The bucket is looked through in a rolling cycle, a few pages a round; once it is larger than
that, the hot prefixes in every round too: `<source>/yyyy/mm/dd/` of today and yesterday, of a
LIMS also those of each stream that was ever pulled, and the streams that come whole.
Wholly at start, and when the notifications' stream was created anew: some were lost then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

from cytolake_contracts.identity import LIMS, WHOLE
from cytolake_ingest_gateway.intake.handlers import Unregistered, version_of
from cytolake_ingest_gateway.intake.notification import Sign
from cytolake_runtime import Retryable
from cytolake_runtime.store import ObjectHead, VersionsPage

log = logging.getLogger(__name__)
_AT_ONCE = 16
HOT = 100
"""So many prefixes a round, of each kind."""
Marker = tuple[str, str]


class Listing(Protocol):
    """The bucket, page by page; raises Retryable while the store is away."""

    async def versions_page(
        self, bucket: str, *, prefix: str = "", marker: Marker | None = None
    ) -> VersionsPage:
        """Return the versions after `marker`, by key, each key's newest first."""
        ...

    async def names(self, bucket: str, prefix: str) -> tuple[list[str], list[str]]:
        """Return the keys and the folders (with `/` at their end) right below the prefix."""
        ...


class StreamMemory(Protocol):
    """What was known of the streams when everything was last looked through."""

    async def remembered(self) -> dict[str, datetime]:
        """Return by stream its creation time."""
        ...

    async def remember(self, name: str, created_at: datetime) -> None:
        """Keep the creation time of the stream."""
        ...

    async def source_names(self) -> list[str]:
        """Return the registered sources."""
        ...


@dataclass(slots=True, kw_only=True)
class Reconciliation:
    """The rounds; `marker` is where the rolling cycle stands."""

    bucket: str
    store: Listing
    unregistered: Unregistered
    look: Callable[[Sign], Awaitable[None]]
    memory: StreamMemory
    stream_created_at: Callable[[], Awaitable[datetime]]
    stream: str
    pages: int = 1
    grace_seconds: float = 5.0
    marker: Marker | None = field(default=None, init=False)
    is_started: bool = field(default=False, init=False)

    async def round(self) -> int:
        """Look at the hot prefixes and the next pages; at everything at first and after a loss."""
        created_at = await self.stream_created_at()
        is_known = (await self.memory.remembered()).get(self.stream) == created_at
        if self.is_started and is_known:
            return await self._next_pages()
        found = await self.whole()
        await self.memory.remember(self.stream, created_at)
        self.is_started = True
        return found

    async def whole(self) -> int:
        """Look through the whole bucket, hot prefixes first; return how many were found."""
        found = await self._hot()
        marker: Marker | None = None
        while True:
            more, marker = await self._page("", marker)
            found += more
            if marker is None:
                return found

    async def _hot(self) -> int:
        sources = await self.memory.source_names()
        streams = [stream for name in sources for stream in await self._streams(name)]
        whole = [f"{stream}/{WHOLE}." for stream in streams]
        prefixes = hot_prefixes([*sources, *streams], datetime.now(UTC)) + whole[:HOT]
        return sum([(await self._page(prefix, None))[0] for prefix in prefixes])

    async def _streams(self, source: str) -> list[str]:
        """Return where a LIMS's pulls lie: its folders that are no years."""
        if not source.startswith(LIMS):
            return []
        _, folders = await self.store.names(self.bucket, f"{source}/")
        return [f"{source}/{name[:-1]}" for name in folders if not name[:-1].isdigit()]

    async def _next_pages(self) -> int:
        found, begun_at = 0, self.marker
        for _ in range(self.pages):
            more, self.marker = await self._page("", self.marker)
            found += more
            if self.marker is None:
                break
        if begun_at is None and self.marker is None:
            return found  # the whole bucket: nothing is hotter than that
        return found + await self._hot()

    async def _page(self, prefix: str, marker: Marker | None) -> tuple[int, Marker | None]:
        page = await self.store.versions_page(self.bucket, prefix=prefix, marker=marker)
        # What has just been stored is being told of; it is our turn if nobody told.
        before = datetime.now(UTC) - timedelta(seconds=self.grace_seconds)
        settled = [head for head in page.versions if head.last_modified < before]
        missed = await self._missed(settled)
        for start in range(0, len(missed), _AT_ONCE):
            # Asked again: while the first were looked at, notifications told of others.
            now = await self._missed(missed[start : start + _AT_ONCE])
            await asyncio.gather(*map(self._seen, newest_of_each_key(now)))
        return len(newest_of_each_key(missed)), page.marker

    async def _missed(self, heads: Sequence[ObjectHead]) -> list[ObjectHead]:
        missed = await self.unregistered([version_of(head) for head in heads])
        return [head for head in heads if version_of(head) in missed]

    async def _seen(self, sign: Sign) -> None:
        log.info("found without a notification: %s", sign.key)
        try:
            await self.look(sign)
        except Retryable:
            raise
        except Exception:  # one bad object must not hide all those that come after it
            log.exception("cannot register %s %s", sign.key, sign.version_id)


def hot_prefixes(sources: Iterable[str], now: datetime, *, limit: int = HOT) -> list[str]:
    """Return where files of today and yesterday lie, today's first."""
    days = (now, now - timedelta(days=1))
    prefixes = (f"{source}/{day:%Y/%m/%d}/" for day in days for source in sources)
    return list(islice(prefixes, limit))


def newest_of_each_key(versions: Iterable[ObjectHead]) -> list[Sign]:
    """Return one sign per key, its newest version: looking at it registers the older ones."""
    newest: dict[str, Sign] = {}
    for head in versions:
        newest.setdefault(head.key, Sign(head.bucket, head.key, head.version_id))
    return [sign for sign in newest.values() if not sign.key.endswith("/")]
