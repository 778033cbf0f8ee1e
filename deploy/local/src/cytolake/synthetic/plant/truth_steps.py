"""The truth of a batch's time and growth: how long steps take, how long they wait, what grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import log, log2

from cytolake.synthetic.plant.model import Batch, Sample, World
from cytolake.synthetic.plant.readings import readings_of
from cytolake.synthetic.plant.truth_figures import HOUR, Row, middle, percentile


def step_lead_time(world: World) -> list[Row]:
    """Hours of each completed step, its ratio to plan, and the wait before it."""
    found: dict[tuple[str, int, str], list[tuple[float, float, float | None]]] = defaultdict(list)
    for batch in world.batches:
        for key, figures in _steps(batch):
            found[key].append(figures)
    rows: list[Row] = []
    for (code, seq, step), steps in sorted(found.items()):
        hours, ratios, queues = zip(*steps, strict=True)
        rows.append(
            {
                "product_code": code,
                "seq": seq,
                "step": step,
                "n": len(steps),
                "median_hours": middle(hours),
                "p90_hours": percentile(hours, 0.9),
                "median_planned_ratio": middle(ratios),
                "median_queue_hours": middle([one for one in queues if one is not None]),
            }
        )
    return rows


def _steps(
    batch: Batch,
) -> Iterator[tuple[tuple[str, int, str], tuple[float, float, float | None]]]:
    previous_end: datetime | None = None
    for step in batch.steps:
        if step.ended_at is None:
            return
        hours = (step.ended_at - step.started_at) / HOUR
        queue = None if previous_end is None else (step.started_at - previous_end) / HOUR
        key = (batch.product.product_code, step.seq, step.step)
        yield key, (hours, hours / step.planned_hours, queue)
        previous_end = step.ended_at


def growth(world: World) -> list[Row]:
    """Density, viability, fold, doublings and doubling time per batch and day."""
    return [row for batch in world.batches for row in _growth(batch)]


def _growth(batch: Batch) -> Iterator[Row]:
    days = [_day(batch, sample) for sample in batch.samples if sample.culture_day is not None]
    for before, today in pairwise([None, *days]):
        assert today is not None  # noqa: S101  (pairwise: only the first can be)
        day, vcd, viability, tvc, n = today
        fold = tvc / days[0][3]
        yield {
            "batch_id": batch.batch_id,
            "culture_day": day,
            "n": n,
            "vcd": vcd,
            "viability": viability,
            "tvc": tvc,
            "fold_expansion": fold,
            "pdl": log2(fold),
            "doubling_time_hours": _doubling_hours(before, today),
        }


type _Day = tuple[int, float, float, float, int]


def _day(batch: Batch, sample: Sample) -> _Day:
    read = readings_of(batch.product, sample)
    vcd, viability = _mean([one.vcd for one in read]), _mean([one.viability for one in read])
    return sample.culture_day or 0, vcd, viability, vcd * (sample.volume_ml or 0.0), len(read)


def _doubling_hours(before: _Day | None, today: _Day) -> float | None:
    """Return dt x ln2 / ln(tvc2/tvc1); None where nothing grows."""
    if before is None or today[3] <= before[3]:
        return None
    return (today[0] - before[0]) * 24 * log(2) / log(today[3] / before[3])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
