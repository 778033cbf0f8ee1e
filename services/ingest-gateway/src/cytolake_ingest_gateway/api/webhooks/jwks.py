"""Key sets kept for some hours, asked for again when nothing of them fits, never in a flood."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cytolake_ingest_gateway.api.webhooks.asking import Ask, NotAnsweredError
from cytolake_ingest_gateway.api.webhooks.keys import KeyRefusedError, VerifyingKey, jwks_keys
from cytolake_runtime import Retryable

FRESH_SECONDS = 6 * 3600
"""Benchling asks for no more than six hours between two looks."""
LONGEST_SECONDS = 24 * 3600
"""Keys are believed for so long while their address does not answer."""
APART_SECONDS = 30.0
"""Between two looks: whoever sends rubbish must not make us ask each time."""
_MOST_BYTES = 262_144
_OK = 200
Keys = tuple[VerifyingKey, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    keys: Keys = ()
    fetched_at: float | None = None
    looked_at: float | None = None
    fault: str = field(default="")


class KeySets:
    """The key sets of all LIMS, by address."""

    def __init__(self, ask: Ask, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._sets: dict[str, _Set] = defaultdict(_Set)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def keys(self, url: str) -> Keys:
        """Return the keys, asked for where they are hours old; raise Retryable without any."""
        async with self._locks[url]:
            if self._age(url) > FRESH_SECONDS:
                await self._look(url)
            if self._age(url) > LONGEST_SECONDS:
                raise Retryable(f"no keys from {url}: {self._sets[url].fault}")
            return self._sets[url].keys

    async def newer(self, url: str, than: Keys) -> Keys | None:
        """Return the keys as they are now; None where they are `than`.

        Raises Retryable where they cannot be had: what no key fits may be signed by a new one.
        """
        async with self._locks[url]:
            if self._sets[url].keys is than:
                await self._look(url)
            now = self._sets[url]
            if now.fault:
                raise Retryable(f"no newer keys from {url}: {now.fault}")
            return None if now.keys is than else now.keys

    def _age(self, url: str) -> float:
        fetched_at = self._sets[url].fetched_at
        return float("inf") if fetched_at is None else self._clock() - fetched_at

    async def _look(self, url: str) -> None:
        known, now = self._sets[url], self._clock()
        if known.looked_at is not None and now - known.looked_at < APART_SECONDS:
            return
        try:
            answer = await self._ask(url, most_bytes=_MOST_BYTES)
            if answer.status != _OK:
                raise NotAnsweredError(f"It answers {answer.status}.")  # noqa: TRY301
            self._sets[url] = _Set(jwks_keys(answer.body), now, now)
        except (NotAnsweredError, KeyRefusedError) as error:
            self._sets[url] = replace(known, looked_at=now, fault=str(error))
