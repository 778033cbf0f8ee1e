"""The ports in memory, for tests: a lake of snapshots, and marts that commit or do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from uuid import UUID

import pyarrow as pa

from cytolake_contracts import BuiltObject, LakeBuilt, LakeBuiltData, SliceSet
from cytolake_contracts.datasets import DatasetContract
from cytolake_mart_loader.handlers import Changes
from cytolake_mart_loader.slices import Written

Row = dict[str, object]
Tables = dict[str, list[Row]]


def filled(contract: DatasetContract, **values: object) -> Row:
    """Return a row of the contract: the values given, null where nothing is demanded."""
    neutral = {"text": "synthetic", "integer": 1, "bigint": 1, "boolean": False}
    columns = contract.columns
    row = {c.name: neutral.get(c.physical_type) if c.required else None for c in columns}
    return row | values


class InMemoryLake:
    """Snapshots by number; each read is kept in `reads`."""

    def __init__(self, snapshots: Mapping[int, Tables]) -> None:
        """Keep the snapshots: mart -> rows."""
        self.snapshots = snapshots
        self.reads: list[tuple[str, SliceSet, int]] = []

    async def read(
        self, contract: DatasetContract, slices: SliceSet, *, snapshot_id: int
    ) -> AsyncIterator[pa.RecordBatch]:
        """Give the slices' rows in one batch; KeyError for a snapshot that is not there."""
        self.reads.append((contract.name, slices, snapshot_id))
        rows = [
            row
            for row in self.snapshots[snapshot_id].get(contract.name, [])
            if slices.all or row[slices.key] in slices.ids
        ]
        yield pa.RecordBatch.from_pylist(rows, schema=contract.arrow_schema())

    async def is_as_contracted(self, contract: DatasetContract, *, snapshot_id: int) -> bool:
        """Tell whether the snapshot has the mart: its rows have every column."""
        return contract.name in self.snapshots[snapshot_id]


class InMemoryMarts:
    """Tables and what was recorded; a load that raises leaves both as they were."""

    def __init__(self, *, behind: Collection[str] = ()) -> None:
        """Start with nothing loaded; `behind` are the marts whose contract is newer than rows."""
        self.marts_behind = set(behind)
        self.tables: dict[str, dict[tuple[object, ...], Row]] = {}
        self.recorded: dict[UUID, tuple[int, Changes]] = {}
        self.loads = 0

    @asynccontextmanager
    async def load(self) -> AsyncIterator[InMemoryMarts]:
        """Begin a load; undone when it raises."""
        self.loads += 1
        before = deepcopy(self.tables), dict(self.recorded)
        try:
            yield self
        except BaseException:
            self.tables, self.recorded = before
            raise

    async def applied(self, builds: Collection[UUID]) -> dict[UUID, Changes]:
        """Return what earlier loads recorded of these builds."""
        return {build: self.recorded[build][1] for build in builds if build in self.recorded}

    async def newest_snapshot(self) -> int:
        """Return the newest snapshot read so far, 0 if none."""
        return max((snapshot for snapshot, _ in self.recorded.values()), default=0)

    async def behind(self) -> set[str]:
        """Return the marts that are to be loaded as a whole."""
        return set(self.marts_behind)

    async def caught_up(self, marts: Collection[str]) -> None:
        """Remember that they were."""
        self.marts_behind -= set(marts)

    async def replace(
        self, contract: DatasetContract, slices: SliceSet, rows: AsyncIterator[pa.RecordBatch]
    ) -> list[Written]:
        """Make the slices equal to the rows; return what that wrote."""
        arriving = [row async for batch in rows for row in batch.to_pylist()]
        new = {tuple(row[key] for key in contract.primary_key): row for row in arriving}
        table = self.tables.setdefault(contract.name, {})
        written = Counter(_merged(table, new, slices))
        return [
            Written(mart=contract.name, slice_id=slice_id, action=action, rows=count)
            for (action, slice_id), count in written.items()
        ]

    async def record(
        self,
        builds: Sequence[LakeBuilt],
        *,
        read_snapshot_id: int,
        changes: Mapping[UUID, Changes],
    ) -> None:
        """Remember that the marts show the builds, and what each changed."""
        self.recorded |= {build.id: (read_snapshot_id, changes[build.id]) for build in builds}


def _merged(
    table: dict[tuple[object, ...], Row], new: dict[tuple[object, ...], Row], slices: SliceSet
) -> Iterator[tuple[str, str]]:
    for key, row in list(table.items()):
        if key not in new and (slices.all or row[slices.key] in slices.ids):
            del table[key]
            yield "DELETE", str(row[slices.key])
    for key, row in new.items():
        if table.get(key) != row:
            yield ("UPDATE" if key in table else "INSERT"), str(row[slices.key])
            table[key] = row


def lake_built(
    build_no: int, snapshot_id: int, marts: Mapping[str, SliceSet], *, announcement: int = 1
) -> LakeBuilt:
    """Return a build of one synthetic object; of none where whole marts were made anew."""
    run = UUID(int=build_no)
    member = BuiltObject(
        object_id=run,
        run_id=run,
        run_no=1,
        announcement=announcement,
        dataset="measurement",
        rows=1,
        site="main",
    )
    data = LakeBuiltData(
        build_no=build_no,
        snapshot_id=snapshot_id,
        objects=() if any(slices.all for slices in marts.values()) else (member,),
        marts=dict(marts),
    )
    return LakeBuilt.of_build(data, site="main")
