"""Work on many messages at once while each is acknowledged by itself.

Idle, an item is worked on at once; busy, what arrives meanwhile is gathered and worked
on together. Where a batch has a cost of its own, `linger_seconds` gathers a little longer
while items come fast, and no longer than they do. (FastStream's own batches wait to fill,
and ack or nack the list as one.)
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

BUSY_PER_SECOND = 6
QUIET_SECONDS = 0.25
"""No item for so long: those that were to come have come."""


class Coalescer[T, R]:
    """Call it with one item; `work` gets lists and answers one result or exception per item."""

    def __init__(
        self,
        work: Callable[[list[T]], Awaitable[Sequence[R | Exception]]],
        *,
        max_items: int = 30,
        linger_seconds: float = 0.0,
    ) -> None:
        """Keep `work`; it is never called twice at once.

        Up to `linger_seconds` are waited before a batch, but only while `BUSY_PER_SECOND` items
        or more came within the last second, and until none came for `QUIET_SECONDS`.
        """
        self._work = work
        self._max_items = max_items
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._linger_seconds = linger_seconds
        self._arrivals: deque[float] = deque(maxlen=BUSY_PER_SECOND)
        self._arrived = asyncio.Event()
        self._drainer: asyncio.Task[None] | None = None

    async def __call__(self, item: T) -> R:
        """Return the item's own result, or raise its own exception."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._arrivals.append(future.get_loop().time())
        self._arrived.set()
        if self._drainer is None or self._drainer.done():
            self._drainer = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        await asyncio.sleep(0)  # let siblings that were woken with us join
        while self._waiting:
            await self._linger()
            count = min(self._max_items, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
            results = await self._outcome([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)

    async def _linger(self) -> None:
        if not self._linger_seconds or not self._is_busy():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._linger_seconds):
                while len(self._waiting) < self._max_items:
                    self._arrived.clear()
                    async with asyncio.timeout(QUIET_SECONDS):
                        await self._arrived.wait()

    def _is_busy(self) -> bool:
        now = asyncio.get_running_loop().time()
        arrivals = self._arrivals
        return len(arrivals) == BUSY_PER_SECOND and now - arrivals[0] < 1.0

    async def _outcome(self, items: list[T]) -> Sequence[R | Exception]:
        try:
            return await self._work(items)
        except Exception as error:  # noqa: BLE001 - every caller is told, each decides
            return [error] * len(items)


def _settle[R](future: asyncio.Future[R], result: R | Exception) -> None:
    if future.done():  # its message was cancelled meanwhile
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
