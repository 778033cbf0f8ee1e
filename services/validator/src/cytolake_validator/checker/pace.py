"""How long to rest between two rounds of work that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import process_time


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

    def arrived(self) -> None:
        """Take note that there is more to do: files are on their way."""
        self._more_came = True

    def rest_seconds(self) -> float:
        """Return the rest that the work since the last one calls for."""
        spent = self._cpu_seconds() - self._spent
        return min(max(self._shortest, spent / self._share), self._longest)

    async def rest(self) -> None:
        """Wait as long as the last round calls for, or until nothing has come for a while."""
        await self._lull(self.rest_seconds())
        self._spent = self._cpu_seconds()

    async def before_something_big(self) -> None:
        """Wait until nothing has come for a while, as long as the longest rest at most."""
        await self._lull(self._longest)

    async def _lull(self, at_most: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + at_most
        while (left := end - loop.time()) > 0:
            self._more_came = False
            await asyncio.sleep(min(left, self._shortest))
            if not self._more_came:
                return
