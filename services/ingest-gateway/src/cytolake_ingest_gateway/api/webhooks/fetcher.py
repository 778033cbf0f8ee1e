"""Fetch what thin events point to, beside the requests: one LIMS never waits for another.

The queue is a table; an event that was stored has its row. Whoever takes a row has it for some
minutes; a process that dies leaves it to the next.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cytolake_ingest_gateway.api.uploads import Inbound
from cytolake_ingest_gateway.api.webhooks.answers import (
    authorization,
    delay_seconds,
    fault,
    fetched_key,
)
from cytolake_ingest_gateway.api.webhooks.asking import Answer, Ask, NotAnsweredError
from cytolake_ingest_gateway.api.webhooks.models import FetchSettings
from cytolake_ingest_gateway.api.webhooks.ports import Fetches, Work
from cytolake_ingest_gateway.api.webhooks.thin import is_allowed
from cytolake_runtime import ObjectExistsError, Retryable

MOST_BYTES = 16_777_216
LOOK_SECONDS = 5.0
"""Between two looks into the queue when nobody says that something is new."""
log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """What fetching needs; `app.py` passes the real ones."""

    queue: Fetches
    ask: Ask
    inbound: Inbound
    bucket: str
    first_delay_seconds: float
    look_seconds: float = LOOK_SECONDS
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def soon(self) -> None:
        """Look into the queue now."""
        self._news.set()

    async def run(self) -> None:
        """Fetch until cancelled."""
        try:
            while True:
                self._news.clear()
                await self._start_due()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self.look_seconds)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_due(self) -> None:
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        try:
            due = await self.queue.due()
        except Retryable as error:
            log.warning("what is to be fetched is not known now: %s", error)
            return
        for lims in set(due) - self._running.keys():
            self._running[lims] = asyncio.create_task(self._drain(lims))

    async def _drain(self, lims: str) -> None:
        try:
            while (work := await self.queue.next_of(lims)) is not None:
                await self.fetch(work)
        except Retryable as error:
            log.warning("fetching from %s is interrupted: %s", lims, error)
        except Exception:
            log.exception("fetching from %s failed by a fault of ours", lims)

    async def fetch(self, work: Work) -> None:
        """Fetch one resource and keep it, or note why not and when to try again."""
        # The list of addresses may have changed since the event came.
        if work.settings is None or not is_allowed(work.url, work.settings.base_urls):
            why = "Its address is not among those that may be fetched from."
            await self.queue.failed(work.fetch_id, why, delay_seconds=None)
            return
        try:
            answer = await self._answer(work, work.settings)
        except NotAnsweredError as error:
            await self._failed(work, str(error))
            return
        if (told := fault(answer)) is not None:
            await self._failed(work, told, retry_after=answer.retry_after)
            return
        key = fetched_key(work.lims, work.resource, answer.body, datetime.now(UTC))
        with suppress(ObjectExistsError):  # the same content, fetched before
            await self.inbound.put(
                self.bucket,
                key,
                answer.body,
                content_type="application/json",
                if_none_match=True,
                metadata={"cytolake-fetched-from": work.url},
            )
        await self.queue.fetched(work.fetch_id, key)

    async def _answer(self, work: Work, settings: FetchSettings) -> Answer:
        header = authorization(settings.authorization, work.token)
        return await self.ask(work.url, most_bytes=MOST_BYTES, authorization=header)

    async def _failed(self, work: Work, why: str, *, retry_after: str = "") -> None:
        delay = delay_seconds(
            work.attempts, first=self.first_delay_seconds, retry_after=retry_after
        )
        log.warning("fetching %s of %s failed: %s", work.url, work.lims, why)
        await self.queue.failed(work.fetch_id, why, delay_seconds=delay)
