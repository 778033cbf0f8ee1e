"""Carry out what people decided: portion after portion, each announced before the next."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from cytolake_runtime import Retryable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryingOut:
    """Rounds over the recorded decisions."""

    step: Callable[[], Awaitable[list[UUID] | None]]
    """Open the runs of the next portion and return them; None when there is nothing (now)."""
    announce: Callable[[Sequence[UUID]], Awaitable[int]]

    async def round(self) -> int:
        """Do all there is to do now; return how many runs were opened."""
        opened = 0
        while (runs := await self._next()) is not None:
            opened += len(runs)
            if runs:
                await self._announced(runs)
        return opened

    async def _next(self) -> list[UUID] | None:
        try:
            return await self.step()
        except Retryable:
            raise
        except Exception:  # a decision that breaks must not keep files from being registered
            log.exception("decisions are not carried out: tried again in a moment")
            return None

    async def _announced(self, runs: list[UUID]) -> None:
        try:
            await self.announce(runs)
        except Retryable as fault:  # the ledger holds the runs: the sweep announces them
            log.info("left to the sweep: %s", fault)
