"""`cytolake bench`: how long a file takes to its row, where the time goes, how fast a backlog.

The files are labelled-synthetic cell counts, one count a file, each of a sample that a
list has announced. The floor (a bare script doing the same work) alternates with the
pipeline in rounds, so that both see the same machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cytolake.bench_figures import (
    CONVERSION,
    Spread,
    cpu_per_file,
    ratio,
    spread,
    stage_spreads,
    throughput,
)
from cytolake.bench_gate import GateCost
from cytolake.bench_load import Inbound, Marts, Passage, Watch, at_rate, backlog, one_at_a_time
from cytolake.bench_report import Report, RowsWritten
from cytolake.synthetic import SyntheticFile, count_files
from cytolake.synthetic.culture import DAYS

SEED = 11
Progress = Callable[[str], None]
Moments = Callable[[Passage], dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    rounds: int = 5
    files_per_round: int = 6
    rate_files: int = 60
    per_second: float = 2.0
    backlog_files: int = 300
    webhooks: int = 40
    probe_files: int = len(DAYS)
    gate_rounds: int = 9
    settle_seconds: float = 12.0
    """PostgreSQL's counters follow a commit within 10 s when its session rests."""

    @classmethod
    def quick(cls) -> Plan:
        """Return a plan that proves the bench works; its figures mean little."""
        return cls(
            rounds=2,
            files_per_round=2,
            rate_files=4,
            backlog_files=10,
            webhooks=3,
            probe_files=2,
            gate_rounds=1,
            settle_seconds=1.0,
        )


class History(Marts, Protocol):
    """The marts and their own counters."""

    def history_files(self) -> int:
        """Return how many files have rows in the marts."""
        ...

    def rows_written(self) -> int:
        """Return how many row versions were ever written into the marts."""
        ...


class Floor(Protocol):
    """The bare script."""

    def passage(self, file: SyntheticFile) -> float:
        """Do the whole work on one file in this process; return the seconds it took."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a bench needs; tests pass fakes."""

    inbound: Inbound
    marts: History
    floor: Floor
    moments: Moments
    cpu: Callable[[], dict[str, float]]
    """CPU seconds that each process of the stack has used so far."""
    webhooks: Callable[[int, float], list[float]]
    """Sends so many webhooks, so many a second; returns what each took to its answer, seconds."""
    gate: Callable[[int], Mapping[str, GateCost]]
    first_batch: int
    workbooks: Sequence[SyntheticFile] = ()
    """Copies of one large workbook of an instrument."""
    watch: Callable[[Marts], Watch] = Watch
    sleep: Callable[[float], None] = time.sleep


def measure(bench: Bench, plan: Plan, machine: dict[str, object], progress: Progress) -> Report:
    """Run everything in the order in which the history grows; return the figures."""
    files = _Supply(bench, plan)
    progress("warming up")
    one_at_a_time([files.warm_up], bench.inbound, bench.watch(bench.marts))
    progress(f"one at a time, {plan.rounds} rounds, the floor in between")
    single, floor = _alternate(bench, plan, files)
    progress(f"{plan.webhooks} webhooks at {plan.per_second:g} a second")
    webhooks = bench.webhooks(plan.webhooks, plan.per_second)
    books = _workbooks(bench, progress)
    progress("rows written at a small history")
    small = _rows_written(bench, plan, files.batch(plan.probe_files))
    progress(f"{plan.rate_files} files at {plan.per_second:g} a second")
    rated = at_rate(
        files.take(plan.rate_files),
        bench.inbound,
        bench.watch(bench.marts),
        per_second=plan.per_second,
    )
    progress(f"a backlog of {plan.backlog_files} files")
    used = bench.cpu()
    queued = backlog(files.take(plan.backlog_files), bench.inbound, bench.watch(bench.marts))
    used = cpu_per_file(used, bench.cpu(), files=plan.backlog_files)
    progress("rows written at a large history")
    large = _rows_written(bench, plan, files.batch(plan.probe_files))
    progress("Great Expectations, by dataset")
    return Report(
        machine=machine,
        one_at_a_time=spread([passage.seconds for passage in single]),
        at_rate=spread([passage.seconds for passage in rated]),
        webhooks=spread(webhooks),
        files_per_second_offered=plan.per_second,
        floor=spread(floor),
        times_the_floor=ratio([passage.seconds for passage in single], floor),
        stages=stage_spreads([bench.moments(passage) for passage in single]),
        backlog=throughput(queued),
        backlog_cpu_seconds_per_file=used,
        rows_written=[small, large],
        workbook=books,
        gate=bench.gate(plan.gate_rounds),
    )


class _Supply:
    """Distinct files, their samples announced before the first is dropped."""

    def __init__(self, bench: Bench, plan: Plan) -> None:
        count = plan.rounds * plan.files_per_round + plan.rate_files + plan.backlog_files
        self._bench = bench
        self._next_batch = bench.first_batch
        self._files = iter(self._announced(1 + count))
        self.warm_up = next(self._files)

    def batch(self, number: int) -> list[SyntheticFile]:
        """Return the first files of a batch of their own: each the same work as another."""
        return self._announced(len(DAYS))[:number]

    def _announced(self, number: int) -> list[SyntheticFile]:
        listed, *files = count_files(number, seed=SEED, first_batch=self._next_batch)
        self._bench.inbound.put(listed)
        self._next_batch += -(-number // len(DAYS))
        return files

    def take(self, number: int) -> list[SyntheticFile]:
        """Return the next files, each once."""
        return [next(self._files) for _ in range(number)]


def _alternate(bench: Bench, plan: Plan, files: _Supply) -> tuple[list[Passage], list[float]]:
    single: list[Passage] = []
    floor: list[float] = []
    for _ in range(plan.rounds):
        dropped = files.take(plan.files_per_round)
        floor += [bench.floor.passage(file) for file in dropped]
        single += one_at_a_time(dropped, bench.inbound, bench.watch(bench.marts))
    return single, floor


def _workbooks(bench: Bench, progress: Progress) -> Spread | None:
    """Return how long the conversion of a large workbook takes, one at a time; the first warms."""
    if not bench.workbooks:
        return None
    progress(f"a workbook of {len(bench.workbooks[0].body) / 1000:.0f} kB")
    _, *passages = one_at_a_time(bench.workbooks, bench.inbound, bench.watch(bench.marts))
    return stage_spreads([bench.moments(passage) for passage in passages])[CONVERSION]


def _rows_written(bench: Bench, plan: Plan, files: Sequence[SyntheticFile]) -> RowsWritten:
    bench.sleep(plan.settle_seconds)
    history, before = bench.marts.history_files(), bench.marts.rows_written()
    one_at_a_time(files, bench.inbound, bench.watch(bench.marts))
    bench.sleep(plan.settle_seconds)
    return RowsWritten(history, len(files), bench.marts.rows_written() - before)
