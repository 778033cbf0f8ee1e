"""The checker's surroundings in memory, for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import pyarrow as pa

from cytolake_contracts import FileConverted
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_contracts.evidence import run_result_key
from cytolake_runtime import ObjectMissingError
from cytolake_validator.checker.checks import Found, Judge, Slices
from cytolake_validator.checker.handlers import Checking
from cytolake_validator.checker.library import Library
from cytolake_validator.checker.pace import Pace
from cytolake_validator.pages.testing import raw_result
from cytolake_validator.rules import Broken


@dataclass
class MemoryShelf:
    """Results and pages in memory; counts what was put."""

    objects: dict[str, bytes] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)

    def add_run(self, event: FileConverted, broken: Broken | None = None) -> str:
        """Keep a run's result as the gate would; return its key."""
        key = run_result_key(event.object_id, event.run_no)
        self.objects[key] = raw_result(broken, event=event)
        return key

    async def read(self, key: str) -> bytes:
        if key not in self.objects:
            raise ObjectMissingError(key)
        return self.objects[key]

    async def keep(self, key: str, document: bytes) -> None:
        self.objects[key] = document

    async def put_page(self, key: str, body: bytes) -> None:
        self.objects[key] = body
        self.puts.append(key)

    async def names(self, prefix: str) -> tuple[list[str], list[str]]:
        below = [key[len(prefix) :] for key in sorted(self.objects) if key.startswith(prefix)]
        folders = {f"{name.split('/')[0]}/" for name in below if "/" in name}
        return [name for name in below if "/" not in name], sorted(folders)

    def named(self, part: str) -> list[str]:
        """Return the keys that hold this, in order."""
        return [key for key in sorted(self.objects) if part in key]


@dataclass
class MemoryTables:
    """Eight good rows of every table, but for those given; every build shown, but for some."""

    rows: Mapping[str, pa.Table] = field(default_factory=dict)
    not_shown: set[UUID] = field(default_factory=set)
    asked: list[Slices] = field(default_factory=list)
    snapshots: list[int] = field(default_factory=list)

    async def applied(self, builds: Collection[UUID]) -> set[UUID]:
        return set(builds) - self.not_shown

    async def read(self, slices: Slices, *, snapshot_id: int) -> Found:
        self.asked.append(slices)
        self.snapshots.append(snapshot_id)
        given = self.rows.get(slices.contract.name)
        return Found(rows=_good(slices.contract) if given is None else given)


@dataclass
class FixedJudge:
    """Says of each dataset what it was told to say."""

    broken: Mapping[str, Broken] = field(default_factory=dict)
    engine: str = "fake 1"
    is_ready: bool = True

    async def ready(self) -> Judge:
        def judge(_table: pa.Table, contract: DatasetContract) -> Broken:
            return self.broken.get(contract.name, {})

        return judge


def checking(
    shelf: MemoryShelf, *, tables: MemoryTables | None = None, judge: FixedJudge | None = None
) -> Checking:
    """Return a checker that never rests."""
    return Checking(
        shelf=shelf,
        library=Library(shelf),
        tables=tables or MemoryTables(),
        judging=judge or FixedJudge(),
        contracts={c.name: c for c in load_contracts().values() if c.zone != "raw"},
        pace=Pace(shortest=0, longest=0, share=1),
    )


def _good(contract: DatasetContract) -> pa.Table:
    return pa.Table.from_pylist(good_rows(contract, 8), schema=contract.arrow_schema())
