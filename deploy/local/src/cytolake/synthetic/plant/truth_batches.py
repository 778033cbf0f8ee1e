"""The truth of what is told of whole batches: success, right first time, vein to vein, quality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cytolake.synthetic.plant.model import Batch, World
from cytolake.synthetic.plant.truth_figures import (
    DAY,
    Row,
    middle,
    month_of,
    percentile,
    share,
)

OPEN_TOO_LONG_DAYS = 30


def vein_to_vein(world: World) -> list[Row]:
    """Days from the first apheresis to the infusion, a row per product; not infused apart."""
    rows: list[Row] = []
    for product in world.products:
        if not product.is_autologous:
            continue
        therapies = defaultdict(list)
        for batch in _of(world, product.product_code):
            therapies[batch.coi_id].append(batch)
        spent = [_vein_to_vein_days(batches) for batches in therapies.values()]
        known = [days for days in spent if days is not None]
        rows.append(
            {
                "product_code": product.product_code,
                "n": len(known),
                "median_days": middle(known),
                "p90_days": percentile(known, 0.9),
                "n_not_infused": len(spent) - len(known),
            }
        )
    return rows


def _vein_to_vein_days(batches: Iterable[Batch]) -> float | None:
    collected = [at for batch in batches if (at := batch.at("apheresis"))]
    infused = [at for batch in batches if (at := batch.at("infusion"))]
    return (min(infused) - min(collected)) / DAY if infused else None


def batch_success(world: World) -> list[Row]:
    """Released in specification of all dispositioned, by product and month of disposition."""
    rows: list[Row] = []
    for (code, month), batches in _dispositioned(world).items():
        released = [batch for batch in batches if batch.status == "released"]
        in_spec = sum(not batch.released_oos for batch in released)
        rows.append(
            {
                "product_code": code,
                "month": month,
                "n": len(batches),
                "n_released_in_spec": in_spec,
                "n_released_oos": len(released) - in_spec,
                "n_rejected": sum(batch.status == "rejected" for batch in batches),
                "n_terminated": sum(batch.status == "terminated" for batch in batches),
                "success_rate": share(in_spec, len(batches)),
            }
        )
    return rows


def right_first_time(world: World) -> list[Row]:
    """Batches without deviation >= major, retest or repeated step, of all dispositioned."""
    rows: list[Row] = []
    for (code, month), batches in _dispositioned(world).items():
        right = sum(map(_is_right_first_time, batches))
        rows.append(
            {
                "product_code": code,
                "month": month,
                "n": len(batches),
                "n_right_first_time": right,
                "right_first_time_rate": share(right, len(batches)),
            }
        )
    return rows


def _is_right_first_time(batch: Batch) -> bool:
    deviates = any(e.kind == "deviation" and e.severity != "minor" for e in batch.quality)
    is_retested = any(line.retest_of and line.versions for line in batch.results)
    return not (deviates or is_retested or any(step.repeat_of_step for step in batch.steps))


def deviations_per_batch(world: World) -> list[Row]:
    """Quality events opened in a month of batches started in it, and how long they stay open."""
    started: dict[str, int] = defaultdict(int)
    opened = defaultdict(list)
    for batch in world.batches:
        started[month_of(batch.started_at, batch.product.site)] += 1
        for event in batch.quality:
            opened[month_of(event.opened_at, batch.product.site)].append(event)
    rows: list[Row] = []
    for month in sorted(started.keys() | opened.keys()):
        events = opened[month]
        closing = [(one.closed_at - one.opened_at) / DAY for one in events if one.closed_at]
        still = [one for one in events if one.closed_at is None]
        too_long = sum((world.horizon - one.opened_at) / DAY > OPEN_TOO_LONG_DAYS for one in still)
        rows.append(
            {
                "month": month,
                "n_batches_started": started[month],
                "n_events_opened": len(events),
                "events_per_batch": share(len(events), started[month]),
                "median_days_to_close": middle(closing),
                "n_open_over_30_days": too_long,
            }
        )
    return rows


def _of(world: World, product_code: str) -> list[Batch]:
    return [batch for batch in world.batches if batch.product.product_code == product_code]


def _dispositioned(world: World) -> dict[tuple[str, str], list[Batch]]:
    found = defaultdict(list)
    for batch in world.batches:
        if batch.dispositioned_at is not None:
            month = month_of(batch.dispositioned_at, batch.product.site)
            found[batch.product.product_code, month].append(batch)
    return dict(sorted(found.items()))
