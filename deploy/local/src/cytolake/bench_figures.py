"""The figures of a bench: percentiles, rates and stage tables, from plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median

from cytolake.bench_load import Passage

MOMENTS = ("acknowledged", "received", "landed", "converted", "validated", "built", "loaded")
"""The moments of a file in order, from the PUT's answer on; a stage lies between two."""
CONVERSION = "landed -> converted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something took, n times. Seconds."""

    n: int
    p50: float
    p95: float
    p99: float
    longest: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures rounded to a tenth of a millisecond."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """How fast a backlog went."""

    files: int
    seconds: float

    @property
    def files_per_second(self) -> float:
        """Files whose rows became selectable, per second of wall time."""
        return self.files / self.seconds if self.seconds else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them lie, interpolated between neighbours."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> Spread:
    """Summarise durations; raise ValueError when there are none."""
    if not values:
        raise ValueError("nothing was measured")
    return Spread(
        n=len(values),
        p50=percentile(values, 0.50),
        p95=percentile(values, 0.95),
        p99=percentile(values, 0.99),
        longest=max(values),
    )


def throughput(passages: Sequence[Passage]) -> Throughput:
    """Summarise a backlog: from its first acknowledged PUT to its last selectable row."""
    start = min(passage.acknowledged_at for passage in passages)
    end = max(passage.selectable_at for passage in passages)
    return Throughput(files=len(passages), seconds=end - start)


def stage_spreads(histories: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Return how long each stage took, from histories of moment -> epoch seconds.

    A history that lacks a moment is left out of the stages on both sides of it.
    """
    stages: dict[str, list[float]] = {}
    for history in histories:
        for before, after in pairwise(MOMENTS):
            if before in history and after in history:
                stages.setdefault(f"{before} -> {after}", []).append(
                    history[after] - history[before]
                )
    return {stage: spread(seconds) for stage, seconds in stages.items()}


def ratio(measured: Sequence[float], floor: Sequence[float]) -> float:
    """Return how many times the floor the pipeline takes, by medians."""
    return median(measured) / median(floor)


def cpu_per_file(
    before: Mapping[str, float], after: Mapping[str, float], *, files: int
) -> dict[str, float]:
    """Return the CPU seconds per file of each process, the hungriest first."""
    used = {name: (after[name] - before.get(name, 0.0)) / files for name in after}
    return dict(sorted(used.items(), key=lambda pair: -pair[1]))
