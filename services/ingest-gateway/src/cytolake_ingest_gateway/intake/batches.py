"""Work on a batch so that one bad item does not take the others down with it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from cytolake_runtime import Retryable

log = logging.getLogger(__name__)


def forgiving[T, R](
    work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
) -> Callable[[list[T]], Awaitable[Sequence[R | Exception]]]:
    """Return `work` for a coalescer: a batch that fails is done again item by item.

    A Retryable concerns all of them (the database is away) and is raised as it is.
    """

    async def each_its_own(items: list[T]) -> Sequence[R | Exception]:
        try:
            return await work(items)
        except Retryable:
            raise
        except Exception:
            if len(items) == 1:
                raise
            log.exception("a batch of %d failed: now one by one", len(items))
            return [await _alone(work, item) for item in items]

    return each_its_own


async def _alone[T, R](
    work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], item: T
) -> R | Exception:
    try:
        return (await work([item]))[0]
    except Exception as error:  # noqa: BLE001 - its own message is told, and settles it
        return error
