"""How long to rest between two rounds of work that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import process_time

from cytolake_runtime import Retryable


class Pace:
    """Rounds one after another, and between them a rest that grows with what they took.

    While builds go on coming the rounds get a share of one processor and no more; once none has
    come for `shortest` seconds the machine is idle and the rest is over.
    """

    def __init__(
        self,
        *,
        shortest: float,
        longest: float,
        share: float,
        cpu_seconds: Callable[[], float] = process_time,
    ) -> None:
        """Begin rested."""
        self._shortest, self._longest, self._share = shortest, longest, share
        self._cpu_seconds = cpu_seconds
        self._spent = cpu_seconds()
        self._more_came = False
        self._ending = asyncio.Event()

    def arrived(self) -> None:
        """Take note that there is more to do: files are on their way."""
        self._more_came = True

    async def until_ended(self) -> None:
        """End every rest, and let none begin, once this is cancelled: the process is to stop."""
        try:
            await asyncio.Event().wait()
        finally:
            self._ending.set()

    def rest_seconds(self) -> float:
        """Return the rest that the work since the last one calls for."""
        spent = self._cpu_seconds() - self._spent
        return min(max(self._shortest, spent / self._share), self._longest)

    async def rest(self) -> None:
        """Wait as long as the last round calls for, or until nothing has come for a while.

        Raises Retryable when the process is to stop: the work is another's, or for another time.
        """
        await self._lull(self.rest_seconds())
        self._spent = self._cpu_seconds()

    async def before_something_big(self) -> None:
        """Wait until nothing has come for a while, as long as the longest rest at most.

        Raises Retryable as `rest` does.
        """
        await self._lull(self._longest)

    async def _lull(self, at_most: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + at_most
        while (left := end - loop.time()) > 0:
            self._more_came = False
            await self._pause(min(left, self._shortest))
            if not self._more_came:
                return

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return
        raise Retryable("the checker is to stop")
