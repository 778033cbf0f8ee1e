"""A lake of its own for the bench of the star: local files, a catalog in a DuckDB file, no server.

Seconds are those of a build as the transformer does it, raw rows, models and build marks; what a
store and a catalog in PostgreSQL add to each statement is not in them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cytolake.processes import dbt_project
from cytolake_contracts.datasets import load_contracts
from cytolake_transformer.builds import Load, Marts
from cytolake_transformer.duck import Catalog
from cytolake_transformer.handlers import Building
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.models import DbtModels
from cytolake_transformer.touched import Touched
from cytolake_transformer.upkeep import merges

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one build took: all of it by the clock, in CPU seconds, and dbt's part by the clock."""

    seconds: float
    cpu_seconds: float
    dbt_seconds: float
    tables: tuple[str, ...]


class BuildFailedError(Exception):
    """A build of synthetic files failed: nothing it cost means anything."""


class _Timed:
    """Port `Models`: dbt, its time taken."""

    def __init__(self, models: DbtModels) -> None:
        self._models = models
        self.seconds = 0.0

    def build(self, touched: Touched, build_no: int) -> Marts:
        started = time.perf_counter()
        marts = self._models.build(touched, build_no)
        self.seconds = time.perf_counter() - started
        return marts

    def slices(self, datasets: Sequence[str], build_nos: Collection[int]) -> Marts:
        return self._models.slices(datasets, build_nos)


class StarLake:
    """Takes in a history in bulk, and new files as the transformer does."""

    def __init__(self, lake: DuckLake, models: DbtModels) -> None:
        """Take an opened lake and dbt's opened project."""
        self._lake, self._models = lake, models

    def history(self, loads: Sequence[Load]) -> None:
        """Take in many files and make every table anew; merge its files as upkeep does.

        Else a larger history would also be one of more small files, left by the builds before it.
        """
        for start in range(0, len(loads), AT_ONCE):
            self._lake.finish(self._lake.take_in(loads[start : start + AT_ONCE]))
        self._models.rebuild()
        for merge in merges(self._lake):
            merge()

    def build(self, loads: Sequence[Load]) -> Cost:
        """Build new files; raise BuildFailedError."""
        timed = _Timed(self._models)
        started, used = time.perf_counter(), time.process_time()
        outcome = Building(lake=self._lake, models=timed).answer(loads)
        cost = Cost(
            seconds=time.perf_counter() - started,
            cpu_seconds=time.process_time() - used,
            dbt_seconds=timed.seconds,
            tables=tuple(sorted(outcome.marts)),
        )
        if outcome.failed:
            raise BuildFailedError(str(next(iter(outcome.failed.values()))))
        return cost


@contextmanager
def star_lake(folder: Path) -> Iterator[StarLake]:
    """Open a lake below the folder."""
    contracts = load_contracts().values()
    catalog = Catalog(
        path=f"ducklake:{folder / 'lake.ducklake'}", data_path=f"{folder / 'ducklake'}/"
    )
    lake = DuckLake(catalog, None, contracts)
    lake.open()
    try:
        models = DbtModels(dbt_project(), folder / "target", contracts)
        models.open()
        yield StarLake(lake, models)
    finally:
        lake.close()
