"""Replace the slices that a build of the lake rebuilt, and say so.

Consumes   lake.built    contracts/events/lake.built.v1.schema.json
Publishes  mart.loaded   one for each build, also where no row changed

Builds that wait together are loaded together: the union of their slices at the newest
snapshot, one transaction. What that transaction records answers a build that is told again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import pyarrow as pa

from cytolake_contracts import LakeBuilt, MartChange, MartLoaded, SliceSet
from cytolake_contracts.datasets import DatasetContract
from cytolake_mart_loader.slices import Written, as_of, attributed, union
from cytolake_runtime import Coalescer, Publish, Retryable

Changes = Mapping[str, MartChange]


class Lake(Protocol):
    """The marts in DuckLake, to be read."""

    def read(
        self, contract: DatasetContract, slices: SliceSet, *, snapshot_id: int
    ) -> AsyncIterator[pa.RecordBatch]:
        """Give the slices' rows as of the snapshot, columns in the contract's order.

        Null for a column that the lake does not have (yet). Raises Retryable when the store or the
        catalog is away, or has no such snapshot (yet).
        """
        ...

    async def is_as_contracted(self, contract: DatasetContract, *, snapshot_id: int) -> bool:
        """Tell whether the lake has the mart, with every column; raises Retryable."""
        ...


class Load(Protocol):
    """One transaction on the marts; no other load runs beside it, in any process."""

    async def applied(self, builds: Collection[UUID]) -> dict[UUID, Changes]:
        """Return what earlier loads recorded of these builds."""
        ...

    async def newest_snapshot(self) -> int:
        """Return the newest snapshot that the marts show, of the lake of today; 0 if none."""
        ...

    async def behind(self) -> Collection[str]:
        """Return the marts that lack rows, or values of an added column, that the lake may have."""
        ...

    async def caught_up(self, marts: Collection[str]) -> None:
        """Remember that the marts were loaded as a whole."""
        ...

    async def replace(
        self, contract: DatasetContract, slices: SliceSet, rows: AsyncIterator[pa.RecordBatch]
    ) -> list[Written]:
        """Make the slices equal to the rows; return what that wrote."""
        ...

    async def record(
        self,
        builds: Sequence[LakeBuilt],
        *,
        read_snapshot_id: int,
        changes: Mapping[UUID, Changes],
    ) -> None:
        """Remember that the marts show the builds, and what each changed."""
        ...


class Marts(Protocol):
    """The marts in PostgreSQL."""

    def load(self) -> AbstractAsyncContextManager[Load]:
        """Begin a load; committed at its end. Raises Retryable when PostgreSQL is away."""
        ...


@dataclass(slots=True, kw_only=True)
class MartLoading:
    """What the handler needs: `app.py` passes the real ones, tests pass fakes."""

    lake: Lake
    marts: Marts
    contracts: Mapping[str, DatasetContract]
    publish: Publish
    max_builds: int = 30
    _together: Coalescer[LakeBuilt, Changes] = field(init=False)

    def __post_init__(self) -> None:
        """Gather builds that wait while others are loaded."""
        self._together = Coalescer(self._load_each, max_items=self.max_builds)

    async def on_lake_built(self, event: LakeBuilt) -> None:
        """Publish exactly one mart.loaded for this build, after its rows are committed."""
        changes = await self._together(event)
        await self.publish(MartLoaded.following_build(event, dict(changes)))

    async def _load_each(self, builds: list[LakeBuilt]) -> Sequence[Changes | Exception]:
        try:
            return await self._load(builds)
        except Retryable:
            raise
        except Exception:
            if len(builds) == 1:
                raise
        # One of them cannot be loaded: alone, it fails alone.
        return [await self._load_one(build) for build in builds]

    async def _load_one(self, build: LakeBuilt) -> Changes | Exception:
        try:
            return (await self._load([build]))[0]
        except Exception as error:  # noqa: BLE001 - the runtime judges it, for this build only
            return error

    async def _load(self, builds: list[LakeBuilt]) -> list[Changes]:
        async with self.marts.load() as load:
            known = await load.applied({build.id for build in builds})
            new = {build.id: build for build in builds if build.id not in known}
            if new:
                known |= await self._replace(load, list(new.values()))
            return [known[build.id] for build in builds]

    async def _replace(self, load: Load, builds: list[LakeBuilt]) -> dict[UUID, Changes]:
        snapshot_id = as_of(builds, await load.newest_snapshot())
        wanted = union(builds, self.contracts)
        behind = await self._behind(load, snapshot_id)
        wanted |= {m: SliceSet(key=str(self.contracts[m].slice_key), all=True) for m in behind}
        tables = [
            self.lake.read(self.contracts[mart], slices, snapshot_id=snapshot_id)
            for mart, slices in wanted.items()
        ]
        # Planning a read takes longer than the rows do: all marts are planned side by side.
        firsts = await asyncio.gather(*(anext(rows, None) for rows in tables))
        written: list[Written] = []
        for (mart, slices), first, rest in zip(wanted.items(), firsts, tables, strict=True):
            rows = _chained(first, rest)
            written += await load.replace(self.contracts[mart], slices, rows)
        changes = attributed(builds, written)
        await load.record(builds, read_snapshot_id=snapshot_id, changes=changes)
        if behind:
            await load.caught_up(behind)
        return dict(changes)

    async def _behind(self, load: Load, snapshot_id: int) -> list[str]:
        """Name the marts to load as a whole: their table or a column of it is newer than rows."""
        return [
            mart
            for mart in sorted(await load.behind())
            if mart in self.contracts
            and await self.lake.is_as_contracted(self.contracts[mart], snapshot_id=snapshot_id)
        ]


async def _chained(
    first: pa.RecordBatch | None, rest: AsyncIterator[pa.RecordBatch]
) -> AsyncIterator[pa.RecordBatch]:
    if first is not None:
        yield first
        async for batch in rest:
            yield batch
