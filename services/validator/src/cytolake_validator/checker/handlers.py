"""Check the tables after builds, and make data docs of every result, when there is time for it.

Consumes   lake.built          the runs and slices to look at, once the marts show the build
           file.quarantined    a result that no build follows
Publishes  nothing             what was found lies in the store: JSON as evidence, pages in `docs`

No file waits for this: what comes while a round goes on, or rests, is the next round's, together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from cytolake_contracts import FileQuarantined, LakeBuilt
from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime import Coalescer, Retryable
from cytolake_validator.checker.checks import (
    Found,
    Judge,
    Slices,
    document_of,
    result_keys,
    wanted,
)
from cytolake_validator.checker.library import Library, Shelf
from cytolake_validator.checker.pace import Pace
from cytolake_validator.pages.document import Verdict, read_result

MOST_TOGETHER = 200
log = logging.getLogger(__name__)

Item = LakeBuilt | str
"""A build, or the key of a result without one."""


class Tables(Protocol):
    """The lake and the marts, to read. Every method raises Retryable while one is away."""

    async def applied(self, builds: Collection[UUID]) -> set[UUID]:
        """Return those of these `lake.built` events that the marts show."""
        ...

    async def read(self, slices: Slices, *, snapshot_id: int) -> Found:
        """Return the rows of the slices: of the lake at the snapshot, of the marts as they are."""
        ...


class Judging(Protocol):
    """Great Expectations, or what stands in for it."""

    engine: str

    @property
    def is_ready(self) -> bool:
        """Whether `ready` answers at once."""
        ...

    async def ready(self) -> Judge:
        """Return the judge; slow the first time."""
        ...


@dataclass(slots=True, kw_only=True)
class Checking:
    """What the handlers need: `app.py` passes the real ones, tests pass fakes."""

    shelf: Shelf
    library: Library
    tables: Tables
    judging: Judging
    contracts: Mapping[str, DatasetContract]
    pace: Pace
    _together: Coalescer[Item, None] = field(init=False)

    def __post_init__(self) -> None:
        """Gather what comes between two rounds."""
        self._together = Coalescer(self._round, max_items=MOST_TOGETHER)

    async def on_lake_built(self, event: LakeBuilt) -> None:
        """Return once the build was looked at; Retryable while the marts do not show it."""
        self.pace.arrived()
        await self._together(event)

    async def on_file_quarantined(self, event: FileQuarantined) -> None:
        """Return once the page of its result is there; a file that was not read has none."""
        self.pace.arrived()
        if event.data.result_key:
            await self._together(event.data.result_key)

    async def _round(self, items: list[Item]) -> Sequence[Exception | None]:
        await self.pace.rest()
        builds = [item for item in items if isinstance(item, LakeBuilt)]
        shown = await self.tables.applied({build.id for build in builds}) if builds else set()
        ready = [build for build in builds if build.id in shown]
        # Pages first: a table that cannot be checked, which is a bug, must not keep them away.
        held = [item for item in items if isinstance(item, str)]
        await self._show([*held, *result_keys(ready)])
        await self._show(await self._check(ready))
        return [self._answer(item, shown) for item in items]

    async def _show(self, keys: Sequence[str]) -> None:
        await self.library.index(await self.library.add(dict.fromkeys(keys)))

    @staticmethod
    def _answer(item: Item, shown: set[UUID]) -> Exception | None:
        if isinstance(item, str) or item.id in shown:
            return None
        return Retryable(f"the marts do not show build {item.data.build_no} yet")

    async def _check(self, builds: Sequence[LakeBuilt]) -> list[str]:
        """Look at what the builds made anew; return the keys of the results."""
        kept = []
        for slices in wanted(builds, self.contracts) if builds else ():
            snapshot_id = max(build.data.snapshot_id for build in builds)
            found = await self.tables.read(slices, snapshot_id=snapshot_id)
            if found.rows.num_rows == 0:
                continue
            if not self.judging.is_ready:
                await self.pace.before_something_big()
            judge = await self.judging.ready()
            key, document = await asyncio.to_thread(
                document_of, slices, found, builds, judge, engine=self.judging.engine
            )
            await self.shelf.keep(key, document)
            _tell(key, document)
            kept.append(key)
        return kept


def _tell(key: str, document: bytes) -> None:
    result = read_result(document)
    if result.verdict is Verdict.BROKEN:
        rules = "; ".join(rule.description for rule in result.broken if rule.blocks)
        log.error("%s %s breaks its contract: %s (%s)", result.stage, result.dataset, rules, key)
