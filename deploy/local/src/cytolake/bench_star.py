"""`cytolake bench --star`: what a build of one batch's new files costs as the history grows.

The files touch every table of the star: a finished batch's records, its samples, results and
counts. It is one and the same synthetic batch under new names, so that each build is the same work
and only the history differs. All in this process: its CPU seconds are the build's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from cytolake.bench_star_files import StarFiles
from cytolake.bench_star_lake import Cost, StarLake, star_lake
from cytolake.synthetic.plant.model import Batch, World
from cytolake.synthetic.plant.world import build

SEED = 11
WORLD = 40
"""Batches more than the history: the last of a world are not finished yet."""
WARMING = 2
SECONDS, TIMES = 1.5, 1.2
"""What is asked for."""
CATALOG = "a DuckDB file on the local disk; no PostgreSQL, no object store"


@dataclass(frozen=True, slots=True, kw_only=True)
class StarPlan:
    """How many batches of history to measure at, and how often."""

    histories: tuple[int, ...] = (10, 100, 1000)
    rounds: int = 7

    @classmethod
    def quick(cls) -> StarPlan:
        """Return a plan that proves the bench works; its figures mean little."""
        return cls(histories=(2, 4), rounds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHistory:
    """Medians of the builds of one batch's files with so many batches in the lake."""

    batches: int
    files: int
    builds: int
    tables: list[str]
    seconds: float
    cpu_seconds: float
    dbt_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StarReport:
    """The figures of all histories; ratios are those of the last to the first."""

    catalog: str
    histories: list[AtHistory]
    times_seconds: float
    times_cpu_seconds: float
    goals: dict[str, bool]

    def as_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps({"star": asdict(self)}, indent=2)


def measure_star(plan: StarPlan, progress: Callable[[str], None]) -> StarReport:
    """Let the history of a lake grow; measure the same build at each of the sizes."""
    world = build(SEED, max(plan.histories) + WORLD)
    with TemporaryDirectory(prefix="cytolake-bench-") as folder, star_lake(Path(folder)) as lake:
        bench = _Bench(lake, StarFiles(Path(folder), SEED), world)
        found = []
        for batches in plan.histories:
            progress(f"a history of {batches} batches")
            bench.grow(batches)
            found.append(bench.at(batches, plan.rounds))
    return _report(found)


class _Bench:
    """One lake whose history grows."""

    def __init__(self, lake: StarLake, files: StarFiles, world: World) -> None:
        self._lake, self._files, self._world = lake, files, world
        self._batches = 0
        self._new = 0

    def grow(self, batches: int) -> None:
        """Take in what is lacking to so many batches."""
        loads = [] if self._batches else self._files.shared(self._world)
        for batch in self._world.batches[self._batches : batches]:
            loads += self._files.batch(batch, batch.batch_id)
        self._lake.history(loads)
        self._batches = batches

    def at(self, batches: int, rounds: int) -> AtHistory:
        """Build the files of one batch again and again, each time a new batch."""
        files, costs = 0, []
        for _ in range(WARMING + rounds):
            self._new += 1
            loads = self._files.batch(_finished(self._world), f"SYN-BENCH-{self._new:04d}")
            files = len(loads)
            costs.append(self._lake.build(loads))
        return _medians(batches, files, costs[WARMING:])


def _finished(world: World) -> Batch:
    """Return the first batch that went all the way, with a quality event."""
    return next(
        one
        for one in world.batches
        if one.product.modality == "car_t" and one.status == "released" and one.quality
    )


def _medians(batches: int, files: int, costs: Sequence[Cost]) -> AtHistory:
    return AtHistory(
        batches=batches,
        files=files,
        builds=len(costs),
        tables=list(costs[-1].tables),
        seconds=round(median(one.seconds for one in costs), 3),
        cpu_seconds=round(median(one.cpu_seconds for one in costs), 3),
        dbt_seconds=round(median(one.dbt_seconds for one in costs), 3),
    )


def _report(found: list[AtHistory]) -> StarReport:
    first, last = found[0], found[-1]
    times = last.cpu_seconds / first.cpu_seconds
    return StarReport(
        catalog=CATALOG,
        histories=found,
        times_seconds=round(last.seconds / first.seconds, 2),
        times_cpu_seconds=round(times, 2),
        goals={
            f"a build at most {SECONDS} s": last.seconds <= SECONDS,
            f"CPU at most {TIMES} x that of the smallest history": times <= TIMES,
        },
    )


def print_star(console: Console, report: StarReport) -> None:
    """Print the figures as a table."""
    table = Table(
        *("batches", "files", "tables", "builds", "seconds", "CPU s", "dbt s"),
        title="a build of one batch's new files (synthetic), by history",
    )
    for one in report.histories:
        figures = (one.seconds, one.cpu_seconds, one.dbt_seconds)
        counts = (one.batches, one.files, len(one.tables), one.builds)
        table.add_row(*map(str, counts), *(f"{figure:.3f}" for figure in figures))
    console.print(table)
    console.print(
        f"last to first: {report.times_seconds} x by the clock, "
        f"{report.times_cpu_seconds} x CPU; catalog: {report.catalog}"
    )
    for goal, is_met in report.goals.items():
        console.print(f"goal {goal}: " + ("[green]met[/]" if is_met else "[red]not met[/]"))
