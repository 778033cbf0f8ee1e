"""The truth of what is told of whole batches: success, right first time, vein to vein, quality."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from cytolake.synthetic.plant.model import Batch, QualityEvent, World
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
    """Days from the first apheresis to the infusion, by product and month; not infused apart.

    The month is that of the infusion; of a therapy that has none, that of its first apheresis.
    """
    therapies = defaultdict(list)
    for batch in world.batches:
        if batch.coi_id is not None:
            therapies[batch.product.product_code, batch.coi_id].append(batch)
    found: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for (code, _), batches in therapies.items():
        collected = min(at for batch in batches if (at := batch.at("apheresis")))
        infused = min((at for b in batches if (at := b.at("infusion"))), default=None)
        month = month_of(infused or collected, batches[0].product.site)
        found[code, month].append(None if infused is None else (infused - collected) / DAY)
    rows: list[Row] = []
    for (code, month), spent in sorted(found.items()):
        known = [days for days in spent if days is not None]
        rows.append(
            {
                "product_code": code,
                "month": month,
                "n": len(known),
                "median_days": middle(known),
                "p90_days": percentile(known, 0.9),
                "n_not_infused": len(spent) - len(known),
            }
        )
    return rows


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
                "batch_success": share(in_spec, len(batches)),
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
                "n_right": right,
                "right_first_time": share(right, len(batches)),
            }
        )
    return rows


def _is_right_first_time(batch: Batch) -> bool:
    deviates = any(e.kind == "deviation" and e.severity != "minor" for e in batch.quality)
    is_retested = any(line.retest_of and line.versions for line in batch.results)
    return not (deviates or is_retested or any(step.repeat_of_step for step in batch.steps))


def deviations_per_batch(world: World, *, now: datetime | None = None) -> list[Row]:
    """Quality events opened in a month of batches started in it, and how long they stay open."""
    started: dict[tuple[str, str], int] = defaultdict(int)
    opened = defaultdict(list)
    for batch in world.batches:
        code, site = batch.product.product_code, batch.product.site
        started[code, month_of(batch.started_at, site)] += 1
        for event in batch.quality:
            opened[code, month_of(event.opened_at, site)].append(event)
    return [
        _of_month(key, started[key], opened[key], now=now or world.horizon)
        for key in sorted(started.keys() | opened.keys())
    ]


def _of_month(
    key: tuple[str, str], started: int, events: list[QualityEvent], *, now: datetime
) -> Row:
    closing = [(one.closed_at - one.opened_at) / DAY for one in events if one.closed_at]
    still = [one for one in events if one.closed_at is None]
    kinds = Counter(one.kind for one in events)
    return {
        "product_code": key[0],
        "month": key[1],
        "n": started,
        "n_events": len(events),
        "n_deviations": kinds["deviation"],
        "n_oos": kinds["oos"],
        "n_oot": kinds["oot"],
        "n_capa": kinds["capa"],
        "events_per_batch": share(len(events), started),
        "n_closed": len(closing),
        "median_days_to_close": middle(closing),
        "n_open_over_30_days": sum(
            (now - one.opened_at) / DAY > OPEN_TOO_LONG_DAYS for one in still
        ),
    }


def _dispositioned(world: World) -> dict[tuple[str, str], list[Batch]]:
    found = defaultdict(list)
    for batch in world.batches:
        if batch.dispositioned_at is not None:
            month = month_of(batch.dispositioned_at, batch.product.site)
            found[batch.product.product_code, month].append(batch)
    return dict(sorted(found.items()))
